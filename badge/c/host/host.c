/* A badge in C as this computer holds it: memory, inputs and looks. */
#include <stdlib.h>

#include "tape.h"

struct whole {
    struct host host;
    struct badge_hal hal;
};

enum { QUARANTINE_PLACES = 1100, CONFIG_COPIES_BYTES = 2 * CONFIG_BYTES_MAX };

static struct badge_hal *hal_of(struct host *host) {
    return &((struct whole *)(void *)host)->hal;
}

static uint32_t page_memory(const struct badge_geometry *geometry) {
    return BADGE_PAGE_MEMORY(geometry->page_bytes, geometry->ring_pages);
}

static bool allocate(struct host *host, const struct badge_geometry *geometry,
                     uint32_t settings_bytes, uint32_t places, uint32_t issued_bytes) {
    host->page_bytes = geometry->page_bytes;
    host->flash_bytes =
        (2 * geometry->config_pages + geometry->ring_pages) * geometry->page_bytes;
    host->place_count = places + QUARANTINE_PLACES;
    host->places = calloc(host->place_count, sizeof *host->places);
    host->flash = calloc(1, host->flash_bytes); /* what is not written to takes no memory */
    host->page = calloc(1, page_memory(geometry));
    host->written = calloc(1, host->flash_bytes / geometry->page_bytes);
    host->settings = malloc(settings_bytes + 1u);
    host->config = issued_bytes ? malloc(CONFIG_COPIES_BYTES) : NULL;
    host->issued = issued_bytes ? malloc(issued_bytes) : NULL;
    return host->places && host->flash && host->page && host->written && host->settings &&
           (!issued_bytes || (host->config && host->issued));
}

void host_free(struct host *host) {
    if (host) {
        free(host->places);
        free(host->flash);
        free(host->page);
        free(host->written);
        free(host->settings);
        free(host->config);
        free(host->issued);
        free(host->tape);
        if (host->given != &host->badge) {
            free(host->given);
        }
        free(host);
    }
}

static const struct host_core linked = {
    badge_init, badge_receive, badge_next_deadline_ms, badge_batch_json,
};

/* Data and functions have pointers of their own kinds in C: their bytes are copied. */
static void take_function(void *to, const void *address) {
    memcpy(to, &address, sizeof address);
}

#ifndef BADGE_DIGEST
#define BADGE_DIGEST ""
#endif

const char *host_digest(void) {
    return BADGE_DIGEST;
}

/* Says what the core has said, or that it has said nothing. */
static void explain(const char *words, char *why, uint32_t why_bytes) {
    const char *said = words[0] ? words : "no reason given";
    uint32_t length = (uint32_t)strlen(said);
    length = length < why_bytes - 1 ? length : why_bytes - 1;
    memcpy(why, said, length);
    why[length] = '\0';
}

/* The memory of a badge that is over for another one, as if it were new: most of its flash was
 * never written to.  Not if the memory is another core's, or was shown to others. */
int host_renew(struct host *host, const char *settings, uint32_t settings_bytes,
               const char *firmware_version, char *why, uint32_t why_bytes) {
    struct whole *whole = (struct whole *)(void *)host;
    struct badge_geometry geometry = host->badge.journal.geometry;
    char words[BADGE_NOTICE_BYTES_MAX + 1] = "no memory for a badge";
    char *place = realloc(host->settings, settings_bytes + 1u);
    if (place && !host->is_shown && host->given == &host->badge && !host->issued) {
        memset(host->written, 0, host->flash_bytes / host->page_bytes);
        memset(host->places, 0, host->place_count * sizeof *host->places);
        memset(host->page, 0, page_memory(&geometry));
        memcpy(place, settings, settings_bytes);
        memset(&host->badge, 0, sizeof host->badge);
        memset(words, 0, sizeof words);
        host->settings = place;
        host->tape_bytes = 0;
        struct badge_text document = {place, settings_bytes};
        whole->hal = host_hal;
        whole->hal.context = host;
        if (host->core.init(host->given, &whole->hal, geometry, host->memory, document,
                            firmware_version, words)) {
            return 0;
        }
    } else if (place) {
        host->settings = place;
    }
    explain(words, why, why_bytes);
    return 1;
}

