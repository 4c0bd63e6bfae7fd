/* The pushed configuration in two flash slots: a new one never touches the present one
 * (badge/storage/config_slots.py). */
#include "../internal.h"

enum { HEADER_BYTES = 16, START = CONFIG_COPIES * HEADER_BYTES };

struct slot {
    uint32_t start, version, length;
    bool good;
    uint8_t header[HEADER_BYTES];
    uint8_t area[START];
};

static uint32_t slot_bytes(const struct badge *badge) {
    const struct badge_geometry *geometry = &badge->journal.geometry;
    return geometry->config_pages * geometry->page_bytes;
}

/* ---- Writing ---- */

struct writing {
    struct badge *badge;
    uint32_t start, at, from, crc, length;
    bool measure, held;
    uint8_t *copy; /* where faults are told later: the document, to be written once more */
};

static void flush(struct writing *to) {
    struct badge *badge = to->badge;
    uint32_t size = to->at - to->from;
    if (size) {
        while (size % 4) {
            badge->journal.page[size++] = 0;
        }
        to->held &= badge->hal->program(badge->hal->context, to->start + to->from,
                                        badge->journal.page, size);
    }
    to->from = to->at;
}

static void take_bytes(void *context, const void *bytes, uint32_t size) {
    struct writing *to = context;
    struct badge_journal *journal = &to->badge->journal;
    const uint8_t *from = bytes;
    if (to->measure) {
        if (to->copy) {
            memmove(to->copy + to->length, bytes, size);
        }
        to->crc = badge_crc32(to->crc, bytes, size);
        to->length += size;
        return;
    }
    for (; size > 0; size--) {
        journal->page[to->at++ - to->from] = *from++;
        if (to->at % journal->geometry.page_bytes == 0) {
            flush(to);
        }
    }
}

static bool write_copies(struct badge *badge, uint32_t start, const uint8_t *header,
                         uint32_t place) {
    bool held = true;
    for (uint32_t at = place; at < place + 2; at++) {
        held &= badge->hal->program(badge->hal->context, start + at * HEADER_BYTES, header,
                                    HEADER_BYTES);
    }
    return held;
}

static uint8_t *copy_of(const struct badge *badge, uint32_t version) {
#if BADGE_LATE_FAULTS
    uint8_t *copies = badge->journal.config_copy;
    return copies ? copies + version % 2 * CONFIG_BYTES_MAX : NULL;
#else
    (void)badge;
    (void)version;
    return NULL;
#endif
}

/* Write a document in place of what its slot holds; its header, written last, makes it count. */
static bool write_slot(struct badge *badge, uint32_t version, const struct badge_content *content) {
    uint32_t page_bytes = badge->journal.geometry.page_bytes;
    struct writing to = {badge, version % 2 * slot_bytes(badge), START, START, version, 0,
                         true, true, copy_of(badge, version)};
    uint8_t header[HEADER_BYTES] = {'B', 'C', 'F', 'G'};
    badge_write_content(badge, content, take_bytes, &to);
    badge_write_u32(header + 4, version);
    badge_write_u32(header + 8, to.length);
    badge_write_u32(header + 12, to.crc);
    for (uint32_t at = 0; at < START + (to.length + 3u) / 4u * 4u; at += page_bytes) {
        to.held &= badge->hal->erase(badge->hal->context, to.start + at);
    }
    to.measure = false;
    badge_write_content(badge, content, take_bytes, &to);
    flush(&to);
    to.held &= write_copies(badge, to.start, header, 0);
    badge->journal.config.memory = to.copy;
    badge->journal.config.address = to.start + START;
    badge->journal.config.size = to.length;
    badge->journal.config.json = false;
    badge->journal.config_version = version;
    return to.held;
}

static void tell_worn(struct badge *badge) {
    badge_tell(badge, BADGE_FLASH_WORN, "flash did not keep the configuration that was pushed");
}

/* Keep a configuration; false, and nothing is written, if it is larger than a slot. */
bool badge_slots_save(struct badge *badge, const struct badge_content *content, char *why) {
    struct badge_journal *journal = &badge->journal;
    struct writing size = {badge, 0, START, START, 0, 0, true, true, NULL};
    uint32_t room = slot_bytes(badge) < CONFIG_BYTES_MAX ? slot_bytes(badge) : CONFIG_BYTES_MAX;
    room -= START;
    badge_write_content(badge, content, take_bytes, &size);
    if (size.length > room) {
        struct badge_writer text = badge_writer_of(why, BADGE_NOTICE_BYTES_MAX - 1);
        badge_put_text(&text, "config: ");
        badge_put_number(&text, size.length);
        badge_put_text(&text, " bytes are too many for flash; ");
        badge_put_number(&text, room);
        badge_put_text(&text, " fit");
        *text.at = '\0';
        return false;
    }
    journal->config_faults = 0;
    journal->config_faulty = false;
    uint32_t version = journal->config_version + 1;
    while (!write_slot(badge, version, content)) {
        /* The same slot again: the other one holds a good configuration. */
        if (++journal->config_faults > CONFIG_TRIES) {
            tell_worn(badge);
            break;
        }
        version += 2;
    }
    return true;
}

