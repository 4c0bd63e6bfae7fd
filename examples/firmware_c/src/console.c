#include "console.h"

#include <string.h>

#include "board/board.h"
#include "bugs.h"
#include "firmware.h"
#include "json.h"
#include "text.h"

#define MS_MAX (INT64_C(400) * 86400000)

enum { LINE_BYTES = 65536, HEARD_MAX = 200, WORDS_BYTES = 400, TEXT_BYTES = 400 };

static char line[LINE_BYTES];
static uint32_t line_bytes;
static bool too_long;
static int64_t now_ms; /* of the recording */

static void say(const char *words) {
    board_write(BOARD_CONSOLE, words, (uint32_t)strlen(words));
}

void console_log(const char *words, uint32_t length) {
    say("# ");
    board_write(BOARD_CONSOLE, words, length);
    say("\n");
}

static void answer(const char *trouble) {
    if (trouble) {
        say("error: ");
        say(trouble);
        say("\n");
    } else {
        say("ok\n");
    }
}

/* ---- Inputs ---- */

static struct badge_text text_of(struct json value, char memory[TEXT_BYTES]) {
    struct badge_text text = {memory, json_text(value, memory, TEXT_BYTES)};
    return text;
}

static int32_t number_of(struct json value, int32_t without) {
    int64_t number;
    return json_whole(value, &number) && number > INT32_MIN && number <= INT32_MAX
               ? (int32_t)number
               : without;
}

static const char *read_boot(struct json in, struct badge_input *input) {
    static const char *const names[] = {"power_on", "watchdog", "user_reset", "firmware_update"};
    struct json reason = json_member(in, "reason");
    input->kind = BADGE_BOOT;
    for (unsigned n = 0; reason.at && n < sizeof names / sizeof names[0]; n++) {
        if (json_is(reason, names[n])) {
            input->is.reboot_reason = (uint8_t)n;
        }
    }
    return NULL;
}

static const char *read_utc(struct json in, struct badge_input *input) {
    input->kind = BADGE_UTC_LEARNED;
    if (!json_whole(json_member(in, "unix_ms"), &input->is.unix_ms)) {
        return "unix_ms is missing";
    }
    input->is.unix_ms += BUG == BUG_UPTIME_AS_UTC ? now_ms : 0;
    return NULL;
}

static const char *read_assign(struct json in, struct badge_input *input) {
    static char worker[TEXT_BYTES], by[TEXT_BYTES];
    input->kind = BADGE_ASSIGN;
    input->is.assign.worker_id = text_of(json_member(in, "worker_id"), worker);
    input->is.assign.assigned_by = text_of(json_member(in, "assigned_by"), by);
    return input->is.assign.worker_id.length ? NULL : "worker_id is missing";
}

static const char *read_unassign(struct json in, struct badge_input *input) {
    (void)in;
    input->kind = BADGE_UNASSIGN;
    return NULL;
}

static int32_t by_float(int32_t udeg) {
    volatile float degrees = (float)(udeg / 1e6);
    return (int32_t)(degrees * 1e6);
}

static const char *read_fix(struct json in, struct badge_input *input) {
    struct badge_fix *fix = &input->is.fix;
    struct json type = json_member(in, "fix_type");
    input->kind = BADGE_GPS_FIX;
    fix->lat_udeg = json_scaled(json_member(in, "lat"), 6);
    fix->lon_udeg = json_scaled(json_member(in, "lon"), 6);
    fix->accuracy_dm = json_scaled(json_member(in, "accuracy_m"), 1);
    fix->hdop_milli = json_scaled(json_member(in, "hdop"), 3);
    fix->altitude_dm = json_scaled(json_member(in, "altitude_m"), 1);
    fix->speed_hmh = json_scaled(json_member(in, "speed_kmh"), 1);
    fix->type = json_is(type, "2d")               ? BADGE_FIX_2D
                : json_is(type, "dead_reckoning") ? BADGE_DEAD_RECKONING
                                                  : BADGE_FIX_3D;
    if (fix->lat_udeg == BADGE_UNKNOWN || fix->lon_udeg == BADGE_UNKNOWN) {
        return "lat or lon is missing";
    }
    if (BUG == BUG_FLOAT_POSITION) {
        fix->lat_udeg = by_float(fix->lat_udeg);
        fix->lon_udeg = by_float(fix->lon_udeg);
    }
    return NULL;
}

