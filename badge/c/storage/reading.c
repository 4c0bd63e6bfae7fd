/* What the records of the log say together, read in order, straight into the journal. */
#include "../internal.h"

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Let a counter be at least as high. */
static void raise(int64_t *counter, int64_t value) {
    *counter = larger(*counter, value);
}

void badge_reading_reset(struct badge_journal *journal) {
    memset(&journal->is, 0, sizeof journal->is);
    memset(&journal->state, 0, sizeof journal->state);
    journal->is.next_sequence = 1;
    journal->state.low_armed = journal->state.critical_armed = true;
    journal->skipped_count = 0;
    journal->queue.first = journal->queue.count = 0;
    journal->quarantine.first = journal->quarantine.count = 0;
}

/* ---- Ranges ---- */

/* Add a range to a sorted list and join what touches; a full list joins its closest two. */
void badge_add_range(struct badge_ranges *to, int64_t first, int64_t last) {
    uint32_t at = 0, end;
    while (at < to->count && to->of[at][1] < first - 1) {
        at++;
    }
    end = at;
    while (end < to->count && to->of[end][0] <= last + 1) {
        first = to->of[end][0] < first ? to->of[end][0] : first;
        last = larger(to->of[end++][1], last);
    }
    if (end == at) {
        if (to->count == BADGE_RANGES_MAX) {
            uint32_t near = at > 0 ? at - 1 : 0;
            to->of[near][0] = to->of[near][0] < first ? to->of[near][0] : first;
            to->of[near][1] = larger(to->of[near][1], last);
            return;
        }
        memmove(to->of + at + 1, to->of + at, (to->count - at) * sizeof to->of[0]);
        to->count++;
    } else {
        memmove(to->of + at + 1, to->of + end, (to->count - end) * sizeof to->of[0]);
        to->count -= end - at - 1;
    }
    to->of[at][0] = first;
    to->of[at][1] = last;
}

static void take_skipped(struct badge_journal *journal, const struct badge_checkpoint *point) {
    struct badge_cursor from = point->skipped;
    int64_t at = 0;
    uint32_t count = 0;
    for (uint64_t n = 0; n < point->skipped_numbers; n += 2) {
        int64_t gap, length;
        badge_take_int(&from, &gap);
        badge_take_int(&from, &length);
        if (count == BADGE_RANGES_MAX) {
            journal->skipped[count - 1][1] = at + gap + length;
        } else {
            journal->skipped[count][0] = at + gap;
            journal->skipped[count++][1] = at + gap + length;
        }
        at += gap + length;
    }
    journal->skipped_count = count;
}

/* Which numbers should be in flash and are not. */
void badge_missing(const struct badge_journal *journal, struct badge_ranges *lost) {
    uint32_t event = 0, skipped = 0;
    int64_t expected = journal->is.floor + 1;
    lost->count = 0;
    for (;;) {
        bool has_event = event < journal->queue.count, has_range = skipped < journal->skipped_count;
        int64_t first = journal->is.next_sequence, last = first - 1;
        if (has_event) {
            first = last = badge_place_at(&journal->queue, event)->sequence_number;
        }
        bool range = has_range && (!has_event || journal->skipped[skipped][0] < first);
        if (range) {
            first = journal->skipped[skipped][0];
            last = journal->skipped[skipped][1];
        }
        if (range && last <= journal->is.floor) {
            skipped++;
            continue;
        }
        if (first > expected) {
            badge_add_range(lost, expected, first - 1);
        }
        if (!has_event && !has_range) {
            return;
        }
        expected = larger(expected, last + 1);
        event += !range;
        skipped += range;
    }
}

/* ---- Records ---- */

static void settle_oldest(struct badge_journal *journal) {
    struct badge_place oldest = *badge_place_at(&journal->queue, 0);
    badge_drop_first(&journal->queue);
    if (!(oldest.flags & PLACE_REFUSED) || journal->quarantine.size == 0) {
        return;
    }
    if (journal->quarantine.count == journal->quarantine.size) {
        badge_drop_first(&journal->quarantine);
    }
    *badge_insert(&journal->quarantine, oldest.sequence_number) = oldest;
}

/* Let go of what is settled, once a whole page was read: a boot's record, behind the opening that
 * settles, may carry the reasons. */
void badge_prune(struct badge_journal *journal) {
    while (journal->queue.count > 0 &&
           badge_place_at(&journal->queue, 0)->sequence_number <= journal->is.floor) {
        settle_oldest(journal);
    }
}

static struct badge_place *place_of(struct badge_journal *journal, int64_t number) {
    struct badge_place *place = badge_find_any(journal, number);
    if (!place && journal->queue.count == journal->queue.size) {
        badge_prune(journal);
        if (journal->queue.count == journal->queue.size) {
            journal->is.floor = badge_place_at(&journal->queue, 0)->sequence_number;
            journal->is.overflow_count++;
            settle_oldest(journal);
        }
    }
    return place ? place : badge_insert(&journal->queue, number);
}

static uint16_t flip_in(const struct badge_page *page, const uint8_t *at, uint32_t size) {
    for (uint32_t n = 0; n < page->flip_count; n++) {
        uint32_t offset = page->flips[n] / 8, start = (uint32_t)(at - page->bytes);
        if (offset >= start && offset < start + size) {
            return (uint16_t)(page->flips[n] - start * 8 + 1);
        }
    }
    return 0;
}