#if BADGE_LATE_FAULTS
/* Write once more what a fault, told later, has struck. */
void badge_slots_retry(struct badge *badge) {
    struct badge_journal *journal = &badge->journal;
    journal->config_faulty = false;
    journal->config_faults++;
    if (journal->config.size == 0 || !journal->config_copy) {
        return;
    }
    if (journal->config_faults > CONFIG_TRIES) {
        tell_worn(badge);
        return;
    }
    uint32_t version = journal->config_version + 2;
    struct badge_source raw = {copy_of(badge, version), 0, journal->config.size, false, NULL};
    struct badge_content content = {NULL, &raw};
    if (!journal->config.memory) {
        badge->hal->read(badge->hal->context, journal->config.address, copy_of(badge, version),
                         raw.size);
    }
    write_slot(badge, version, &content);
}

#endif

/* ---- Reading ---- */

static uint32_t crc_of_flash(struct badge *badge, uint32_t address, uint32_t size, uint32_t crc) {
    uint8_t piece[64];
    while (size > 0) {
        uint32_t part = size < sizeof piece ? size : (uint32_t)sizeof piece;
        badge->hal->read(badge->hal->context, address, piece, part);
        crc = badge_crc32(crc, piece, part);
        address += part;
        size -= part;
    }
    return crc;
}

static bool was_tried(const struct slot *slot, uint32_t place) {
    for (uint32_t n = 0; n < place; n++) {
        if (memcmp(slot->area + n * HEADER_BYTES, slot->area + place * HEADER_BYTES,
                   HEADER_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_map(const struct badge_source *document) {
    struct badge_value root;
    badge_root(document, &root);
    return root.type == VALUE_MAP;
}

static void read_slot(struct badge *badge, uint32_t number, struct slot *slot) {
    memset(slot, 0, sizeof *slot);
    slot->start = number * slot_bytes(badge);
    badge->hal->read(badge->hal->context, slot->start, slot->area, START);
    for (uint32_t place = 0; place < CONFIG_COPIES; place++) {
        const uint8_t *header = slot->area + place * HEADER_BYTES;
        uint32_t version = badge_u32(header + 4), length = badge_u32(header + 8);
        if (was_tried(slot, place) || memcmp(header, "BCFG", 4) != 0 ||
            length > slot_bytes(badge) - START) {
            continue;
        }
        struct badge_source document = {NULL, slot->start + START, length, false, badge->hal};
        if (crc_of_flash(badge, document.address, length, version) == badge_u32(header + 12) &&
            is_map(&document)) {
            slot->good = true;
            slot->version = version;
            slot->length = length;
            memcpy(slot->header, header, HEADER_BYTES);
            return;
        }
    }
}

/* Write two more copies unless one is known to be complete: something follows it. */
static void confirm(struct badge *badge, const struct slot *slot) {
    for (uint32_t at = 0; at + HEADER_BYTES <= START; at++) {
        if (memcmp(slot->area + at, slot->header, HEADER_BYTES) != 0) {
            continue;
        }
        uint32_t behind = at + HEADER_BYTES;
        uint32_t size = START - behind < HEADER_BYTES ? START - behind : HEADER_BYTES;
        if (!badge_is_blank(slot->area + behind, size)) {
            return;
        }
        at += HEADER_BYTES - 1;
    }
    /* The place behind the last visible one may have been begun, too. */
    uint32_t place = (badge_blank_from(slot->area, START) + HEADER_BYTES - 1) / HEADER_BYTES + 1;
    if (place + 1 < CONFIG_COPIES) {
        write_copies(badge, slot->start, slot->header, place);
    }
}

static void wipe(struct badge *badge, const struct slot *slot, uint32_t version) {
    struct badge_words words;
    badge->hal->erase(badge->hal->context, slot->start);
    badge_words_start(&words, "a configuration in flash was cut off while it was written, or has "
                              "rotted; version ");
    badge_put_number(&words.to, version);
    badge_put_text(&words.to, " is in force");
    badge_notify(badge, BADGE_FLASH_DAMAGE, &words, 1, 0);
}

/* Find the newest whole configuration; a slot that a cut left half written is wiped. */
void badge_slots_read(struct badge *badge) {
    struct badge_journal *journal = &badge->journal;
    struct slot slots[2];
    read_slot(badge, 0, &slots[0]);
    read_slot(badge, 1, &slots[1]);
    const struct slot *newest = slots[1].version > slots[0].version ? &slots[1] : &slots[0];
    memset(&journal->config, 0, sizeof journal->config);
    journal->config.hal = badge->hal;
    journal->config_version = newest->version;
    if (newest->good) {
        journal->config.address = newest->start + START;
        journal->config.size = newest->length;
    }
    for (unsigned n = 0; n < 2; n++) {
        if (!slots[n].good && !badge_is_blank(slots[n].area, START)) {
            wipe(badge, &slots[n], newest->version);
        }
    }
    if (newest->good) {
        confirm(badge, newest);
    }
}
