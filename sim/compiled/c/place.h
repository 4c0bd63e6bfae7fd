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

static inline double between(const double *values, const int64_t *times, int64_t leg,
                             uint32_t count, int64_t t_ms) {
    if (leg < 0) {
        return values[0];
    }
    if (leg == (int64_t)count - 1 || times[leg] == t_ms) {
        return values[leg];
    }
    double slope = (values[leg + 1] - values[leg]) / (double)(times[leg + 1] - times[leg]);
    return slope * (double)(t_ms - times[leg]) + values[leg];
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
