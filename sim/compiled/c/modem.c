/* What an upload draws, out of the streams that numpy opens: its SeedSequence of 128 bits (O'Neill,
 * Developing a seed_seq Alternative, 2015) and its PCG64; the distribution is numpy's own. */
#include <math.h>

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

static void seed_of(const uint8_t *seed, uint64_t state[4]) {
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

/* ---- PCG64 ---- */

struct wide {
    uint64_t high, low;
};
struct pcg64 {
    struct wide state, step;
};
/* `bitgen_t` of numpy/random/bitgen.h. */
struct bits {
    void *state;
    uint64_t (*next_uint64)(void *state);
    uint32_t (*next_uint32)(void *state);
    double (*next_double)(void *state);
    uint64_t (*next_raw)(void *state);
};

static struct wide sum_of(struct wide a, struct wide b) {
    struct wide sum = {a.high + b.high, a.low + b.low};
    sum.high += sum.low < a.low;
    return sum;
}

static struct wide product_of(struct wide a, struct wide b) {
    uint64_t a0 = a.low & 0xFFFFFFFFu, a1 = a.low >> 32, b0 = b.low & 0xFFFFFFFFu, b1 = b.low >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & 0xFFFFFFFFu);
    struct wide product = {a1 * b1 + (middle >> 32) + (other >> 32), a.low * b.low};
    product.high += a.high * b.low + a.low * b.high;
    return product;
}

static void go_on(struct pcg64 *from) {
    const struct wide factor = {0x2360ED051FC65DA4u, 0x4385DF649FCCF645u};
    from->state = sum_of(product_of(from->state, factor), from->step);
}

static uint64_t next_uint64(void *state) {
    struct pcg64 *from = state;
    go_on(from);
    uint64_t both = from->state.high ^ from->state.low;
    unsigned turn = (unsigned)(from->state.high >> 58);
    return both >> turn | both << (-turn & 63u);
}

static uint32_t next_uint32(void *state) { /* no distribution that is drawn here asks for it */
    return (uint32_t)(next_uint64(state) >> 32);
}

static double next_double(void *state) {
    return (double)(next_uint64(state) >> 11) * 0x1p-53;
}

static void open_stream(struct pcg64 *from, const uint8_t *seed) {
    uint64_t words[4];
    seed_of(seed, words);
    struct wide begin = {words[0], words[1]};
    from->step.high = words[2] << 1 | words[3] >> 63;
    from->step.low = words[3] << 1 | 1;
    from->state = sum_of(from->step, begin);
    go_on(from);
}

/* ---- Uploads ---- */

void world_exchange(const struct world_modem *modem, const uint8_t *seed, uint32_t bars,
                    int connected, int64_t body_bytes, int64_t drawn[3]) {
    struct pcg64 from;
    struct bits bits = {&from, next_uint64, next_uint32, next_double, next_uint64};
    open_stream(&from, seed);
    drawn[0] = 0;
    if (!connected && bars) {
        double sigma = modem->registration_sigma, most_s = modem->registration_most_s;
        double seconds = modem->lognormal(&bits, modem->registration_log[bars], sigma);
        drawn[0] = (int64_t)rint((seconds < most_s ? seconds : most_s) * 1000.0);
    }
    if (!bars || next_double(&from) < modem->loss[bars]) {
        drawn[1] = -1;
        drawn[2] = next_double(&from) < modem->answer_lost;
        return;
    }
    int64_t trips = connected ? modem->trips_kept : modem->trips_new;
    double waiting = (double)trips * modem->round_trip_ms[bars];
    waiting *= modem->lognormal(&bits, 0.0, modem->trip_sigma);
    double bits_s = modem->uplink_bit_s[bars];
    double sending = (double)(body_bytes + modem->header_bytes) * 8000.0 / bits_s;
    drawn[1] = (int64_t)rint(waiting + sending);
    drawn[1] = drawn[1] > 1 ? drawn[1] : 1;
    drawn[2] = 1;
}
