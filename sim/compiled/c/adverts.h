/* When a tag advertises (sim/world/adverts.py). */
#ifndef WORLD_ADVERTS_H
#define WORLD_ADVERTS_H
#include "draws.h"

enum { BLOCK = 1024, DELAYS = 10001, STEP_US = 1000, PDU_US = 376 };

struct world_tag {
    uint64_t salt;
    int64_t interval_us, number, start_us; /* the event that was asked last */
    int64_t *starts;                       /* of each block that was passed */
    uint32_t count, size;
    double gain_db;
    uint32_t phase[FADING_WAVES];
};

static inline int64_t gap_us(const struct world_tag *tag, int64_t number) {
    return tag->interval_us + (int64_t)below_of(tag->salt, (uint64_t)number, DELAYS);
}

/* Go to the first event at or after a time; false where there is no memory. */
bool world_go_to(struct world_tag *tag, int64_t t_us);

/* The PDUs that a scanner hears in a span, one after the other, as far as nothing is lost. */
struct listening {
    struct world_tag *tag;
    int64_t begin_ms, end_ms, phase_us, turn_us, step_us, open_us, since;
};

static inline void begin_listening(struct listening *of, struct world_tag *tag,
                                   const struct world_ear *ear) {
    of->tag = tag;
    of->phase_us = ear->phase_us;
    of->turn_us = 3 * ear->interval_us;
    of->step_us = ear->interval_us - STEP_US;
    of->open_us = ear->window_us - PDU_US;
}

/* Listen to [begin, end); false where there is no memory. */
static inline bool listen_from(struct listening *of, int64_t begin_ms, int64_t end_ms) {
    of->begin_ms = begin_ms;
    of->end_ms = end_ms;
    if (!world_go_to(of->tag, begin_ms * 1000 - 2 * STEP_US)) {
        return false;
    }
    of->since = (of->tag->start_us - of->phase_us) % of->turn_us;
    of->since += of->since < 0 ? of->turn_us : 0;
    return true;
}

/* Give the channel of the next PDU, its time and its number; -1 at the end. */
static inline int next_heard(struct listening *of, int64_t *t_ms, int64_t *number) {
    struct world_tag *tag = of->tag;
    int heard = -1;
    while (heard < 0 && tag->start_us < of->end_ms * 1000) {
        int64_t channel = of->since < of->step_us ? 0 : of->since < 2 * of->step_us ? 1 : 2;
        if (of->since - channel * of->step_us <= of->open_us && of->since < 3 * of->step_us) {
            *t_ms = (tag->start_us + channel * STEP_US) / 1000;
            *number = tag->number;
            heard = *t_ms >= of->begin_ms && *t_ms < of->end_ms ? (int)channel : -1;
        }
        int64_t gap = gap_us(tag, tag->number++);
        tag->start_us += gap;
        of->since += gap;
        while (of->since >= of->turn_us) {
            of->since -= of->turn_us;
        }
    }
    return heard;
}

#endif
