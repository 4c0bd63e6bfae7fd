/* What is between a badge and a tag, wherever both are (sim/world/radio.py, field.py). */
#ifndef WORLD_LINK_H
#define WORLD_LINK_H
#include "adverts.h"
#include "place.h"

enum {
    STEPS = 4096,
    QUARTER = STEPS / 4,
    FULL_TURN = 65536,
    EIGHTH = FULL_TURN / 8,
    RATIOS = 4096,
    LEAST_DBM = -127,
    MOST_DBM = -20,
    UNHEARD_DBM = -128
};
#define LEAST_POWER 1e-9

/* Where the processor has them, eight numbers are worked out at once; they are the same. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FAST __attribute__((target_clones("avx2", "default")))
#define INSIDE_FAST static inline __attribute__((always_inline))
#else
#define FAST
#define INSIDE_FAST static inline
#endif

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

INSIDE_FAST int64_t angle_of(int64_t dx, int64_t dy) {
    int64_t east = dx < 0 ? -dx : dx, north = dy < 0 ? -dy : dy;
    int64_t least = east < north ? east : north, most = east < north ? north : east;
    int64_t angle = world_atans[(int64_t)((double)least * (double)RATIOS /
                                          (double)(most > 1 ? most : 1))];
    angle = north > east ? 2 * EIGHTH - angle : angle;
    angle = dx < 0 ? 4 * EIGHTH - angle : angle;
    return (dy < 0 ? -angle : angle) & (FULL_TURN - 1);
}

static inline void know_far(struct link *link, const int64_t there[2]) {
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
    for (int n = 0; n < SHADOW_WAVES; n++) {
        at[n] = link->shadow_phase[n] + x * air->shadow_waves[n] +
                y * air->shadow_waves[SHADOW_WAVES + n];
    }
    memcpy(link->here, here, sizeof link->here);
    memcpy(link->there, there, sizeof link->there);
    link->known = true;
    link->shadow_db = (double)cosines_of(at, SHADOW_WAVES) * air->shadow_scale;
    return link->shadow_db;
}

INSIDE_FAST int64_t turns_of(double radians) {
    return (int64_t)rint(radians * (FULL_TURN / (2.0 * 3.141592653589793))) & (FULL_TURN - 1);
}

/* Give what is lost over the way and by the body of who faces that way; of what is out of reach
 * nothing.  `here` moves on to the badge on the chest. */
INSIDE_FAST double lost_of(const struct world_air *air, const struct world_ear *ear,
                           int64_t heading, int64_t here[2], const int64_t there[2],
                           double *squared) {
    double taken = 0.0;
    if (ear->lobe) {
        int64_t step = heading >> 4;
        here[0] += (air->chest * world_cosines[step]) >> 14;
        here[1] += (air->chest * world_cosines[(step - QUARTER) & (STEPS - 1)]) >> 14;
    }
    int64_t dx = there[0] - here[0], dy = there[1] - here[1];
    *squared = (double)(dx * dx + dy * dy) * air->whole2;
    if (!(*squared <= air->reach2)) {
        return 0.0;
    }
    if (ear->lobe) {
        int64_t off = (heading - angle_of(dx, dy)) & (FULL_TURN - 1);
        taken = ear->lobe[off / (FULL_TURN / 256)];
    }
    double nearest = *squared > air->nearest2 ? *squared : air->nearest2;
    return air->half_exponent * decibels_of(nearest) + taken;
}

struct box {
    double west, south, east, north;
};

static inline void widen(struct box *box, double x_m, double y_m) {
    box->west = x_m < box->west ? x_m : box->west;
    box->east = x_m > box->east ? x_m : box->east;
    box->south = y_m < box->south ? y_m : box->south;
    box->north = y_m > box->north ? y_m : box->north;
}

