#include "json.h"

#include <stddef.h>
#include <string.h>

#include "badge_core.h"

enum { DEPTH_MAX = 16 };

static const char *blanks(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
        at++;
    }
    return at;
}

static const char *after_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++) {
        if ((uint8_t)*at < 0x20 || (*at == '\\' && ++at == end)) {
            return NULL;
        }
    }
    return at < end ? at + 1 : NULL;
}

static const char *after_word(const char *at, const char *end) {
    const char *start = at;
    while (at < end && *at && strchr("+-.0123456789Eaeflnrstu", *at)) {
        at++;
    }
    return at > start ? at : NULL;
}

/* What follows the value at `at`; NULL if there is none, or one that is nested too deeply. */
static const char *after(const char *at, const char *end, unsigned depth) {
    if (at == end || depth == DEPTH_MAX) {
        return NULL;
    }
    if (*at == '"') {
        return after_string(at, end);
    }
    if (*at != '{' && *at != '[') {
        return after_word(at, end);
    }
    char close = *at == '{' ? '}' : ']';
    at = blanks(at + 1, end);
    if (at < end && *at == close) {
        return at + 1;
    }
    for (;;) {
        if (close == '}') {
            if (at == end || *at != '"' || !(at = after_string(at, end))) {
                return NULL;
            }
            at = blanks(at, end);
            if (at == end || *at != ':') {
                return NULL;
            }
            at = blanks(at + 1, end);
        }
        at = after(at, end, depth + 1);
        if (!at || (at = blanks(at, end)) == end) {
            return NULL;
        }
        if (*at == close) {
            return at + 1;
        }
        if (*at != ',') {
            return NULL;
        }
        at = blanks(at + 1, end);
    }
}

struct json json_read(const char *text, uint32_t length) {
    struct json none = {NULL, NULL}, value;
    const char *end = text + length;
    value.at = blanks(text, end);
    value.end = after(value.at, end, 0);
    return value.end && blanks(value.end, end) == end ? value : none;
}

struct json json_member(struct json object, const char *name) {
    struct json key, value = {NULL, NULL};
    if (!object.at || *object.at != '{') {
        return value;
    }
    for (const char *at = blanks(object.at + 1, object.end); *at != '}';) {
        key.at = at;
        key.end = after_string(at, object.end);
        value.at = blanks(blanks(key.end, object.end) + 1, object.end);
        value.end = after(value.at, object.end, 0);
        if (json_is(key, name)) {
            return value;
        }
        at = blanks(value.end, object.end);
        at = *at == ',' ? blanks(at + 1, object.end) : at;
    }
    value.at = NULL;
    return value;
}

struct json json_item(struct json array, struct json before) {
    struct json item = {NULL, NULL};
    if (!array.at || *array.at != '[') {
        return item;
    }
    const char *at = blanks(before.at ? before.end : array.at + 1, array.end);
    at = *at == ',' ? blanks(at + 1, array.end) : at;
    if (*at != ']') {
        item.at = at;
        item.end = after(at, array.end, 0);
    }
    return item;
}

bool json_is(struct json value, const char *text) {
    size_t length = strlen(text);
    return value.at && *value.at == '"' && (size_t)(value.end - value.at) == length + 2 &&
           memcmp(value.at + 1, text, length) == 0;
}

bool json_contains(struct json value, const char *text) {
    size_t length = strlen(text);
    for (const char *at = value.at; at && at + length <= value.end; at++) {
        if (memcmp(at, text, length) == 0) {
            return true;
        }
    }
    return false;
}

bool json_true(struct json value) {
    return value.at && value.end - value.at == 4 && memcmp(value.at, "true", 4) == 0;
}

bool json_whole(struct json value, int64_t *number) {
    const char *at = value.at;
    uint64_t found = 0;
    if (!at || (*at != '-' && (*at < '0' || *at > '9'))) {
        return false;
    }
    for (at += *at == '-'; at < value.end; at++) {
        if (*at < '0' || *at > '9' || found > (uint64_t)(INT64_MAX - 9) / 10) {
            return false;
        }
        found = found * 10 + (uint64_t)(*at - '0');
    }
    *number = *value.at == '-' ? -(int64_t)found : (int64_t)found;
    return true;
}

int32_t json_scaled(struct json value, unsigned places) {
    return value.at ? badge_decimal(value.at, (uint32_t)(value.end - value.at), places)
                    : BADGE_UNKNOWN;
}

static unsigned hex4(const char *at) {
    unsigned value = 0;
    for (unsigned n = 0; n < 4; n++) {
        char c = at[n];
        value = value << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value & 0xFFFF;
}

static uint32_t put_letter(uint32_t letter, char to[4]) {
    if (letter < 0x80) {
        to[0] = (char)letter;
        return 1;
    }
    uint32_t count = letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    for (uint32_t n = count; n-- > 1; letter >>= 6) {
        to[n] = (char)(0x80 | (letter & 63));
    }
    to[0] = (char)((0xF00u >> count & 0xFF) | letter);
    return count;
}

uint32_t json_text(struct json value, char *to, uint32_t size) {
    static const char from[] = "bfnrt", plain[] = "\b\f\n\r\t";
    uint32_t length = 0;
    if (!value.at || *value.at != '"') {
        return 0;
    }
    for (const char *at = value.at + 1; at < value.end - 1; at++) {
        char letters[4] = {*at, 0, 0, 0};
        uint32_t count = 1;
        if (*at == '\\') {
            const char *known = strchr(from, *++at);
            letters[0] = known ? plain[known - from] : *at;
            if (*at == 'u' && value.end - at > 5) {
                uint32_t letter = hex4(at + 1);
                at += 4;
                if (letter >> 10 == 0x36 && value.end - at > 7 && at[1] == '\\') {
                    letter = 0x10000 + ((letter & 0x3FF) << 10 | (hex4(at + 3) & 0x3FF));
                    at += 6;
                }
                count = put_letter(letter, letters);
            }
        }
        if (length + count > size) {
            break;
        }
        memcpy(to + length, letters, count);
        length += count;
    }
    return length;
}