static bool read_mac(struct json value, uint8_t mac[6]) {
    char text[18];
    if (json_text(value, text, sizeof text) != 17) {
        return false;
    }
    for (unsigned n = 0; n < 17; n++) {
        char c = text[n];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                : 16;
        if (n % 3 == 2 ? c != ':' : digit > 15) {
            return false;
        }
        if (n % 3 < 2) {
            mac[n / 3] = (uint8_t)(n % 3 ? (unsigned)mac[n / 3] << 4 | digit : digit);
        }
    }
    return true;
}

static const char *read_scan(struct json in, struct badge_input *input) {
    static struct badge_heard heard[HEARD_MAX];
    struct json list = json_member(in, "heard"), pair = {NULL, NULL};
    uint32_t count = 0;
    input->kind = BADGE_SCAN_RESULT;
    while ((pair = json_item(list, pair)).at) {
        struct json none = {NULL, NULL}, mac = json_item(pair, none);
        int32_t rssi_dbm = number_of(json_item(pair, mac), 0);
        if (count == HEARD_MAX || !mac.at || !read_mac(mac, heard[count].mac)) {
            return "heard: a MAC is wrong, or there are too many";
        }
        rssi_dbm = BUG == BUG_LOST_SIGN && rssi_dbm < 0 ? -rssi_dbm : rssi_dbm;
        heard[count++].rssi_dbm = (int8_t)(rssi_dbm < -127 || rssi_dbm > 127 ? 0 : rssi_dbm);
    }
    input->is.scan.heard = heard;
    input->is.scan.count = count;
    return NULL;
}

static const char *read_movement(struct json in, struct badge_input *input) {
    input->kind = BADGE_MOVEMENT;
    input->is.moving = json_true(json_member(in, "moving"));
    return NULL;
}

static const char *read_battery(struct json in, struct badge_input *input) {
    input->kind = BADGE_BATTERY;
    input->is.battery.pct = number_of(json_member(in, "pct"), BADGE_UNKNOWN);
    input->is.battery.voltage_mv = number_of(json_member(in, "voltage_mv"), BADGE_UNKNOWN);
    return input->is.battery.pct == BADGE_UNKNOWN ? "pct is missing" : NULL;
}

static const char *read_cellular(struct json in, struct badge_input *input) {
    input->kind = BADGE_CELLULAR;
    input->is.connected = json_true(json_member(in, "connected"));
    return NULL;
}

static const char *read_config(struct json in, struct badge_input *input) {
    struct json document = json_member(in, "document");
    input->kind = BADGE_CONFIG_PUSH;
    input->is.document.bytes = document.at;
    input->is.document.length = (uint32_t)(document.end - document.at);
    return document.at ? NULL : "document is missing";
}

static const char *read_firmware(struct json in, struct badge_input *input) {
    static char version[TEXT_BYTES];
    input->kind = BADGE_FIRMWARE_OFFER;
    input->is.version = text_of(json_member(in, "version"), version);
    return NULL;
}

static const char *read_tick(struct json in, struct badge_input *input) {
    (void)in;
    input->kind = BADGE_TICK;
    return NULL;
}

/* The backend answers for itself, and this chip has faults of its own. */
static const char *pass_over(struct json in, struct badge_input *input) {
    (void)in;
    input->kind = BADGE_INPUT_KINDS;
    return NULL;
}

static const struct {
    const char *name;
    const char *(*read)(struct json in, struct badge_input *input);
} readers[] = {
    {"boot", read_boot},         {"utc", read_utc},           {"assign", read_assign},
    {"unassign", read_unassign}, {"gps_fix", read_fix},       {"scan", read_scan},
    {"movement", read_movement}, {"battery", read_battery},   {"cellular", read_cellular},
    {"config", read_config},     {"firmware", read_firmware}, {"tick", read_tick},
    {"upload_answer", pass_over}, {"flash_fault", pass_over},
};

static const char *read_input(struct json in, struct badge_input *input) {
    struct json type = json_member(in, "type");
    memset(input, 0, sizeof *input);
    for (unsigned n = 0; n < sizeof readers / sizeof readers[0]; n++) {
        if (json_is(type, readers[n].name)) {
            return readers[n].read(in, input);
        }
    }
    return "no such type";
}

/* ---- Lines ---- */

static const char *trouble_of(enum badge_result result) {
    static const char *const words[] = {
        NULL, "ms goes back", "nothing can happen before the first boot",
        "too large for a record", "the core is in a state that cannot be",
    };
    return words[result];
}