static inline struct box box_over(struct world_path *path, int64_t t0_ms, int64_t t1_ms) {
    struct box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    struct stretch first = {0}, last = {0};
    go_to(&first, path, t0_ms);
    go_to(&last, path, t1_ms);
    widen(&box, x_in(&first, t0_ms), y_in(&first, t0_ms));
    widen(&box, x_in(&last, t1_ms), y_in(&last, t1_ms));
    for (int64_t n = first.leg + 1; n <= last.leg; n++) {
        widen(&box, path->xs[n], path->ys[n]);
    }
    return box;
}

/* Whether two are out of each other's reach for the whole of a span. */
static inline bool are_far(const struct world_air *air, struct world_path *one, struct world_path *other,
                    int64_t t0_ms, int64_t t1_ms) {
    struct box a = box_over(one, t0_ms, t1_ms), b = box_over(other, t0_ms, t1_ms);
    double dx = fmax(fmax(b.west - a.east, a.west - b.east), 0.0);
    double dy = fmax(fmax(b.south - a.north, a.south - b.north), 0.0);
    double near = sqrt(dx * dx + dy * dy) - 1.0; /* a badge hangs a bit before its wearer */
    return near > 0.0 && near * near > air->reach2;
}

/* A badge that listens to a tag. */
struct hearing {
    struct link link;
    struct listening to;
    struct world_path *where, *badge;
    const struct world_ear *ear;
    double base_db, least_dbm;
    struct stretch near, far; /* of the badge and of the tag, as they were asked last, */
    int64_t here[2], there[2]; /* where that was: the badge on the chest, */
    double lost_db, squared;   /* and what was lost between them */
    bool rests;
};

/* Begin with nothing heard in so many cycles; false where nothing can be. */
static inline bool begin_hearing(struct hearing *of, const struct world_air *air,
                                 struct world_tag *tag, struct world_path *where,
                                 struct world_path *badge, const struct world_ear *ear,
                                 int64_t t0_ms, int64_t period_ms, uint32_t count,
                                 int32_t floor_dbm, int16_t *best) {
    memset(of, 0, sizeof *of);
    for (uint32_t cycle = 0; cycle < count; cycle++) {
        best[cycle] = UNHEARD_DBM;
    }
    if (are_far(air, where, badge, t0_ms, t0_ms + count * period_ms)) {
        return false;
    }
    of->link.air = air;
    of->link.tag = tag;
    of->where = where;
    of->badge = badge;
    of->ear = ear;
    of->base_db = air->rssi_1m_dbm + tag->gain_db;
    of->least_dbm = floor_dbm > air->sensitivity_dbm ? floor_dbm : air->sensitivity_dbm;
    begin_listening(&of->to, tag, ear);
    return true;
}

/* Where somebody is at a time of a stretch, in whole units. */
static inline void place_in(const struct stretch *now, int64_t t_ms, int64_t place[2]) {
    place[0] = whole_of(x_in(now, t_ms));
    place[1] = whole_of(y_in(now, t_ms));
}

static inline int64_t heading_at(const struct hearing *of, int64_t leg) {
    return of->ear->lobe ? turns_of(of->badge->headings[leg < 0 ? 0 : leg]) : 0;
}

/* What a scanner reports of a level, if it reports it. */
static inline int32_t reported(const struct hearing *of, double level_db) {
    double rssi = rint(level_db);
    rssi = rssi < LEAST_DBM ? LEAST_DBM : rssi > MOST_DBM ? MOST_DBM : rssi;
    return rssi >= of->least_dbm ? (int32_t)rssi : UNHEARD_DBM;
}

/* Find where both are at a time and what is lost between them; of who rests that is known. */
INSIDE_FAST void meet_at(struct hearing *of, int64_t t_ms) {
    bool changes = go_to(&of->near, of->badge, t_ms);
    changes = go_to(&of->far, of->where, t_ms) || changes;
    if (of->rests && !changes) {
        return;
    }
    of->rests = of->near.rests && of->far.rests;
    place_in(&of->near, t_ms, of->here);
    place_in(&of->far, t_ms, of->there);
    of->lost_db = lost_of(of->link.air, of->ear, heading_at(of, of->near.leg), of->here, of->there,
                          &of->squared);
}

#endif