static void refuse(const struct badge_page *page, struct badge_place *place,
                   struct badge_text reason) {
    const uint8_t *text = (const uint8_t *)reason.bytes;
    place->flags |= PLACE_REFUSED;
    place->reason_at = page->address + (uint32_t)(text - page->bytes);
    place->reason_bytes = (uint8_t)badge_cut_chars(reason.bytes, reason.length, REASON_CHARS_MAX);
    place->reason_flip = flip_in(page, text, reason.length);
}

static void take_event(struct badge_journal *journal, const struct badge_page *page,
                       const struct badge_record *record, bool carried) {
    struct badge_event_body body;
    const uint8_t *at = record->body;
    if (!badge_read_event(badge_body_of(record), &body)) {
        return;
    }
    struct badge_place *place = place_of(journal, record->number);
    if (place) {
        place->body_at = page->address + (uint32_t)(at - page->bytes);
        place->body_bytes = (uint16_t)record->body_bytes;
        place->body_flip = flip_in(page, at, record->body_bytes);
        /* A later copy was made of RAM, with its stamp if it had one. */
        place->flags = (uint8_t)((place->flags & ~(PLACE_HAS_UTC | PLACE_STAMPED)) |
                                 (body.has_unix ? PLACE_HAS_UTC : 0));
        if (body.has_reason) {
            refuse(page, place, body.reason);
        }
    }
    if (carried) {
        return; /* the checkpoint beside it tells the rest */
    }
    raise(&journal->is.next_sequence, record->number + 1);
    raise(&journal->is.age_ms, body.age_ms);
    if (body.has_state) {
        badge_read_state(&body.state, &journal->state);
    }
    raise(&journal->is.floor, body.floor);
    raise(&journal->is.overflow_count, body.overflow_count);
}

static void take_release(struct badge_journal *journal, const struct badge_page *page,
                         const struct badge_record *record, bool carried) {
    struct badge_cursor from = badge_body_of(record);
    int64_t next, counted, refused;
    struct badge_text why;
    uint64_t count = badge_take_release(&from, &next, &counted);
    for (; count > 0 && badge_take_refused(&from, &refused, &why); count--) {
        struct badge_place *place = badge_find_any(journal, refused);
        if (place) {
            refuse(page, place, why);
        }
    }
    if (!carried) {
        raise(&journal->is.quarantine_count, counted);
        raise(&journal->is.floor, record->number);
        raise(&journal->is.next_sequence, next);
    }
}

static void take_stamp(struct badge_journal *journal, const struct badge_record *record,
                       bool carried) {
    struct badge_cursor from = badge_body_of(record);
    int64_t next, offset_ms;
    badge_take_list(&from, 2);
    badge_take_int(&from, &next);
    badge_take_int(&from, &offset_ms);
    for (uint32_t n = 0; n < journal->queue.count; n++) {
        struct badge_place *place = badge_place_at(&journal->queue, n);
        if (place->sequence_number > journal->is.floor &&
            place->sequence_number <= record->number && !(place->flags & PLACE_STAMPED)) {
            place->flags |= PLACE_STAMPED;
            place->offset_ms = offset_ms;
        }
    }
    if (!carried) {
        raise(&journal->is.next_sequence, next);
    }
}

static void take_point(struct badge_journal *journal, struct badge_cursor *from, uint64_t items) {
    struct badge_checkpoint point;
    int64_t counters[COUNTERS];
    if (!badge_read_checkpoint(from, items, &point)) {
        return;
    }
    memcpy(counters, &journal->is, sizeof counters);
    for (unsigned n = 0; n < COUNTERS; n++) {
        raise(&counters[n], point.counters[n]);
    }
    memcpy(&journal->is, counters, sizeof counters);
    take_skipped(journal, &point);
    badge_read_state(&point.state, &journal->state);
}

/* Apply one record, whose body makes sense; a boot's record carries those for which it stands. */
static void take(struct badge_journal *journal, const struct badge_page *page,
                 const struct badge_record *record, bool carried) {
    if (record->kind == KIND_EVENT) {
        take_event(journal, page, record, carried);
    } else if (record->kind == KIND_RELEASE) {
        take_release(journal, page, record, carried);
    } else if (record->kind == KIND_STAMP) {
        take_stamp(journal, record, carried);
    }
}

void badge_take_record(struct badge_journal *journal, const struct badge_page *page,
                       const struct badge_record *record) {
    struct badge_cursor from = badge_body_of(record);
    struct badge_record carried;
    uint64_t count = 0;
    int64_t next = 0;
    switch (record->kind) {
    case KIND_CHECKPOINT:
        take_point(journal, &from, POINT_VALUES);
        break;
    case KIND_AGE:
        raise(&journal->is.age_ms, record->number);
        badge_take_list(&from, 1);
        badge_take_int(&from, &next);
        break;
    case KIND_STATE:
        badge_read_state_record(from, &next, &journal->state);
        break;
    case KIND_BOOT:
        take_point(journal, &from, POINT_VALUES + 1);
        badge_take_array(&from, &count);
        while (badge_take_carried(&from, &count, &carried)) {
            if (carried.kind != KIND_NONE && badge_body_is_good(&carried)) {
                take(journal, page, &carried, true);
            }
        }
        break;
    default:
        take(journal, page, record, false);
        break;
    }
    raise(&journal->is.next_sequence, next);
}
