/* BLAKE2b of one short text, eight bytes of digest, big-endian (RFC 7693): the backoff's jitter. */
#include "../internal.h"

enum { BLOCK = 128, ROUNDS = 12 };

static const uint64_t start[8] = {
    UINT64_C(0x6A09E667F3BCC908), UINT64_C(0xBB67AE8584CAA73B), UINT64_C(0x3C6EF372FE94F82B),
    UINT64_C(0xA54FF53A5F1D36F1), UINT64_C(0x510E527FADE682D1), UINT64_C(0x9B05688C2B3E6C1F),
    UINT64_C(0x1F83D9ABFB41BD6B), UINT64_C(0x5BE0CD19137E2179),
};
/* Which two words of the message each mix takes, four bits each, the first one higher. */
static const uint8_t order[10][8] = {
    {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF},
    {0xEA, 0x48, 0x9F, 0xD6, 0x1C, 0x02, 0xB7, 0x53},
    {0xB8, 0xC0, 0x52, 0xFD, 0xAE, 0x36, 0x71, 0x94},
    {0x79, 0x31, 0xDC, 0xBE, 0x26, 0x5A, 0x40, 0xF8},
    {0x90, 0x57, 0x24, 0xAF, 0xE1, 0xBC, 0x68, 0x3D},
    {0x2C, 0x6A, 0x0B, 0x83, 0x4D, 0x75, 0xFE, 0x19},
    {0xC5, 0x1F, 0xED, 0x4A, 0x07, 0x63, 0x92, 0x8B},
    {0xDB, 0x7E, 0xC1, 0x39, 0x50, 0xF4, 0x86, 0x2A},
    {0x6F, 0xE9, 0xB3, 0x08, 0xC2, 0xD7, 0x14, 0xA5},
    {0xA2, 0x84, 0x76, 0x15, 0xFB, 0x9E, 0x3C, 0xD0},
};

/* By one bit at a time: a shift of 64 bits by any number is long in the code of a 32-bit chip. */
static uint64_t turned(uint64_t value, unsigned right) {
    for (; right > 0; right--) {
        value = value >> 1 | value << 63;
    }
    return value;
}

/* One of the eight mixes of a round, four on columns and four on diagonals: small, not fast. */
static void mix(uint64_t *v, const uint64_t *m, unsigned use, unsigned turn) {
    static const uint8_t turns[4] = {32, 24, 16, 63};
    uint64_t *lanes[4];
    for (unsigned n = 0; n < 4; n++) {
        lanes[n] = &v[4 * n + ((turn + (turn < 4 ? 0 : n)) & 3)];
    }
    for (unsigned n = 0; n < 4; n++) {
        unsigned odd = n & 1u;
        uint64_t *sum = lanes[odd * 2], *mixed = lanes[3 - odd * 2];
        *sum += *lanes[odd * 2 + 1] + (odd ? 0 : m[use >> (4 - 2 * n) & 15]);
        *mixed = turned(*mixed ^ *sum, turns[n]);
    }
}

uint64_t badge_blake2b_64(const char *text, uint32_t length) {
    uint64_t h[8], v[16], m[16] = {0};
    length = length < BLOCK ? length : BLOCK;
    for (uint32_t at = 0; at < BLOCK; at++) {
        uint8_t byte = at < length ? (uint8_t)text[at] : 0;
        m[at / 8] = m[at / 8] >> 8 | (uint64_t)byte << 56;
    }
    memcpy(h, start, sizeof h);
    h[0] ^= 0x01010000u ^ 8u;
    memcpy(v, h, sizeof h);
    memcpy(v + 8, start, sizeof start);
    v[12] ^= length;
    v[14] = ~v[14];
    for (unsigned n = 0; n < 8 * ROUNDS; n++) {
        mix(v, m, order[n / 8 % 10][n % 8], n % 8);
    }
    uint64_t word = h[0] ^ v[0] ^ v[8], digest = 0;
    for (unsigned byte = 0; byte < 8; byte++) {
        digest = digest << 8 | (word & 0xFF);
        word >>= 8;
    }
    return digest;
}
