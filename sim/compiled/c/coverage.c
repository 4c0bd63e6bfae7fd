/* The shadows over the places of a path (sim/world/coverage.py, field.py). */
#include "place.h"

void world_shadows(const struct world_shadowing *shadowing, struct world_path *path,
                   int64_t from_ms, int64_t step_ms, uint32_t count, double *xs, double *ys,
                   double *shadows_db) {
    const uint32_t *east = shadowing->waves, *north = shadowing->waves + SHADOW_WAVES;
    for (uint32_t n = 0; n < count; n++) {
        position_at(path, from_ms + n * step_ms, xs + n, ys + n);
        if (n && xs[n] == xs[n - 1] && ys[n] == ys[n - 1]) {
            shadows_db[n] = shadows_db[n - 1];
            continue;
        }
        uint32_t x = (uint32_t)whole_of(xs[n]), y = (uint32_t)whole_of(ys[n]), at[SHADOW_WAVES];
        for (int wave = 0; wave < SHADOW_WAVES; wave++) {
            at[wave] = shadowing->phase[wave] + x * east[wave] + y * north[wave];
        }
        shadows_db[n] = (double)cosines_of(at, SHADOW_WAVES) * shadowing->scale;
    }
}
