#include "encoding.h"

#include <string.h>

uint32_t crc32_of(const void *bytes, uint32_t size) {
    uint32_t crc = UINT32_MAX;
    for (const uint8_t *at = bytes; size; size--) {
        crc ^= *at++;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
        }
    }
    return ~crc;
}

/* ---- MD5 (RFC 1321), which the card's binary store asks for ---- */

static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const uint8_t turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

void md5_start(struct md5 *md5) {
    static const uint32_t first[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    memcpy(md5->state, first, sizeof first);
    md5->size = 0;
}

static void md5_block(struct md5 *md5) {
    uint32_t a = md5->state[0], b = md5->state[1], c = md5->state[2], d = md5->state[3];
    for (unsigned n = 0; n < 64; n++) {
        unsigned round = n / 16, turn = turns[round][n % 4], place = n;
        uint32_t mixed = 0, word = 0;
        switch (round) {
        case 0:
            mixed = (b & c) | (~b & d);
            break;
        case 1:
            mixed = (d & b) | (~d & c);
            place = 5 * n + 1;
            break;
        case 2:
            mixed = b ^ c ^ d;
            place = 3 * n + 5;
            break;
        default:
            mixed = c ^ (b | ~d);
            place = 7 * n;
        }
        for (unsigned byte = 4; byte--;) {
            word = word << 8 | md5->block[place % 16 * 4 + byte];
        }
        uint32_t sum = a + mixed + sines[n] + word;
        a = d;
        d = c;
        c = b;
        b += sum << turn | sum >> (32 - turn);
    }
    md5->state[0] += a;
    md5->state[1] += b;
    md5->state[2] += c;
    md5->state[3] += d;
}

void md5_add(struct md5 *md5, const void *bytes, uint32_t size) {
    for (const uint8_t *at = bytes; size; size--) {
        md5->block[md5->size++ % 64] = *at++;
        if (md5->size % 64 == 0) {
            md5_block(md5);
        }
    }
}

void md5_end(struct md5 *md5, char hex[33]) {
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = md5->size * 8;
    md5_add(md5, "\x80", 1);
    while (md5->size % 64 != 56) {
        md5_add(md5, "", 1);
    }
    for (unsigned n = 0; n < 8; n++) {
        uint8_t byte = (uint8_t)(bits >> (8 * n));
        md5_add(md5, &byte, 1);
    }
    for (unsigned n = 0; n < 16; n++) {
        uint8_t byte = (uint8_t)(md5->state[n / 4] >> (n % 4 * 8));
        hex[2 * n] = digits[byte >> 4];
        hex[2 * n + 1] = digits[byte & 15];
    }
    hex[32] = '\0';
}

/* ---- Base64 ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct base64 *base64, const void *bytes, uint32_t size) {
    for (const uint8_t *at = bytes; size; size--) {
        base64->held = base64->held << 8 | *at++;
        if (++base64->count % 3 == 0) {
            for (unsigned shift = 24; shift; shift -= 6) {
                text_bytes(base64->to, &letters[base64->held >> (shift - 6) & 63], 1);
            }
            base64->held = 0;
        }
    }
}

void base64_end(struct base64 *base64) {
    unsigned missing = (3 - base64->count % 3) % 3;
    base64_add(base64, "\0\0", missing);
    if (!base64->to->full) {
        memset(base64->to->at - missing, '=', missing);
    }
}

/* ---- COBS ---- */

static void cobs_block(struct cobs *cobs) {
    cobs->block[0] = (uint8_t)(cobs->count + 1);
    for (uint32_t n = 0; n <= cobs->count; n++) {
        cobs->block[n] ^= '\n';
    }
    cobs->written += cobs->count + 1;
    if (cobs->to) {
        cobs->to(cobs->context, cobs->block, cobs->count + 1);
    }
    cobs->count = 0;
}

void cobs_add(struct cobs *cobs, const void *bytes, uint32_t size) {
    for (const uint8_t *at = bytes; size; size--, at++) {
        if (*at) {
            cobs->block[++cobs->count] = *at;
        }
        if (!*at || cobs->count == sizeof cobs->block - 1) {
            cobs_block(cobs);
        }
    }
}

void cobs_end(struct cobs *cobs) {
    cobs_block(cobs);
}

bool cobs_decode(uint8_t *bytes, uint32_t *size) {
    uint32_t to = 0;
    for (uint32_t at = 0; at < *size;) {
        uint32_t code = bytes[at++] ^ '\n';
        if (code == 0 || code - 1 > *size - at) {
            return false;
        }
        for (uint32_t n = 1; n < code; n++) {
            bytes[to++] = bytes[at++] ^ '\n';
        }
        if (code < 255 && at < *size) {
            bytes[to++] = 0;
        }
    }
    *size = to;
    return true;
}
