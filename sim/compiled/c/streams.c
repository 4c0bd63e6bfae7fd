/* What numpy's SeedSequence makes of a seed of 128 bits (O'Neill, Developing a seed_seq Alternative,
 * 2015): tests/sim/compiled/test_streams.py holds it to numpy's own. */
#include "world.h"

enum { POOL = 4 };

static uint32_t hashed(uint32_t value, uint32_t *constant, uint32_t factor) {
    value ^= *constant;
    *constant *= factor;
    value *= *constant;
    return value ^ (value >> 16);
}

static uint32_t mixed(uint32_t one, uint32_t other) {
    uint32_t both = 0xCA01F9DDu * one - 0x4973F715u * other;
    return both ^ (both >> 16);
}

void world_seeded(const uint8_t *seed, uint64_t *state) {
    uint32_t pool[POOL], constant = 0x43B0D7E5u;
    for (int n = 0; n < POOL; n++) {
        const uint8_t *at = seed + 4 * n;
        uint32_t word = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        pool[n] = hashed(word, &constant, 0x931E8875u);
    }
    for (int from = 0; from < POOL; from++) {
        for (int to = 0; to < POOL; to++) {
            if (from != to) {
                pool[to] = mixed(pool[to], hashed(pool[from], &constant, 0x931E8875u));
            }
        }
    }
    constant = 0x8B51F9DDu;
    for (int n = 0; n < 2 * POOL; n += 2) {
        uint64_t low = hashed(pool[n % POOL], &constant, 0x58F38DEDu);
        state[n / 2] = low | (uint64_t)hashed(pool[(n + 1) % POOL], &constant, 0x58F38DEDu) << 32;
    }
}
