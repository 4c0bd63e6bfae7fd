/* Reading a journal after a cut: which page is the head, what is alive, what is lost
 * (badge/storage/recovery.py says which rules make the answer hold).
 *
 * Python keeps all pages in memory and reads each once.  Here there is memory for one: the ring is
 * read backwards, for what boots void, and forwards.  Torn cells may read differently each time,
 * so both must have seen the same records; else all is read again. */
#include "../internal.h"

enum { TRIES_MAX = 8, DROPPED = 1 };

static const uint32_t NOWHERE = UINT32_MAX;

struct recovery {
    struct badge *badge;
    struct badge_page page;
    int64_t head, oldest;
    uint16_t *lines;
    uint32_t line_count, page_end, digest;
    bool page_torn, proven;
    bool next_clean, next_torn;
    uint32_t *voids;
    int64_t last_generation;
    uint32_t last_offset;
    bool head_read;
};

static void load(struct recovery *at, int64_t generation) {
    struct badge *badge = at->badge;
    at->page.generation = generation;
    at->page.address = badge_ring_address(badge, badge_page_of(badge, generation));
    at->page.flip_count = 0;
    badge->hal->read(badge->hal->context, at->page.address, at->page.bytes, at->page.size);
}

/* The generation that the opening checkpoint states, 0 if that is none. */
static int64_t stated_generation(struct recovery *at) {
    struct badge_record found;
    const uint8_t *opening = at->page.bytes;
    uint32_t length = (uint32_t)opening[2] | (uint32_t)opening[3] << 8;
    int64_t loaded = at->page.generation, stated = badge_record_number(opening);
    at->page.generation = stated;
    if (stated < 0 || opening[0] != KIND_CHECKPOINT || badge_record_size(length) > OPEN_BYTES ||
        !badge_record_decode(&at->page, 0, &found) || !badge_body_is_good(&found)) {
        stated = 0;
    }
    at->page.generation = loaded;
    return stated;
}

static bool on_line(void *context, const struct badge_record *record) {
    struct recovery *at = context;
    if (record->kind != KIND_CHECKPOINT && badge_body_is_good(record)) {
        at->lines[at->line_count++] = (uint16_t)record->offset;
        at->proven = true;
    }
    if (record->flip != NOWHERE && at->page.flip_count < BADGE_FLIPS_MAX) {
        at->page.flips[at->page.flip_count++] = record->flip;
    }
    return true;
}

/* Find all good records of the page that was loaded, a good opening the first. */
static void find_lines(struct recovery *at) {
    at->line_count = 0;
    at->proven = false;
    if (stated_generation(at) == at->page.generation) {
        at->lines[at->line_count++] = 0;
    }
    struct badge_scan scan = badge_record_scan(&at->page, OPEN_BYTES, on_line, at);
    at->page_end = scan.end;
    at->page_torn = scan.damaged_end != 0 && scan.damaged_end == scan.end;
}

/* ---- The head ---- */

static bool is_torn(const struct recovery *at) {
    return !badge_is_blank(at->page.bytes + OPEN_BYTES, at->page.size - OPEN_BYTES);
}

static void look_at_next(struct recovery *at) {
    int64_t stated = stated_generation(at), generation = at->page.generation;
    bool blank = badge_is_blank(at->page.bytes, at->page.size);
    int64_t ring_pages = at->badge->journal.geometry.ring_pages;
    at->next_clean = blank || (stated != 0 && stated == generation - ring_pages);
    at->next_torn = stated == generation && is_torn(at);
}

