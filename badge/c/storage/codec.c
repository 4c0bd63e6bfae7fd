/* The bodies of journal records: CBOR arrays, and what they stand for (badge/storage/codec.py). */
#include "../internal.h"

static void put_worker(struct badge_writer *to, const struct badge_state *state) {
    if (state->has_worker) {
        badge_put_string(to, state->worker_id, state->worker_bytes);
    } else {
        badge_put_byte(to, ITEM_NULL);
    }
}

static void put_flag(struct badge_writer *to, bool flag) {
    badge_put_byte(to, flag ? ITEM_TRUE : ITEM_FALSE);
}

void badge_put_state(struct badge_writer *to, const struct badge_state *state) {
    badge_put_int(to, state->boot_age_ms);
    put_worker(to, state);
    badge_put_int(to, state->shift_started_age_ms);
    put_flag(to, state->low_armed);
    put_flag(to, state->critical_armed);
    badge_put_key(to, state->installed_version);
    badge_put_key(to, state->running_version);
    badge_put_key(to, state->previous_version);
    badge_put_int(to, state->ota_until_age_ms);
}

enum { CARRIED_VALUES = 3, RELEASE_VALUES = 3 };

void badge_pack_state(struct badge_writer *to, const struct badge_state *state) {
    badge_put_head(to, 4, STATE_VALUES);
    badge_put_state(to, state);
}

static void take_version(struct badge_cursor *from, char *to) {
    struct badge_text text;
    if (badge_take_text(from, &text) && text.length <= BADGE_VERSION_BYTES_MAX) {
        memcpy(to, text.bytes, text.length);
        to[text.length] = '\0';
    } else {
        from->bad = true;
    }
}

static bool take_flag(struct badge_cursor *from) {
    struct badge_item item = badge_take(from);
    from->bad |= item.major != ITEM_TRUE && item.major != ITEM_FALSE;
    return item.major == ITEM_TRUE;
}

/* Read the nine values behind the head of their array. */
static bool take_values(struct badge_cursor *from, struct badge_state *state) {
    memset(state, 0, sizeof *state);
    badge_take_int(from, &state->boot_age_ms);
    if (!badge_take_null(from)) {
        struct badge_text worker;
        from->bad |= !badge_take_text(from, &worker) || worker.length > BADGE_WORKER_BYTES_MAX;
        if (!from->bad) {
            state->has_worker = true;
            state->worker_bytes = (uint16_t)worker.length;
            memcpy(state->worker_id, worker.bytes, worker.length);
        }
    }
    badge_take_int(from, &state->shift_started_age_ms);
    state->low_armed = take_flag(from);
    state->critical_armed = take_flag(from);
    take_version(from, state->installed_version);
    take_version(from, state->running_version);
    take_version(from, state->previous_version);
    badge_take_int(from, &state->ota_until_age_ms);
    return !from->bad;
}

bool badge_read_state(struct badge_cursor *from, struct badge_state *state) {
    badge_take_list(from, STATE_VALUES);
    return take_values(from, state);
}

bool badge_read_state_record(struct badge_cursor from, int64_t *next, struct badge_state *state) {
    badge_take_list(&from, STATE_VALUES + 1);
    badge_take_int(&from, next);
    return take_values(&from, state);
}

/* ---- Checkpoints ---- */

uint32_t badge_pack_checkpoint(struct badge_writer *to, const struct badge_counters *is,
                               const struct badge_state *state, const int64_t (*skipped)[2],
                               uint32_t ranges, unsigned more) {
    uint8_t *start = to->at;
    int64_t counters[COUNTERS], at = 0;
    badge_put_head(to, 4, POINT_VALUES + more);
    memcpy(counters, is, sizeof counters);
    for (unsigned n = 0; n < COUNTERS; n++) {
        badge_put_int(to, counters[n]);
    }
    badge_put_head(to, 4, 2 * (uint64_t)ranges);
    for (uint32_t n = 0; n < ranges; n++) {
        badge_put_int(to, skipped[n][0] - at);
        badge_put_int(to, skipped[n][1] - skipped[n][0]);
        at = skipped[n][1];
    }
    badge_pack_state(to, state);
    return (uint32_t)(to->at - start);
}

