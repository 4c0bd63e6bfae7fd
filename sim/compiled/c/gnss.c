/* Fixes with their errors, late or not at all (sim/world/gnss.py). */
#include "inside.h"
#include "place.h"

#define TAU 6.283185307179586
#define DOP_LEAST 0.5
#define DOP_MOST 20.0
#define DOP_TAU_S 600.0
#define EPHEMERIS_S 7200.0
#define NEVER INT64_MIN
enum { DRAWS_A_POLL = 16, FIXING_LEAST_MS = 80, FIXING_MS = 820, SEARCH_LEAST_MS = 300 };
static const double first_fix_s[3][2] = {{35.0, 4.0}, {26.0, 3.0}, {2.5, 0.7}};
enum { COLD, WARM, HOT };

struct drawing {
    uint64_t salt, count;
};

static double uniform(struct drawing *from) {
    return uniform_of(from->salt, from->count++);
}

static double normal(struct drawing *from) {
    return world_normals[bits_of(from->salt, from->count++) >> 52];
}

void world_gnss_begin(struct world_gnss *gnss) {
    gnss->t_ms = gnss->since_ms = gnss->ready_ms = NEVER;
    gnss->last_fix_ms = gnss->error_ms = gnss->lent_until_ms = NEVER;
}

void world_gnss_power(struct world_gnss *gnss, int64_t t_ms, int on, int keeps_almanac) {
    gnss->t_ms = t_ms;
    gnss->on = on;
    gnss->ready_ms = NEVER;
    if (on) {
        gnss->since_ms = t_ms > gnss->lent_until_ms ? t_ms : gnss->lent_until_ms;
        if (!keeps_almanac) {
            gnss->last_fix_ms = NEVER;
        }
    }
}

void world_gnss_suspend(struct world_gnss *gnss, int64_t t_ms, int64_t until_ms) {
    gnss->t_ms = t_ms;
    gnss->lent_until_ms = until_ms > gnss->lent_until_ms ? until_ms : gnss->lent_until_ms;
    gnss->since_ms = gnss->lent_until_ms;
    gnss->ready_ms = NEVER;
}

static int64_t search_ms(const struct world_gnss *gnss, struct drawing *from, int64_t t_ms,
                         const struct world_sky *sky) {
    int start = COLD;
    if (gnss->last_fix_ms != NEVER) {
        start = (double)(t_ms - gnss->last_fix_ms) / 1000.0 <= EPHEMERIS_S ? HOT : WARM;
    }
    double seconds = first_fix_s[start][0] + first_fix_s[start][1] * normal(from);
    int64_t ms = (int64_t)rint(seconds * sky->search_factor * 1000.0);
    return ms > SEARCH_LEAST_MS ? ms : SEARCH_LEAST_MS;
}

/* Move the processes on: exact for any step. */
static void drift(struct world_gnss *gnss, struct drawing *from, int64_t t_ms,
                  const struct world_sky *sky) {
    double dt_s = gnss->error_ms == NEVER ? INFINITY : (double)(t_ms - gnss->error_ms) / 1000.0;
    double keep = exp(-dt_s / sky->tau_s), keep_dop = exp(-dt_s / DOP_TAU_S);
    double fresh = sqrt(1.0 - keep * keep), share = sky->jump_share;
    gnss->east = keep * gnss->east + fresh * normal(from);
    gnss->north = keep * gnss->north + fresh * normal(from);
    gnss->dop_wave = keep_dop * gnss->dop_wave;
    gnss->dop_wave += sqrt(1.0 - keep_dop * keep_dop) * normal(from);
    gnss->error_ms = t_ms;
    keep = exp(-dt_s / (sky->jump_s * (1.0 - share)));
    if (!(uniform(from) < share + ((double)gnss->jumping - share) * keep)) {
        gnss->jumping = 0;
        gnss->jump_east = gnss->jump_north = 0.0;
    } else if (!gnss->jumping) {
        double metres = sky->jump_least_m + (sky->jump_most_m - sky->jump_least_m) * uniform(from);
        double angle = 0.0 + TAU * uniform(from);
        gnss->jumping = 1;
        gnss->jump_east = metres * cos(angle);
        gnss->jump_north = metres * sin(angle);
    }
    keep = exp(-dt_s / (sky->missed_s * (1.0 - sky->missed)));
    gnss->blind = uniform(from) < sky->missed + ((double)gnss->blind - sky->missed) * keep;
}

