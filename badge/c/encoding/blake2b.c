/* BLAKE2b of one short text, eight bytes of digest, big-endian (RFC 7693): the backoff's jitter. */
#include "../internal.h"

enum { BLOCK = 128, ROUNDS = 12 };

static const uint64_t start[8] = {
    UINT64_C(0x6A09E667F3BCC908), UINT64_C(0xBB67AE8584CAA73B), UINT64_C(0x3C6EF372FE94F82B),
    UINT64_C(0xA54FF53A5F1D36F1), UINT64_C(0x510E527FADE682D1), UINT64_C(0x9B05688C2B3E6C1F),
    UINT64_C(0x1F83D9ABFB41BD6B), UINT64_C(0x5BE0CD19137E2179),
};
static const uint8_t order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t turned(uint64_t value, unsigned right) {
    return value >> right | value << (64 - right);
}

static void mix(uint64_t *v, const uint64_t *m, const uint8_t *use, unsigned turn) {
    static const uint8_t lanes[8][4] = {{0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14},
                                        {3, 7, 11, 15}, {0, 5, 10, 15}, {1, 6, 11, 12},
                                        {2, 7, 8, 13}, {3, 4, 9, 14}};
    uint64_t *a = &v[lanes[turn][0]], *b = &v[lanes[turn][1]];
    uint64_t *c = &v[lanes[turn][2]], *d = &v[lanes[turn][3]];
    *a += *b + m[use[2 * turn]];
    *d = turned(*d ^ *a, 32);
    *c += *d;
    *b = turned(*b ^ *c, 24);
    *a += *b + m[use[2 * turn + 1]];
    *d = turned(*d ^ *a, 16);
    *c += *d;
    *b = turned(*b ^ *c, 63);
}

uint64_t badge_blake2b_64(const char *text, uint32_t length) {
    uint64_t h[8], v[16], m[16] = {0};
    length = length < BLOCK ? length : BLOCK;
    for (uint32_t at = 0; at < length; at++) {
        m[at / 8] |= (uint64_t)(uint8_t)text[at] << at % 8 * 8;
    }
    memcpy(h, start, sizeof h);
    h[0] ^= 0x01010000u ^ 8u;
    memcpy(v, h, sizeof h);
    memcpy(v + 8, start, sizeof start);
    v[12] ^= length;
    v[14] = ~v[14];
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned turn = 0; turn < 8; turn++) {
            mix(v, m, order[round % 10], turn);
        }
    }
    uint64_t word = h[0] ^ v[0] ^ v[8], digest = 0;
    for (unsigned byte = 0; byte < 8; byte++) {
        digest = digest << 8 | (word >> byte * 8 & 0xFF);
    }
    return digest;
}