static void join_closest(int64_t (*ranges)[2], uint32_t *count) {
    uint32_t closest = 0;
    for (uint32_t n = 1; n + 1 < *count; n++) {
        if (ranges[n + 1][0] - ranges[n][1] < ranges[closest + 1][0] - ranges[closest][1]) {
            closest = n;
        }
    }
    ranges[closest][1] = ranges[closest + 1][1];
    (*count)--;
    memmove(ranges + closest + 1, ranges + closest + 2,
            (*count - closest - 1) * sizeof ranges[0]);
}

/* Write a checkpoint with so few ranges that it fits an opening: the closest are joined. */
uint32_t badge_pack_fitting(const struct badge *badge, const struct badge_counters *is,
                            uint8_t *to, unsigned more) {
    const struct badge_journal *journal = &badge->journal;
    int64_t ranges[BADGE_RANGES_MAX][2];
    uint32_t count = journal->skipped_count, size = 0;
    memcpy(ranges, journal->skipped, sizeof ranges);
    for (;;) {
        struct badge_writer writer = badge_writer_of(to, OPEN_BODY_MAX + 1);
        size = badge_pack_checkpoint(&writer, is, &journal->state,
                                     (const int64_t(*)[2])ranges, count, more);
        if ((!writer.full && size <= OPEN_BODY_MAX) || count <= RANGES_ALWAYS) {
            return size;
        }
        join_closest(ranges, &count);
    }
}

bool badge_read_checkpoint(struct badge_cursor *from, uint64_t items,
                           struct badge_checkpoint *point) {
    struct badge_state state;
    badge_take_list(from, items);
    for (unsigned n = 0; n < COUNTERS; n++) {
        badge_take_int(from, &point->counters[n]);
    }
    from->bad |= !badge_take_array(from, &point->skipped_numbers);
    from->bad |= point->skipped_numbers % 2 != 0 || point->skipped_numbers > UINT16_MAX;
    point->skipped = *from;
    for (uint64_t n = 0; n < point->skipped_numbers && !from->bad; n++) {
        int64_t distance;
        badge_take_int(from, &distance);
    }
    point->skipped.end = from->at;
    point->state = *from;
    return badge_read_state(from, &state);
}

/* ---- Events ---- */

enum { EVENT_VALUES = 5, EVENT_MORE_VALUES = 9 };

/* What comes before the version in an event's body. */
void badge_put_event_head(struct badge_writer *to, const struct badge_event *event, bool has_unix,
                          bool more) {
    badge_put_head(to, 4, more ? EVENT_MORE_VALUES : EVENT_VALUES);
    badge_put_int(to, event->type);
    badge_put_int(to, event->age_ms);
    if (has_unix) {
        badge_put_int(to, event->unix_ms);
    } else {
        badge_put_byte(to, ITEM_NULL);
    }
}

static void take_more(struct badge_cursor *from, struct badge_event_body *body) {
    if (!badge_take_null(from)) {
        struct badge_state read;
        body->has_state = true;
        body->state = *from;
        badge_read_state(from, &read);
    }
    badge_take_int(from, &body->floor);
    badge_take_int(from, &body->overflow_count);
    body->has_reason = !badge_take_null(from);
    if (body->has_reason) {
        badge_take_text(from, &body->reason);
    }
}