/* The newest generation that a record behind an opening proves. */
static void find_head(struct recovery *at) {
    struct badge *badge = at->badge;
    const struct badge_geometry *geometry = &badge->journal.geometry;
    struct badge_record found;
    int64_t newest = 0;
    for (uint32_t page = 0; page < geometry->ring_pages; page++) {
        badge->hal->read(badge->hal->context, badge_ring_address(badge, page), at->page.bytes,
                         OPEN_BYTES);
        int64_t stated = stated_generation(at);
        if (stated > newest && badge_page_of(badge, stated) == page) {
            newest = stated;
        }
    }
    load(at, newest + 1);
    if (badge_record_decode(&at->page, OPEN_BYTES, &found)) {
        at->head = newest + 1;
        load(at, newest + 2);
        look_at_next(at);
        return;
    }
    look_at_next(at);
    at->head = newest;
    if (newest) {
        load(at, newest);
        bool torn = is_torn(at);
        bool stated = stated_generation(at) == newest;
        find_lines(at);
        if (!at->proven) {
            at->head = newest - 1;
            at->next_clean = false;
            at->next_torn = stated && torn;
        }
    }
}

/* ---- What boots void ---- */

static int64_t start_of(const struct recovery *at) {
    return at->page.generation * (int64_t)at->page.size;
}

/* Mark the lines that a later boot of their page voids; return from where its first boot voids. */
static int64_t mark_void(struct recovery *at, int64_t before) {
    int64_t void_from = INT64_MAX;
    for (uint32_t n = at->line_count; n > 0; n--) {
        struct badge_record record;
        int64_t position = start_of(at) + at->lines[n - 1];
        if (position >= before || position >= void_from ||
            !badge_record_decode(&at->page, at->lines[n - 1], &record)) {
            at->lines[n - 1] |= DROPPED;
        } else {
            void_from = record.kind == KIND_BOOT ? record.number : void_from;
        }
    }
    return void_from;
}

static void digest_lines(struct recovery *at) {
    at->digest = badge_crc32(0, &at->page.generation, sizeof at->page.generation);
    for (uint32_t n = 0; n < at->line_count; n++) {
        struct badge_record record;
        uint32_t crc = 0;
        if (badge_record_decode(&at->page, at->lines[n], &record)) {
            memcpy(&crc, at->page.bytes + record.end - sizeof crc, sizeof crc);
        }
        at->digest = badge_crc32(at->digest, &crc, sizeof crc);
    }
}

/* Load a page and find its lines; false if its opening is of another lap. */
static bool read_lines(struct recovery *at, int64_t generation) {
    load(at, generation);
    int64_t stated = stated_generation(at);
    if (stated != 0 && stated != generation) {
        at->line_count = at->digest = 0;
        return false;
    }
    find_lines(at);
    digest_lines(at);
    return true;
}

static uint32_t read_backwards(struct recovery *at) {
    int64_t base = at->oldest * (int64_t)at->page.size;
    int64_t void_from = INT64_MAX;
    uint32_t digest = 0;
    for (int64_t generation = at->head; generation >= at->oldest; generation--) {
        int64_t relative = void_from - base < 0 ? 0 : void_from - base;
        at->voids[generation - at->oldest] =
            void_from == INT64_MAX || relative >= NOWHERE ? NOWHERE : (uint32_t)relative;
        if (read_lines(at, generation)) {
            int64_t from = mark_void(at, INT64_MAX);
            void_from = from < void_from ? from : void_from;
        }
        digest ^= at->digest;
    }
    return digest;
}

static uint32_t read_forwards(struct recovery *at) {
    struct badge_journal *journal = &at->badge->journal;
    uint32_t digest = 0;
    badge_reading_reset(journal);
    at->last_generation = 0;
    at->head_read = false;
    for (int64_t generation = at->oldest; generation <= at->head; generation++) {
        uint32_t relative = at->voids[generation - at->oldest];
        int64_t before = INT64_MAX;
        bool read = read_lines(at, generation);
        digest ^= at->digest;
        if (!read) {
            continue;
        }
        at->head_read |= generation == at->head;
        if (relative != NOWHERE) {
            before = at->oldest * (int64_t)at->page.size + relative;
            before = start_of(at) + at->page_end <= before ? INT64_MAX : before;
        }
        mark_void(at, before);
        for (uint32_t n = 0; n < at->line_count; n++) {
            struct badge_record record;
            if (!(at->lines[n] & DROPPED) && badge_record_decode(&at->page, at->lines[n], &record)) {
                badge_take_record(journal, &at->page, &record);
                at->last_generation = generation;
                at->last_offset = at->lines[n];
            }
        }
        badge_prune(journal);
    }
    return digest;
}

