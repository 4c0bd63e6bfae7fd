/* What a badge hears of all tags that it knows, a block of cycles at a time. */
#include "link.h"

enum { HEARD_BYTES = 7 };

static bool listen_to(const struct world_block *of, const struct world_known *known,
                      int32_t floor_dbm, const uint8_t *wanted, int16_t *best) {
    int result;
    if (of->law) {
        result = world_drawn(of->law, of->air, known->tag, known->where, of->badge, known->ear,
                             of->t0_ms, of->count, of->period_ms, floor_dbm, wanted, best);
    } else {
        result = world_strongest(of->air, known->tag, known->where, of->badge, known->ear,
                                 of->t0_ms, of->count, of->period_ms, floor_dbm, wanted, best);
    }
    for (uint32_t n = 0; n < known->silent_count; n++) {
        int64_t from_ms = known->silent[2 * n], until_ms = known->silent[2 * n + 1];
        for (uint32_t cycle = 0; cycle < of->count; cycle++) {
            int64_t begin_ms = of->t0_ms + cycle * of->period_ms;
            best[cycle] = from_ms <= begin_ms && begin_ms < until_ms ? UNHEARD_DBM : best[cycle];
        }
    }
    return result == 0;
}

/* Which cycles decide whether a tag that is away stays so: of as many in a row as bring it near one
 * is looked at, for where none of these heard it well, no row is whole.  The first may end a row
 * that has begun, the last begin one.  Cycles that are down do not count. */
static void choose(const struct world_block *of, uint32_t hits, uint8_t *wanted) {
    uint32_t up = 0, number = 0, row = of->hits_to_near;
    for (uint32_t cycle = 0; cycle < of->count; cycle++) {
        up += !of->down[cycle];
    }
    for (uint32_t cycle = 0; cycle < of->count; cycle++) {
        wanted[cycle] = !of->down[cycle] && ((number + 1) % row == 0 || number + row > up ||
                                             (hits && number < row));
        number += !of->down[cycle];
    }
}

static int stays_away(const struct world_block *of, const struct world_known *known,
                      int16_t *levels, uint8_t *wanted) {
    choose(of, known->hits, wanted);
    if (!listen_to(of, known, of->well_dbm, wanted, levels)) {
        return -1;
    }
    for (uint32_t cycle = 0; cycle < of->count; cycle++) {
        if (levels[cycle] >= of->well_dbm) {
            return false;
        }
    }
    return true;
}

int64_t world_heard(const struct world_block *of, const struct world_known *known,
                    uint32_t known_count, int16_t *levels, uint8_t *wanted, uint8_t *heard,
                    uint32_t *ends) {
    uint32_t count = 0;
    for (uint32_t n = 0; n < known_count; n++) {
        int16_t *best = levels + (size_t)n * of->count;
        int away = known[n].is_away ? stays_away(of, &known[n], best, wanted) : false;
        if (away < 0 || (!away && !listen_to(of, &known[n], LEAST_DBM, NULL, best))) {
            return -1;
        }
        for (uint32_t cycle = 0; away && cycle < of->count; cycle++) {
            best[cycle] = UNHEARD_DBM;
        }
    }
    for (uint32_t cycle = 0; cycle < of->count; cycle++) {
        ends[cycle] = count;
        for (uint32_t n = 0; n < known_count; n++) {
            int16_t level = levels[(size_t)n * of->count + cycle];
            if (level > UNHEARD_DBM) {
                uint8_t *entry = heard + (size_t)HEARD_BYTES * count++;
                memcpy(entry, known[n].mac, sizeof known[n].mac);
                entry[sizeof known[n].mac] = (uint8_t)(int8_t)level;
            }
        }
    }
    ends[of->count] = count;
    return count;
}
