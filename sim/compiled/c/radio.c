/* What a badge hears of a tag, cycle by cycle (sim/world/radio.py, adverts.py, field.py). */
#include <stdlib.h>

#include "place.h"

enum {
    BLOCK = 1024,
    DELAYS = 10001,
    STEP_US = 1000,
    PDU_US = 376,
    STEPS = 4096,
    QUARTER = STEPS / 4,
    FULL_TURN = 65536,
    EIGHTH = FULL_TURN / 8,
    RATIOS = 4096,
    LEAST_DBM = -127,
    MOST_DBM = -20,
    UNHEARD_DBM = -128
};
#define ROUNDED_DB 0.51 /* what rounding to whole dBm may add */
#define WHOLES_M 65536.0

/* Where the processor has them, eight numbers are worked out at once; they are the same. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FAST __attribute__((target_clones("avx2", "default")))
#define INSIDE_FAST static inline __attribute__((always_inline))
#else
#define FAST
#define INSIDE_FAST static inline
#endif

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

/* ---- When it advertises ---- */

struct world_tag {
    uint64_t salt;
    int64_t interval_us, number, start_us; /* the event that was asked last */
    int64_t *starts;                       /* of each block that was passed */
    uint32_t count, size;
    double gain_db;
    uint32_t phase[FADING_WAVES];
};

struct world_tag *world_tag_new(uint64_t salt, int64_t interval_us, int64_t first_us,
                                double gain_db, const uint32_t *fading_phase) {
    struct world_tag *tag = calloc(1, sizeof *tag);
    int64_t *starts = malloc(64 * sizeof *starts);
    if (!tag || !starts) {
        free(tag);
        free(starts);
        return NULL;
    }
    tag->salt = salt;
    tag->interval_us = interval_us;
    tag->start_us = first_us;
    tag->starts = starts;
    tag->starts[0] = first_us;
    tag->count = 1;
    tag->size = 64;
    tag->gain_db = gain_db;
    memcpy(tag->phase, fading_phase, sizeof tag->phase);
    return tag;
}

void world_tag_free(struct world_tag *tag) {
    if (tag) {
        free(tag->starts);
        free(tag);
    }
}

static int64_t gap_us(const struct world_tag *tag, int64_t number) {
    return tag->interval_us + (int64_t)below_of(tag->salt, (uint64_t)number, DELAYS);
}

/* Know the starts of all blocks up to a time. */
static bool extend(struct world_tag *tag, int64_t t_us) {
    while (tag->starts[tag->count - 1] <= t_us) {
        int64_t number = (int64_t)(tag->count - 1) * BLOCK, at_us = tag->starts[tag->count - 1];
        if (tag->count == tag->size) {
            int64_t *more = realloc(tag->starts, 2 * (size_t)tag->size * sizeof *more);
            if (!more) {
                return false;
            }
            tag->starts = more;
            tag->size *= 2;
        }
        for (int64_t end = number + BLOCK; number < end; number++) {
            at_us += gap_us(tag, number);
        }
        tag->starts[tag->count++] = at_us;
    }
    return true;
}

/* Go to the first event at or after a time. */
static bool go_to(struct world_tag *tag, int64_t t_us) {
    int64_t far_us = BLOCK * tag->interval_us;
    if (t_us < tag->start_us || t_us - tag->start_us > far_us) {
        if (!extend(tag, t_us)) {
            return false;
        }
        uint32_t low = 0, high = tag->count;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (tag->starts[middle] <= t_us) {
                low = middle;
            } else {
                high = middle;
            }
        }
        tag->number = (int64_t)low * BLOCK;
        tag->start_us = tag->starts[low];
    }
    while (tag->start_us < t_us) {
        tag->start_us += gap_us(tag, tag->number++);
    }
    return true;
}

/* ---- How strong it is ---- */

/* Of both ends what was worked out last: who rests is asked once for each rest. */
struct link {
    const struct world_air *air;
    const struct world_tag *tag;
    int64_t here[2], there[2];
    double shadow_db;
    bool known;
    int64_t far[2]; /* the tag's place that `far_phase` is of */
    bool far_known;
    uint32_t shadow_phase[SHADOW_WAVES];
    uint32_t fading_phase[3][FADING_WAVES];
};

INSIDE_FAST int64_t whole_of(double metres) {
    return (int64_t)rint(metres * WHOLES_M);
}

INSIDE_FAST int64_t angle_of(int64_t dx, int64_t dy) {
    int64_t east = dx < 0 ? -dx : dx, north = dy < 0 ? -dy : dy;
    int64_t least = east < north ? east : north, most = east < north ? north : east;
    int64_t angle = world_atans[(int64_t)((double)least * (double)RATIOS /
                                          (double)(most > 1 ? most : 1))];
    angle = north > east ? 2 * EIGHTH - angle : angle;
    angle = dx < 0 ? 4 * EIGHTH - angle : angle;
    return (dy < 0 ? -angle : angle) & (FULL_TURN - 1);
}

