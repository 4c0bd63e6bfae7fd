/* The strongest sample of a cycle, drawn at once (sim/world/cycle.py, sim/world/radio.py). */
#include "link.h"

enum kind { WORN, WORN_SPAN, ALONE, MOVING };
enum {
    SPANS_MAX = 16,
    DRAWS_A_MS = 64,
    COUNTS = 256,
    POWER_ROWS = 48,
    POWER_BITS = 50,
    POWER_FIRST = (1023 - 9) << 2,
    CHANCES = 192,
    CHANCE_BITS = 49,
    CHANCE_FIRST = (1023 - 20) << 3,
    MOVED_ROWS = 17
};
#define MOVED_A_M 4.0
#define WEIGHT_SHARE 0x1p-10
#define LEVEL_SHARE 0x1p-8

/* A stretch that is drawn at once: where both ends are, how far both go, when its midst is. */
struct entry {
    enum kind kind;
    int64_t here[2], there[2], ms;
    double moved, steady_db;
    int32_t counts[3];
    bool reached;
};

/* Where both are at a time. */
struct standing {
    int64_t here[2], there[2], leg, far_leg;
};

struct drawing {
    struct hearing hearing;
    const struct world_law *law;
    int64_t period_ms;
};

static inline int64_t bin_of(double value, int bits, int64_t first, int64_t count) {
    int64_t place;
    memcpy(&place, &value, sizeof place);
    place = (place >> bits) - first;
    return place < 0 ? 0 : place < count ? place : count - 1;
}

static inline double drawn_db(const struct drawing *of, enum kind kind, int64_t row, int32_t count,
                              int64_t number) {
    const struct world_law *law = of->law;
    uint64_t place = bits_of(of->hearing.ear->cycle_salt, (uint64_t)number) >> 52;
    double chance = law->exponentials[place] *
                    law->shares[kind * COUNTS + (count < COUNTS ? count : COUNTS - 1)];
    int64_t column = bin_of(chance, CHANCE_BITS, CHANCE_FIRST, CHANCES);
    return (double)law->rows[row * CHANCES + column] * LEVEL_SHARE;
}

/* The power of the waves that hold. */
INSIDE_FAST double power_of(struct drawing *of, const struct entry *entry, int channel) {
    const struct world_air *air = of->hearing.link.air;
    const int32_t *weights = of->law->weights + entry->kind * FADING_WAVES;
    uint32_t x = (uint32_t)entry->here[0], y = (uint32_t)entry->here[1], at[FADING_WAVES];
    uint32_t ms = (uint32_t)entry->ms;
    int32_t real = 0, imaginary = 0;
    for (int n = 0; n < FADING_WAVES; n++) {
        at[n] = of->hearing.link.fading_phase[channel][n] + x * air->fading_waves[n] +
                y * air->fading_waves[FADING_WAVES + n] +
                ms * air->fading_waves[4 * FADING_WAVES + n];
    }
    for (int n = 0; n < FADING_WAVES; n++) {
        uint32_t step = at[n] >> 20;
        real += weights[n] * world_cosines[step];
        imaginary += weights[n] * world_cosines[(step - QUARTER) & (STEPS - 1)];
    }
    double scattered = air->scattered * WEIGHT_SHARE;
    double one = air->steady + scattered * (double)real, other = scattered * (double)imaginary;
    return one * one + other * other;
}

static inline bool may_be_heard(const struct drawing *of, const struct entry *entry) {
    double most_db = entry->steady_db + of->hearing.link.air->shadow_most_db + of->law->most_db;
    return entry->reached && most_db >= of->hearing.least_dbm - 1.0;
}

INSIDE_FAST int32_t strongest_of(struct drawing *of, struct entry *entry, int64_t number) {
    const struct world_air *air = of->hearing.link.air;
    int32_t total = entry->counts[0] + entry->counts[1] + entry->counts[2];
    double best_db = -INFINITY;
    if (!total || !may_be_heard(of, entry)) {
        return UNHEARD_DBM;
    }
    double steady_db = entry->steady_db + shadow_of(&of->hearing.link, entry->here, entry->there);
    if (entry->kind == MOVING) {
        int64_t row = (int64_t)(entry->moved * MOVED_A_M);
        row = MOVING * POWER_ROWS + (row < MOVED_ROWS ? row : MOVED_ROWS - 1);
        best_db = steady_db + drawn_db(of, MOVING, row, total, number);
    } else {
        know_far(&of->hearing.link, entry->there);
        double loose = of->law->loose[entry->kind];
        for (int channel = 0; channel < 3; channel++) {
            if (entry->counts[channel]) {
                double power = power_of(of, entry, channel), around = power + loose;
                int64_t row = bin_of(power, POWER_BITS, POWER_FIRST, POWER_ROWS);
                double level = decibels_of(around > LEAST_POWER ? around : LEAST_POWER);
                level = level - air->mean_db +
                        drawn_db(of, entry->kind, entry->kind * POWER_ROWS + row,
                                 entry->counts[channel], number + channel);
                level = steady_db + level;
                best_db = level > best_db ? level : best_db;
            }
        }
    }
    return reported(&of->hearing, best_db);
}

static void find(struct drawing *of, int64_t t_ms, struct standing *at) {
    struct stretch *near = &of->hearing.near, *far = &of->hearing.far;
    go_to(near, of->hearing.badge, t_ms);
    go_to(far, of->hearing.where, t_ms);
    at->leg = near->leg;
    at->far_leg = far->leg;
    place_in(near, t_ms, at->here);
    place_in(far, t_ms, at->there);
}

