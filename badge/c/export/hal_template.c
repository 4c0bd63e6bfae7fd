/* What the core calls, to be filled in for a board.  docs/firmware.md says what each promises. */
#include <string.h>

#include "badge_core.h"

/* The sizes of a flash chip: configuration pages first, twice, then the ring of the journal. */
static const struct badge_geometry geometry = {4096, 5, 246};

static struct badge_place queue[2000 + 256], quarantine[100];
static uint32_t page[(BADGE_PAGE_MEMORY(4096, 246) + 3) / 4];
static struct badge badge;

static void flash_read(void *context, uint32_t address, void *to, uint32_t size) {
    (void)context;
    memcpy(to, (const void *)(uintptr_t)address, size); /* memory-mapped flash: add its base */
}

static bool flash_program(void *context, uint32_t address, const void *from, uint32_t size) {
    (void)context, (void)address, (void)from, (void)size;
    return true; /* write, read back, and say whether it is there */
}

static bool flash_erase(void *context, uint32_t address) {
    (void)context, (void)address;
    return true; /* erase one page, and say whether all of it is 0xFF */
}

static void logged(void *context, const struct badge_event *event) {
    (void)context, (void)event; /* for a log; the queue keeps it */
}

static void upload(void *context, const struct badge_upload *batch) {
    (void)context;
    for (uint32_t n = 0; n < batch->count; n++) {
        char json[1024];
        uint32_t size = badge_batch_json(&badge, n, json, sizeof json);
        (void)size; /* send `[`, the events with commas, `]`; the answer is BADGE_UPLOAD_ANSWER */
    }
}

static void power(void *context, bool on) {
    (void)context, (void)on;
}

static void order(void *context, uint32_t ms) {
    (void)context, (void)ms; /* ask for a position; listen for advertisements */
}

static void draw(void *context, const struct badge_screen *screen) {
    (void)context, (void)screen;
}

static void notice(void *context, const struct badge_notice *notice) {
    (void)context, (void)notice; /* words for a person */
}

static void reboot(void *context, struct badge_text firmware_version) {
    (void)context, (void)firmware_version;
}

static void power_off(void *context) {
    (void)context;
}

static const struct badge_hal hal = {
    NULL,  flash_read, flash_program, flash_erase, logged, upload, power,
    power, order,      order,         draw,        notice, reboot, power_off,
};

bool board_start(const char *settings, const char *firmware_version, char *why) {
    struct badge_text document = {settings, (uint32_t)strlen(settings)};
    struct badge_memory memory = {queue, sizeof queue / sizeof queue[0], quarantine,
                                  sizeof quarantine / sizeof quarantine[0], (uint8_t *)page,
                                  NULL,  NULL, 0};
    return badge_init(&badge, &hal, geometry, memory, document, firmware_version, why);
}