static void know_far(struct link *link, const int64_t there[2]) {
    const struct world_air *air = link->air;
    if (link->far_known && link->far[0] == there[0] && link->far[1] == there[1]) {
        return;
    }
    uint32_t x = (uint32_t)there[0], y = (uint32_t)there[1];
    for (int n = 0; n < SHADOW_WAVES; n++) {
        link->shadow_phase[n] = air->shadow_phase[n] + x * air->shadow_waves[2 * SHADOW_WAVES + n] +
                                y * air->shadow_waves[3 * SHADOW_WAVES + n];
    }
    for (int channel = 0; channel < 3; channel++) {
        for (int n = 0; n < FADING_WAVES; n++) {
            link->fading_phase[channel][n] =
                air->fading_phase[channel * FADING_WAVES + n] + link->tag->phase[n] +
                x * air->fading_waves[2 * FADING_WAVES + n] +
                y * air->fading_waves[3 * FADING_WAVES + n];
        }
    }
    memcpy(link->far, there, sizeof link->far);
    link->far_known = true;
}

INSIDE_FAST double shadow_of(struct link *link, const int64_t here[2], const int64_t there[2]) {
    const struct world_air *air = link->air;
    if (link->known && link->here[0] == here[0] && link->here[1] == here[1] &&
        link->there[0] == there[0] && link->there[1] == there[1]) {
        return link->shadow_db;
    }
    know_far(link, there);
    uint32_t x = (uint32_t)here[0], y = (uint32_t)here[1], at[SHADOW_WAVES];
    int32_t total = 0;
    for (int n = 0; n < SHADOW_WAVES; n++) {
        at[n] = link->shadow_phase[n] + x * air->shadow_waves[n] +
                y * air->shadow_waves[SHADOW_WAVES + n];
    }
    for (int n = 0; n < SHADOW_WAVES; n++) {
        total += world_cosines[at[n] >> 20];
    }
    memcpy(link->here, here, sizeof link->here);
    memcpy(link->there, there, sizeof link->there);
    link->known = true;
    link->shadow_db = (double)total * air->shadow_scale;
    return link->shadow_db;
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
    return decibels_of(power > 1e-9 ? power : 1e-9) - air->mean_db;
}

/* ---- What is heard ---- */

struct hearing {
    struct link link;
    struct world_path *where, *badge;
    const struct world_ear *ear;
    double base_db, least_dbm;
};

/* Give the dBm of an advert if it may be above `best`, which is above -128 once it is heard. */
INSIDE_FAST int32_t level_of(struct hearing *of, int64_t t_ms, int64_t number, int channel,
                        int32_t best) {
    const struct world_air *air = of->link.air;
    struct world_path *badge = of->badge, *where = of->where;
    int64_t leg = leg_at(badge, t_ms), far_leg = leg_at(where, t_ms), here[2], there[2];
    uint32_t ms = 0;
    double taken = 0.0;
    here[0] = whole_of(between(badge->xs, badge->times, leg, badge->count, t_ms));
    here[1] = whole_of(between(badge->ys, badge->times, leg, badge->count, t_ms));
    there[0] = whole_of(between(where->xs, where->times, far_leg, where->count, t_ms));
    there[1] = whole_of(between(where->ys, where->times, far_leg, where->count, t_ms));
    if (of->ear->lobe) {
        int64_t heading = (int64_t)rint(badge->headings[leg < 0 ? 0 : leg] *
                                        (FULL_TURN / (2.0 * 3.141592653589793))) &
                          (FULL_TURN - 1);
        int64_t step = heading >> 4;
        here[0] += (air->chest * world_cosines[step]) >> 14;
        here[1] += (air->chest * world_cosines[(step - QUARTER) & (STEPS - 1)]) >> 14;
        int64_t off = (heading - angle_of(there[0] - here[0], there[1] - here[1])) & (FULL_TURN - 1);
        taken = of->ear->lobe[off / (FULL_TURN / 256)];
        ms = (uint32_t)t_ms;
    }
    int64_t dx = there[0] - here[0], dy = there[1] - here[1];
    double squared = (double)(dx * dx + dy * dy) * air->whole2;
    if (!(squared <= air->reach2)) {
        return UNHEARD_DBM;
    }
    double lost = air->half_exponent * decibels_of(squared > air->nearest2 ? squared
                                                                          : air->nearest2) + taken;
    uint64_t place = bits_of(~of->ear->salt, (uint64_t)(3 * number + channel)) >> 52;
    double error = air->error_db * world_normals[place], steady = of->base_db - lost;
    double wanted = of->least_dbm > best + 1 ? of->least_dbm : best + 1;
    double least = wanted - ROUNDED_DB - air->fading_most_db;
    if (steady + error + air->shadow_most_db < least) {
        return UNHEARD_DBM;
    }
    steady += shadow_of(&of->link, here, there);
    if (steady + error < least) {
        return UNHEARD_DBM;
    }
    double rssi = rint(steady + fading_of(&of->link, here, there, ms, channel) + error);
    rssi = rssi < LEAST_DBM ? LEAST_DBM : rssi > MOST_DBM ? MOST_DBM : rssi;
    return rssi >= of->least_dbm ? (int32_t)rssi : UNHEARD_DBM;
}

