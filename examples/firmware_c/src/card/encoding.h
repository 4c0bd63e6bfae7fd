/* The encodings of a Notecard's line: CRC-32, MD5, base64, COBS; each takes bytes as they come. */
#ifndef ENCODING_H
#define ENCODING_H

#include <stdint.h>

#include "../text.h"

typedef void sink(void *to, const void *bytes, uint32_t size);

uint32_t crc32_of(const void *bytes, uint32_t size);

struct md5 {
    uint32_t state[4];
    uint64_t size;
    uint8_t block[64];
};
void md5_start(struct md5 *md5);
void md5_add(struct md5 *md5, const void *bytes, uint32_t size);
void md5_end(struct md5 *md5, char hex[33]);

struct base64 {
    struct text *to;
    uint32_t held, count;
};
void base64_add(struct base64 *base64, const void *bytes, uint32_t size);
void base64_end(struct base64 *base64);

/* Blues' COBS: blocks of up to 254 bytes, and each byte XOR LF, so that LF ends the whole. */
struct cobs {
    sink *to;
    void *context;
    uint32_t written, count;
    uint8_t block[255];
};
void cobs_add(struct cobs *cobs, const void *bytes, uint32_t size);
void cobs_end(struct cobs *cobs);
bool cobs_decode(uint8_t *bytes, uint32_t *size); /* in place; false: it is none */

#endif
