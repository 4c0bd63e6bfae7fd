/* Text that is put together in memory of a given size. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdint.h>

struct text {
    char *start, *at, *end;
    bool full; /* something did not fit and is missing */
};

struct text text_in(char *memory, uint32_t size);
uint32_t text_length(const struct text *text);
void text_bytes(struct text *to, const void *bytes, uint32_t size);
void text_put(struct text *to, const char *words);
void text_number(struct text *to, int64_t number);
void text_hex(struct text *to, uint32_t value, unsigned digits);
void text_json(struct text *to, const char *words); /* as a JSON string, with its quotes */

#endif
