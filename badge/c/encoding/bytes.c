/* Little pieces: a writer that never runs over, numbers as text, CBOR as cbor2 writes it. */
#include "../internal.h"

struct badge_writer badge_writer_of(void *to, uint32_t size) {
    uint8_t *start = to;
    struct badge_writer writer = {start, start + size, false};
    return writer;
}

void badge_put(struct badge_writer *to, const void *from, uint32_t size) {
    if ((uint32_t)(to->end - to->at) < size) {
        to->full = true;
        return;
    }
    memcpy(to->at, from, size);
    to->at += size;
}

void badge_put_text(struct badge_writer *to, const char *text) {
    badge_put(to, text, (uint32_t)strlen(text));
}

void badge_put_number(struct badge_writer *to, int64_t number) {
    char digits[20];
    unsigned at = sizeof digits;
    uint64_t rest = number < 0 ? UINT64_C(0) - (uint64_t)number : (uint64_t)number;
    /* In 32 bits as soon as it fits: a 64-bit division is a library call on most chips. */
    while (rest > UINT32_MAX) {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    }
    uint32_t low = (uint32_t)rest;
    do {
        digits[--at] = (char)('0' + low % 10);
        low /= 10;
    } while (low);
    if (number < 0) {
        badge_put(to, "-", 1);
    }
    badge_put(to, digits + at, (uint32_t)sizeof digits - at);
}

void badge_put_head(struct badge_writer *to, unsigned major, uint64_t value) {
    uint8_t head[9];
    unsigned bytes = value < 24 ? 0 : value <= 0xFF ? 1 : value <= 0xFFFF ? 2
                     : value <= UINT32_MAX ? 4 : 8;
    unsigned code = value < 24 ? (unsigned)value : bytes == 1 ? 24 : bytes == 2 ? 25
                    : bytes == 4 ? 26 : 27;
    head[0] = (uint8_t)(major << 5 | code);
    for (unsigned at = bytes; at > 0; at--) {
        head[at] = (uint8_t)value;
        value >>= 8;
    }
    badge_put(to, head, bytes + 1);
}

void badge_put_int(struct badge_writer *to, int64_t value) {
    if (value < 0) {
        badge_put_head(to, 1, (uint64_t)(-1 - value));
    } else {
        badge_put_head(to, 0, (uint64_t)value);
    }
}

void badge_put_string(struct badge_writer *to, const char *text, uint32_t length) {
    badge_put_head(to, 3, length);
    badge_put(to, text, length);
}

void badge_put_real(struct badge_writer *to, uint64_t bits) {
    uint8_t item[9];
    item[0] = 0xFB;
    for (unsigned at = 8; at > 0; at--) {
        item[at] = (uint8_t)bits;
        bits >>= 8;
    }
    badge_put(to, item, sizeof item);
}

void badge_put_key(struct badge_writer *to, const char *key) {
    badge_put_string(to, key, (uint32_t)strlen(key));
}

struct badge_text badge_text_of(const char *text) {
    struct badge_text found = {text, (uint32_t)strlen(text)};
    return found;
}

uint32_t badge_cut_chars(const char *text, uint32_t length, uint32_t chars) {
    uint32_t at = 0;
    for (; at < length; at++) {
        if (((uint8_t)text[at] & 0xC0u) != 0x80u && chars-- == 0) {
            break;
        }
    }
    return at;
}
