/* What a badge hears of a tag, cycle by cycle (sim/world/radio.py, adverts.py, field.py). */
#include "link.h"

#define ROUNDED_DB 0.51 /* what rounding to whole dBm may add */

const double *world_normals, *world_decibels;
const int16_t *world_cosines;
const int64_t *world_atans;
double world_db_octave;

const char *world_digest(void) {
    return WORLD_DIGEST;
}

void world_tables(const double *normals, const int16_t *cosines, const double *decibels,
                  const int64_t *atans, double db_octave) {
    world_normals = normals;
    world_cosines = cosines;
    world_decibels = decibels;
    world_atans = atans;
    world_db_octave = db_octave;
}

INSIDE_FAST double fading_of(struct link *link, const int64_t here[2], const int64_t there[2],
                        uint32_t ms, int channel) {
    const struct world_air *air = link->air;
    know_far(link, there);
    uint32_t x = (uint32_t)here[0], y = (uint32_t)here[1], at[FADING_WAVES];
    int32_t real = 0, imaginary = 0;
    for (int n = 0; n < FADING_WAVES; n++) {
        at[n] = link->fading_phase[channel][n] + x * air->fading_waves[n] +
                y * air->fading_waves[FADING_WAVES + n] +
                ms * air->fading_waves[4 * FADING_WAVES + n];
    }
    for (int n = 0; n < FADING_WAVES; n++) {
        uint32_t step = at[n] >> 20;
        real += world_cosines[step];
        imaginary += world_cosines[(step - QUARTER) & (STEPS - 1)];
    }
    double one = air->steady + air->scattered * (double)real;
    double other = air->scattered * (double)imaginary;
    double power = one * one + other * other;
    return decibels_of(power > LEAST_POWER ? power : LEAST_POWER) - air->mean_db;
}

/* ---- What is heard ---- */

/* Give the dBm of an advert if it may be above `best`, which is above -128 once it is heard. */
INSIDE_FAST int32_t level_of(struct hearing *of, int64_t t_ms, int64_t number, int channel,
                        int32_t best) {
    const struct world_air *air = of->link.air;
    uint32_t ms = of->ear->lobe ? (uint32_t)t_ms : 0;
    meet_at(of, t_ms);
    if (!(of->squared <= air->reach2)) {
        return UNHEARD_DBM;
    }
    uint64_t place = bits_of(~of->ear->salt, (uint64_t)(3 * number + channel)) >> 52;
    double error = air->error_db * world_normals[place], steady = of->base_db - of->lost_db;
    double wanted = of->least_dbm > best + 1 ? of->least_dbm : best + 1;
    double least = wanted - ROUNDED_DB - air->fading_most_db;
    if (steady + error + air->shadow_most_db < least) {
        return UNHEARD_DBM;
    }
    steady += shadow_of(&of->link, of->here, of->there);
    if (steady + error < least) {
        return UNHEARD_DBM;
    }
    return reported(of, steady + fading_of(&of->link, of->here, of->there, ms, channel) + error);
}

FAST int world_strongest(const struct world_air *air, struct world_tag *tag, struct world_path *where,
                    struct world_path *badge, const struct world_ear *ear, int64_t t0_ms,
                    uint32_t count, int64_t period_ms, int32_t floor_dbm, const uint8_t *wanted,
                    int16_t *best) {
    struct hearing of;
    struct pdu found[PDUS];
    if (!begin_hearing(&of, air, tag, where, badge, ear, t0_ms, period_ms, count, floor_dbm, best)) {
        return 0;
    }
    for (uint32_t cycle = 0; cycle < count; cycle++) {
        int64_t begin_ms = t0_ms + cycle * period_ms;
        int32_t strongest = UNHEARD_DBM;
        if (wanted && !wanted[cycle]) {
            continue;
        }
        if (!listen_from(&of.to, begin_ms, begin_ms + period_ms)) {
            return -1;
        }
        while (is_listening(&of.to)) {
            int count = next_heard(&of.to, found);
            for (int n = 0; n < count; n++) {
                if (uniform_of(ear->salt, (uint64_t)found[n].number) >= air->loss) {
                    int32_t rssi = level_of(&of, found[n].t_us / 1000, found[n].number,
                                            found[n].channel, strongest);
                    strongest = rssi > strongest ? rssi : strongest;
                }
            }
        }
        best[cycle] = (int16_t)strongest;
    }
    return 0;
}
