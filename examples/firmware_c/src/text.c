#include "text.h"

#include <string.h>

static const char hex[] = "0123456789ABCDEF";

struct text text_in(char *memory, uint32_t size) {
    struct text text = {memory, memory, memory + size, false};
    return text;
}

uint32_t text_length(const struct text *text) {
    return (uint32_t)(text->at - text->start);
}

void text_bytes(struct text *to, const void *bytes, uint32_t size) {
    if ((uint32_t)(to->end - to->at) < size) {
        to->full = true;
        return;
    }
    memcpy(to->at, bytes, size);
    to->at += size;
}

void text_put(struct text *to, const char *words) {
    text_bytes(to, words, (uint32_t)strlen(words));
}

void text_number(struct text *to, int64_t number) {
    char digits[20];
    unsigned count = 0;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[sizeof digits - ++count] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0) {
        text_put(to, "-");
    }
    text_bytes(to, digits + sizeof digits - count, count);
}

void text_hex(struct text *to, uint32_t value, unsigned digits) {
    while (digits--) {
        text_bytes(to, &hex[value >> (4 * digits) & 15], 1);
    }
}

void text_json(struct text *to, const char *words) {
    text_put(to, "\"");
    for (; *words; words++) {
        if ((uint8_t)*words < 0x20) {
            text_put(to, "\\u");
            text_hex(to, (uint8_t)*words, 4);
        } else {
            if (*words == '"' || *words == '\\') {
                text_put(to, "\\");
            }
            text_bytes(to, words, 1);
        }
    }
    text_put(to, "\"");
}
