/* The models of sim/world that are asked millions of times, number for number as in Python.
 *
 * Places and angles are whole (sim/world/place.py, radio.py), draws go by their place
 * (sim/engine/draws.py): so both are equal, and tests/sim/world/compiled holds them to it.
 * Nothing here allocates but the clock of a tag and the texts of columns. */
#ifndef WORLD_H
#define WORLD_H
#include <stdbool.h>
#include <stdint.h>

enum world_size { SHADOW_WAVES = 24, FADING_WAVES = 10 };

/* Which sources this was built from. */
const char *world_digest(void);

/* The tables of Python: 4096 normals, cosines and decibels, 4097 arc tangents. */
void world_tables(const double *normals, const int16_t *cosines, const double *decibels,
                  const int64_t *atans, double db_octave);

/* A journey: knots in order of time; a spot is one knot. */
struct world_path {
    uint32_t count, leg; /* the leg that was asked last */
    const int64_t *times;
    const double *xs, *ys, *headings;
};

/* ---- The radio ---- */

struct world_tag;
struct world_tag *world_tag_new(uint64_t salt, int64_t interval_us, int64_t first_us,
                                double gain_db, const uint32_t *fading_phase);
void world_tag_free(struct world_tag *tag);

struct world_air {
    double rssi_1m_dbm, half_exponent, error_db, loss, reach2, nearest2, sensitivity_dbm;
    double shadow_scale, shadow_most_db, steady, scattered, mean_db, fading_most_db, whole2;
    uint32_t shadow_waves[96], shadow_phase[24];
    uint32_t fading_waves[50], fading_phase[30];
    int64_t chest;
};
struct world_ear {
    uint64_t salt, cycle_salt; /* of the losses and the draws of this badge and this tag */
    int64_t phase_us, interval_us, window_us;
    const double *lobe; /* 256 dB about the wearer; NULL: nobody wears it */
};
/* The strongest dBm of each cycle, -128 where nothing is heard or the cycle is not wanted. */
int world_strongest(const struct world_air *air, struct world_tag *tag, struct world_path *where,
                    struct world_path *badge, const struct world_ear *ear, int64_t t0_ms,
                    uint32_t count, int64_t period_ms, int32_t floor_dbm, const uint8_t *wanted,
                    int16_t *best);

/* The law of a cycle of one length (sim/world/cycle.py): its tables. */
struct world_law {
    uint32_t spans;
    const int32_t *weights; /* of the waves, of each kind that rests */
    double loose[3], most_db;
    const int16_t *rows;
    const double *shares, *exponentials;
};
/* As `world_strongest`, each cycle drawn at once. */
int world_drawn(const struct world_law *law, const struct world_air *air, struct world_tag *tag,
                struct world_path *where, struct world_path *badge, const struct world_ear *ear,
                int64_t t0_ms, uint32_t count, int64_t period_ms, int32_t floor_dbm,
                const uint8_t *wanted, int16_t *best);

/* A block of cycles of a badge: `law` NULL works out each sample; a tag that is away comes near
 * after so many cycles in a row that heard it well. */
struct world_block {
    const struct world_air *air;
    const struct world_law *law;
    struct world_path *badge;
    int64_t t0_ms, period_ms;
    uint32_t count;
    int32_t well_dbm;
    uint32_t hits_to_near;
    const uint8_t *down; /* of each cycle: 1 where the scanner tells nothing */
};
/* A tag that a badge knows.  Of one that is away a miss is a miss, heard or not. */
struct world_known {
    struct world_tag *tag;
    struct world_path *where;
    const struct world_ear *ear;
    const int64_t *silent; /* from and until, two by two: its battery is empty */
    uint32_t silent_count, hits; /* hits: in a row, up to the block */
    int32_t is_away;
    uint8_t mac[6];
};
/* What a badge hears of all tags, cycle by cycle, as MAC and dBm, seven bytes each; `ends` is where
 * those of a cycle begin, and the end.  `levels` has room for all cycles of all tags, `wanted` for
 * the cycles.  How many there are, or -1 where there is no memory. */
int64_t world_heard(const struct world_block *block, const struct world_known *known,
                    uint32_t known_count, int16_t *levels, uint8_t *wanted, uint8_t *heard,
                    uint32_t *ends);

/* ---- Walking ---- */

struct world_ground {
    uint32_t side_count; /* 0: a box */
    double west, south, east, north;
    const double *sides;
    double sure_m;
};
struct world_kind {
    double place_log, place_sigma, place_least_s, place_most_s, felt;
    double bout_log, bout_sigma, bout_least_s, bout_most_s, bout_m_s, shorter;
    uint32_t tries;
};
struct world_walk {
    uint64_t salt;
    int64_t draws, t_ms;
    double x_m, y_m;
    uint32_t count, size; /* of the knots that are there, and that there is room for */
    int64_t *times;
    double *xs, *ys, *headings;
    uint8_t *felt;
};
enum world_ended { WALK_WHOLE, WALK_FULL, WALK_UNSURE };
/* Work, or stand, until a time, or until the room is full, or, before anything of a spell is
 * drawn, where this cannot tell what is inside: then one spell in Python goes on. */