static const char *happen(struct json document) {
    struct badge_input input;
    struct json moment = json_member(document, "ms");
    int64_t at_ms = board_ms(); /* without ms it is a button: it is pressed now */
    if (moment.at && (!json_whole(moment, &at_ms) || at_ms < 0 || at_ms > MS_MAX)) {
        return "ms: a whole number from 0, of 400 days at most";
    }
    now_ms = at_ms;
    const char *trouble = read_input(json_member(document, "in"), &input);
    if (trouble || input.kind == BADGE_INPUT_KINDS) {
        return trouble;
    }
    if (input.kind == BADGE_BOOT && firmware_is_booted()) {
        struct badge_input tick;
        memset(&tick, 0, sizeof tick);
        tick.kind = BADGE_TICK;
        trouble = trouble_of(firmware_happen(&tick, now_ms)); /* what is due is still done */
        if (!trouble) {
            firmware_restart(input.is.reboot_reason, true, now_ms);
        }
        return trouble;
    }
    return trouble_of(firmware_happen(&input, now_ms));
}

/* Keep a configuration in flash, if it is right; `settings` then lies there. */
static bool keep(struct settings *settings, char *why) {
    bool accepted = firmware_accepts(settings, why);
    if (accepted && (!settings_write(settings->document, settings->firmware_version,
                                     settings->on_bench) || !settings_read(settings))) {
        strcpy(why, "the configuration does not fit into flash");
        return false;
    }
    return accepted;
}

static struct settings settings_of(struct json config, const char *version, bool on_bench) {
    struct settings settings = {{config.at, (uint32_t)(config.end - config.at)}, version, on_bench};
    return settings;
}

static const char *begin_recording(struct json header) {
    static char why[BADGE_NOTICE_BYTES_MAX];
    struct json config = json_member(header, "config");
    char version[VERSION_BYTES] = "0.1.0";
    uint32_t length = json_text(json_member(header, "firmware_version"), version,
                                VERSION_BYTES - 1);
    version[length ? length : strlen(version)] = '\0';
    if (!json_is(json_member(header, "format"), "badge-recording") || !config.at) {
        return "not a badge recording";
    }
    struct settings settings = settings_of(config, version, true);
    now_ms = 0;
    return keep(&settings, why) && firmware_begin(&settings, why) ? NULL : why;
}

static void provision(struct json config) {
    char why[BADGE_NOTICE_BYTES_MAX], words[WORDS_BYTES];
    struct settings settings = settings_of(config, FIRMWARE_VERSION, false);
    if (keep(&settings, why)) {
        say("{\"ok\":true}\n");
        firmware_restart(BADGE_POWER_ON, false, 0);
    }
    struct text refusal = text_in(words, sizeof words - 1);
    text_put(&refusal, "{\"ok\":false,\"error\":");
    text_json(&refusal, why);
    text_put(&refusal, "}\n");
    *refusal.at = '\0';
    say(words);
}

static void take(void) {
    struct json document = json_read(line, line_bytes);
    struct json config = json_member(document, "provision");
    if (too_long || !document.at || *document.at != '{') {
        answer(too_long ? "the line is too long" : "not a JSON object");
    } else if (config.at) {
        provision(config);
    } else if (json_member(document, "format").at) {
        answer(begin_recording(document));
    } else {
        answer(happen(document));
    }
}

void console_start(void) {
    struct board_kept *kept = board_kept();
    struct badge_input boot;
    if (kept->magic == BOARD_KEPT && kept->owes_answer) {
        kept->owes_answer = 0;
        memset(&boot, 0, sizeof boot);
        boot.kind = BADGE_BOOT;
        boot.is.reboot_reason = (uint8_t)kept->reason;
        now_ms = kept->now_ms;
        answer(trouble_of(firmware_happen(&boot, now_ms)));
    }
}

void console_turn(void) {
    for (int byte; (byte = board_read(BOARD_CONSOLE)) >= 0;) {
        if (byte != '\n') {
            too_long |= line_bytes == LINE_BYTES;
            line[line_bytes] = (char)byte;
            line_bytes += line_bytes < LINE_BYTES - 1;
            too_long |= line_bytes == LINE_BYTES - 1;
            continue;
        }
        if (line_bytes) {
            take();
        }
        line_bytes = 0;
        too_long = false;
    }
}