struct host *host_new(const char *settings, uint32_t settings_bytes, const char *firmware_version,
                      uint32_t page_bytes, uint32_t config_pages, uint32_t ring_pages,
                      uint32_t queue_places, uint32_t issued_bytes,
                      const struct host_functions *other, char *why, uint32_t why_bytes) {
    struct badge_geometry geometry = {page_bytes, config_pages, ring_pages};
    struct whole *whole = calloc(1, sizeof *whole);
    char words[BADGE_NOTICE_BYTES_MAX + 1] = "no memory for a badge";
    if (!whole) {
        return NULL;
    }
    struct host *host = &whole->host;
    whole->hal = host_hal;
    whole->hal.context = host;
    host->given = &host->badge;
    host->core = linked;
    if (other) {
        host->given = calloc(1, other->badge_bytes);
        take_function(&host->core.init, other->init);
        take_function(&host->core.receive, other->receive);
        take_function(&host->core.deadline, other->deadline);
        take_function(&host->core.batch_json, other->batch_json);
    }
    if (host->given && allocate(host, &geometry, settings_bytes, queue_places, issued_bytes)) {
        struct badge_memory memory = {
            host->places + QUARANTINE_PLACES, queue_places, host->places, QUARANTINE_PLACES,
            host->page, host->issued, host->config, issued_bytes,
        };
        memcpy(host->settings, settings, settings_bytes);
        struct badge_text document = {host->settings, settings_bytes};
        host->memory = memory;
        memset(words, 0, sizeof words); /* from here on they are the core's */
        if (host->core.init(host->given, &whole->hal, geometry, memory, document,
                            firmware_version, words)) {
            return host;
        }
    }
    explain(words, why, why_bytes);
    host_free(host);
    return NULL;
}

void host_show(struct host *host) {
    for (uint32_t page = 0; page < host->flash_bytes / host->page_bytes && !host->is_shown; page++) {
        if (!host->written[page]) {
            memset(host->flash + page * host->page_bytes, 0xFF, host->page_bytes);
            host->written[page] = 1;
        }
    }
    host->is_shown = true;
}

uint8_t *host_flash(struct host *host) {
    host_show(host);
    return host->flash;
}

const uint8_t *host_tape(const struct host *host) {
    return host->tape;
}

uint32_t host_tape_bytes(const struct host *host) {
    return host->tape_full ? UINT32_MAX : host->tape_bytes;
}

static void *copied(const void *from, size_t size) {
    void *to = from ? malloc(size) : NULL;
    if (to) {
        memcpy(to, from, size);
    }
    return to;
}

/* A second badge that does from now on what the first one does. */
struct host *host_copy(const struct host *from) {
    struct whole *whole = copied(from, sizeof *whole);
    if (!whole) {
        return NULL;
    }
    struct host *host = &whole->host;
    struct badge *badge = &host->badge;
    host->given = badge; /* of the core that is linked here: no other one's insides are known */
    struct badge_journal *journal = &badge->journal;
    const struct badge_source *sources[3] = {&badge->given, &badge->present, &journal->config};
    host->places = copied(from->places, host->place_count * sizeof *host->places);
    host->flash = copied(from->flash, host->flash_bytes);
    host->page = copied(from->page, page_memory(&journal->geometry));
    host->written = copied(from->written, from->flash_bytes / from->page_bytes);
    host->settings = copied(from->settings, badge->given.size + 1u);
    host->config = copied(from->config, CONFIG_COPIES_BYTES);
    host->issued = copied(from->issued, host->memory.issued_bytes);
    host->tape = NULL;
    host->tape_bytes = host->tape_size = 0;
    if (!host->places || !host->flash || !host->page || !host->written || !host->settings) {
        host_free(host);
        return NULL;
    }
    whole->hal.context = host;
    badge->hal = hal_of(host);
    journal->quarantine.places = host->places;
    journal->queue.places = host->places + QUARANTINE_PLACES;
    journal->page = host->page;
    journal->issued = host->issued;
    journal->config_copy = host->config;
    for (unsigned n = 0; n < 3; n++) {
        struct badge_source *source = (struct badge_source *)(uintptr_t)sources[n];
        if (source->json) {
            source->memory = (const uint8_t *)host->settings;
        } else if (source->memory) {
            source->memory = host->config + (source->memory - from->config);
        }
    }
    return host;
}

