/* The bodies of journal records: CBOR arrays, and what they stand for (badge/storage/codec.py). */
#include "../internal.h"

static void put_worker(struct badge_writer *to, const struct badge_state *state) {
    if (state->has_worker) {
        badge_put_string(to, state->worker_id, state->worker_bytes);
    } else {
        badge_put(to, "\xF6", 1);
    }
}

static void put_flag(struct badge_writer *to, bool flag) {
    badge_put(to, flag ? "\xF5" : "\xF4", 1);
}

static void put_values(struct badge_writer *to, const struct badge_state *state) {
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

enum { STATE_VALUES = 9, POINT_VALUES = 7 };

void badge_pack_state(struct badge_writer *to, const struct badge_state *state) {
    badge_put_head(to, 4, STATE_VALUES);
    put_values(to, state);
}

/* A STATE record: the next number, and the values in the same array. */
void badge_pack_state_record(struct badge_writer *to, int64_t next, const struct badge_state *state) {
    badge_put_head(to, 4, STATE_VALUES + 1);
    badge_put_int(to, next);
    put_values(to, state);
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
    from->bad |= !(item.is_true || item.is_false);
    return item.is_true;
}

/* Read the nine values behind the head of their array. */
static bool take_values(struct badge_cursor *from, struct badge_state *state) {
    memset(state, 0, sizeof *state);
    badge_take_int(from, &state->boot_age_ms);
    struct badge_item worker = badge_take(from);
    if (worker.major == 3 && worker.value <= BADGE_WORKER_BYTES_MAX && !from->bad) {
        state->has_worker = true;
        state->worker_bytes = (uint16_t)worker.value;
        memcpy(state->worker_id, worker.bytes, (size_t)worker.value);
    } else {
        from->bad |= !worker.null;
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
    uint64_t count;
    from->bad |= !badge_take_array(from, &count) || count != STATE_VALUES;
    return take_values(from, state);
}

bool badge_read_state_record(struct badge_cursor from, int64_t *next, struct badge_state *state) {
    uint64_t count;
    from.bad |= !badge_take_array(&from, &count) || count != STATE_VALUES + 1;
    badge_take_int(&from, next);
    return take_values(&from, state);
}

bool badge_same_state(const struct badge_state *a, const struct badge_state *b) {
    return a->boot_age_ms == b->boot_age_ms && a->shift_started_age_ms == b->shift_started_age_ms &&
           a->ota_until_age_ms == b->ota_until_age_ms && a->has_worker == b->has_worker &&
           a->low_armed == b->low_armed && a->critical_armed == b->critical_armed &&
           a->worker_bytes == b->worker_bytes &&
           memcmp(a->worker_id, b->worker_id, a->worker_bytes) == 0 &&
           strcmp(a->installed_version, b->installed_version) == 0 &&
           strcmp(a->running_version, b->running_version) == 0 &&
           strcmp(a->previous_version, b->previous_version) == 0;
}

/* ---- Checkpoints ---- */

uint32_t badge_pack_checkpoint(struct badge_writer *to, const struct badge_counters *is,
                               const struct badge_state *state, const int64_t (*skipped)[2],
                               uint32_t ranges, unsigned more) {
    uint8_t *start = to->at;
    int64_t at = 0;
    badge_put_head(to, 4, POINT_VALUES + more);
    badge_put_int(to, is->next_sequence);
    badge_put_int(to, is->floor);
    badge_put_int(to, is->age_ms);
    badge_put_int(to, is->overflow_count);
    badge_put_int(to, is->quarantine_count);
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
    uint64_t count;
    from->bad |= !badge_take_array(from, &count) || count != items;
    badge_take_int(from, &point->is.next_sequence);
    badge_take_int(from, &point->is.floor);
    badge_take_int(from, &point->is.age_ms);
    badge_take_int(from, &point->is.overflow_count);
    badge_take_int(from, &point->is.quarantine_count);
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

static void take_more(struct badge_cursor *from, struct badge_event_body *body) {
    struct badge_cursor state = *from;
    struct badge_item item = badge_take(from);
    body->has_more = true;
    if (!item.null) {
        struct badge_state read;
        body->has_state = true;
        body->state = state;
        *from = state;
        badge_read_state(from, &read);
    }
    badge_take_int(from, &body->floor);
    badge_take_int(from, &body->overflow_count);
    item = badge_take(from);
    body->has_reason = item.major == 3;
    body->reason.bytes = (const char *)item.bytes;
    body->reason.length = (uint32_t)item.value;
    from->bad |= !(item.null || item.major == 3);
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
    struct badge_cursor before = from;
    struct badge_item item = badge_take(&from);
    if (!item.null) {
        from = before;
        badge_take_int(&from, &body->unix_ms);
        body->has_unix = true;
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

static bool boot_is_good(struct badge_cursor from) {
    struct badge_checkpoint point;
    uint64_t count, items;
    badge_read_checkpoint(&from, POINT_VALUES + 1, &point);
    for (badge_take_array(&from, &count); count > 0 && !from.bad; count--) {
        int64_t number;
        badge_take_array(&from, &items);
        badge_take_int(&from, &number);
        badge_take_int(&from, &number);
        from.bad |= items != 3 || badge_take(&from).major != 2;
    }
    return !from.bad;
}

static bool release_is_good(struct badge_cursor from) {
    uint64_t count, items, pair;
    int64_t number;
    struct badge_text why;
    badge_take_array(&from, &items);
    badge_take_int(&from, &number);
    badge_take_int(&from, &number);
    for (badge_take_array(&from, &count); count > 0 && !from.bad; count--) {
        badge_take_array(&from, &pair);
        badge_take_int(&from, &number);
        badge_take_text(&from, &why);
        from.bad |= pair != 2;
    }
    return !from.bad && items == 3;
}

static bool numbers_are_good(struct badge_cursor from, uint64_t wanted) {
    uint64_t count;
    int64_t number;
    badge_take_array(&from, &count);
    from.bad |= count != wanted;
    for (; count > 0 && !from.bad; count--) {
        badge_take_int(&from, &number);
    }
    return !from.bad;
}

bool badge_body_is_good(const struct badge_record *record) {
    struct badge_cursor from = {record->body, record->body + record->body_bytes, false};
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
        return release_is_good(from);
    case KIND_STAMP:
        return numbers_are_good(from, 2);
    case KIND_AGE:
        return numbers_are_good(from, 1);
    case KIND_STATE:
        return badge_read_state_record(from, &next, &state);
    default:
        return boot_is_good(from);
    }
}
