/* Documents of settings, read where they lie: JSON or CBOR, in memory or in flash. */
#include "../internal.h"

enum { DEPTH_MAX = 16 };

static const uint32_t BAD = UINT32_MAX;

int badge_byte_at(const struct badge_source *from, uint32_t at) {
    uint8_t byte;
    if (at >= from->size) {
        return -1;
    }
    if (from->memory) {
        return from->memory[at];
    }
    from->hal->read(from->hal->context, from->address + at, &byte, 1);
    return byte;
}

/* ---- JSON ---- */

static uint32_t skip_any(const struct badge_source *from, uint32_t at, const char *these) {
    for (int c = badge_byte_at(from, at); c > 0 && memchr(these, c, strlen(these));
         c = badge_byte_at(from, at)) {
        at++;
    }
    return at;
}

static uint32_t skip_space(const struct badge_source *from, uint32_t at) {
    return skip_any(from, at, " \t\n\r");
}

static bool is_hex(int c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static uint32_t string_end(const struct badge_source *from, uint32_t at) {
    for (;;) {
        int c = badge_byte_at(from, ++at);
        if (c == '"') {
            return at + 1;
        }
        if (c < 0x20) {
            return BAD;
        }
        if (c != '\\') {
            continue;
        }
        c = badge_byte_at(from, ++at);
        if (c < 0 || !memchr("\"\\/bfnrtu", c, 9)) {
            return BAD;
        }
        for (unsigned n = 0; c == 'u' && n < 4; n++) {
            if (!is_hex(badge_byte_at(from, ++at))) {
                return BAD;
            }
        }
    }
}

static uint32_t digits_end(const struct badge_source *from, uint32_t at) {
    uint32_t start = at;
    at = skip_any(from, at, "0123456789");
    return at == start ? BAD : at;
}

static uint32_t number_end(const struct badge_source *from, uint32_t at) {
    at += badge_byte_at(from, at) == '-';
    uint32_t start = at;
    at = digits_end(from, at);
    if (at == BAD || (badge_byte_at(from, start) == '0' && at != start + 1)) {
        return BAD;
    }
    if (badge_byte_at(from, at) == '.') {
        at = digits_end(from, at + 1);
    }
    if ((badge_byte_at(from, at) | 32) == 'e') {
        int sign = badge_byte_at(from, ++at);
        at = digits_end(from, at + (sign == '-' || sign == '+'));
    }
    return at;
}

static uint32_t word_end(const struct badge_source *from, uint32_t at, const char *word) {
    for (; *word; word++) {
        if (badge_byte_at(from, at++) != *word) {
            return BAD;
        }
    }
    return at;
}

static uint32_t value_end(const struct badge_source *from, uint32_t at, unsigned depth,
                          uint8_t *type);

static uint32_t container_end(const struct badge_source *from, uint32_t at, unsigned depth,
                              int close) {
    uint8_t type;
    at = skip_space(from, at + 1);
    if (badge_byte_at(from, at) == close) {
        return at + 1;
    }
    for (;;) {
        if (close == '}') {
            at = value_end(from, at, 0, &type);
            at = at == BAD || type != VALUE_TEXT ? BAD : skip_space(from, at);
            if (badge_byte_at(from, at) != ':') {
                return BAD;
            }
            at++;
        }
        at = value_end(from, at, depth + 1, &type);
        at = skip_space(from, at);
        int next = badge_byte_at(from, at);
        if (next == close) {
            return at + 1;
        }
        if (next != ',') {
            return BAD;
        }
        at++;
    }
}

/* What follows a JSON value, or BAD if it is none; a number counts as INT. */
static uint32_t value_end(const struct badge_source *from, uint32_t at, unsigned depth,
                          uint8_t *type) {
    at = skip_space(from, at);
    if (depth > DEPTH_MAX) {
        return BAD;
    }
    switch (badge_byte_at(from, at)) {
    case '"':
        *type = VALUE_TEXT;
        return string_end(from, at);
    case '{':
        *type = VALUE_MAP;
        return container_end(from, at, depth, '}');
    case '[':
        *type = VALUE_LIST;
        return container_end(from, at, depth, ']');
    case 't':
        *type = VALUE_BOOL;
        return word_end(from, at, "true");
    case 'f':
        *type = VALUE_BOOL;
        return word_end(from, at, "false");
    case 'n':
        *type = VALUE_NULL;
        return word_end(from, at, "null");
    default:
        *type = VALUE_INT;
        return number_end(from, at);
    }
}

static void read_number(struct badge_value *value) {
    const char *text = (const char *)value->from->memory + value->at;
    uint32_t length = value->end - value->at;
    bool negative = text[0] == '-';
    int64_t number = 0;
    for (uint32_t n = negative; n < length; n++) {
        if (text[n] < '0' || text[n] > '9') {
            value->type = VALUE_REAL;
            value->number = (int64_t)badge_real_of_text(text, length);
            return;
        }
        number = number > INT64_MAX / 10 - 1 ? INT64_MAX / 10 : number * 10 + (text[n] - '0');
    }
    value->number = negative ? -number : number;
}

static void json_value(struct badge_value *value) {
    value->end = value_end(value->from, value->at, 0, &value->type);
    if (value->end == BAD) {
        value->type = VALUE_BAD;
    } else if (value->type == VALUE_INT) {
        read_number(value);
    } else {
        value->at++; /* behind the quote or bracket */
    }
}

/* ---- CBOR ---- */

static uint32_t cbor_head(const struct badge_source *from, uint32_t at, struct badge_item *item) {
    int head = badge_byte_at(from, at++);
    unsigned code = (unsigned)head & 31u, bytes = badge_extra_bytes(code);
    item->value = bytes ? 0 : code;
    item->major = (uint8_t)((unsigned)head >> 5 & 7u);
    if (item->major == 7) {
        item->major = (uint8_t)head;
    }
    if (head < 0 || code > 27) {
        return BAD;
    }
    for (unsigned n = 0; n < bytes; n++) {
        int byte = badge_byte_at(from, at++);
        if (byte < 0) {
            return BAD;
        }
        item->value = item->value << 8 | (uint64_t)byte;
    }
    return at;
}

/* What follows a CBOR item, or BAD if it is none. */
static uint32_t item_end(const struct badge_source *from, uint32_t at, unsigned depth) {
    struct badge_item item;
    at = cbor_head(from, at, &item);
    if (at == BAD || depth > DEPTH_MAX || item.major == 6) {
        return BAD;
    }
    if (item.major == 2 || item.major == 3) {
        return item.value > from->size - at ? BAD : at + (uint32_t)item.value;
    }
    if (item.major == 4 || item.major == 5) {
        uint64_t items = item.value << (item.major - 4);
        for (; items > 0 && at != BAD; items--) {
            at = item_end(from, at, depth + 1);
        }
    }
    return at;
}

static void cbor_value(struct badge_value *value) {
    static const uint8_t types[] = {VALUE_INT, VALUE_INT, VALUE_BAD, VALUE_TEXT, VALUE_LIST,
                                    VALUE_MAP};
    struct badge_item item;
    value->type = VALUE_BAD;
    value->end = item_end(value->from, value->at, 0);
    if (value->end == BAD) {
        return;
    }
    value->at = cbor_head(value->from, value->at, &item);
    value->number = (int64_t)item.value;
    if (item.major < sizeof types) {
        value->type = types[item.major];
        value->count = (uint32_t)(item.value << (item.major == 5));
        if (item.value > (uint64_t)INT64_MAX / 10) {
            value->number = INT64_MAX / 10;
        }
        if (item.major == 1) {
            value->number = -1 - value->number;
        }
    } else {
        value->type = item.major == ITEM_REAL   ? VALUE_REAL
                      : item.major == ITEM_NULL ? VALUE_NULL
                                                : VALUE_BOOL;
    }
}

/* ---- Both ---- */

static void read_value(struct badge_value *value, const struct badge_source *from, uint32_t at,
                       uint32_t left) {
    value->from = from;
    value->at = at;
    value->left = left;
    value->count = 0;
    if (from->json) {
        json_value(value);
    } else {
        cbor_value(value);
    }
}

void badge_root(const struct badge_source *from, struct badge_value *root) {
    root->type = VALUE_ABSENT;
    if (from->json) {
        read_value(root, from, skip_space(from, 0), 0);
        if (skip_space(from, root->end) != from->size) {
            root->type = VALUE_BAD;
        }
    } else if (from->size) {
        read_value(root, from, 0, 0);
    }
}

static void item_at(struct badge_value *item, const struct badge_source *from, uint32_t at,
                    uint32_t left) {
    if (from->json) {
        at = skip_any(from, at, " \t\n\r,:");
        int c = badge_byte_at(from, at);
        left = c >= 0 && c != ']' && c != '}';
    }
    if (left) {
        read_value(item, from, at, left);
    } else {
        item->type = VALUE_ABSENT;
    }
}

void badge_first_item(const struct badge_value *list, struct badge_value *item) {
    item_at(item, list->from, list->at, list->count);
}

/* The item becomes the one behind it. */
void badge_next_item(struct badge_value *item) {
    item_at(item, item->from, item->end, item->left - 1);
}

uint32_t badge_count_items(const struct badge_value *list) {
    uint32_t count = 0;
    struct badge_value item;
    badge_first_item(list, &item);
    for (; item.type != VALUE_ABSENT && item.end != BAD; count++) {
        badge_next_item(&item);
    }
    return count;
}

/* The value of a key of the document: the last one, as any JSON reader has it. */
void badge_find_key(const struct badge_source *from, const char *key, struct badge_value *found) {
    struct badge_value at;
    found->type = VALUE_ABSENT;
    badge_root(from, &at);
    if (at.type != VALUE_MAP) {
        return;
    }
    badge_first_item(&at, &at);
    while (at.type != VALUE_ABSENT) {
        bool same = badge_same_text(&at, badge_text_of(key));
        badge_next_item(&at);
        if (same) {
            *found = at;
        }
        if (at.type != VALUE_ABSENT) {
            badge_next_item(&at);
        }
    }
}

/* A number as a double. */
uint64_t badge_real_of(const struct badge_value *value) {
    return value->type == VALUE_INT ? badge_real(value->number, 1) : (uint64_t)value->number;
}
