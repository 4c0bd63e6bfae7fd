/* The one object: inputs with a time go in, effects in order come out. */
#include "internal.h"

void badge_copy_version(char *to, const char *from) {
    memcpy(to, from, strlen(from) + 1);
}

void badge_take_limits(struct badge *badge) {
    badge->journal.queue_max = (uint32_t)badge_number(badge, SETTING_QUEUE_EVENTS_MAX);
    badge->journal.quarantine_max = (uint32_t)badge_number(badge, SETTING_QUARANTINE_EVENTS_MAX);
}

void badge_forget_deadlines(struct badge *badge) {
    for (unsigned n = 0; n < DUE_COUNT; n++) {
        badge->due[n] = BADGE_NEVER;
    }
}

static void power_off(struct badge *badge) {
    badge_forget_deadlines(badge);
    badge_journal_save_age(badge, badge_age_ms(badge));
    display_draw(badge);
    badge->hal->power_off(badge->hal->context);
    badge->asleep = true;
}

/* ---- What happens to it ---- */

static void end_shift(struct badge *badge, enum shift_fact fact) {
    uint8_t before = badge->shift_state;
    shift_on(badge, fact, NULL);
    if (before == SHIFT_ACTIVE) {
        gps_on(badge, GPS_ON_SHIFT_ENDED, NULL);
        scan_on(badge, SCAN_ON_SHIFT_ENDED, NULL);
    }
    if (badge->shift_state != before) {
        display_draw(badge);
        upload_final_attempt(badge);
    }
}

/* A drain has ended, one way or the other. */
void badge_attempt_over(struct badge *badge) {
    uint8_t before = badge->shift_state;
    shift_on(badge, SHIFT_ON_ATTEMPT_OVER, NULL);
    if (badge->shift_state == SHIFT_OFF) {
        power_off(badge);
    } else if (badge->shift_state != before) {
        display_draw(badge);
    }
}

static void on_utc(struct badge *badge, const struct badge_input *input) {
    if (input->is.unix_ms >= 0 && input->is.unix_ms < UNIX_MS_END) {
        badge_learn_utc(badge, input->is.unix_ms);
        display_draw(badge);
        upload_utc_learned(badge);
    }
}

static void on_assign(struct badge *badge, const struct badge_input *input) {
    bool was_active = badge->shift_state == SHIFT_ACTIVE;
    bool known = badge_knows_worker(badge, input->is.assign.worker_id);
    shift_on(badge, known ? SHIFT_ON_ASSIGNED : SHIFT_ON_STRANGER, input);
    if (badge->shift_state == SHIFT_ACTIVE && !was_active) {
        badge->gps_stationary = motion_is_stationary(badge);
        gps_on(badge, GPS_ON_SHIFT_STARTED, NULL);
        scan_on(badge, SCAN_ON_SHIFT_STARTED, NULL);
        shift_watch_stillness(badge);
        display_draw(badge);
    }
}

static void move(struct badge *badge, enum motion_fact fact) {
    if (!motion_on(badge, fact) || badge->shift_state != SHIFT_ACTIVE) {
        return;
    }
    bool stationary = motion_is_stationary(badge);
    struct badge_writer payload = badge_payload(badge, 3);
    badge_put_word(&payload, "previous_state", stationary ? "moving" : "stationary");
    badge_put_word(&payload, "new_state", stationary ? "stationary" : "moving");
    badge_put_pair(&payload, "duration_s", badge_floor_s(badge->motion_held_ms));
    badge_log(badge, EVENT_MOTION, &payload, NULL);
    shift_watch_stillness(badge);
}

static void on_movement(struct badge *badge, const struct badge_input *input) {
    move(badge, input->is.moving ? MOTION_ON_BEGAN : MOTION_ON_CEASED);
    if (input->is.moving) {
        badge->gps_stationary = false;
        gps_on(badge, GPS_ON_MOVED, NULL);
    }
}

static void on_battery(struct badge *badge, const struct badge_input *input) {
    if (input->is.battery.pct < 0 || input->is.battery.pct > 100) {
        return;
    }
    badge->battery_pct = input->is.battery.pct;
    threshold_read(badge, input);
    display_draw(badge);
    if (badge->battery_pct <= badge_number(badge, SETTING_SHUTDOWN_PCT)) {
        end_shift(badge, SHIFT_ON_BATTERY_EMPTY);
    }
}

/* Validate whole, then persist and apply whole; a bad one changes nothing. */
static void on_config(struct badge *badge, const struct badge_input *input) {
    struct badge_text text = input->is.document;
    struct badge_source changed = {(const uint8_t *)text.bytes, 0, text.length, true, NULL};
    struct badge_value device;
    struct badge_content content = {&changed, NULL};
    char why[BADGE_NOTICE_BYTES_MAX];
    bool good = badge_check_settings(&changed, false, "config", why);
    badge_find_key(&changed, "device_id", &device);
    if (good && device.type != VALUE_ABSENT &&
        !badge_same_text(&device, badge_text_of(badge->device_id))) {
        badge_copy_version(why, "config: device_id: it is fixed at provisioning");
        good = false;
    }
    if (!good || !badge_slots_save(badge, &content, why)) {
        badge_tell(badge, BADGE_CONFIG_REJECTED, why);
        return;
    }
    badge_load_settings(badge, &changed, false);
    badge->present = badge->journal.config;
    badge_take_limits(badge);
    scan_configure(badge);
    shift_watch_stillness(badge);
    int64_t window_ms = badge->now_ms + badge_seconds(badge, SETTING_UPLOAD_INTERVAL_S);
    if (window_ms < badge->due[DUE_WINDOW]) {
        badge->due[DUE_WINDOW] = window_ms;
    }
    badge_tell(badge, BADGE_CONFIG_APPLIED, "the configuration was applied");
}

