/* Moving or stationary (contract section 3, Motion). */
#include "../internal.h"

static void motion_change(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge->due[DUE_SETTLE] = BADGE_NEVER;
    badge->motion_changed = true;
    badge->motion_held_ms = badge->now_ms - badge->motion_since_ms;
    badge->motion_since_ms = badge->now_ms;
}

static void motion_wait(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge_wait(badge, DUE_SETTLE, SETTING_STATIONARY_AFTER_S);
}

static void motion_move_on(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge->due[DUE_SETTLE] = BADGE_NEVER;
}

BADGE_TABLE(table, MOTION_ON_FACTS, MOTION_LAW, MOTION_ACTIONS);

/* Apply a fact; true if that changed what is accepted, after `motion_held_ms`. */
bool motion_on(struct badge *badge, enum motion_fact fact) {
    badge->motion_changed = false;
    badge_step(badge, &table, &badge->motion_state, fact, NULL);
    return badge->motion_changed;
}

bool motion_is_stationary(const struct badge *badge) {
    return badge->motion_state == MOTION_STATIONARY;
}
