/* The smallest core there is, of nobody's design but badge_core.h's: it logs its boots.  -DSLIP=...
 * makes it do what no core should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "badge_core.h"

enum {
    NONE, TYPE, CBOR, WORDS, YEAR, OUTSIDE, CROOKED, SCREEN, NOTICE, FLOOD, LONG_EVENT,
    SILENT, UNENDED, STUCK, PRINTS, ABORTS, STRAY,
};

struct mine {
    const struct badge_hal *hal;
    int64_t number, now_ms;
};

static const char payload[] =
    "\xa3\x66reason\x68power_on\x71previous_uptime_s\x00\x6f" "events_in_queue";

uint32_t badge_core_version(void) {
    if (SLIP == ABORTS) {
        abort();
    }
    return BADGE_CORE_VERSION;
}

uint32_t badge_core_bytes(void) {
    return sizeof(struct mine);
}

uint32_t badge_core_abilities(void) {
    return SLIP == STRAY ? BADGE_CAN_ALL : 0;
}

bool badge_init(struct badge *badge, const struct badge_hal *hal, struct badge_geometry geometry,
                struct badge_memory memory, struct badge_text settings,
                const char *firmware_version, char *why) {
    struct mine *mine = (struct mine *)(void *)badge;
    (void)geometry, (void)memory, (void)settings, (void)firmware_version;
    mine->hal = hal;
    if (SLIP == UNENDED) {
        memset(why, 'x', BADGE_NOTICE_BYTES_MAX);
    }
    return SLIP != SILENT && SLIP != UNENDED;
}

enum badge_result badge_receive(struct badge *badge, const struct badge_input *input,
                                int64_t now_ms) {
    struct mine *mine = (struct mine *)(void *)badge;
    const struct badge_hal *hal = mine->hal;
    mine->now_ms = now_ms;
    if (SLIP == PRINTS) {
        puts("a word of the core");
        fflush(stdout);
    }
    if (input->kind != BADGE_BOOT) {
        return BADGE_OK;
    }
    struct badge_event event = {++mine->number, now_ms, 1773477135000, 9, {"1.0.0", 5},
                                (const uint8_t *)payload, sizeof payload};
    struct badge_screen screen = {9, false, false, false, false, 0, 0, 0, {"", 0}, {"", 0}};
    struct badge_notice notice = {BADGE_OVERFLOW, {"", 0}, 1, INT64_C(1) << 40};
    struct badge_upload batch = {1, 1, 1, 1};
    event.type = SLIP == TYPE ? 200 : event.type;
    event.unix_ms = SLIP == YEAR ? INT64_MAX : event.unix_ms;
    if (SLIP == CBOR) {
        event.payload = (const uint8_t *)"\xff";
        event.payload_bytes = 1;
    }
    if (SLIP == WORDS) {
        event.firmware_version.bytes = "\xff.0.0";
    }
    do {
        hal->logged(hal->context, &event);
    } while (SLIP == FLOOD && ++mine->number < 1000000);
    if (SLIP == OUTSIDE) {
        hal->program(hal->context, 0xfffffff0u, payload, 32);
    } else if (SLIP == CROOKED) {
        hal->erase(hal->context, 266 * 4096 - 1); /* the last byte of the chip */
    } else if (SLIP == SCREEN) {
        hal->draw(hal->context, &screen);
    } else if (SLIP == NOTICE) {
        hal->notice(hal->context, &notice);
    } else if (SLIP == LONG_EVENT) {
        hal->upload(hal->context, &batch);
    }
    return BADGE_OK;
}

int64_t badge_next_deadline_ms(const struct badge *badge) {
    const struct mine *mine = (const struct mine *)(const void *)badge;
    return SLIP == STUCK && mine->number ? mine->now_ms : BADGE_NEVER;
}

uint32_t badge_batch_json(struct badge *badge, uint32_t place, char *to, uint32_t size) {
    (void)badge, (void)place, (void)to;
    return size + 1;
}
