/* What the e-ink display shows, redrawn only when it changes (contract section 3, Display). */
#include "../internal.h"

static uint8_t screen_state(const struct badge *badge) {
    switch (badge->shift_state) {
    case SHIFT_ACTIVE:
        return BADGE_SCREEN_ACTIVE;
    case SHIFT_SHIFT_END:
        return BADGE_SCREEN_SHIFT_END;
    case SHIFT_CLOSING: /* the battery may have gone empty without a shift */
        return badge->has_duration ? BADGE_SCREEN_SHIFT_END : BADGE_SCREEN_UNASSIGNED;
    case SHIFT_OFF:
        return BADGE_SCREEN_OFF;
    default:
        return BADGE_SCREEN_UNASSIGNED;
    }
}

static void show(struct badge *badge, uint8_t state, bool low) {
    const struct badge_state *kept = &badge->journal.state;
    struct badge_screen screen;
    bool active = state == BADGE_SCREEN_ACTIVE;
    memset(&screen, 0, sizeof screen);
    screen.state = state;
    screen.firmware_version = badge_text_of(badge->firmware_version);
    screen.battery_pct = active ? badge->battery_pct : BADGE_UNKNOWN;
    screen.low_battery = low;
    screen.no_cellular = !badge->connected;
    if (active) {
        screen.worker_id.bytes = kept->worker_id;
        screen.worker_id.length = kept->worker_bytes;
        screen.has_start = badge->utc_known;
        screen.shift_started_unix_s =
            badge_floor_s(kept->shift_started_age_ms + (badge->utc_known ? badge->unix_offset_ms : 0));
    }
    if (state == BADGE_SCREEN_SHIFT_END) {
        screen.has_duration = badge->has_duration;
        screen.shift_duration_s = badge->shift_duration_s;
    }
    badge->hal->draw(badge->hal->context, &screen);
}

/* Redraw if the state, a battery crossing, the cellular link or the known start changed. */
void display_draw(struct badge *badge) {
    const struct badge_state *kept = &badge->journal.state;
    struct badge_shown shown;
    int32_t pct = badge->battery_pct == BADGE_UNKNOWN ? 100 : badge->battery_pct;
    memset(&shown, 0, sizeof shown);
    shown.state = screen_state(badge);
    shown.pct_band = (uint8_t)((pct <= LOW_PCT) + (pct <= CRITICAL_PCT));
    shown.connected = badge->connected;
    shown.dated = shown.state == BADGE_SCREEN_ACTIVE && badge->utc_known;
    shown.worker = kept->has_worker ? badge_crc32(1, kept->worker_id, kept->worker_bytes) : 0;
    if (badge->is_shown && memcmp(&shown, &badge->shown, sizeof shown) == 0) {
        return;
    }
    badge->is_shown = true;
    badge->shown = shown;
    show(badge, shown.state, shown.pct_band > 0);
}