struct box {
    double west, south, east, north;
};

static void widen(struct box *box, double x_m, double y_m) {
    box->west = x_m < box->west ? x_m : box->west;
    box->east = x_m > box->east ? x_m : box->east;
    box->south = y_m < box->south ? y_m : box->south;
    box->north = y_m > box->north ? y_m : box->north;
}

static struct box box_over(struct world_path *path, int64_t t0_ms, int64_t t1_ms) {
    struct box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    int64_t first = leg_at(path, t0_ms), last = leg_at(path, t1_ms);
    widen(&box, between(path->xs, path->times, first, path->count, t0_ms),
          between(path->ys, path->times, first, path->count, t0_ms));
    widen(&box, between(path->xs, path->times, last, path->count, t1_ms),
          between(path->ys, path->times, last, path->count, t1_ms));
    for (int64_t n = first + 1; n <= last; n++) {
        widen(&box, path->xs[n], path->ys[n]);
    }
    return box;
}

/* Whether two are out of each other's reach for the whole of a span. */
static bool are_far(const struct world_air *air, struct world_path *one, struct world_path *other,
                    int64_t t0_ms, int64_t t1_ms) {
    struct box a = box_over(one, t0_ms, t1_ms), b = box_over(other, t0_ms, t1_ms);
    double dx = fmax(fmax(b.west - a.east, a.west - b.east), 0.0);
    double dy = fmax(fmax(b.south - a.north, a.south - b.north), 0.0);
    double near = sqrt(dx * dx + dy * dy) - 1.0; /* a badge hangs a bit before its wearer */
    return near > 0.0 && near * near > air->reach2;
}

FAST int world_strongest(const struct world_air *air, struct world_tag *tag, struct world_path *where,
                    struct world_path *badge, const struct world_ear *ear, int64_t t0_ms,
                    uint32_t count, int64_t period_ms, int32_t floor_dbm, const uint8_t *wanted,
                    int16_t *best) {
    struct hearing of;
    int64_t turn_us = 3 * ear->interval_us, step_us = ear->interval_us - STEP_US;
    int64_t open_us = ear->window_us - PDU_US;
    memset(&of, 0, sizeof of);
    for (uint32_t cycle = 0; cycle < count; cycle++) {
        best[cycle] = UNHEARD_DBM;
    }
    of.link.air = air;
    of.link.tag = tag;
    of.where = where;
    of.badge = badge;
    of.ear = ear;
    if (are_far(air, where, badge, t0_ms, t0_ms + count * period_ms)) {
        return 0;
    }
    of.base_db = air->rssi_1m_dbm + tag->gain_db;
    of.least_dbm = floor_dbm > air->sensitivity_dbm ? floor_dbm : air->sensitivity_dbm;
    for (uint32_t cycle = 0; cycle < count; cycle++) {
        int64_t begin_ms = t0_ms + cycle * period_ms, end_ms = begin_ms + period_ms;
        int32_t strongest = UNHEARD_DBM;
        if (wanted && !wanted[cycle]) {
            continue;
        }
        if (!go_to(tag, begin_ms * 1000 - 2 * STEP_US)) {
            return -1;
        }
        int64_t since = (tag->start_us - ear->phase_us) % turn_us;
        since += since < 0 ? turn_us : 0;
        while (tag->start_us < end_ms * 1000) {
            int64_t channel = since < step_us ? 0 : since < 2 * step_us ? 1 : 2;
            if (since - channel * step_us <= open_us && since < 3 * step_us) {
                int64_t t_ms = (tag->start_us + channel * STEP_US) / 1000;
                if (t_ms >= begin_ms && t_ms < end_ms &&
                    uniform_of(ear->salt, (uint64_t)tag->number) >= air->loss) {
                    int32_t rssi = level_of(&of, t_ms, tag->number, (int)channel, strongest);
                    strongest = rssi > strongest ? rssi : strongest;
                }
            }
            int64_t gap = gap_us(tag, tag->number++);
            tag->start_us += gap;
            since += gap;
            while (since >= turn_us) {
                since -= turn_us;
            }
        }
        best[cycle] = (int16_t)strongest;
    }
    return 0;
}
