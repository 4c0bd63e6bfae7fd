/* Whether a point is inside of an area (sim/world/site.py). */
#ifndef WORLD_INSIDE_H
#define WORLD_INSIDE_H
#include "draws.h"

enum inside { OUTSIDE, INSIDE, UNSURE };

static inline enum inside find_in(const struct world_ground *ground, double x_m, double y_m) {
    double least = INFINITY;
    if (!ground->side_count) {
        return ground->west <= x_m && x_m <= ground->east && ground->south <= y_m &&
                       y_m <= ground->north
                   ? INSIDE
                   : OUTSIDE;
    }
    for (uint32_t n = 0; n < ground->side_count; n++) {
        const double *side = ground->sides + 3 * (size_t)n;
        double metres = side[0] * x_m + side[1] * y_m + side[2];
        least = metres < least ? metres : least;
    }
    return fabs(least) > ground->sure_m ? (least > 0.0 ? INSIDE : OUTSIDE) : UNSURE;
}

#endif
