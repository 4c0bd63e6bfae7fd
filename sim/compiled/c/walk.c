/* Spells of work and of standing about (sim/world/walker.py). */
#include "inside.h"

#define PI 3.141592653589793

static double uniform(struct world_walk *walk) {
    return uniform_of(walk->salt, (uint64_t)walk->draws++);
}

static double normal(struct world_walk *walk) {
    return world_normals[bits_of(walk->salt, (uint64_t)walk->draws++) >> 52];
}

static int64_t ms_of(double seconds) {
    int64_t ms = (int64_t)rint(seconds * 1000.0);
    return ms > 1 ? ms : 1;
}

static double held(double value, double least, double most) {
    value = value > least ? value : least;
    return value < most ? value : most;
}

static void put_knot(struct world_walk *walk, double heading, bool felt) {
    uint32_t at = walk->count++;
    walk->times[at] = walk->t_ms;
    walk->xs[at] = walk->x_m;
    walk->ys[at] = walk->y_m;
    walk->headings[at] = heading;
    walk->felt[at] = felt;
}

/* A bout that stays inside and ends in time; none where none is found. */
static bool bout(struct world_walk *walk, const struct world_ground *ground,
                 const struct world_kind *kind, int64_t until_ms) {
    double drawn = exp(kind->bout_log + kind->bout_sigma * normal(walk));
    double bout_s = held(drawn, kind->bout_least_s, kind->bout_most_s);
    for (uint32_t n = 0; n < kind->tries; n++) {
        double metres = bout_s * kind->bout_m_s, angle = -PI + 2.0 * PI * uniform(walk);
        double x_m = walk->x_m + metres * cos(angle), y_m = walk->y_m + metres * sin(angle);
        if (walk->t_ms + ms_of(bout_s) <= until_ms) {
            enum inside where = find_in(ground, x_m, y_m);
            if (where == UNSURE) {
                return false;
            }
            if (where == INSIDE) {
                put_knot(walk, angle, true);
                walk->t_ms += ms_of(bout_s);
                walk->x_m = x_m;
                walk->y_m = y_m;
                return true;
            }
        }
        bout_s *= kind->shorter;
    }
    return true;
}

int world_work(struct world_walk *walk, const struct world_ground *ground,
               const struct world_kind *kind, int64_t until_ms) {
    while (walk->t_ms < until_ms) {
        struct world_walk before = *walk;
        if (walk->count + 2 > walk->size) {
            return WALK_FULL;
        }
        double spell_s = exp(kind->place_log + kind->place_sigma * normal(walk));
        int64_t spell_ms = ms_of(held(spell_s, kind->place_least_s, kind->place_most_s));
        bool felt = uniform(walk) < kind->felt;
        put_knot(walk, -PI + 2.0 * PI * uniform(walk), felt);
        walk->t_ms = walk->t_ms + spell_ms < until_ms ? walk->t_ms + spell_ms : until_ms;
        if (!bout(walk, ground, kind, until_ms)) {
            *walk = before;
            return WALK_UNSURE;
        }
    }
    return WALK_WHOLE;
}

int world_stand(struct world_walk *walk, double turn_mean_s, int64_t until_ms) {
    while (walk->t_ms < until_ms) {
        if (walk->count + 1 > walk->size) {
            return WALK_FULL;
        }
        double turn_s = -turn_mean_s * log(1.0 - uniform(walk));
        int64_t for_ms = ms_of(turn_s > 1.0 ? turn_s : 1.0), left_ms = until_ms - walk->t_ms;
        put_knot(walk, -PI + 2.0 * PI * uniform(walk), false);
        walk->t_ms += for_ms < left_ms ? for_ms : left_ms;
    }
    return WALK_WHOLE;
}