static double wrapped(double lon) {
    double turned = fmod(lon + 180.0, 360.0);
    return (turned < 0.0 ? turned + 360.0 : turned) - 180.0;
}

static void say(struct world_gnss *gnss, double x_m, double y_m, const struct world_sky *sky) {
    double dop = sky->dop_median * exp(sky->dop_sigma * gnss->dop_wave);
    dop = dop > DOP_LEAST ? dop : DOP_LEAST;
    gnss->dop_tenths = (int32_t)rint(10.0 * (dop < DOP_MOST ? dop : DOP_MOST));
    dop = (double)gnss->dop_tenths / 10.0;
    double sigma_m = sky->sigma_m < 0.0 ? dop * sky->sigma_per_dop_m : sky->sigma_m;
    x_m = x_m + sigma_m * gnss->east + gnss->jump_east;
    y_m = y_m + sigma_m * gnss->north + gnss->jump_north;
    gnss->lat_udeg = (int32_t)rint((gnss->lat + y_m / gnss->north_m) * 1e6);
    gnss->lon_udeg = (int32_t)rint(wrapped(gnss->lon + x_m / gnss->east_m) * 1e6);
}

int64_t world_gnss_poll(struct world_gnss *gnss, int64_t t_ms, double x_m, double y_m,
                        const struct world_sky *sky) {
    gnss->t_ms = t_ms;
    if (!gnss->on || t_ms < gnss->lent_until_ms) {
        return POLL_NONE;
    }
    if (!sky) {
        gnss->ready_ms = gnss->since_ms = NEVER;
        return POLL_NONE;
    }
    struct drawing from = {gnss->salt, (uint64_t)(DRAWS_A_POLL * gnss->polls++)};
    if (gnss->ready_ms == NEVER) {
        int64_t begun_ms = gnss->since_ms == NEVER ? t_ms : gnss->since_ms;
        gnss->ready_ms = begun_ms + search_ms(gnss, &from, begun_ms, sky);
    }
    drift(gnss, &from, t_ms, sky);
    if (gnss->blind) {
        return POLL_NONE;
    }
    int64_t left_ms = gnss->ready_ms - t_ms, delay_ms = left_ms > 0 ? left_ms : 0;
    delay_ms += FIXING_LEAST_MS + (int64_t)below_of(from.salt, from.count++, FIXING_MS);
    if (gnss->ready_ms <= t_ms + delay_ms) {
        gnss->last_fix_ms = t_ms + delay_ms;
    }
    say(gnss, x_m, y_m, sky);
    return delay_ms;
}

/* ---- The receiver of a badge ---- */

static struct world_path *path_at(const struct world_receiver *receiver, int64_t ms) {
    uint32_t at = receiver->stay_count - 1;
    while (at && receiver->begins[at] > ms) {
        at--;
    }
    return receiver->paths[at];
}

int64_t world_found(void *context, int64_t now_ms, int32_t *fix) {
    struct world_receiver *receiver = context;
    const struct world_sky *sky = receiver->open;
    if (receiver->ask) {
        return POLL_ASK;
    }
    for (uint32_t n = 0; n < receiver->down_count; n++) {
        if (receiver->downs[2 * n] <= now_ms && now_ms < receiver->downs[2 * n + 1]) {
            return POLL_NONE;
        }
    }
    double x_m, y_m;
    position_at(path_at(receiver, now_ms), now_ms, &x_m, &y_m);
    for (uint32_t n = 0; n < receiver->roof_count; n++) {
        const struct world_roof *roof = &receiver->roofs[n];
        if (roof->west <= x_m && x_m <= roof->east && roof->south <= y_m && y_m <= roof->north) {
            enum inside where = roof->known ? find_in(&roof->ground, x_m, y_m) : UNSURE;
            if (where == UNSURE) {
                return POLL_ASK;
            }
            if (where == INSIDE) {
                sky = roof->sky;
                break;
            }
        }
    }
    int64_t delay_ms = world_gnss_poll(&receiver->gnss, now_ms, x_m, y_m, sky);
    if (delay_ms > receiver->timeout_ms) {
        return POLL_NONE;
    }
    fix[0] = receiver->gnss.lat_udeg;
    fix[1] = receiver->gnss.lon_udeg;
    fix[2] = fix[4] = fix[5] = INT32_MIN; /* unknown */
    fix[3] = receiver->gnss.dop_tenths * 100;
    fix[6] = 0;
    return delay_ms;
}
