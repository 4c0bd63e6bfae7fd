/* libFuzzer's bytes as a flash image that a badge boots from, or as settings that are pushed.
 * The environment's FUZZ says which: "flash" or "settings". */
#include <stdlib.h>

#include "internal.h"

enum { PAGE = 1536, RING = 5, PAGES = 2 + RING, PLACES = 64 };

static uint8_t flash[PAGES * PAGE];
static struct badge_place places[2 * PLACES];
static uint32_t page[(BADGE_PAGE_MEMORY(PAGE, RING) + 3) / 4];
static char json[4096];
static struct badge badge;

static void on_read(void *context, uint32_t address, void *to, uint32_t size) {
    (void)context;
    if (address > sizeof flash || size > sizeof flash - address) {
        abort(); /* the core reads its own flash only */
    }
    memcpy(to, flash + address, size);
}

static bool on_program(void *context, uint32_t address, const void *from, uint32_t size) {
    (void)context;
    if (address > sizeof flash || size > sizeof flash - address || address % 4 || size % 4 ||
        address / PAGE != (address + size - 1) / PAGE) {
        abort();
    }
    memcpy(flash + address, from, size);
    return true;
}

static bool on_erase(void *context, uint32_t address) {
    (void)context;
    if (address % PAGE || address >= sizeof flash) {
        abort();
    }
    memset(flash + address, 0xFF, PAGE);
    return true;
}

static void on_logged(void *context, const struct badge_event *event) {
    (void)context;
    badge_event_json(&badge, event, json, sizeof json);
}

static void on_upload(void *context, const struct badge_upload *upload) {
    (void)context;
    for (uint32_t n = 0; n < upload->count; n++) {
        badge_batch_json(&badge, n, json, sizeof json);
    }
}

static void on_switch(void *context, bool on) {
    (void)context;
    (void)on;
}

static void on_order(void *context, uint32_t value) {
    (void)context;
    (void)value;
}

static void on_draw(void *context, const struct badge_screen *screen) {
    (void)context;
    (void)screen;
}

static void on_notice(void *context, const struct badge_notice *notice) {
    (void)context;
    if (notice->text.length >= BADGE_NOTICE_BYTES_MAX) {
        abort();
    }
}

static void on_reboot(void *context, struct badge_text version) {
    (void)context;
    (void)version;
}

static void on_power_off(void *context) {
    (void)context;
}

static const struct badge_hal hal = {
    NULL,      on_read,   on_program, on_erase, on_logged, on_upload, on_switch,
    on_switch, on_order,  on_order,   on_draw,  on_notice, on_reboot, on_power_off,
};

static void give(struct badge_input *input, uint8_t kind, int64_t now_ms) {
    input->kind = kind;
    badge_receive(&badge, input, now_ms);
}

/* Records with right CRCs, whose kinds, numbers and bodies are anything; now and then a stray
 * byte. */
static void write_records(const uint8_t *data, size_t size) {
    uint32_t offsets[RING] = {0};
    for (size_t at = 0; at + 6 < size;) {
        uint32_t ring = data[at] % RING, offset = offsets[ring], generation = ring + 1;
        uint32_t length = data[at + 3], kind = data[at + 1] % KIND_END;
        int64_t number = data[at + 1] & 0x80 ? (int8_t)data[at + 2] : data[at + 2];
        uint8_t *start = flash + (2 + ring) * PAGE + offset;
        at += 5;
        length = length < size - at ? length : (uint32_t)(size - at);
        if (offset + badge_record_size(length) > PAGE) {
            continue;
        }
        memcpy(start + RECORD_HEADER, data + at, length);
        number = kind == KIND_CHECKPOINT && offset == 0 ? (int64_t)generation : number;
        offsets[ring] += badge_record_seal(start, kind, number, length, generation * PAGE + offset);
        if (offset == 0) {
            offsets[ring] = OPEN_BYTES;
        }
        if (data[at - 1] == 7) {
            start[length] ^= 16;
        }
        at += length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char settings[] = "{\"device_id\":\"ACT-3F8A21B4\"}";
    const char *target = getenv("FUZZ");
    struct badge_geometry geometry = {PAGE, 1, RING};
    struct badge_memory memory = {places, PLACES, places + PLACES, PLACES, (uint8_t *)page,
                                  NULL, NULL, 0};
    struct badge_text document = {settings, sizeof settings - 1};
    struct badge_input input;
    char why[BADGE_NOTICE_BYTES_MAX];
    bool image = target && target[0] == 'f';
    memset(flash, 0xFF, sizeof flash);
    memset(&input, 0, sizeof input);
    if (image) {
        write_records(data, size);
    }
    if (!badge_init(&badge, &hal, geometry, memory, document, "0.1.0", why)) {
        abort();
    }
    give(&input, BADGE_BOOT, 0);
    input.is.unix_ms = 1772000000000;
    give(&input, BADGE_UTC_LEARNED, 1);
    if (!image) {
        input.is.document.bytes = (const char *)data;
        input.is.document.length = (uint32_t)size;
        give(&input, BADGE_CONFIG_PUSH, 2);
        give(&input, BADGE_CONFIG_PUSH, 3);
    }
    give(&input, BADGE_TICK, 200000);
    memset(&input, 0, sizeof input);
    give(&input, BADGE_BOOT, 300000);
    give(&input, BADGE_TICK, 700000);
    return 0;
}
