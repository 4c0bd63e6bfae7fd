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
    return tag;
}

void world_tag_free(struct world_tag *tag) {
    if (tag) {
        free(tag->starts);
        free(tag);
    }
}

/* Know the starts of all blocks up to a time. */
static bool extend(struct world_tag *tag, int64_t t_us) {
    while (tag->starts[tag->count - 1] <= t_us) {
        int64_t number = (int64_t)(tag->count - 1) * BLOCK, at_us = tag->starts[tag->count - 1];
        if (tag->count == tag->size) {
            int64_t *more = realloc(tag->starts, 2 * (size_t)tag->size * sizeof *more);
            if (!more) {
                return false;
            }
            tag->starts = more;
            tag->size *= 2;
        }
        for (int64_t end = number + BLOCK; number < end; number++) {
            at_us += gap_us(tag, number);
        }
        tag->starts[tag->count++] = at_us;
    }
    return true;
}

bool world_go_to(struct world_tag *tag, int64_t t_us) {
    int64_t far_us = BLOCK * tag->interval_us;
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
