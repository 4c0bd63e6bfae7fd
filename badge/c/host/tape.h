/* The tape: what a badge does, as items that another program reads. */
#ifndef BADGE_HOST_TAPE_H
#define BADGE_HOST_TAPE_H

#include "../internal.h"
#include "host.h"

enum tape_kind {
    TAPE_PROGRAM,
    TAPE_ERASE,
    TAPE_LOGGED,
    TAPE_UPLOAD,
    TAPE_POWER_GPS,
    TAPE_POWER_SCANNER,
    TAPE_POLL_GPS,
    TAPE_START_SCAN,
    TAPE_DRAW,
    TAPE_NOTICE,
    TAPE_REBOOT,
    TAPE_POWER_OFF,
};

/* The core that is called: the one that is linked here, or another library's. */
struct host_core {
    bool (*init)(struct badge *badge, const struct badge_hal *hal, struct badge_geometry geometry,
                 struct badge_memory memory, struct badge_text settings,
                 const char *firmware_version, char *why);
    enum badge_result (*receive)(struct badge *badge, const struct badge_input *input,
                                 int64_t now_ms);
    int64_t (*deadline)(const struct badge *badge);
    uint32_t (*batch_json)(struct badge *badge, uint32_t place, char *to, uint32_t size);
};

struct host {
    struct badge badge;
    struct badge *given; /* `badge`, or memory as another core wants it */
    struct host_core core;
    struct badge_memory memory;
    struct badge_place *places;
    uint8_t *flash, *page, *issued, *config, *tape;
    uint8_t *written; /* of each page of flash whether it has content; without, it is erased */
    char *settings;
    uint32_t flash_bytes, page_bytes, tape_bytes, tape_size, place_count;
    bool tape_full;
    bool is_shown; /* all pages have content, and others than a pump may have written to them */
};

extern const struct badge_hal host_hal;
void host_show(struct host *host); /* give each page its content */
void tape_start(struct host *host);
void tape_event(struct host *host, const struct badge_event *event, bool has_unix,
                struct badge_text reason);

#endif
