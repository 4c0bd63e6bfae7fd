/* Where a path is at a time: as numpy's interp finds it (sim/world/movement.py). */
#ifndef WORLD_PLACE_H
#define WORLD_PLACE_H
#include "draws.h"

#define WHOLES_M 65536.0

/* Find the leg that holds the time: -1 before the first knot, the last knot after it. */
static inline int64_t leg_at(struct world_path *path, int64_t t_ms) {
    uint32_t leg = path->leg;
    if (t_ms < path->times[0]) {
        return -1;
    }
    if (t_ms < path->times[leg] || (leg + 8 < path->count && t_ms >= path->times[leg + 8])) {
        uint32_t low = 0, high = path->count;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (path->times[middle] <= t_ms) {
                low = middle;
            } else {
                high = middle;
            }
        }
        leg = low;
    }
    while (leg + 1 < path->count && path->times[leg + 1] <= t_ms) {
        leg++;
    }
    path->leg = leg;
    return leg;
}

/* A stretch of a path while it lasts: where it began, and how fast it goes. */
struct stretch {
    int64_t leg, from_ms, until_ms, start_ms;
    double x_m, y_m, east, north; /* the last two in metres a ms */
    bool rests;
};

/* Go to the stretch that holds a time; whether it is another one.  A new one is all zero. */
static inline bool go_to(struct stretch *now, struct world_path *path, int64_t t_ms) {
    if (now->from_ms <= t_ms && t_ms < now->until_ms) {
        return false;
    }
    int64_t last = (int64_t)path->count - 1, leg = leg_at(path, t_ms), at = leg < 0 ? 0 : leg;
    now->leg = at;
    now->from_ms = leg < 0 ? INT64_MIN : path->times[at];
    now->until_ms = leg == last ? INT64_MAX : path->times[leg + 1];
    now->start_ms = path->times[at];
    now->x_m = path->xs[at];
    now->y_m = path->ys[at];
    now->east = now->north = 0.0;
    if (leg >= 0 && leg < last) {
        double ms = (double)(path->times[leg + 1] - path->times[leg]);
        now->east = (path->xs[leg + 1] - path->xs[leg]) / ms;
        now->north = (path->ys[leg + 1] - path->ys[leg]) / ms;
    }
    now->rests = now->east == 0.0 && now->north == 0.0;
    return true;
}

static inline double x_in(const struct stretch *now, int64_t t_ms) {
    return now->east * (double)(t_ms - now->start_ms) + now->x_m;
}

static inline double y_in(const struct stretch *now, int64_t t_ms) {
    return now->north * (double)(t_ms - now->start_ms) + now->y_m;
}

/* Where it is to the last bit as `Journey.position_at` has it. */
static inline void position_at(struct world_path *path, int64_t t_ms, double *x_m, double *y_m) {
    int64_t leg = leg_at(path, t_ms), last = (int64_t)path->count - 1;
    if (leg < 0 || leg == last) {
        *x_m = path->xs[leg < 0 ? 0 : last];
        *y_m = path->ys[leg < 0 ? 0 : last];
        return;
    }
    double share = (double)(t_ms - path->times[leg]) /
                   (double)(path->times[leg + 1] - path->times[leg]);
    *x_m = path->xs[leg] + share * (path->xs[leg + 1] - path->xs[leg]);
    *y_m = path->ys[leg] + share * (path->ys[leg + 1] - path->ys[leg]);
}

static inline int64_t whole_of(double metres) {
    return (int64_t)rint(metres * WHOLES_M);
}

#endif