bool badge_read_event(struct badge_cursor from, struct badge_event_body *body) {
    uint64_t count;
    int64_t type;
    memset(body, 0, sizeof *body);
    badge_take_array(&from, &count);
    from.bad |= count != EVENT_VALUES && count != EVENT_MORE_VALUES;
    badge_take_int(&from, &type);
    from.bad |= type < 0 || type >= EVENT_TYPES;
    badge_take_int(&from, &body->age_ms);
    body->has_unix = !badge_take_null(&from);
    if (body->has_unix) {
        badge_take_int(&from, &body->unix_ms);
    }
    badge_take_text(&from, &body->version);
    body->payload = from.at;
    badge_skip(&from);
    body->payload_bytes = (uint32_t)(from.at - body->payload);
    if (count == EVENT_MORE_VALUES && !from.bad) {
        take_more(&from, body);
    }
    body->type = (uint8_t)type;
    return !from.bad;
}

/* ---- Whether a body makes sense ---- */

/* Take the next of the records that a boot's record carries; false at the end. */
bool badge_take_carried(struct badge_cursor *from, uint64_t *left, struct badge_record *record) {
    int64_t kind;
    if (from->bad || (*left)-- == 0) {
        return false;
    }
    memset(record, 0, sizeof *record);
    badge_take_list(from, CARRIED_VALUES);
    badge_take_int(from, &kind);
    badge_take_int(from, &record->number);
    struct badge_item body = badge_take(from);
    from->bad |= body.major != 2;
    record->kind = kind > KIND_NONE && kind < KIND_END ? (uint8_t)kind : KIND_NONE;
    record->body = body.bytes;
    record->body_bytes = (uint32_t)body.value;
    record->flip = UINT32_MAX;
    return !from->bad;
}

/* Take what comes before the refused events of a release; how many those are. */
uint64_t badge_take_release(struct badge_cursor *from, int64_t *next, int64_t *counted) {
    uint64_t count = 0;
    badge_take_list(from, RELEASE_VALUES);
    badge_take_int(from, next);
    badge_take_int(from, counted);
    badge_take_array(from, &count);
    return from->bad ? 0 : count;
}

/* Take one refused event; false if there is none. */
bool badge_take_refused(struct badge_cursor *from, int64_t *number, struct badge_text *reason) {
    badge_take_list(from, 2);
    badge_take_int(from, number);
    return badge_take_text(from, reason);
}

static void take_boot(struct badge_cursor *from) {
    struct badge_checkpoint point;
    struct badge_record carried;
    uint64_t count;
    badge_read_checkpoint(from, POINT_VALUES + 1, &point);
    badge_take_array(from, &count);
    while (badge_take_carried(from, &count, &carried)) {
    }
}

static void take_release(struct badge_cursor *from) {
    int64_t number;
    struct badge_text why;
    for (uint64_t count = badge_take_release(from, &number, &number); count > 0 && !from->bad;
         count--) {
        badge_take_refused(from, &number, &why);
    }
}

static void take_numbers(struct badge_cursor *from, uint64_t count) {
    int64_t number;
    badge_take_list(from, count);
    for (; count > 0; count--) {
        badge_take_int(from, &number);
    }
}

struct badge_cursor badge_body_of(const struct badge_record *record) {
    struct badge_cursor from = {record->body, record->body + record->body_bytes, false};
    return from;
}

bool badge_body_is_good(const struct badge_record *record) {
    struct badge_cursor from = badge_body_of(record);
    struct badge_checkpoint point;
    struct badge_event_body event;
    struct badge_state state;
    int64_t next;
    switch (record->kind) {
    case KIND_CHECKPOINT:
        return badge_read_checkpoint(&from, POINT_VALUES, &point);
    case KIND_EVENT:
        return badge_read_event(from, &event);
    case KIND_RELEASE:
        take_release(&from);
        break;
    case KIND_STAMP:
        take_numbers(&from, 2);
        break;
    case KIND_AGE:
        take_numbers(&from, 1);
        break;
    case KIND_STATE:
        return badge_read_state_record(from, &next, &state);
    default:
        take_boot(&from);
        break;
    }
    return !from.bad;
}