/* ---- Inputs ---- */

static int give(struct host *host, int64_t now_ms, const struct badge_input *input) {
    tape_start(host);
    return (int)host->core.receive(host->given, input, now_ms);
}

static struct badge_input input_of(int kind) {
    struct badge_input input;
    memset(&input, 0, sizeof input);
    input.kind = (uint8_t)kind;
    return input;
}

int host_boot(struct host *host, int64_t now_ms, int reason) {
    struct badge_input input = input_of(BADGE_BOOT);
    input.is.reboot_reason = (uint8_t)reason;
    return give(host, now_ms, &input);
}

int host_tick(struct host *host, int64_t now_ms) {
    struct badge_input input = input_of(BADGE_TICK);
    return give(host, now_ms, &input);
}

int host_utc(struct host *host, int64_t now_ms, int64_t unix_ms) {
    struct badge_input input = input_of(BADGE_UTC_LEARNED);
    input.is.unix_ms = unix_ms;
    return give(host, now_ms, &input);
}

int host_assign(struct host *host, int64_t now_ms, const char *worker, uint32_t worker_bytes,
                const char *by, uint32_t by_bytes) {
    struct badge_input input = input_of(BADGE_ASSIGN);
    input.is.assign.worker_id.bytes = worker;
    input.is.assign.worker_id.length = worker_bytes;
    input.is.assign.assigned_by.bytes = by;
    input.is.assign.assigned_by.length = by_bytes;
    return give(host, now_ms, &input);
}

int host_simple(struct host *host, int64_t now_ms, int kind, int value, int other) {
    struct badge_input input = input_of(kind);
    if (kind == BADGE_MOVEMENT) {
        input.is.moving = value != 0;
    } else if (kind == BADGE_CELLULAR) {
        input.is.connected = value != 0;
    } else if (kind == BADGE_BATTERY) {
        input.is.battery.pct = value;
        input.is.battery.voltage_mv = other;
    }
    return give(host, now_ms, &input);
}

int host_fix(struct host *host, int64_t now_ms, int32_t lat_udeg, int32_t lon_udeg,
             int32_t accuracy_dm, int32_t hdop_milli, int32_t altitude_dm, int32_t speed_hmh,
             int type) {
    struct badge_fix fix = {lat_udeg,    lon_udeg,  accuracy_dm,  hdop_milli,
                            altitude_dm, speed_hmh, (uint8_t)type};
    struct badge_input input = input_of(BADGE_GPS_FIX);
    input.is.fix = fix;
    return give(host, now_ms, &input);
}

int host_scan(struct host *host, int64_t now_ms, const uint8_t *heard, uint32_t count) {
    struct badge_input input = input_of(BADGE_SCAN_RESULT);
    input.is.scan.heard = (const struct badge_heard *)heard; /* seven bytes each */
    input.is.scan.count = count;
    return give(host, now_ms, &input);
}

int host_answer(struct host *host, int64_t now_ms, int64_t request, int32_t status,
                int deprecated, int32_t retry_after_s, const int64_t *numbers, uint32_t count,
                const char *reasons, const uint32_t *reason_ends) {
    struct badge_input input = input_of(BADGE_UPLOAD_ANSWER);
    struct badge_rejected *rejected = count ? calloc(count, sizeof *rejected) : NULL;
    uint32_t at = 0;
    for (uint32_t n = 0; n < count && rejected; n++) {
        rejected[n].sequence_number = numbers[n];
        rejected[n].reason.bytes = reasons + at;
        rejected[n].reason.length = reason_ends[n] - at;
        at = reason_ends[n];
    }
    input.is.answer.request = request;
    input.is.answer.status = status;
    input.is.answer.schema_deprecated = deprecated != 0;
    input.is.answer.retry_after_s = retry_after_s;
    input.is.answer.rejected = rejected;
    input.is.answer.rejected_count = rejected ? count : 0;
    int result = give(host, now_ms, &input);
    free(rejected);
    return result;
}