int world_work(struct world_walk *walk, const struct world_ground *ground,
               const struct world_kind *kind, int64_t until_ms);
int world_stand(struct world_walk *walk, double turn_mean_s, int64_t until_ms);

/* ---- Fixes ---- */

struct world_sky {
    double dop_median, dop_sigma, tau_s, missed, missed_s, jump_share, jump_s, jump_least_m;
    double jump_most_m, search_factor, sigma_m, sigma_per_dop_m; /* sigma_m below 0: by the dop */
};
struct world_gnss {
    uint64_t salt;
    int64_t polls, t_ms, since_ms, ready_ms, last_fix_ms, error_ms, lent_until_ms;
    double east, north, dop_wave, jump_east, jump_north;
    int32_t on, jumping, blind;
    double lat, lon, east_m, north_m; /* the plane: its origin, and metres a degree */
    int32_t lat_udeg, lon_udeg, dop_tenths;
};
enum world_polled { POLL_NONE = -1, POLL_ASK = -2 };
void world_gnss_begin(struct world_gnss *gnss);
void world_gnss_power(struct world_gnss *gnss, int64_t t_ms, int on, int keeps_almanac);
void world_gnss_suspend(struct world_gnss *gnss, int64_t t_ms, int64_t until_ms);
/* Give in how many ms the fix is there, or POLL_NONE; `sky` NULL is a roof. */
int64_t world_gnss_poll(struct world_gnss *gnss, int64_t t_ms, double x_m, double y_m,
                        const struct world_sky *sky);

struct world_roof {
    struct world_ground ground;
    int32_t known; /* whether `ground` is all there is to it */
    double west, south, east, north;
    const struct world_sky *sky;
};
/* All that the polls of a badge depend on: where it is, what is above it, when it is down. */
struct world_receiver {
    struct world_gnss gnss;
    uint32_t stay_count, roof_count, down_count;
    const int64_t *begins; /* of each stay: its path counts from then on */
    struct world_path **paths;
    const struct world_roof *roofs; /* the worst first */
    const struct world_sky *open;
    const int64_t *downs; /* from and until, two by two */
    int64_t timeout_ms;
    int32_t ask; /* whoever sees the fix has something to do with it: ask Python */
};
/* As `poll` of a pump: ms until the fix, POLL_NONE, or POLL_ASK before anything has changed. */
int64_t world_found(void *receiver, int64_t now_ms, int32_t *fix);

/* ---- The network ---- */

/* Waves that stand over the site. */
struct world_shadowing {
    double scale;
    uint32_t waves[96], phase[24];
};
/* Where somebody is at so many times, and the shadow in dB there, which stands for both ends. */
void world_shadows(const struct world_shadowing *shadowing, struct world_path *path,
                   int64_t from_ms, int64_t step_ms, uint32_t count, double *xs, double *ys,
                   double *shadows_db);

/* ---- Lines as columns ---- */

enum world_cells {
    COLUMN_TEXT,
    COLUMN_INT,
    COLUMN_FLOAT,
    COLUMN_BOOL,
    COLUMN_TIME,
    COLUMN_LIST,
};
enum world_read { LINES_UNSURE = -1 };
/* A column as Arrow lays it out, all zero before.  At level 0 it is a field of the line, at 1 of its
 * payload, above of the objects in a list, which `inner` columns behind the list's own take. */
struct world_column {
    const char *name;
    uint32_t name_bytes, kind, level, inner, next; /* `next` is written here: what follows it */
    uint8_t *valid;   /* a bit a row */
    void *values;     /* of eight bytes each, or a bit each */
    int32_t *offsets; /* of a text, or a list: one more than rows */
    char *text;
    uint64_t text_bytes, text_size;
    uint32_t items, items_most; /* of a list */
};
/* Read whole lines; the number of rows, or LINES_UNSURE where something is not as expected. */
int64_t world_lines(const char *text, uint64_t bytes, struct world_column *columns,
                    uint32_t count, uint32_t rows_most);
void world_lines_free(struct world_column *columns, uint32_t count);
/* Count the ends of lines, the opening braces, and all letters below a space. */
void world_tally(const char *text, uint64_t bytes, uint64_t counts[3]);

/* ---- Rows of truth as lines ---- */

struct world_words {
    const char *text; /* pieces of JSON, one behind the other */
    const uint32_t *ends; /* 0, and where each ends */
};
/* Of each row: where its event and its truth begin and the truth ends, and what is true of it. */
struct world_truths {
    const uint64_t *event_at, *truth_at, *end;
    const double *lats, *lons;
    const uint32_t *worker, *parcel, *fate; /* places among the words */
    struct world_words workers, parcels, fates, tags;
    const uint32_t *near_ends, *near_tag; /* one end more than rows: the first is 0 */
    const int64_t *near_cm;
};
/* Write events and lines of truth; the bytes of the truth, or LINES_UNSURE where a number is not as
 * expected.  The truth takes the room of its text, of the words, and `world_truths_room`. */
int64_t world_truths(const struct world_truths *truths, const char *text, uint32_t count,
                     char *events, char *lines);
uint64_t world_truths_room(uint64_t rows, uint64_t nears);

#endif