static void read_log(struct recovery *at) {
    struct badge_journal *journal = &at->badge->journal;
    int64_t ring_pages = journal->geometry.ring_pages;
    for (unsigned n = 0; n < TRIES_MAX; n++) {
        find_head(at);
        /* Of a page whose erase was begun everything had been copied before. */
        at->oldest = at->head - ring_pages + (at->next_clean ? 1 : 2);
        at->oldest = at->oldest < 1 ? 1 : at->oldest;
        if (read_backwards(at) == read_forwards(at)) {
            break;
        }
    }
}

/* ---- The boot's own record ---- */

static bool matters(const struct badge_journal *journal, const struct badge_record *record) {
    if (record->kind == KIND_EVENT) {
        return record->number > journal->is.floor ||
               badge_find(&journal->quarantine, record->number) != NULL;
    }
    if (record->kind == KIND_RELEASE && badge_body_is_good(record)) {
        struct badge_cursor from = badge_body_of(record);
        int64_t next;
        return badge_take_release(&from, &next, &next) > 0;
    }
    return record->kind == KIND_STAMP;
}

struct carrying {
    struct badge_writer to;
    uint32_t count;
    int64_t event; /* the number of a carried event, and where its body lies in the record */
    uint32_t event_at, event_bytes;
};

static void carry(struct badge *badge, struct carrying *load, const struct badge_record *record) {
    if (!matters(&badge->journal, record)) {
        return;
    }
    load->count++;
    badge_put_head(&load->to, 4, 3);
    badge_put_int(&load->to, record->kind);
    badge_put_int(&load->to, record->number);
    badge_put_head(&load->to, 2, record->body_bytes);
    if (record->kind == KIND_EVENT && !load->to.full) {
        load->event = record->number;
        load->event_at = (uint32_t)(load->to.at - badge_record_bytes(badge)) - RECORD_HEADER;
        load->event_bytes = record->body_bytes;
    }
    badge_put(&load->to, record->body, record->body_bytes);
}

static void carry_all(struct badge *badge, struct carrying *load,
                      const struct badge_record *last) {
    if (last->kind != KIND_BOOT) {
        carry(badge, load, last);
        return;
    }
    struct badge_cursor from = badge_body_of(last);
    struct badge_checkpoint point;
    struct badge_record carried;
    uint64_t count = 0;
    badge_read_checkpoint(&from, POINT_VALUES + 1, &point);
    badge_take_array(&from, &count);
    while (badge_take_carried(&from, &count, &carried)) {
        carry(badge, load, &carried);
    }
}

static void settle_carried(struct badge *badge, const struct carrying *load, uint32_t body_at) {
    struct badge_journal *journal = &badge->journal;
    struct badge_place *place = badge_find_any(journal, load->event);
    if (!load->event || !place) {
        return;
    }
    if (place->reason_at - place->body_at < place->body_bytes) {
        place->reason_at += body_at + load->event_at - place->body_at;
        place->reason_flip = 0;
    }
    place->body_flip = 0; /* it was put right on its way */
    badge_settle_in(badge, place, body_at + load->event_at, load->event_bytes);
}