static inline bool same(const int64_t one[2], const int64_t other[2]) {
    return one[0] == other[0] && one[1] == other[1];
}

static inline double length_of(const int64_t one[2], const int64_t other[2]) {
    int64_t dx = other[0] - one[0], dy = other[1] - one[1];
    return sqrt((double)(dx * dx + dy * dy));
}

/* Fill in all but the counts. */
static void between_two(struct drawing *of, const struct standing *first,
                        const struct standing *last, int64_t ms, int64_t heading, bool whole,
                        struct entry *entry) {
    const struct world_air *air = of->hearing.link.air;
    double squared, here_m = length_of(first->here, last->here);
    bool worn = of->hearing.ear->lobe != NULL;
    entry->moved = (here_m + length_of(first->there, last->there)) * (1.0 / WHOLES_M);
    entry->kind = same(first->here, last->here) && same(first->there, last->there)
                      ? (worn ? (whole ? WORN : WORN_SPAN) : ALONE)
                      : MOVING;
    for (int n = 0; n < 2; n++) {
        entry->here[n] = (first->here[n] + last->here[n]) >> 1;
        entry->there[n] = (first->there[n] + last->there[n]) >> 1;
    }
    entry->ms = worn ? ms : 0;
    double lost = lost_of(air, of->hearing.ear, heading, entry->here, entry->there, &squared);
    entry->steady_db = of->hearing.base_db - lost;
    entry->reached = squared <= air->reach2;
}

/* Find the stretches of a cycle: itself where both rest and nobody turns, else its spans. */
static uint32_t stretches_of(struct drawing *of, int64_t begin_ms, struct entry *entries) {
    struct standing at[SPANS_MAX + 1];
    int64_t headings[SPANS_MAX], middles[SPANS_MAX], spans = of->law->spans;
    int64_t period_ms = of->period_ms;
    find(of, begin_ms, &at[0]);
    find(of, begin_ms + period_ms, &at[spans]);
    bool rests = same(at[0].here, at[spans].here) && same(at[0].there, at[spans].there);
    if (!rests || at[0].leg != at[spans].leg || at[0].far_leg != at[spans].far_leg) {
        for (int64_t n = 1; n < spans; n++) {
            find(of, begin_ms + n * period_ms / spans, &at[n]);
            rests = rests && same(at[n].here, at[0].here) && same(at[n].there, at[0].there);
        }
        for (int64_t n = 0; n < spans; n++) {
            middles[n] = begin_ms + ((n * period_ms / spans + (n + 1) * period_ms / spans) >> 1);
            headings[n] = heading_at(&of->hearing, leg_at(of->hearing.badge, middles[n]));
            rests = rests && headings[n] == headings[0];
        }
        if (!rests) {
            for (int64_t n = 0; n < spans; n++) {
                between_two(of, &at[n], &at[n + 1], middles[n], headings[n], false, &entries[n]);
            }
            return (uint32_t)spans;
        }
        at[0].leg = leg_at(of->hearing.badge, middles[0]);
    }
    between_two(of, &at[0], &at[spans], begin_ms + period_ms / 2, heading_at(&of->hearing, at[0].leg), true,
                entries);
    return 1;
}

FAST int world_drawn(const struct world_law *law, const struct world_air *air,
                     struct world_tag *tag, struct world_path *where, struct world_path *badge,
                     const struct world_ear *ear, int64_t t0_ms, uint32_t count,
                     int64_t period_ms, int32_t floor_dbm, const uint8_t *wanted, int16_t *best) {
    struct drawing of;
    struct entry entries[SPANS_MAX];
    struct pdu found[PDUS];
    if (!begin_hearing(&of.hearing, air, tag, where, badge, ear, t0_ms, period_ms, count, floor_dbm,
                       best)) {
        return 0;
    }
    of.law = law;
    of.period_ms = period_ms;
    for (uint32_t cycle = 0; cycle < count; cycle++) {
        int64_t begin_ms = t0_ms + cycle * period_ms;
        int32_t strongest = UNHEARD_DBM;
        if (wanted && !wanted[cycle]) {
            continue;
        }
        uint32_t stretches = stretches_of(&of, begin_ms, entries);
        bool any = false;
        for (uint32_t n = 0; n < stretches; n++) {
            memset(entries[n].counts, 0, sizeof entries[n].counts);
            any = any || may_be_heard(&of, &entries[n]);
        }
        if (!any) {
            continue;
        }
        if (!listen_from(&of.hearing.to, begin_ms, begin_ms + period_ms)) {
            return -1;
        }
        while (is_listening(&of.hearing.to)) {
            int heard = next_heard(&of.hearing.to, found);
            for (int n = 0; n < heard; n++) {
                int64_t into_ms = found[n].t_us / 1000 - begin_ms;
                int64_t at = stretches == 1 ? 0 : into_ms * stretches / period_ms;
                entries[at].counts[found[n].channel] +=
                    uniform_of(ear->salt, (uint64_t)found[n].number) >= air->loss;
            }
        }
        for (uint32_t n = 0; n < stretches; n++) {
            int32_t rssi = strongest_of(&of, &entries[n], begin_ms * DRAWS_A_MS + 3 * n);
            strongest = rssi > strongest ? rssi : strongest;
        }
        best[cycle] = (int16_t)strongest;
    }
    return 0;
}
