/* Little pieces: a writer that never runs over, numbers as text, CBOR as cbor2 writes it. */
#include "../internal.h"

struct badge_writer badge_writer_of(void *to, uint32_t size) {
    uint8_t *start = to;
    struct badge_writer writer = {start, start + size, false};
    return writer;
}

void badge_words_start(struct badge_words *words, const char *text) {
    words->to = badge_writer_of(words->bytes, sizeof words->bytes);
    badge_put_text(&words->to, text);
}

void badge_put(struct badge_writer *to, const void *from, uint32_t size) {
    if ((uint32_t)(to->end - to->at) < size) {
        to->full = true;
        return;
    }
    memcpy(to->at, from, size);
    to->at += size;
}

void badge_put_byte(struct badge_writer *to, int byte) {
    if (to->at == to->end) {
        to->full = true;
    } else {
        *to->at++ = (uint8_t)byte;
    }
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
        badge_put_byte(to, '-');
    }
    badge_put(to, digits + at, (uint32_t)sizeof digits - at);
}

/* One byte, and behind it a number, its highest byte first. */
static void put_big_endian(struct badge_writer *to, unsigned first, uint64_t value,
                           unsigned bytes) {
    uint8_t item[9];
    item[0] = (uint8_t)first;
    for (unsigned at = bytes; at > 0; at--) {
        item[at] = (uint8_t)value;
        value >>= 8;
    }
    badge_put(to, item, bytes + 1);
}

void badge_put_head(struct badge_writer *to, unsigned major, uint64_t value) {
    unsigned code = value < 24 ? (unsigned)value
                               : 24u + (value > 0xFF) + (value > 0xFFFF) + (value > UINT32_MAX);
    put_big_endian(to, major << 5 | code, value, badge_extra_bytes(code));
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
    put_big_endian(to, ITEM_REAL, bits, sizeof bits);
}

void badge_put_key(struct badge_writer *to, const char *key) {
    badge_put_string(to, key, (uint32_t)strlen(key));
}

void badge_put_pair(struct badge_writer *to, const char *key, int64_t value) {
    badge_put_key(to, key);
    badge_put_int(to, value);
}

void badge_put_word(struct badge_writer *to, const char *key, const char *word) {
    badge_put_key(to, key);
    badge_put_key(to, word);
}

/* One of several words, each of which ends with a NUL. */
const char *badge_nth(const char *words, unsigned n) {
    for (; n > 0; n--) {
        words += strlen(words) + 1;
    }
    return words;
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