static void take(struct badge *badge, const struct badge_input *input) {
    if (badge->asleep && input->kind != BADGE_BOOT) {
        return; /* a badge that is off sees nothing until power returns */
    }
    switch (input->kind) {
    case BADGE_BOOT:
        badge_boot(badge, input);
        break;
    case BADGE_UTC_LEARNED:
        on_utc(badge, input);
        break;
    case BADGE_ASSIGN:
        on_assign(badge, input);
        break;
    case BADGE_UNASSIGN:
        end_shift(badge, SHIFT_ON_UNASSIGNED);
        break;
    case BADGE_GPS_FIX:
        gps_take(badge, input);
        break;
    case BADGE_SCAN_RESULT:
        scan_on(badge, SCAN_ON_RESULT, input);
        break;
    case BADGE_MOVEMENT:
        on_movement(badge, input);
        break;
    case BADGE_BATTERY:
        on_battery(badge, input);
        break;
    case BADGE_CELLULAR:
        badge->connected = input->is.connected;
        display_draw(badge);
        break;
    case BADGE_UPLOAD_ANSWER:
        upload_answer(badge, &input->is.answer);
        break;
    case BADGE_CONFIG_PUSH:
        on_config(badge, input);
        break;
    case BADGE_FIRMWARE_OFFER:
        firmware_offer(badge, input);
        break;
    case BADGE_FLASH_FAULT:
        badge_journal_mend(badge, input->is.address);
        break;
    default:
        break;
    }
}

/* ---- Deadlines ---- */

static void fire(struct badge *badge, unsigned due) {
    switch (due) {
    case DUE_SETTLE:
        move(badge, MOTION_ON_SETTLED);
        break;
    case DUE_GPS_TIMEOUT:
        gps_on(badge, GPS_ON_TIMED_OUT, NULL);
        break;
    case DUE_GPS_POLL:
        badge->gps_stationary = motion_is_stationary(badge);
        gps_on(badge, GPS_ON_POLL_DUE, NULL);
        break;
    case DUE_SCAN:
        scan_on(badge, SCAN_ON_CYCLE_DUE, NULL);
        break;
    case DUE_AUTO_END:
        end_shift(badge, SHIFT_ON_STILL_TOO_LONG);
        break;
    case DUE_FIRMWARE:
        firmware_on(badge, FIRMWARE_ON_EXPIRED, NULL);
        break;
    case DUE_ANSWER:
        upload_overdue(badge);
        break;
    case DUE_RETRY:
        upload_retry(badge);
        break;
    case DUE_WINDOW:
        upload_window(badge);
        break;
    default:
        badge_save_age(badge);
        break;
    }
}

static void find_next(struct badge *badge) {
    int64_t next_ms = badge->due[0];
    for (unsigned n = 1; n < DUE_COUNT; n++) {
        next_ms = badge->due[n] < next_ms ? badge->due[n] : next_ms;
    }
    badge->next_ms = next_ms;
}

/* At the same millisecond the earlier place fires first. */
static void fire_until(struct badge *badge, int64_t until_ms) {
    while (badge->next_ms <= until_ms && badge->journal.result == BADGE_OK) {
        unsigned due = 0;
        while (badge->due[due] != badge->next_ms) {
            due++;
        }
        badge->due[due] = BADGE_NEVER;
        badge->now_ms = badge->next_ms;
        fire(badge, due);
        find_next(badge);
    }
}

/* ---- What the caller sees ---- */

enum badge_result badge_receive(struct badge *badge, const struct badge_input *input,
                                int64_t now_ms) {
    if (now_ms < badge->now_ms) {
        return BADGE_TIME_WENT_BACK;
    }
    if (!badge->booted && input->kind != BADGE_BOOT) {
        return BADGE_NOT_BOOTED;
    }
    badge->journal.result = BADGE_OK;
    fire_until(badge, now_ms);
    badge->now_ms = now_ms;
    if (input->kind != BADGE_TICK && badge->journal.result == BADGE_OK) {
        take(badge, input);
        find_next(badge);
        fire_until(badge, now_ms);
    }
    return (enum badge_result)badge->journal.result;
}

int64_t badge_next_deadline_ms(const struct badge *badge) {
    return badge->next_ms;
}

bool badge_init(struct badge *badge, const struct badge_hal *hal, struct badge_geometry geometry,
                struct badge_memory memory, struct badge_text settings,
                const char *firmware_version, char *why) {
    struct badge_journal *journal = &badge->journal;
    struct badge_source given = {(const uint8_t *)settings.bytes, 0, settings.length, true, NULL};
    memset(badge, 0, sizeof *badge);
    badge->hal = hal;
    badge->given = badge->present = given;
    journal->geometry = geometry;
    journal->queue.places = memory.queue;
    journal->queue.size = memory.queue_places;
    journal->quarantine.places = memory.quarantine;
    journal->quarantine.size = memory.quarantine_places;
    journal->page = memory.page;
    journal->issued = memory.issued;
    journal->issued_size = memory.issued_bytes;
    journal->config_copy = memory.config;
    badge_reading_reset(journal);
    badge_forget_deadlines(badge);
    badge->next_ms = BADGE_NEVER;
    if (strlen(firmware_version) > BADGE_VERSION_BYTES_MAX) {
        badge_copy_version(why, "the firmware version is too long");
        return false;
    }
    badge_copy_version(badge->given_version, firmware_version);
    if (!badge_check_settings(&given, true, "config", why)) {
        return false;
    }
    badge_load_settings(badge, &given, true);
    badge_take_limits(badge);
    return true;
}
