/* When a tag advertises (sim/world/adverts.py). */
#include <stdlib.h>

#include "adverts.h"

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
    for (int n = 0; n < BLOCKS_HELD; n++) {
        tag->held[n] = -1;
    }
    tag->spare_is = -1;
    return tag;
}

void world_tag_free(struct world_tag *tag) {
    if (tag) {
        for (int n = 0; n < BLOCKS_HELD; n++) {
            free(tag->delays[n]);
        }
        free(tag->starts);
        free(tag);
    }
}

const uint16_t *world_delays(struct world_tag *tag, int64_t block) {
    int64_t place = block % BLOCKS_HELD, *held = &tag->held[place];
    if (!tag->delays[place]) {
        tag->delays[place] = malloc(BLOCK * sizeof *tag->delays[place]);
    }
    uint16_t *delays = tag->delays[place];
    if (!delays) {
        delays = tag->spare;
        held = &tag->spare_is;
    }
    if (*held != block) {
        for (int n = 0; n < BLOCK; n++) {
            delays[n] = (uint16_t)below_of(tag->salt, (uint64_t)(block * BLOCK + n), DELAYS);
        }
        *held = block;
    }
    return delays;
}

static int64_t gap_us(struct world_tag *tag, int64_t number) {
    return tag->interval_us + world_delays(tag, number / BLOCK)[number % BLOCK];
}

/* Know the starts of all blocks up to a time. */
static bool extend(struct world_tag *tag, int64_t t_us) {
    while (tag->starts[tag->count - 1] <= t_us) {
        int64_t at_us = tag->starts[tag->count - 1];
        if (tag->count == tag->size) {
            int64_t *more = realloc(tag->starts, 2 * (size_t)tag->size * sizeof *more);
            if (!more) {
                return false;
            }
            tag->starts = more;
            tag->size *= 2;
        }
        uint64_t number = (uint64_t)(tag->count - 1) * BLOCK;
        at_us += BLOCK * tag->interval_us;
        for (uint64_t n = 0; n < BLOCK; n++) { /* not held: most of them nobody listens to */
            at_us += (int64_t)below_of(tag->salt, number + n, DELAYS);
        }
        tag->starts[tag->count++] = at_us;
    }
    return true;
}

bool world_go_to(struct world_tag *tag, int64_t t_us) {
    int64_t far_us = BLOCK * tag->interval_us, near_us = t_us + 8 * tag->interval_us;
    while (tag->number > 0 && t_us < tag->start_us && tag->start_us < near_us) {
        int64_t before_us = tag->start_us - gap_us(tag, tag->number - 1);
        if (before_us < t_us) {
            return true; /* it is there already: spans follow each other */
        }
        tag->start_us = before_us;
        tag->number--;
    }
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
