/* When a tag advertises (sim/world/adverts.py). */
#ifndef WORLD_ADVERTS_H
#define WORLD_ADVERTS_H
#include "draws.h"

enum { BLOCK = 1024, DELAYS = 10001, STEP_US = 1000, PDU_US = 376 };
enum { BLOCKS_HELD = 256, PDUS = 64 };

struct world_tag {
    uint64_t salt;
    int64_t interval_us, number, start_us; /* the event that was asked last */
    int64_t *starts;                       /* of each block that was passed */
    uint32_t count, size;
    double gain_db;
    uint32_t phase[FADING_WAVES];
    uint16_t *delays[BLOCKS_HELD]; /* of the blocks asked last: badge after badge lives a day */
    int64_t held[BLOCKS_HELD];
    uint16_t spare[BLOCK]; /* where there is no memory for them */
    int64_t spare_is;
};

/* Give the delays of a block. */
const uint16_t *world_delays(struct world_tag *tag, int64_t block);

/* Go to the first event at or after a time; false where there is no memory. */
bool world_go_to(struct world_tag *tag, int64_t t_us);

/* The PDUs that a scanner hears in a span, as far as nothing is lost. */
struct listening {
    struct world_tag *tag;
    int64_t begin_us, end_us, phase_us, turn_us, step_us, open_us, since;
};
struct pdu {
    int64_t t_us, number;
    int channel;
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
    of->begin_us = begin_ms * 1000;
    of->end_us = end_ms * 1000;
    if (!world_go_to(of->tag, of->begin_us - 2 * STEP_US)) {
        return false;
    }
    of->since = (of->tag->start_us - of->phase_us) % of->turn_us;
    of->since += of->since < 0 ? of->turn_us : 0;
    return true;
}

static inline bool is_listening(const struct listening *of) {
    return of->tag->start_us < of->end_us;
}

/* Give the next PDUs, as many as there are among the next adverts, in order. */
static inline int next_heard(struct listening *of, struct pdu found[PDUS]) {
    struct world_tag *tag = of->tag;
    int64_t number = tag->number, start_us = tag->start_us, since = of->since;
    int64_t interval_us = tag->interval_us, turn_us = of->turn_us, step_us = of->step_us;
    int64_t turned_us = interval_us % turn_us, open_us = of->open_us, end_us = of->end_us;
    int at = (int)(number % BLOCK), most = BLOCK - at < PDUS ? BLOCK - at : PDUS, heard = 0;
    const uint16_t *delays = world_delays(tag, number / BLOCK) + at;
    int n = 0;
    for (; n < most && start_us < end_us; n++) {
        int64_t channel = (since >= step_us) + (since >= 2 * step_us), delay_us = delays[n];
        int64_t t_us = start_us + channel * STEP_US;
        found[heard].t_us = t_us;
        found[heard].number = number + n;
        found[heard].channel = (int)channel;
        heard += (since - channel * step_us <= open_us) & (since < 3 * step_us) &
                 (t_us >= of->begin_us) & (t_us < end_us);
        start_us += interval_us + delay_us;
        since += turned_us + delay_us;
        while (since >= turn_us) {
            since -= turn_us;
        }
    }
    tag->number = number + n;
    tag->start_us = start_us;
    of->since = since;
    return heard;
}

#endif
