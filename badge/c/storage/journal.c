/* Sequence counter and event queue in one log that laps a ring of flash pages: what the badge
 * calls (badge/storage/journal.py says which laws keep a cut at any byte harmless). */
#include "../internal.h"

uint8_t *badge_record_bytes(struct badge *badge) {
    return (uint8_t *)badge->record;
}

/* Begin a payload of as many pairs, where its record is put together around it. */
struct badge_writer badge_payload(struct badge *badge, unsigned pairs) {
    struct badge_writer payload = badge_writer_of(badge_record_bytes(badge) + PAYLOAD_AT,
                                                  (uint32_t)sizeof badge->record - PAYLOAD_AT);
    badge_put_head(&payload, 5, pairs);
    return payload;
}

static struct badge_writer body_writer(struct badge *badge) {
    return badge_writer_of(badge_record_bytes(badge) + RECORD_HEADER,
                           (uint32_t)sizeof badge->record - RECORD_HEADER - 8);
}

static uint32_t written(struct badge *badge, const struct badge_writer *body) {
    return (uint32_t)(body->at - badge_record_bytes(badge)) - RECORD_HEADER;
}

/* Every change begins with what an earlier one left to be done, and ends without faults. */
void badge_begin(struct badge *badge) {
#if BADGE_LATE_FAULTS
    if (badge->journal.config_faulty) {
        badge_slots_retry(badge);
    }
#else
    (void)badge;
#endif
}

void badge_finish(struct badge *badge) {
    badge->journal.faults = 0;
    if (badge->journal.ahead_due) {
        badge->journal.ahead_due = false;
        badge_free_ahead(badge);
    }
}

/* Note what a checkpoint says at this moment; ranges that were settled need no place in it. */
void badge_point(struct badge *badge) {
    struct badge_journal *journal = &badge->journal;
    uint32_t kept = 0;
    for (uint32_t n = 0; n < journal->skipped_count; n++) {
        if (journal->skipped[n][1] > journal->is.floor) {
            journal->skipped[kept][0] = journal->skipped[n][0];
            journal->skipped[kept++][1] = journal->skipped[n][1];
        }
    }
    journal->skipped_count = kept;
    journal->before = journal->is;
    journal->before_body = NULL;
}

/* Make sure that the head has room, before anything changes in memory. */
void badge_reserve(struct badge *badge, uint32_t size) {
    struct badge_journal *journal = &badge->journal;
    for (uint32_t n = 0; n < journal->geometry.ring_pages; n++) {
        if (journal->offset + size <= journal->geometry.page_bytes) {
            break;
        }
        badge_point(badge);
        badge_open_next(badge);
        badge_free_ahead(badge);
    }
    badge_point(badge);
}

/* Pack a state where pages are put together; its bytes, also if those are too many. */
static uint32_t pack_aside(const struct badge_state *state, uint8_t *to) {
    struct badge_writer packed = badge_writer_of(to, STATE_BYTES_MAX + 1);
    badge_pack_state(&packed, state);
    return packed.full ? STATE_BYTES_MAX + 1 : (uint32_t)(packed.at - to);
}

static bool is_in_force(const struct badge *badge, const struct badge_state *state) {
    uint8_t *given = badge->journal.page, *kept = given + STATE_BYTES_MAX + 1;
    uint32_t size = pack_aside(state, given);
    return size == pack_aside(&badge->journal.state, kept) && memcmp(given, kept, size) == 0;
}

static bool state_fits(struct badge *badge, const struct badge_state *state) {
    bool fits = pack_aside(state, badge->journal.page) <= STATE_BYTES_MAX;
    if (!fits) {
        badge->journal.result = BADGE_TOO_LARGE;
    }
    return fits;
}

static uint32_t record_bytes_max(const struct badge *badge) {
    uint32_t page = badge->journal.geometry.page_bytes - OPEN_BYTES - BOOT_BYTES;
    uint32_t build = BADGE_RECORD_BYTES_MAX - BOOT_BYTES;
    return page < build ? page : build;
}

static void bury(struct badge_journal *journal, const struct badge_place *place) {
    journal->alive_bytes -= badge_record_size(place->body_bytes);
}

static void bury_first(struct badge_journal *journal, struct badge_ring *ring) {
    bury(journal, badge_place_at(ring, 0));
    badge_drop_first(ring);
}

static bool is_full(const struct badge_journal *journal, uint32_t size) {
    const struct badge_geometry *geometry = &journal->geometry;
    uint32_t budget = (geometry->ring_pages - 3) * (geometry->page_bytes - OPEN_BYTES) / 2;
    return journal->alive_bytes + size > budget;
}

/* Let the oldest refusals go: they must never take the room of what is still to be sent. */
void badge_limit_quarantine(struct badge_journal *journal, uint32_t size) {
    struct badge_ring *refused = &journal->quarantine;
    while (refused->count > journal->quarantine_max ||
           (refused->count > 0 && is_full(journal, size))) {
        bury_first(journal, refused);
    }
}