/* Write what this boot found; from now on the same is found whatever torn cells say. */
static void write_boot(struct recovery *at) {
    struct badge *badge = at->badge;
    struct badge_journal *journal = &badge->journal;
    uint8_t *record = badge_record_bytes(badge);
    struct badge_record last;
    struct carrying load;
    int64_t void_from = 0;
    bool found = false;
    badge_point(badge);
    if (at->last_generation) {
        for (unsigned n = 0; n < TRIES_MAX && !found; n++) {
            read_lines(at, at->last_generation);
            found = badge_record_decode(&at->page, at->last_offset, &last);
        }
        void_from = start_of(at) + at->last_offset;
        void_from = found && last.kind == KIND_BOOT ? last.number : void_from;
    }
    for (;;) {
        memset(&load, 0, sizeof load);
        load.to = badge_writer_of(record + RECORD_HEADER,
                                  (uint32_t)sizeof badge->record - RECORD_HEADER - 8);
        load.to.at += badge_pack_fitting(badge, &journal->before, load.to.at, 1);
        uint8_t *count_at = load.to.at++;
        if (found) {
            carry_all(badge, &load, &last);
        }
        *count_at = (uint8_t)(0x80 | load.count);
        if (!load.to.full) {
            break;
        }
        /* A record of a larger build: it stays where it is, and is trusted. */
        void_from = start_of(at) + last.end;
        found = false;
    }
    uint32_t body_bytes = (uint32_t)(load.to.at - record) - RECORD_HEADER;
    badge_make_head(badge, badge_record_size(body_bytes));
    uint32_t body_at = badge_program(badge, KIND_BOOT, void_from, record, body_bytes);
    settle_carried(badge, &load, body_at);
}

/* ---- The whole ---- */

static void forget(struct badge_journal *journal) {
    journal->issued_to = 0;
    journal->faults = journal->page_faults = 0;
    journal->config_faulty = journal->ahead_due = false;
    journal->config_faults = 0;
    journal->page_used = OPEN_BYTES;
    journal->alive_bytes = 0;
}

static void count_alive(struct badge_journal *journal) {
    struct badge_place *place = badge_kept(journal, 0);
    for (uint32_t n = 0; place; place = badge_kept(journal, ++n)) {
        journal->alive_bytes += badge_record_size(place->body_bytes);
        if (n >= journal->quarantine.count) {
            place->flags &= (uint8_t)~PLACE_REFUSED;
        }
    }
}

/* Read every page, take up the log where it can be trusted, and note what is lost. */
void badge_journal_recover(struct badge *badge) {
    struct badge_journal *journal = &badge->journal;
    uint32_t page_bytes = journal->geometry.page_bytes;
    struct recovery at = {0};
    struct badge_ranges skipped;
    uint8_t *spare = journal->page + page_bytes;
    at.badge = badge;
    at.page.bytes = journal->page;
    at.page.size = page_bytes;
    at.voids = (uint32_t *)(void *)spare;
    at.lines = (uint16_t *)(void *)(spare + 4 * journal->geometry.ring_pages);
    forget(journal);
    badge_slots_read(badge);
    read_log(&at);
    bool torn = at.next_torn || (at.head_read && at.page_torn);
    journal->generation = at.head;
    journal->head = badge_page_of(badge, at.head);
    journal->offset = page_bytes;
    if (at.head_read && at.next_clean) {
        uint32_t resume = (at.page_end + 3u) / 4u * 4u + TEAR_GAP_BYTES;
        journal->offset = resume < page_bytes ? resume : page_bytes;
    }
    badge_missing(journal, &journal->lost);
    journal->unfinished = torn ? journal->is.next_sequence : 0;
    skipped.count = 0;
    for (uint32_t n = 0; n < journal->skipped_count; n++) {
        badge_add_range(&skipped, journal->skipped[n][0], journal->skipped[n][1]);
    }
    for (uint32_t n = 0; n < journal->lost.count; n++) {
        badge_add_range(&skipped, journal->lost.of[n][0], journal->lost.of[n][1]);
    }
    if (torn) {
        badge_add_range(&skipped, journal->unfinished, journal->unfinished);
        journal->is.next_sequence += SEQUENCE_RESERVE;
    }
    memcpy(journal->skipped, skipped.of, sizeof journal->skipped);
    journal->skipped_count = skipped.count;
    count_alive(journal);
    badge_limit_quarantine(journal, 0);
    write_boot(&at);
    badge_free_ahead(badge);
    badge_finish(badge);
}
