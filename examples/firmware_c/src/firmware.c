#include "firmware.h"

#include <string.h>

#include "board/board.h"
#include "bugs.h"
#include "card/uplink.h"
#include "console.h"

enum { QUEUE_PLACES = 2000 + 256, REFUSED_PLACES = 100, EVENT_BYTES = 1024, PAYLOAD_BYTES = 256 };

static struct badge badge;
static struct badge_place queue[QUEUE_PLACES], refused[REFUSED_PLACES];
static uint32_t page[(BADGE_PAGE_MEMORY(PAGE_BYTES, RING_PAGES) + 3) / 4];

static struct badge_upload batch;
static bool has_batch, booted, dated, gps_on;
static uint32_t wants_fix_ms;
static int64_t now_ms, unix_offset_ms; /* UTC is now plus that, once it is known */

/* The event of the boot is logged before the time is known: it is printed when it is. */
static struct {
    struct badge_event event;
    int64_t logged_ms;
    char version[VERSION_BYTES];
    uint8_t payload[PAYLOAD_BYTES];
} early;

/* ---- Flash ---- */

static struct {
    uint32_t address, size;
    uint8_t bytes[BADGE_RECORD_BYTES_MAX + 96];
} behind; /* of BUG_WRITE_BEHIND alone */

static void flash_read(void *context, uint32_t address, void *to, uint32_t size) {
    (void)context;
    memcpy(to, board_flash(address), size);
    for (uint32_t n = 0; BUG == BUG_WRITE_BEHIND && n < behind.size; n++) {
        uint32_t at = behind.address + n - address;
        if (at < size) {
            ((uint8_t *)to)[at] = behind.bytes[n];
        }
    }
}

static bool write_behind(uint32_t address, const void *from, uint32_t size) {
    bool kept = board_program(behind.address, behind.bytes, behind.size);
    behind.address = address;
    behind.size = size;
    memcpy(behind.bytes, from, size);
    return kept;
}

static bool flash_program(void *context, uint32_t address, const void *from, uint32_t size) {
    (void)context;
    if (BUG == BUG_WRITE_BEHIND && size <= sizeof behind.bytes) {
        return write_behind(address, from, size);
    }
    return board_program(address, from, size);
}

static bool flash_erase(void *context, uint32_t address) {
    (void)context;
    return board_erase(address);
}

/* ---- What happens outside ---- */

static void print(const struct badge_event *event) {
    char json[EVENT_BYTES];
    uint32_t size = badge_event_json(&badge, event, json, sizeof json - 1);
    if (size) {
        json[size] = '\n';
        board_write(BOARD_CONSOLE, json, size + 1);
    }
}

static void logged(void *context, const struct badge_event *event) {
    (void)context;
    if (dated) {
        print(event);
    } else if (event->payload_bytes <= PAYLOAD_BYTES &&
               event->firmware_version.length < VERSION_BYTES && !early.event.sequence_number) {
        early.event = *event;
        early.logged_ms = now_ms;
        memcpy(early.payload, event->payload, event->payload_bytes);
        memcpy(early.version, event->firmware_version.bytes, event->firmware_version.length);
        early.event.payload = early.payload;
        early.event.firmware_version.bytes = early.version;
    }
}

static void upload(void *context, const struct badge_upload *given) {
    (void)context;
    batch = *given; /* posted when the core has returned: its answer is another input */
    has_batch = true;
}

static void power_gps(void *context, bool on) {
    (void)context;
    gps_on = on;
}

static void poll_gps(void *context, uint32_t timeout_ms) {
    (void)context;
    wants_fix_ms = timeout_ms;
}

static void scanner(void *context, bool on) {
    (void)context, (void)on; /* what the radio hears comes by the console */
}

static void start_scan(void *context, uint32_t duration_ms) {
    (void)context, (void)duration_ms;
}

static void draw(void *context, const struct badge_screen *screen) {
    (void)context, (void)screen; /* no screen on this board */
}

