/* Faults that are told later, as BADGE_FLASH_FAULT: what was handed out is remembered, so that it
 * can be written again elsewhere, together with all that came after it. */
#include "../internal.h"

#if BADGE_LATE_FAULTS

struct issued {
    int64_t number;
    uint32_t size, address, body_bytes, before_bytes;
    uint32_t kind, unused;
};

static uint32_t padded(uint32_t bytes) {
    return (bytes + 7u) & ~7u;
}

static struct issued head_of(const uint8_t *at) {
    struct issued item;
    memcpy(&item, at, sizeof item);
    return item;
}

/* Forget the oldest until there is room. */
static bool make_place(struct badge_journal *journal, uint32_t size) {
    if (journal->issued_to + size <= journal->issued_size) {
        return true;
    }
    uint32_t from = 0;
    while (from < journal->issued_to && journal->issued_to - from + size > journal->issued_size / 2) {
        from += head_of(journal->issued + from).size;
    }
    memmove(journal->issued, journal->issued + from, journal->issued_to - from);
    journal->issued_to -= from;
    return journal->issued_to + size <= journal->issued_size;
}

void badge_remember(struct badge *badge, uint32_t address, unsigned kind, int64_t number,
                    const uint8_t *body, uint32_t body_bytes) {
    struct badge_journal *journal = &badge->journal;
    uint8_t packed[OPEN_BODY_MAX + 1];
    const uint8_t *before = journal->before_body;
    uint32_t before_bytes = journal->before_bytes;
    if (!before) {
        before_bytes = badge_pack_fitting(badge, &journal->before, packed, 0);
        before = packed;
    }
    struct issued item = {number, 0, address, body_bytes, before_bytes, kind, 0};
    item.size = (uint32_t)sizeof item + padded(body_bytes) + padded(before_bytes);
    if (make_place(journal, item.size)) {
        uint8_t *to = journal->issued + journal->issued_to;
        memcpy(to, &item, sizeof item);
        memcpy(to + sizeof item, body, body_bytes);
        memcpy(to + sizeof item + padded(body_bytes), before, before_bytes);
        journal->issued_to += item.size;
    }
}

static void take_before(struct badge_journal *journal, const uint8_t *at) {
    struct issued item = head_of(at);
    journal->before_body = at + sizeof item + padded(item.body_bytes);
    journal->before_bytes = item.before_bytes;
}

static void write_again(struct badge *badge, const uint8_t *at) {
    struct badge_journal *journal = &badge->journal;
    struct issued item = head_of(at);
    uint8_t *record = badge_record_bytes(badge);
    take_before(journal, at);
    badge_make_head(badge, badge_record_size(item.body_bytes));
    take_before(journal, at);
    memcpy(record + RECORD_HEADER, at + sizeof item, item.body_bytes);
    uint32_t body_at = badge_program(badge, item.kind, item.number, record, item.body_bytes);
    struct badge_place *place = badge_find_any(journal, item.number);
    if (item.kind == KIND_EVENT && place) {
        badge_settle_in(badge, place, body_at, item.body_bytes);
        place->body_flip = 0;
    }
    /* Reasons move with the record that they lie in: its old page is erased before the new one. */
    for (uint32_t n = 0; n < journal->quarantine.count; n++) {
        place = badge_place_at(&journal->quarantine, n);
        uint32_t offset = place->reason_at - (item.address + RECORD_HEADER);
        if (offset < item.body_bytes && item.kind != KIND_BOOT) {
            place->reason_at = body_at + offset;
            place->reason_flip = 0;
        }
    }
}

void badge_journal_mend(struct badge *badge, uint32_t address) {
    struct badge_journal *journal = &badge->journal;
    uint32_t found = UINT32_MAX, tail_bytes, whole = journal->issued_size;
    bool opened_since = false;
    if (address < badge_ring_address(badge, 0)) {
        journal->config_faulty = true;
        return;
    }
    for (uint32_t at = 0; at < journal->issued_to;) {
        struct issued item = head_of(journal->issued + at);
        found = item.address == address ? at : found;
        at += item.size;
    }
    if (found == UINT32_MAX) {
        return;
    }
    for (uint32_t at = found; at < journal->issued_to;) {
        struct issued item = head_of(journal->issued + at);
        opened_since |= item.kind == KIND_CHECKPOINT;
        at += item.size;
    }
    /* The tail stays at the end of the memory while it is handed out anew at its beginning. */
    tail_bytes = journal->issued_to - found;
    const uint8_t *tail = journal->issued + whole - tail_bytes, *end = journal->issued + whole;
    memmove(journal->issued + whole - tail_bytes, journal->issued + found, tail_bytes);
    journal->issued_to = found;
    journal->issued_size = whole - tail_bytes;
    journal->faults++;
    journal->page_faults++;
    if (journal->faults > FAULTS_MAX) {
        badge_tell(badge, BADGE_FLASH_WORN, "flash does not keep what is written any more");
    } else {
        if (opened_since || journal->page_faults > PAGE_FAULTS_MAX) {
            take_before(journal, tail);
            badge_open_next(badge);
        }
        for (; tail < end; tail += head_of(tail).size) {
            if (head_of(tail).kind != KIND_CHECKPOINT) {
                write_again(badge, tail);
            }
        }
        badge_free_ahead(badge);
    }
    badge_point(badge);
    journal->issued_size = whole;
}
#else
/* Faults are told by `program` and `erase` alone. */
void badge_journal_mend(struct badge *badge, uint32_t address) {
    (void)badge;
    (void)address;
}
#endif
