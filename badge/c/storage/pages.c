/* The head of the log: records are issued into it, pages opened before it, and what is still alive
 * ahead of it is copied out of the way. */
#include "../internal.h"

uint32_t badge_ring_address(const struct badge *badge, uint32_t page) {
    const struct badge_geometry *geometry = &badge->journal.geometry;
    return (2 * geometry->config_pages + page) * geometry->page_bytes;
}

uint32_t badge_page_of(const struct badge *badge, int64_t generation) {
    int64_t ring_pages = badge->journal.geometry.ring_pages;
    return (uint32_t)((generation + ring_pages - 1) % ring_pages);
}

void badge_settle_in(struct badge *badge, struct badge_place *place, uint32_t body_at,
                     uint32_t body_bytes) {
    if (place->body_bytes) {
        badge->journal.alive_bytes -= badge_record_size(place->body_bytes);
    }
    place->body_at = body_at;
    place->body_bytes = (uint16_t)body_bytes;
    badge->journal.alive_bytes += badge_record_size(body_bytes);
}

/* Seal a record and program it at an offset of the head; its body's address, 0 if it failed. */
static uint32_t issue(struct badge *badge, uint32_t offset, unsigned kind, int64_t number,
                      uint8_t *record, uint32_t body_bytes) {
    struct badge_journal *journal = &badge->journal;
    uint32_t address = badge_ring_address(badge, journal->head) + offset;
    uint32_t position =
        (uint32_t)((uint64_t)journal->generation * journal->geometry.page_bytes + offset);
#if BADGE_LATE_FAULTS
    if (journal->issued) {
        badge_remember(badge, address, kind, number, record + RECORD_HEADER, body_bytes);
    }
#endif
    uint32_t size = badge_record_seal(record, kind, number, body_bytes, position);
    if (badge->hal->program(badge->hal->context, address, record, size)) {
        return address + RECORD_HEADER;
    }
    journal->faults++;
    journal->page_faults++;
    return 0;
}

/* Write a record into room that was reserved; what does not read back is written elsewhere at
 * once.  Returns the address of its body. */
uint32_t badge_program(struct badge *badge, unsigned kind, int64_t number, uint8_t *record,
                       uint32_t body_bytes) {
    struct badge_journal *journal = &badge->journal;
    uint32_t size = badge_record_size(body_bytes);
    for (;;) {
        uint32_t offset = journal->offset;
        journal->offset += size;
        uint32_t body_at = issue(badge, offset, kind, number, record, body_bytes);
        if (body_at) {
            return body_at;
        }
        journal->ahead_due = true;
        if (journal->faults > FAULTS_MAX) {
            badge_tell(badge, BADGE_FLASH_WORN, "flash does not keep what is written any more");
            return badge_ring_address(badge, journal->head) + offset + RECORD_HEADER;
        }
        if (journal->page_faults > PAGE_FAULTS_MAX ||
            journal->offset + size > journal->geometry.page_bytes) {
            badge_open_next(badge);
        }
    }
}

/* ---- Events that move ---- */

/* Read from flash, and put the bit right that recovery found flipped. */
void badge_read_bytes(struct badge *badge, uint32_t address, uint8_t *to, uint32_t size,
                      uint32_t flip) {
    badge->hal->read(badge->hal->context, address, to, size);
    if (flip && (flip - 1) / 8 < size) {
        to[(flip - 1) / 8] ^= (uint8_t)(1u << (flip - 1) % 8);
    }
}

/* The next event that lies in a page; NULL if there is no other. */
static struct badge_place *next_in(const struct badge *badge, uint32_t page, uint32_t *at) {
    uint32_t start = badge_ring_address(badge, page);
    struct badge_place *place = badge_kept(&badge->journal, (*at)++);
    while (place && place->body_at - start >= badge->journal.geometry.page_bytes) {
        place = badge_kept(&badge->journal, (*at)++);
    }
    return place;
}

/* Read an event back from flash into memory that has room for its body. */
static bool read_event(struct badge *badge, const struct badge_place *place, uint8_t *to,
                       struct badge_event *event) {
    struct badge_event_body body;
    badge_read_bytes(badge, place->body_at, to, place->body_bytes, place->body_flip);
    struct badge_cursor from = {to, to + place->body_bytes, false};
    if (!badge_read_event(from, &body)) {
        return false;
    }
    event->sequence_number = place->sequence_number;
    event->age_ms = body.age_ms;
    event->unix_ms = body.has_unix ? body.unix_ms : body.age_ms + place->offset_ms;
    event->type = body.type;
    event->firmware_version = body.version;
    event->payload = body.payload;
    event->payload_bytes = body.payload_bytes;
    return true;
}

/* Read an event back into the memory of the record that is written next. */
bool badge_read_place(struct badge *badge, const struct badge_place *place,
                      struct badge_event *event) {
    return place->body_bytes <= sizeof badge->record &&
           read_event(badge, place, badge_record_bytes(badge), event);
}

/* Write an event's record as it is now, with its stamp or the reason it was refused for; the
 * bytes of its body, 0 if it cannot be read. */
