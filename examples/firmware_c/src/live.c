#include "live.h"

#include <string.h>

#include "board/board.h"
#include "card/notecard.h"
#include "firmware.h"

enum { EMPTY_MV = 3300, FULL_MV = 4200, FIX_LOOK_MS = 1000, FIX_FRESH_MS = 5000, REST_MS = 100 };

static struct {
    bool time_known, connected, moving, told_link, told_motion;
    int32_t pct;
    int64_t due_ms[4], fix_until_ms, fix_due_ms, fix_begun_ms, unix_offset_ms;
    bool gps_on;
} is;

static void give(const struct badge_input *input) {
    firmware_happen(input, board_ms());
}

static struct badge_input input_of(enum badge_input_kind kind) {
    struct badge_input input;
    memset(&input, 0, sizeof input);
    input.kind = (uint8_t)kind;
    return input;
}

/* Each returns the milliseconds until it is to be asked again. */

static uint32_t read_time(void) {
    struct json reply;
    int64_t unix_s = 0;
    if (notecard_ask("card.time", "", &reply) != CARD_ANSWERED ||
        !json_whole(json_member(reply, "time"), &unix_s) || unix_s <= 0) {
        return 1000;
    }
    struct badge_input input = input_of(BADGE_UTC_LEARNED);
    input.is.unix_ms = unix_s * 1000;
    is.unix_offset_ms = input.is.unix_ms - board_ms();
    is.time_known = true;
    give(&input);
    return 600000;
}

static uint32_t read_link(void) {
    struct json reply;
    bool connected = notecard_ask("hub.status", "", &reply) == CARD_ANSWERED &&
                     json_true(json_member(reply, "connected"));
    if (connected != is.connected || !is.told_link) {
        struct badge_input input = input_of(BADGE_CELLULAR);
        input.is.connected = is.connected = connected;
        is.told_link = true;
        give(&input);
    }
    return connected ? 15000 : 5000;
}

static uint32_t read_motion(void) {
    struct json reply;
    int64_t count = 0;
    if (notecard_ask("card.motion", "", &reply) == CARD_ANSWERED) {
        bool moving = json_whole(json_member(reply, "count"), &count) && count > 0;
        if (moving != is.moving || !is.told_motion) {
            struct badge_input input = input_of(BADGE_MOVEMENT);
            input.is.moving = is.moving = moving;
            is.told_motion = true;
            give(&input);
        }
    }
    return 5000;
}

static uint32_t read_voltage(void) {
    struct json reply;
    if (notecard_ask("card.voltage", "", &reply) != CARD_ANSWERED) {
        return 5000;
    }
    int32_t mv = json_scaled(json_member(reply, "value"), 3);
    int32_t pct = mv <= EMPTY_MV ? 0 : mv >= FULL_MV ? 100 : (mv - EMPTY_MV) / 9;
    if (mv > 0 && pct != is.pct) {
        struct badge_input input = input_of(BADGE_BATTERY);
        input.is.battery.pct = is.pct = pct;
        input.is.battery.voltage_mv = mv;
        give(&input);
    }
    return 60000;
}

static void look_for_fix(void) {
    struct json reply;
    int64_t made_s = 0;
    uint32_t wanted_ms = firmware_wants_fix();
    int64_t now_ms = board_ms();
    if (firmware_wants_gps() != is.gps_on) {
        is.gps_on = firmware_wants_gps();
        notecard_ask("card.location.mode",
                     is.gps_on ? ",\"mode\":\"continuous\"" : ",\"mode\":\"off\"", &reply);
    }
    if (wanted_ms) {
        is.fix_until_ms = now_ms + wanted_ms;
        is.fix_due_ms = is.fix_begun_ms = now_ms;
    }
    if (now_ms >= is.fix_until_ms || now_ms < is.fix_due_ms) {
        return;
    }
    is.fix_due_ms = now_ms + FIX_LOOK_MS;
    /* Without {gps} it is where a tower stands; an old one belongs to an earlier poll. */
    if (notecard_ask("card.location", "", &reply) != CARD_ANSWERED || !is.time_known ||
        !json_contains(json_member(reply, "status"), "{gps}") ||
        !json_whole(json_member(reply, "time"), &made_s) ||
        made_s * 1000 - is.unix_offset_ms < is.fix_begun_ms - FIX_FRESH_MS) {
        return;
    }
    struct badge_input input = input_of(BADGE_GPS_FIX);
    input.is.fix.lat_udeg = json_scaled(json_member(reply, "lat"), 6);
    input.is.fix.lon_udeg = json_scaled(json_member(reply, "lon"), 6);
    input.is.fix.hdop_milli = json_scaled(json_member(reply, "dop"), 3);
    input.is.fix.accuracy_dm = input.is.fix.altitude_dm = BADGE_UNKNOWN;
    input.is.fix.speed_hmh = BADGE_UNKNOWN;
    if (input.is.fix.lat_udeg != BADGE_UNKNOWN && input.is.fix.lon_udeg != BADGE_UNKNOWN) {
        is.fix_until_ms = 0;
        give(&input);
    }
}

void live_start(void) {
    struct board_kept *kept = board_kept();
    struct json reply;
    struct badge_input boot = input_of(BADGE_BOOT);
    boot.is.reboot_reason = (uint8_t)(kept->magic == BOARD_KEPT ? kept->reason : BADGE_POWER_ON);
    notecard_ask("card.motion.mode", ",\"start\":true", &reply);
    give(&boot);
}

uint32_t live_turn(void) {
    static uint32_t (*const readings[])(void) = {read_time, read_link, read_motion, read_voltage};
    struct badge_input tick = input_of(BADGE_TICK);
    for (unsigned n = 0; n < sizeof readings / sizeof readings[0]; n++) {
        if (board_ms() >= is.due_ms[n]) {
            is.due_ms[n] = board_ms() + readings[n]();
        }
    }
    look_for_fix();
    if (firmware_next_ms() <= board_ms()) {
        give(&tick);
    }
    return REST_MS;
}
