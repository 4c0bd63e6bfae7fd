/* Low-battery events: once per crossing of 10 % and of 5 % (contract section 3, Battery). */
#include "../internal.h"

static const int32_t levels[2] = {LOW_PCT, CRITICAL_PCT};

static struct badge_state with_flag(const struct badge *badge, bool armed) {
    struct badge_state state = badge->journal.state;
    if (badge->chosen == 0) {
        state.low_armed = armed;
    } else {
        state.critical_armed = armed;
    }
    return state;
}

static void threshold_fire(struct badge *badge, const struct badge_input *input) {
    struct badge_state state = with_flag(badge, false);
    int32_t voltage_mv = input->is.battery.voltage_mv;
    struct badge_writer payload = badge_payload(badge, voltage_mv >= 0 ? 2 : 1);
    badge_put_pair(&payload, "battery_pct", input->is.battery.pct);
    if (voltage_mv >= 0) {
        badge_put_pair(&payload, "voltage_mv", voltage_mv);
    }
    badge_log(badge, EVENT_LOW_BATTERY, &payload, &state);
}

static void threshold_arm(struct badge *badge, const struct badge_input *input) {
    struct badge_state state = with_flag(badge, true);
    (void)input;
    badge_change(badge, &state);
}

BADGE_TABLE(table, THRESHOLD_ON_FACTS, THRESHOLD_LAW, THRESHOLD_ACTIONS);

/* Apply a reading to both levels, the higher one first. */
void threshold_read(struct badge *badge, const struct badge_input *input) {
    for (uint16_t n = 0; n < 2; n++) {
        bool below = input->is.battery.pct <= levels[n];
        badge->chosen = n;
        badge_step(badge, &table, &badge->threshold_state[n],
                   below ? THRESHOLD_ON_AT_OR_BELOW : THRESHOLD_ON_ABOVE, input);
    }
}

/* Whether they are armed survives a reboot. */
void threshold_reset(struct badge *badge) {
    const struct badge_state *state = &badge->journal.state;
    badge->threshold_state[0] = state->low_armed ? THRESHOLD_ARMED : THRESHOLD_FIRED;
    badge->threshold_state[1] = state->critical_armed ? THRESHOLD_ARMED : THRESHOLD_FIRED;
}
