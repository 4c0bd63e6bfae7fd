/* From power to the first event: flash is read, `reboot` is logged, and every machine begins. */
#include "../internal.h"

static const int32_t QUARANTINE_LIMIT = 1000; /* of any configuration */

/* Take what was pushed before; what this firmware cannot read is left out. */
static void take_stored_settings(struct badge *badge) {
    char why[BADGE_NOTICE_BYTES_MAX];
    const struct badge_source *stored = &badge->journal.config;
    badge->present = badge->given;
    badge_load_settings(badge, &badge->given, true);
    if (stored->size == 0) {
        return;
    }
    if (badge_check_settings(stored, true, "config in flash", why)) {
        badge->present = *stored;
        badge_load_settings(badge, stored, true);
    } else {
        badge_tell(badge, BADGE_CONFIG_REJECTED, why);
    }
}

static void report_damage(struct badge *badge) {
    const struct badge_journal *journal = &badge->journal;
    struct badge_words words;
    for (uint32_t n = 0; n < journal->lost.count; n++) {
        const int64_t *range = journal->lost.of[n];
        badge_words_start(&words, "flash damage: the events ");
        badge_put_number(&words.to, range[0]);
        badge_put_text(&words.to, " to ");
        badge_put_number(&words.to, range[1]);
        badge_put_text(&words.to, " cannot be read any more");
        badge_notify(badge, BADGE_FLASH_DAMAGE, &words, range[0], range[1]);
    }
    if (journal->unfinished) {
        badge_words_start(&words, "the append of event ");
        badge_put_number(&words.to, journal->unfinished);
        badge_put_text(&words.to, " was cut off; the number is skipped");
        badge_notify(badge, BADGE_FLASH_UNFINISHED, &words, journal->unfinished,
                     journal->unfinished);
    }
}

static void log_reboot(struct badge *badge, const struct badge_input *input) {
    struct badge_state state = badge->journal.state;
    struct badge_writer payload = badge_payload(badge, 3);
    int64_t age_ms = badge_age_ms(badge);
    int64_t trial_end_ms = state.ota_until_age_ms ? state.ota_until_age_ms
                                                  : age_ms + badge_seconds(badge, SETTING_OTA_CONFIRM_S);
    if (strcmp(state.installed_version, badge->given_version) != 0) {
        badge_copy_version(state.running_version, badge->given_version);
        state.previous_version[0] = '\0';
    } else if (state.running_version[0] == '\0') {
        badge_copy_version(state.running_version, badge->given_version);
    }
    badge_copy_version(badge->firmware_version, state.running_version);
    badge_put_word(&payload, "reason", badge_nth(BADGE_REBOOT_REASONS, input->is.reboot_reason));
    badge_put_pair(&payload, "previous_uptime_s", badge_floor_s(age_ms - state.boot_age_ms));
    badge_put_pair(&payload, "events_in_queue", badge->journal.queue.count);
    state.boot_age_ms = age_ms;
    badge_copy_version(state.installed_version, badge->given_version);
    state.ota_until_age_ms = state.previous_version[0] ? trial_end_ms : 0;
    badge_log(badge, EVENT_REBOOT, &payload, &state);
}

static void reset_machines(struct badge *badge) {
    badge->shift_state = SHIFT_BOOTING;
    badge->shift_started_ms = badge->shift_duration_s = 0;
    badge->has_duration = badge->is_shown = false;
    badge->battery_pct = BADGE_UNKNOWN;
    badge->connected = true;
    badge->motion_state = MOTION_STATIONARY;
    badge->motion_since_ms = badge->now_ms;
    badge->gps_state = GPS_OFF;
    badge->gps_stationary_polls = 0;
    badge->gps_polled_ms = 0;
    badge->has_fix = false;
    badge->scan_state = SCAN_OFF;
    badge->tracker_count = 0;
    threshold_reset(badge);
    firmware_reset(badge);
    upload_reset(badge);
}

/* Forget all RAM, read flash, log `reboot` first (contract section 3, States). */
void badge_boot(struct badge *badge, const struct badge_input *input) {
    badge_forget_deadlines(badge);
    badge->asleep = false;
    /* Nothing is evicted before the configuration in force, which may be in flash, is known. */
    badge->journal.quarantine_max = (uint32_t)QUARANTINE_LIMIT;
    badge_journal_recover(badge);
    take_stored_settings(badge);
    badge_take_limits(badge);
    badge->utc_known = false;
    badge->age_offset_ms = badge->journal.is.age_ms - badge->now_ms;
    badge->booted = true;
    report_damage(badge);
    log_reboot(badge, input);
    reset_machines(badge);
    shift_on(badge, badge->journal.state.has_worker ? SHIFT_ON_BOOTED_IN_SHIFT : SHIFT_ON_BOOTED,
             NULL);
    display_draw(badge);
}
