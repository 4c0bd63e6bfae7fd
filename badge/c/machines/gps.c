/* When a position is asked for, and what is made of the answer (contract section 3, GPS). */
#include "../internal.h"

enum { LAT_MAX_UDEG = 90000000, LON_MAX_UDEG = 180000000, MICRO = 1000000 };

static int64_t interval_ms(const struct badge *badge) {
    return badge_seconds(badge, SETTING_GPS_INTERVAL_S);
}

static int32_t timeout_s(const struct badge *badge) {
    int32_t timeout = badge_number(badge, SETTING_GPS_TIMEOUT_S);
    int32_t interval = badge_number(badge, SETTING_GPS_INTERVAL_S);
    return timeout < interval ? timeout : interval;
}

static void put_scaled(struct badge_writer *to, const char *key, int32_t value, uint32_t per) {
    badge_put_key(to, key);
    badge_put_real(to, badge_real(value, per));
}

static void log_no_fix(struct badge *badge) {
    bool known = badge->has_fix && badge->now_ms - badge->fix_ms <= LAST_KNOWN_MAX_MS;
    struct badge_writer payload = badge_payload(badge, known ? 3 : 1);
    badge->due[DUE_GPS_TIMEOUT] = BADGE_NEVER;
    badge_put_pair(&payload, "timeout_s", badge->gps_asked_s);
    if (known) {
        put_scaled(&payload, "last_known_lat", badge->fix_lat_udeg, MICRO);
        put_scaled(&payload, "last_known_lon", badge->fix_lon_udeg, MICRO);
    }
    badge_log(badge, EVENT_GPS_NO_FIX, &payload, NULL);
}

static void gps_poll(struct badge *badge, const struct badge_input *input) {
    int64_t slow_ms = badge_seconds(badge, SETTING_GPS_STATIONARY_INTERVAL_S);
    int64_t period_ms = interval_ms(badge);
    (void)input;
    badge->gps_polled_ms = badge->now_ms;
    badge->gps_stationary_polls = badge->gps_stationary ? badge->gps_stationary_polls + 1 : 0;
    if (badge->gps_stationary_polls > STATIONARY_POLLS_BEFORE_SLOW && slow_ms > period_ms) {
        period_ms = slow_ms;
    }
    badge->due[DUE_GPS_POLL] = badge->now_ms + period_ms;
    /* A fix after exactly the timeout still counts: "wait <= gps_timeout_s". */
    badge->gps_asked_s = timeout_s(badge);
    badge->due[DUE_GPS_TIMEOUT] = badge->now_ms + (int64_t)badge->gps_asked_s * 1000 + 1;
    badge->hal->poll_gps(badge->hal->context, (uint32_t)badge->gps_asked_s * 1000);
}

static void gps_start(struct badge *badge, const struct badge_input *input) {
    badge->hal->power_gps(badge->hal->context, true);
    badge->gps_stationary_polls = 0;
    gps_poll(badge, input);
}

static void gps_stop(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge->due[DUE_GPS_POLL] = badge->due[DUE_GPS_TIMEOUT] = BADGE_NEVER;
    badge->hal->power_gps(badge->hal->context, false);
}

/* A push shortened the interval under a poll that still waits. */
static void gps_give_up_and_poll(struct badge *badge, const struct badge_input *input) {
    log_no_fix(badge);
    gps_poll(badge, input);
}

/* On motion the next poll is due at max(now, last poll + interval). */
static void gps_poll_soon(struct badge *badge, const struct badge_input *input) {
    int64_t due_ms = badge->gps_polled_ms + interval_ms(badge);
    (void)input;
    badge->gps_stationary_polls = 0;
    badge->due[DUE_GPS_POLL] = due_ms > badge->now_ms ? due_ms : badge->now_ms;
}

static void gps_log_fix(struct badge *badge, const struct badge_input *input) {
    const struct badge_fix *fix = &input->is.fix;
    int32_t accuracy_dm = fix->accuracy_dm;
    bool altitude = fix->altitude_dm != BADGE_UNKNOWN, speed = fix->speed_hmh != BADGE_UNKNOWN;
    struct badge_writer payload = badge_payload(badge, 4u + altitude + speed);
    badge->due[DUE_GPS_TIMEOUT] = BADGE_NEVER;
    if (accuracy_dm == BADGE_UNKNOWN) {
        int32_t hdop = fix->hdop_milli == BADGE_UNKNOWN ? 1000 : fix->hdop_milli;
        accuracy_dm = (int32_t)badge_tenths_of_product(badge_real(hdop, 1000), badge->gps_uere);
    }
    put_scaled(&payload, "lat", fix->lat_udeg, MICRO);
    put_scaled(&payload, "lon", fix->lon_udeg, MICRO);
    put_scaled(&payload, "accuracy_m", accuracy_dm, 10);
    if (altitude) {
        put_scaled(&payload, "altitude_m", fix->altitude_dm, 10);
    }
    if (speed) {
        put_scaled(&payload, "speed_kmh", fix->speed_hmh, 10);
    }
    badge_put_word(&payload, "fix_type", badge_nth(BADGE_FIX_TYPES, fix->type));
    badge->has_fix = true;
    badge->fix_lat_udeg = fix->lat_udeg;
    badge->fix_lon_udeg = fix->lon_udeg;
    badge->fix_ms = badge->now_ms;
    badge_log(badge, EVENT_GPS, &payload, NULL);
}

static void gps_log_no_fix(struct badge *badge, const struct badge_input *input) {
    (void)input;
    log_no_fix(badge);
}

BADGE_TABLE(table, GPS_ON_FACTS, GPS_LAW, GPS_ACTIONS);

void gps_on(struct badge *badge, enum gps_fact fact, const struct badge_input *input) {
    badge_step(badge, &table, &badge->gps_state, fact, input);
}

static bool is_possible(const struct badge_fix *fix) {
    return fix->lat_udeg >= -LAT_MAX_UDEG && fix->lat_udeg <= LAT_MAX_UDEG &&
           fix->lon_udeg >= -LON_MAX_UDEG && fix->lon_udeg <= LON_MAX_UDEG &&
           (fix->accuracy_dm == BADGE_UNKNOWN || fix->accuracy_dm >= 0) &&
           (fix->hdop_milli == BADGE_UNKNOWN || fix->hdop_milli >= 0) &&
           (fix->speed_hmh == BADGE_UNKNOWN || fix->speed_hmh >= 0) &&
           fix->type <= BADGE_DEAD_RECKONING;
}

/* Take a position; it counts only while a poll waits for it, and if it can be one. */
void gps_take(struct badge *badge, const struct badge_input *input) {
    if (is_possible(&input->is.fix)) {
        gps_on(badge, GPS_ON_FIX, input);
    }
}
