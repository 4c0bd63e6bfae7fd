/* Numbers by their place, and what is looked up (sim/engine/draws.py, sim/world/field.py). */
#ifndef WORLD_DRAWS_H
#define WORLD_DRAWS_H
#include <math.h>
#include <string.h>

#include "world.h"

extern const double *world_normals, *world_decibels;
extern const int16_t *world_cosines;
extern const int64_t *world_atans;
extern double world_db_octave;

static inline uint64_t bits_of(uint64_t salt, uint64_t counter) {
    uint64_t z = counter * 0x9E3779B97F4A7C15u + salt;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline double uniform_of(uint64_t salt, uint64_t counter) {
    return (double)(bits_of(salt, counter) >> 11) * 0x1p-53;
}

static inline uint64_t below_of(uint64_t salt, uint64_t counter, uint64_t bound) {
    return (bits_of(salt, counter) >> 32) * bound >> 32;
}

/* Add the cosines of waves whose phases are counted in 32 bits. */
static inline int32_t cosines_of(const uint32_t *at, int waves) {
    int32_t total = 0;
    for (int n = 0; n < waves; n++) {
        total += world_cosines[at[n] >> 20];
    }
    return total;
}

/* 10 log10 of a number above 0, by its leading bits. */
static inline double decibels_of(double ratio) {
    int64_t bits;
    memcpy(&bits, &ratio, sizeof bits);
    return (double)((bits >> 52) - 1023) * world_db_octave + world_decibels[(bits >> 40) & 4095];
}

#endif