static void make_room(struct badge_journal *journal, uint32_t size) {
    struct badge_ring *queue = &journal->queue;
    uint32_t most = journal->queue_max < queue->size ? journal->queue_max : queue->size;
    while (queue->count > 0 && (queue->count >= most || is_full(journal, size))) {
        journal->is.floor = badge_place_at(queue, 0)->sequence_number;
        journal->is.overflow_count++;
        bury_first(journal, queue);
    }
    if (is_full(journal, size)) {
        badge_limit_quarantine(journal, size);
    }
}

/* What comes before the payload in an event's body. */
static uint32_t put_head(uint8_t *to, uint32_t size, const struct badge_event *event,
                         bool has_unix, bool more) {
    struct badge_writer head = badge_writer_of(to, size);
    badge_put_event_head(&head, event, has_unix, more);
    badge_put_string(&head, event->firmware_version.bytes, event->firmware_version.length);
    return head.full ? 0 : (uint32_t)(head.at - to);
}

/* Keep an event whose payload was written at badge_payload(), what it does to the state (NULL:
 * nothing), and what it pushes out, in one record. */
bool badge_journal_append(struct badge *badge, struct badge_event *event, bool has_unix,
                          const struct badge_state *state) {
    struct badge_journal *journal = &badge->journal;
    uint8_t *record = badge_record_bytes(badge);
    uint8_t head[PAYLOAD_AT - RECORD_HEADER];
    if (state && is_in_force(badge, state)) {
        state = NULL;
    }
    if (state && !state_fits(badge, state)) {
        return false;
    }
    uint32_t head_bytes = put_head(head, sizeof head, event, has_unix, state != NULL);
    struct badge_writer body = body_writer(badge);
    memmove(body.at + head_bytes, event->payload, event->payload_bytes);
    event->payload = body.at + head_bytes;
    body.at += head_bytes + event->payload_bytes;
    uint8_t *rest = body.at;
    if (state) {
        badge_pack_state(&body, state);
    }
    uint32_t plain = badge_record_size(written(badge, &body) + (state ? 3u : 0u)) + OVERFLOW_BYTES;
    if (body.full || head_bytes == 0 || plain > record_bytes_max(badge)) {
        journal->result = BADGE_TOO_LARGE;
        return false;
    }
    badge_begin(badge);
    badge_reserve(badge, plain);
    int64_t floor = journal->is.floor;
    make_room(journal, plain);
    bool dropped = journal->is.floor != floor;
    if (dropped && !state) {
        body.at = rest;
        badge_put_byte(&body, ITEM_NULL);
        head_bytes = put_head(head, sizeof head, event, has_unix, true);
    }
    if (dropped || state) {
        badge_put_int(&body, dropped ? journal->is.floor : 0);
        badge_put_int(&body, dropped ? journal->is.overflow_count : 0);
        badge_put_byte(&body, ITEM_NULL);
    }
    memcpy(record + RECORD_HEADER, head, head_bytes);
    uint32_t body_bytes = written(badge, &body);
    uint32_t body_at =
        badge_program(badge, KIND_EVENT, event->sequence_number, record, body_bytes);
    struct badge_place *place = badge_insert(&journal->queue, event->sequence_number);
    if (place) {
        place->flags = has_unix ? PLACE_HAS_UTC : 0;
        badge_settle_in(badge, place, body_at, body_bytes);
    }
    if (state) {
        journal->state = *state;
    }
    journal->is.next_sequence = event->sequence_number + 1;
    journal->is.age_ms = event->age_ms;
    badge_finish(badge);
    return true;
}

/* Begin a record of other things than an event: all their bodies begin with the next number. */
static struct badge_writer start_body(struct badge *badge, unsigned values) {
    struct badge_writer body = body_writer(badge);
    badge_put_head(&body, 4, values);
    badge_put_int(&body, badge->journal.is.next_sequence);
    return body;
}

/* Make room for a body; its bytes. */
static uint32_t reserve_body(struct badge *badge, const struct badge_writer *body) {
    uint32_t body_bytes = written(badge, body);
    badge_reserve(badge, badge_record_size(body_bytes));
    return body_bytes;
}

static uint32_t program_body(struct badge *badge, unsigned kind, int64_t number,
                             uint32_t body_bytes) {
    return badge_program(badge, kind, number, badge_record_bytes(badge), body_bytes);
}

bool badge_journal_save_state(struct badge *badge, const struct badge_state *state) {
    if (!state_fits(badge, state)) {
        return false;
    }
    badge_begin(badge);
    struct badge_writer body = start_body(badge, STATE_VALUES + 1);
    badge_put_state(&body, state);
    program_body(badge, KIND_STATE, 0, reserve_body(badge, &body));
    badge->journal.state = *state;
    badge_finish(badge);
    return true;
}

void badge_journal_save_age(struct badge *badge, int64_t age_ms) {
    badge_begin(badge);
    struct badge_writer body = start_body(badge, 1);
    program_body(badge, KIND_AGE, age_ms, reserve_body(badge, &body));
    badge->journal.is.age_ms = age_ms;
    badge_finish(badge);
}

static bool is_bare(const struct badge_place *place) {
    return !(place->flags & (PLACE_HAS_UTC | PLACE_STAMPED));
}