static int give_text(struct host *host, int64_t now_ms, int kind, const char *text,
                     uint32_t bytes) {
    struct badge_input input = input_of(kind);
    input.is.document.bytes = text;
    input.is.document.length = bytes;
    return give(host, now_ms, &input);
}

int host_push(struct host *host, int64_t now_ms, const char *document, uint32_t bytes) {
    return give_text(host, now_ms, BADGE_CONFIG_PUSH, document, bytes);
}

int host_offer(struct host *host, int64_t now_ms, const char *version, uint32_t bytes) {
    return give_text(host, now_ms, BADGE_FIRMWARE_OFFER, version, bytes);
}

int host_fault(struct host *host, int64_t now_ms, uint32_t address) {
    struct badge_input input = input_of(BADGE_FLASH_FAULT);
    input.is.address = address;
    return give(host, now_ms, &input);
}

/* ---- Looks ---- */

int64_t host_deadline(const struct host *host) {
    return host->core.deadline(host->given);
}

void host_look(const struct host *host, int64_t to[17]) {
    const struct badge *badge = &host->badge;
    const struct badge_journal *journal = &badge->journal;
    int64_t found[17] = {
        badge_next_deadline_ms(badge), journal->is.next_sequence, journal->is.floor,
        journal->is.age_ms, journal->is.overflow_count, journal->is.quarantine_count,
        journal->queue.count, journal->quarantine.count, badge->shift_state, badge->upload_state,
        badge->asleep, journal->config_version, journal->config.address, journal->config.size,
        badge->booted, journal->quarantine_max, journal->queue_max,
    };
    memcpy(to, found, sizeof found);
}

int host_event(struct host *host, int quarantined, uint32_t place) {
    struct badge_journal *journal = &host->badge.journal;
    const struct badge_ring *ring = quarantined ? &journal->quarantine : &journal->queue;
    char why[256];
    struct badge_text reason = {why, 0};
    struct badge_event event;
    tape_start(host);
    if (place >= ring->count) {
        return 1;
    }
    const struct badge_place *at = badge_place_at(ring, place);
    if (!badge_read_place(&host->badge, at, &event)) {
        return 1;
    }
    if (quarantined) {
        reason.length = at->reason_bytes;
        badge_read_bytes(&host->badge, at->reason_at, (uint8_t *)why, at->reason_bytes,
                         at->reason_flip);
    }
    tape_event(host, &event, (at->flags & (PLACE_HAS_UTC | PLACE_STAMPED)) != 0, reason);
    return 0;
}

const char *host_version(const struct host *host) {
    return host->badge.firmware_version;
}

uint32_t host_near(const struct host *host, uint8_t *macs, uint32_t most) {
    const struct badge *badge = &host->badge;
    uint32_t count = 0;
    for (uint32_t n = 0; n < badge->tracker_count && count < most; n++) {
        if (badge->trackers[n].state == TAG_NEAR) {
            memcpy(macs + 6 * count++, badge->trackers[n].mac, 6);
        }
    }
    return count;
}

uint32_t host_state(struct host *host, uint8_t *to, uint32_t size) {
    struct badge_writer writer = badge_writer_of(to, size);
    badge_pack_state(&writer, &host->badge.journal.state);
    return writer.full ? 0 : (uint32_t)(writer.at - to);
}

uint32_t host_setting(struct host *host, const char *name, uint8_t *to, uint32_t size) {
    return badge_setting_text(&host->badge, name, (char *)to, size);
}

static void collect(void *context, const void *bytes, uint32_t size) {
    badge_put(context, bytes, size);
}

/* The settings in force as the CBOR document that would be kept of them. */
uint32_t host_settings(struct host *host, uint8_t *to, uint32_t size) {
    static const struct badge_source nothing = {(const uint8_t *)"{}", 0, 2, true, NULL};
    struct badge_content content = {&nothing, NULL};
    struct badge_writer writer = badge_writer_of(to, size);
    badge_write_content(&host->badge, &content, collect, &writer);
    return writer.full ? 0 : (uint32_t)(writer.at - to);
}