static void notice(void *context, const struct badge_notice *told) {
    (void)context;
    console_log(told->text.bytes, told->text.length);
}

static void reboot(void *context, struct badge_text version) {
    struct settings settings;
    (void)context;
    console_log(version.bytes, version.length);
    /* The core has chosen the version and keeps the choice in flash: here a boot loader would
     * swap images.  On the bench the recording says when the boot comes. */
    if (settings_read(&settings) && !settings.on_bench) {
        firmware_restart(BADGE_FIRMWARE_UPDATE, false, 0);
    }
}

static void power_off(void *context) {
    (void)context; /* the core sleeps until power returns: a boot */
}

static const struct badge_hal hal = {
    NULL,    flash_read, flash_program, flash_erase, logged, upload, power_gps,
    scanner, poll_gps,   start_scan,    draw,        notice, reboot, power_off,
};

/* ---- The badge ---- */

static bool init(struct badge *to, const struct settings *settings, char *why) {
    static const struct badge_geometry geometry = {PAGE_BYTES, CONFIG_PAGES, RING_PAGES};
    struct badge_memory memory = {queue, QUEUE_PLACES, refused, REFUSED_PLACES, (uint8_t *)page,
                                  NULL,  NULL,         0};
    return badge_init(to, &hal, geometry, memory, settings->document, settings->firmware_version,
                      why);
}

bool firmware_accepts(const struct settings *settings, char *why) {
    static struct badge trial; /* it never boots, so that it touches nothing */
    return init(&trial, settings, why);
}

bool firmware_begin(const struct settings *settings, char *why) {
    has_batch = booted = dated = gps_on = false;
    wants_fix_ms = 0;
    now_ms = 0;
    memset(&early, 0, sizeof early);
    return init(&badge, settings, why);
}

static enum badge_result give(const struct badge_input *input, int64_t at_ms) {
    now_ms = at_ms;
    enum badge_result result = badge_receive(&badge, input, at_ms);
    booted |= result == BADGE_OK;
    while (result == BADGE_OK && has_batch) {
        struct badge_input answer;
        has_batch = false;
        memset(&answer, 0, sizeof answer);
        answer.kind = BADGE_UPLOAD_ANSWER;
        uplink_post(&badge, &batch, &answer.is.answer);
        result = badge_receive(&badge, &answer, at_ms);
    }
    return result;
}

enum badge_result firmware_happen(const struct badge_input *input, int64_t at_ms) {
    struct badge_input tick;
    enum badge_result result = BADGE_OK;
    memset(&tick, 0, sizeof tick);
    tick.kind = BADGE_TICK;
    for (int64_t due_ms; booted && (due_ms = badge_next_deadline_ms(&badge)) < at_ms;) {
        result = give(&tick, due_ms);
        if (result != BADGE_OK) {
            return result;
        }
    }
    if (input->kind == BADGE_UTC_LEARNED) {
        unix_offset_ms = input->is.unix_ms - at_ms;
        dated = true;
    }
    result = give(input, at_ms);
    if (early.event.sequence_number && dated) {
        early.event.unix_ms = early.logged_ms + unix_offset_ms;
        print(&early.event);
        early.event.sequence_number = 0;
    }
    return result;
}

int64_t firmware_next_ms(void) {
    return badge_next_deadline_ms(&badge);
}

bool firmware_is_booted(void) {
    return booted;
}

void firmware_restart(enum badge_reboot_reason reason, bool owes_answer, int64_t at_ms) {
    struct board_kept *kept = board_kept();
    kept->magic = BOARD_KEPT;
    kept->reason = reason;
    kept->owes_answer = owes_answer;
    kept->now_ms = at_ms;
    board_reset();
}

uint32_t firmware_wants_fix(void) {
    uint32_t wanted = wants_fix_ms;
    wants_fix_ms = 0;
    return wanted;
}

bool firmware_wants_gps(void) {
    return gps_on;
}
