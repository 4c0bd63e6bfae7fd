/* Effects onto the tape; flash is performed in memory at once. */
#include <stdlib.h>

#include "tape.h"

enum { EVENT_JSON_MAX = 16384, TAPE_BYTES_MAX = 64 << 20 };

void tape_start(struct host *host) {
    host->tape_bytes = 0;
    host->tape_full = false;
}

static uint8_t *room(struct host *host, uint32_t bytes) {
    if (host->tape_full || bytes > TAPE_BYTES_MAX - host->tape_bytes) {
        host->tape_full = true; /* a core that never ends must not take all memory */
        return NULL;
    }
    if (host->tape_size - host->tape_bytes < bytes) {
        uint32_t size = (host->tape_bytes + bytes) * 2;
        uint8_t *tape = realloc(host->tape, size);
        if (!tape) {
            host->tape_full = true;
            return NULL;
        }
        host->tape = tape;
        host->tape_size = size;
    }
    return host->tape + host->tape_bytes;
}

static void put(struct host *host, const void *bytes, uint32_t size) {
    uint8_t *to = room(host, size);
    if (to && size) {
        memcpy(to, bytes, size);
        host->tape_bytes += size;
    }
}

static void item(struct host *host, uint32_t kind, uint32_t size) {
    put(host, &kind, sizeof kind);
    put(host, &size, sizeof size);
}

static void numbers(struct host *host, uint32_t kind, const int64_t *values, uint32_t count,
                    struct badge_text text) {
    item(host, kind, count * 8 + text.length);
    put(host, values, count * 8);
    put(host, text.bytes, text.length);
}

static const struct badge_text no_text = {"", 0};

static void on_read(void *context, uint32_t address, void *to, uint32_t size) {
    struct host *host = context;
    host_show(host);
    memset(to, 0xFF, size);
    if (address < host->flash_bytes) {
        uint32_t there = host->flash_bytes - address;
        memcpy(to, host->flash + address, size < there ? size : there);
    }
}

static bool on_program(void *context, uint32_t address, const void *from, uint32_t size) {
    struct host *host = context;
    host_show(host);
    item(host, TAPE_PROGRAM, 4 + size);
    put(host, &address, sizeof address);
    put(host, from, size);
    if (address < host->flash_bytes && size <= host->flash_bytes - address) {
        memcpy(host->flash + address, from, size);
    }
    return true;
}

static bool on_erase(void *context, uint32_t address) {
    struct host *host = context;
    host_show(host);
    item(host, TAPE_ERASE, 4);
    put(host, &address, sizeof address);
    if (address <= host->flash_bytes - host->page_bytes) {
        memset(host->flash + address, 0xFF, host->page_bytes);
    }
    return true;
}

void tape_event(struct host *host, const struct badge_event *event, bool has_unix,
                struct badge_text reason) {
    int64_t head[8] = {event->sequence_number, event->age_ms, event->unix_ms, event->type,
                       has_unix, event->firmware_version.length, event->payload_bytes,
                       reason.length};
    item(host, TAPE_LOGGED, (uint32_t)sizeof head + event->firmware_version.length +
                                event->payload_bytes + reason.length);
    put(host, head, sizeof head);
    put(host, event->firmware_version.bytes, event->firmware_version.length);
    put(host, event->payload, event->payload_bytes);
    put(host, reason.bytes, reason.length);
}

static void on_logged(void *context, const struct badge_event *event) {
    tape_event(context, event, true, no_text);
}

static void on_upload(void *context, const struct badge_upload *upload) {
    struct host *host = context;
    int64_t head[4] = {upload->request, upload->first_sequence, upload->last_sequence,
                       upload->count};
    item(host, TAPE_UPLOAD, 0);
    uint32_t start = host->tape_bytes;
    put(host, head, sizeof head);
    put(host, "[", 1);
    for (uint32_t n = 0; n < upload->count && !host->tape_full; n++) {
        if (n) {
            put(host, ",", 1);
        }
        char *to = (char *)room(host, EVENT_JSON_MAX);
        if (to) {
            uint32_t bytes = host->core.batch_json(host->given, n, to, EVENT_JSON_MAX);
            if (bytes > EVENT_JSON_MAX) {
                host->tape_full = true;
                return;
            }
            host->tape_bytes += bytes;
        }
    }
    put(host, "]", 1);
    if (host->tape_full) {
        return;
    }
    uint32_t size = host->tape_bytes - start;
    memcpy(host->tape + start - 4, &size, sizeof size);
}

static void one_number(struct host *host, uint32_t kind, int64_t value) {
    numbers(host, kind, &value, 1, no_text);
}

static void on_power_gps(void *context, bool on) {
    one_number(context, TAPE_POWER_GPS, on);
}

static void on_power_scanner(void *context, bool on) {
    one_number(context, TAPE_POWER_SCANNER, on);
}

static void on_poll_gps(void *context, uint32_t timeout_ms) {
    one_number(context, TAPE_POLL_GPS, timeout_ms);
}

static void on_start_scan(void *context, uint32_t duration_ms) {
    one_number(context, TAPE_START_SCAN, duration_ms);
}

static void on_draw(void *context, const struct badge_screen *screen) {
    struct host *host = context;
    int64_t head[9] = {screen->state, screen->low_battery, screen->no_cellular,
                       screen->has_duration, screen->shift_duration_s, screen->has_start,
                       screen->shift_started_unix_s, screen->battery_pct, screen->worker_id.length};
    item(host, TAPE_DRAW, (uint32_t)sizeof head + screen->worker_id.length +
                              screen->firmware_version.length);
    put(host, head, sizeof head);
    put(host, screen->worker_id.bytes, screen->worker_id.length);
    put(host, screen->firmware_version.bytes, screen->firmware_version.length);
}

static void on_notice(void *context, const struct badge_notice *notice) {
    int64_t head[3] = {notice->about, notice->first_sequence, notice->last_sequence};
    numbers(context, TAPE_NOTICE, head, 3, notice->text);
}

static void on_reboot(void *context, struct badge_text version) {
    numbers(context, TAPE_REBOOT, NULL, 0, version);
}

static void on_power_off(void *context) {
    numbers(context, TAPE_POWER_OFF, NULL, 0, no_text);
}

const struct badge_hal host_hal = {
    NULL,          on_read,          on_program,  on_erase,      on_logged,
    on_upload,     on_power_gps,     on_power_scanner, on_poll_gps, on_start_scan,
    on_draw,       on_notice,        on_reboot,   on_power_off,
};