static uint32_t put_together(struct badge *badge, const struct badge_place *place,
                             uint8_t *record, uint32_t size) {
    enum { ROOM = 24 }; /* the longest head that a body can begin with */
    struct badge_event event;
    uint32_t longest = (uint32_t)RECORD_HEADER + ROOM + 8;
    longest += (uint32_t)place->body_bytes + place->reason_bytes;
    if (longest > size ||
        !read_event(badge, place, record + RECORD_HEADER + ROOM, &event)) {
        return 0;
    }
    bool refused = (place->flags & PLACE_REFUSED) != 0;
    struct badge_writer to = badge_writer_of(record + RECORD_HEADER, size - RECORD_HEADER);
    const uint8_t *start = (const uint8_t *)event.firmware_version.bytes;
    start -= (ptrdiff_t)(event.firmware_version.length < 24 ? 1 : 2);
    uint32_t tail = (uint32_t)(event.payload + event.payload_bytes - start);
    badge_put_event_head(&to, &event, (place->flags & (PLACE_HAS_UTC | PLACE_STAMPED)) != 0,
                         refused);
    memmove(to.at, start, tail);
    to.at += tail;
    if (refused) {
        badge_put(&to, "\xF6\0\0", 3);
        badge_put_head(&to, 3, place->reason_bytes);
        if (place->reason_bytes) {
            badge_read_bytes(badge, place->reason_at, to.at, place->reason_bytes,
                             place->reason_flip);
            to.at += place->reason_bytes;
        }
    }
    return (uint32_t)(to.at - record) - RECORD_HEADER;
}

static void keep(struct badge *badge, struct badge_place *place, uint8_t *record,
                 uint32_t body_bytes) {
    uint32_t body_at =
        badge_program(badge, KIND_EVENT, place->sequence_number, record, body_bytes);
    badge_settle_in(badge, place, body_at, body_bytes);
    place->body_flip = 0;
    if (place->flags & PLACE_STAMPED) {
        place->flags = (uint8_t)((place->flags & ~PLACE_STAMPED) | PLACE_HAS_UTC);
    }
    if (place->flags & PLACE_REFUSED) {
        place->reason_at = body_at + body_bytes - place->reason_bytes;
        place->reason_flip = 0;
    }
}

/* Copy what is alive in the next two pages into the head, as far as there is room. */
void badge_free_ahead(struct badge *badge) {
    struct badge_journal *journal = &badge->journal;
    const struct badge_geometry *geometry = &journal->geometry;
    uint8_t *record = journal->page + OPEN_BYTES;
    for (uint32_t ahead = 1; ahead <= 2; ahead++) {
        uint32_t page = (journal->head + ahead) % geometry->ring_pages, at = 0;
        struct badge_place *place = next_in(badge, page, &at);
        for (; place; place = next_in(badge, page, &at)) {
            uint32_t body_bytes =
                put_together(badge, place, record, geometry->page_bytes - OPEN_BYTES);
            if (body_bytes == 0) {
                continue;
            }
            if (journal->offset + badge_record_size(body_bytes) > geometry->page_bytes) {
                return;
            }
            badge_point(badge);
            journal->page_used = OPEN_BYTES + badge_record_size(body_bytes);
            keep(badge, place, record, body_bytes);
            journal->page_used = OPEN_BYTES;
        }
    }
}

/* ---- Opening a page ---- */

/* Put the records of what is alive in a page that is about to be erased one after the other.
 * There is none unless more pages in a row have failed than are kept free. */
static uint8_t *save_homeless(struct badge *badge, uint32_t page, uint8_t *to) {
    uint8_t *end = badge->journal.page + badge->journal.geometry.page_bytes;
    uint32_t at = 0;
    struct badge_place *place = next_in(badge, page, &at);
    for (; place; place = next_in(badge, page, &at)) {
        uint32_t body_bytes = put_together(badge, place, to, (uint32_t)(end - to));
        if (body_bytes) {
            badge_record_seal(to, KIND_EVENT, place->sequence_number, body_bytes, 0);
            to += badge_record_size(body_bytes);
        }
    }
    return to;
}

static void write_homeless(struct badge *badge, uint8_t *from, const uint8_t *end) {
    struct badge_journal *journal = &badge->journal;
    while (from < end) {
        uint32_t body_bytes = (uint32_t)from[2] | (uint32_t)from[3] << 8;
        struct badge_place *place = badge_find_any(journal, badge_record_number(from));
        if (place) {
            keep(badge, place, from, body_bytes);
        }
        from += badge_record_size(body_bytes);
    }
}

/* Write the checkpoint that was noted; its bytes. */
static uint32_t pack_before(struct badge *badge, uint8_t *to) {
    struct badge_journal *journal = &badge->journal;
#if BADGE_LATE_FAULTS
    if (journal->before_body) {
        memcpy(to, journal->before_body, journal->before_bytes);
        return journal->before_bytes;
    }
#endif
    return badge_pack_fitting(badge, &journal->before, to, 0);
}

/* Erase the page after the head and open it with the checkpoint that was noted. */
void badge_open_next(struct badge *badge) {
    struct badge_journal *journal = &badge->journal;
    uint8_t *opening = journal->page, *homeless = journal->page + journal->page_used, *end = homeless;
    bool opened = false;
    while (!opened && journal->faults <= FAULTS_MAX) {
        journal->head = (journal->head + 1) % journal->geometry.ring_pages;
        journal->generation++;
        journal->offset = OPEN_BYTES;
        journal->page_faults = 0;
        end = save_homeless(badge, journal->head, end);
        uint32_t body_bytes = pack_before(badge, opening + RECORD_HEADER);
        bool erased = badge->hal->erase(badge->hal->context,
                                        badge_ring_address(badge, journal->head));
        opened = issue(badge, 0, KIND_CHECKPOINT, journal->generation, opening, body_bytes) &&
                 erased;
        journal->faults += !erased;
    }
    write_homeless(badge, homeless, end);
}

/* Open pages until the head has room: what was alive in one may fill it. */
void badge_make_head(struct badge *badge, uint32_t size) {
    struct badge_journal *journal = &badge->journal;
    for (uint32_t n = 0; n < journal->geometry.ring_pages; n++) {
        if (journal->offset + size <= journal->geometry.page_bytes) {
            break;
        }
        badge_open_next(badge);
    }
}
