/* Documents of settings, read where they lie: JSON or CBOR, in memory or in flash. */
#include "../internal.h"

enum { DEPTH_MAX = 16 };

static const uint32_t BAD = UINT32_MAX;

static int byte_at(struct badge *badge, const struct badge_source *from, uint32_t at) {
    uint8_t byte;
    if (at >= from->size) {
        return -1;
    }
    if (from->memory) {
        return from->memory[at];
    }
    badge->hal->read(badge->hal->context, from->address + at, &byte, 1);
    return byte;
}

/* ---- JSON ---- */

static uint32_t skip_space(const struct badge_source *from, uint32_t at, bool separators) {
    for (; at < from->size; at++) {
        uint8_t c = from->memory[at];
        bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!space && !(separators && (c == ',' || c == ':'))) {
            break;
        }
    }
    return at;
}

static bool is_hex(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static uint32_t string_end(const struct badge_source *from, uint32_t at) {
    for (at++; at < from->size; at++) {
        uint8_t c = from->memory[at];
        if (c == '"') {
            return at + 1;
        }
        if (c < 0x20) {
            return BAD;
        }
        if (c == '\\') {
            if (++at >= from->size || !memchr("\"\\/bfnrtu", from->memory[at], 9)) {
                return BAD;
            }
            if (from->memory[at] == 'u') {
                for (unsigned n = 0; n < 4; n++) {
                    if (++at >= from->size || !is_hex(from->memory[at])) {
                        return BAD;
                    }
                }
            }
        }
    }
    return BAD;
}

static bool digit_at(const struct badge_source *from, uint32_t at) {
    return at < from->size && from->memory[at] >= '0' && from->memory[at] <= '9';
}

static uint32_t digits_end(const struct badge_source *from, uint32_t at) {
    if (!digit_at(from, at)) {
        return BAD;
    }
    while (digit_at(from, at)) {
        at++;
    }
    return at;
}

static uint32_t number_end(const struct badge_source *from, uint32_t at) {
    at += from->memory[at] == '-';
    if (at + 1 < from->size && from->memory[at] == '0' && digit_at(from, at + 1)) {
        return BAD;
    }
    at = digits_end(from, at);
    if (at < from->size && from->memory[at] == '.') {
        at = digits_end(from, at + 1);
    }
    if (at < from->size && (from->memory[at] == 'e' || from->memory[at] == 'E')) {
        at++;
        at += at < from->size && (from->memory[at] == '-' || from->memory[at] == '+');
        at = digits_end(from, at);
    }
    return at;
}

static uint32_t word_end(const struct badge_source *from, uint32_t at) {
    static const char *const words[] = {"true", "false", "null"};
    for (unsigned n = 0; n < 3; n++) {
        uint32_t length = (uint32_t)strlen(words[n]);
        if (from->size - at >= length && memcmp(from->memory + at, words[n], length) == 0) {
            return at + length;
        }
    }
    return BAD;
}

static uint32_t value_end(const struct badge_source *from, uint32_t at, unsigned depth);

static uint32_t container_end(const struct badge_source *from, uint32_t at, unsigned depth) {
    bool map = from->memory[at] == '{';
    uint8_t close = map ? '}' : ']';
    at = skip_space(from, at + 1, false);
    if (at < from->size && from->memory[at] == close) {
        return at + 1;
    }
    for (;;) {
        if (map) {
            at = skip_space(from, at, false);
            at = at < from->size && from->memory[at] == '"' ? string_end(from, at) : BAD;
            at = at == BAD ? BAD : skip_space(from, at, false);
            if (at >= from->size || from->memory[at] != ':') {
                return BAD;
            }
            at++;
        }
        at = value_end(from, at, depth + 1);
        at = at == BAD ? BAD : skip_space(from, at, false);
        if (at >= from->size) {
            return BAD;
        }
        if (from->memory[at] == close) {
            return at + 1;
        }
        if (from->memory[at++] != ',') {
            return BAD;
        }
    }
}

/* What follows a JSON value, or BAD if it is none. */
static uint32_t value_end(const struct badge_source *from, uint32_t at, unsigned depth) {
    at = skip_space(from, at, false);
    if (at >= from->size || depth > DEPTH_MAX) {
        return BAD;
    }
    switch (from->memory[at]) {
    case '"':
        return string_end(from, at);
    case '{':
    case '[':
        return container_end(from, at, depth);
    case 't':
    case 'f':
    case 'n':
        return word_end(from, at);
    default:
        return number_end(from, at);
    }
}

static void read_number(const struct badge_source *from, struct badge_value *value) {
    const char *text = (const char *)from->memory + value->at;
    uint32_t length = value->end - value->at;
    bool negative = text[0] == '-', whole = true;
    int64_t number = 0;
    for (uint32_t n = negative; n < length; n++) {
        if (text[n] < '0' || text[n] > '9') {
            whole = false;
            break;
        }
        number = number > INT64_MAX / 10 - 1 ? INT64_MAX / 10 : number * 10 + (text[n] - '0');
    }
    value->type = whole ? VALUE_INT : VALUE_REAL;
    value->number = negative ? -number : number;
    value->bits = badge_real_of_text(text, length);
}

static struct badge_value json_value(const struct badge_source *from, uint32_t at) {
    struct badge_value value = {VALUE_BAD, 0, 0, at, BAD, 0, 0};
    value.end = value_end(from, at, 0);
    if (value.end == BAD) {
        return value;
    }
    switch (from->memory[at]) {
    case '"':
        value.type = VALUE_TEXT;
        value.at++;
        break;
    case '{':
        value.type = VALUE_MAP;
        value.at++;
        break;
    case '[':
        value.type = VALUE_LIST;
        value.at++;
        break;
    case 't':
    case 'f':
        value.type = VALUE_BOOL;
        break;
    case 'n':
        value.type = VALUE_NULL;
        break;
    default:
        read_number(from, &value);
        break;
    }
    return value;
}

/* ---- CBOR ---- */

static uint32_t cbor_head(struct badge *badge, const struct badge_source *from, uint32_t at,
                          unsigned *major, uint64_t *argument) {
    int head = byte_at(badge, from, at++);
    unsigned code = head < 0 ? 31u : (unsigned)head & 31u;
    unsigned bytes = code < 24 ? 0u : code == 24 ? 1u : code == 25 ? 2u : code == 26 ? 4u : 8u;
    *major = (unsigned)head >> 5 & 7u;
    *argument = bytes ? 0 : code;
    for (unsigned n = 0; n < bytes; n++) {
        int byte = byte_at(badge, from, at++);
        if (byte < 0) {
            return BAD;
        }
        *argument = *argument << 8 | (uint64_t)byte;
    }
    return code > 27 ? BAD : at;
}

/* What follows a CBOR item, or BAD if it is none. */
static uint32_t item_end(struct badge *badge, const struct badge_source *from, uint32_t at,
                         unsigned depth) {
    unsigned major;
    uint64_t argument;
    at = cbor_head(badge, from, at, &major, &argument);
    if (at == BAD || depth > DEPTH_MAX || major == 6) {
        return BAD;
    }
    if (major == 2 || major == 3) {
        return argument > from->size - at ? BAD : at + (uint32_t)argument;
    }
    if (major == 4 || major == 5) {
        uint64_t items = major == 5 ? 2 * argument : argument;
        for (; items > 0 && at != BAD; items--) {
            at = item_end(badge, from, at, depth + 1);
        }
    }
    return at;
}

static struct badge_value cbor_value(struct badge *badge, const struct badge_source *from,
                                     uint32_t at, uint32_t left) {
    static const uint8_t types[8] = {VALUE_INT, VALUE_INT, VALUE_BAD, VALUE_TEXT, VALUE_LIST,
                                     VALUE_MAP, VALUE_BAD, VALUE_BOOL};
    struct badge_value value = {VALUE_BAD, 0, 0, at, BAD, left, 0};
    unsigned major;
    uint64_t argument;
    value.end = item_end(badge, from, at, 0);
    if (value.end == BAD) {
        return value;
    }
    int head = byte_at(badge, from, at);
    value.at = cbor_head(badge, from, at, &major, &argument);
    value.type = types[major];
    if (value.type == VALUE_INT) {
        int64_t number = argument > (uint64_t)INT64_MAX / 10 ? INT64_MAX / 10 : (int64_t)argument;
        value.number = major == 1 ? -1 - number : number;
        value.bits = badge_real(value.number, 1);
    } else if (value.type == VALUE_LIST || value.type == VALUE_MAP) {
        value.count = (uint32_t)(major == 5 ? 2 * argument : argument);
    } else if (major == 7 && head == 0xFB) {
        value.type = VALUE_REAL;
        value.bits = argument;
    } else if (major == 7 && head == 0xF6) {
        value.type = VALUE_NULL;
    }
    return value;
}

/* ---- Both ---- */

static const struct badge_value absent = {VALUE_ABSENT, 0, 0, 0, 0, 0, 0};

struct badge_value badge_root(struct badge *badge, const struct badge_source *from) {
    if (!from->json) {
        return from->size ? cbor_value(badge, from, 0, 0) : absent;
    }
    struct badge_value value = json_value(from, skip_space(from, 0, false));
    if (value.type != VALUE_BAD && skip_space(from, value.end, false) != from->size) {
        value.type = VALUE_BAD;
    }
    return value;
}

bool badge_is_map(struct badge *badge, const struct badge_source *from) {
    return badge_root(badge, from).type == VALUE_MAP;
}

static struct badge_value item_at(struct badge *badge, const struct badge_source *from,
                                  uint32_t at, uint32_t left) {
    if (from->json) {
        at = skip_space(from, at, true);
        if (at >= from->size || from->memory[at] == ']' || from->memory[at] == '}') {
            return absent;
        }
        return json_value(from, at);
    }
    return left ? cbor_value(badge, from, at, left) : absent;
}

struct badge_value badge_first_item(struct badge *badge, const struct badge_source *from,
                                    const struct badge_value *list) {
    return item_at(badge, from, list->at, list->count);
}

struct badge_value badge_next_item(struct badge *badge, const struct badge_source *from,
                                   const struct badge_value *item) {
    return item_at(badge, from, item->end, item->left ? item->left - 1 : 0);
}

uint32_t badge_count_items(struct badge *badge, const struct badge_source *from,
                           const struct badge_value *list) {
    uint32_t count = 0;
    struct badge_value item = badge_first_item(badge, from, list);
    for (; item.type != VALUE_ABSENT && item.end != BAD; count++) {
        item = badge_next_item(badge, from, &item);
    }
    return count;
}