/* Stamp the events that lack their time of day; they are marked PLACE_FRESH. */
uint32_t badge_journal_stamp(struct badge *badge, int64_t offset_ms) {
    struct badge_journal *journal = &badge->journal;
    struct badge_ring *queue = &journal->queue;
    uint32_t stamped = 0;
    int64_t last = 0;
    for (uint32_t n = 0; n < queue->count; n++) {
        const struct badge_place *place = badge_place_at(queue, n);
        if (is_bare(place)) {
            last = place->sequence_number;
            stamped++;
        }
    }
    if (stamped == 0) {
        return 0;
    }
    badge_begin(badge);
    struct badge_writer body = start_body(badge, 2);
    badge_put_int(&body, offset_ms);
    uint32_t body_bytes = reserve_body(badge, &body);
    for (uint32_t n = 0; n < queue->count; n++) {
        struct badge_place *place = badge_place_at(queue, n);
        if (is_bare(place)) {
            place->flags |= PLACE_STAMPED | PLACE_FRESH;
            place->offset_ms = offset_ms;
        }
    }
    program_body(badge, KIND_STAMP, last, body_bytes);
    badge_finish(badge);
    return stamped;
}

/* ---- Settling ---- */

static void quarantine(struct badge_journal *journal, const struct badge_place *refused) {
    if (journal->quarantine.count == journal->quarantine.size && journal->quarantine.size > 0) {
        bury_first(journal, &journal->quarantine);
    }
    struct badge_place *place = badge_insert(&journal->quarantine, refused->sequence_number);
    if (place) {
        *place = *refused;
        place->flags |= PLACE_REFUSED;
    } else {
        bury(journal, refused);
    }
    journal->is.quarantine_count++;
}

/* Release the events up to a number; `part` are those of them that were refused. */
static void release(struct badge_journal *journal, int64_t through,
                    const struct badge_rejected *const *part, uint32_t count) {
    struct badge_ring *queue = &journal->queue;
    while (queue->count && badge_place_at(queue, 0)->sequence_number <= through) {
        struct badge_place place = *badge_place_at(queue, 0);
        bool refused = false;
        for (uint32_t n = 0; n < count; n++) {
            refused |= part[n]->sequence_number == place.sequence_number;
        }
        badge_drop_first(queue);
        if (refused) {
            quarantine(journal, &place);
        } else {
            bury(journal, &place);
        }
    }
    journal->is.floor = journal->is.floor > through ? journal->is.floor : through;
    badge_limit_quarantine(journal, 0);
}

static void settle_step(struct badge *badge, int64_t through,
                        const struct badge_rejected *const *part, uint32_t count) {
    struct badge_journal *journal = &badge->journal;
    uint32_t text_at[REFUSED_PER_RECORD], text_bytes[REFUSED_PER_RECORD];
    int64_t counted = journal->is.quarantine_count;
    for (uint32_t n = 0; n < count; n++) {
        counted += badge_find(&journal->queue, part[n]->sequence_number) != NULL;
    }
    struct badge_writer body = start_body(badge, 3);
    badge_put_int(&body, counted);
    badge_put_head(&body, 4, count);
    for (uint32_t n = 0; n < count; n++) {
        const struct badge_text *why = &part[n]->reason;
        text_bytes[n] = badge_cut_chars(why->bytes, why->length, REASON_CHARS_MAX);
        badge_put_head(&body, 4, 2);
        badge_put_int(&body, part[n]->sequence_number);
        badge_put_string(&body, why->bytes, text_bytes[n]);
        text_at[n] = written(badge, &body) - text_bytes[n];
    }
    uint32_t body_bytes = reserve_body(badge, &body);
    release(journal, through, part, count);
    uint32_t body_at = program_body(badge, KIND_RELEASE, through, body_bytes);
    for (uint32_t n = 0; n < count; n++) {
        struct badge_place *place = badge_find(&journal->quarantine, part[n]->sequence_number);
        if (place) {
            place->reason_at = body_at + text_at[n];
            place->reason_bytes = (uint8_t)text_bytes[n];
        }
    }
}

/* Release all events up to a number; `next` hands out the refused ones, lowest number first.
 * Long lists go in several records, each of which settles a prefix. */
void badge_journal_settle(struct badge *badge, int64_t through, badge_next_refused *next,
                          void *context) {
    const struct badge_rejected *part[REFUSED_PER_RECORD], *refused;
    int64_t done = INT64_MIN;
    uint32_t count = 0;
    badge_begin(badge);
    for (refused = next(context, INT64_MIN); refused && refused->sequence_number <= through;
         refused = next(context, refused->sequence_number)) {
        part[count++] = refused;
        if (count == REFUSED_PER_RECORD) {
            done = refused->sequence_number;
            settle_step(badge, done, part, count);
            count = 0;
        }
    }
    if (count) {
        done = part[count - 1]->sequence_number;
        settle_step(badge, done, part, count);
    }
    if (done < through) {
        settle_step(badge, through, part, 0);
    }
    badge_finish(badge);
}
