/* From boot to shift to power-off (contract section 3, States and Shift). */
#include "../internal.h"

static void put_worker(struct badge_writer *to, const char *worker, uint32_t length) {
    badge_put_key(to, "worker_id");
    badge_put_string(to, worker, length);
}

static void log_end(struct badge *badge, enum end_reason reason) {
    struct badge_state state = badge->journal.state;
    struct badge_writer payload = badge_payload(badge, 2);
    badge->due[DUE_AUTO_END] = BADGE_NEVER;
    badge->has_duration = true;
    badge->shift_duration_s = badge_floor_s(badge_age_ms(badge) - state.shift_started_age_ms);
    put_worker(&payload, state.worker_id, state.worker_bytes);
    badge_put_word(&payload, "end_reason", badge_nth(BADGE_END_REASONS, reason));
    state.has_worker = false;
    state.worker_bytes = 0;
    badge_log(badge, EVENT_SHIFT_END, &payload, &state);
}

static void shift_start(struct badge *badge, const struct badge_input *input) {
    struct badge_text worker = input->is.assign.worker_id, by = input->is.assign.assigned_by;
    struct badge_state state = badge->journal.state;
    bool by_someone = badge_is_worker_id(by);
    struct badge_writer payload = badge_payload(badge, by_someone ? 2 : 1);
    badge->shift_started_ms = badge->now_ms;
    badge->has_duration = false;
    if (worker.length > BADGE_WORKER_BYTES_MAX) {
        badge->journal.result = BADGE_TOO_LARGE;
        return;
    }
    put_worker(&payload, worker.bytes, worker.length);
    if (by_someone) {
        badge_put_key(&payload, "assigned_by");
        badge_put_string(&payload, by.bytes, by.length);
    }
    state.has_worker = true;
    state.worker_bytes = (uint16_t)worker.length;
    memcpy(state.worker_id, worker.bytes, worker.length);
    state.shift_started_age_ms = badge_age_ms(badge);
    badge_log(badge, EVENT_SHIFT_START, &payload, &state);
}

static void shift_close(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge->has_duration = false;
}

static void shift_end_by_button(struct badge *badge, const struct badge_input *input) {
    (void)input;
    log_end(badge, END_MANUAL);
}

static void shift_end_by_stillness(struct badge *badge, const struct badge_input *input) {
    (void)input;
    log_end(badge, END_AUTO_STATIONARY);
}

static void shift_end_by_battery(struct badge *badge, const struct badge_input *input) {
    (void)input;
    log_end(badge, END_LOW_BATTERY);
}

static void shift_end_by_reboot(struct badge *badge, const struct badge_input *input) {
    (void)input;
    log_end(badge, END_REBOOT);
}

BADGE_TABLE(table, SHIFT_ON_FACTS, SHIFT_LAW, SHIFT_ACTIONS);

/* Apply a fact; `input` is an assignment, or NULL. */
void shift_on(struct badge *badge, enum shift_fact fact, const struct badge_input *input) {
    badge_step(badge, &table, &badge->shift_state, fact, input);
}

/* Set the deadline of the automatic end; none while the badge moves. */
void shift_watch_stillness(struct badge *badge) {
    badge->due[DUE_AUTO_END] = BADGE_NEVER;
    if (motion_is_stationary(badge) && badge->shift_state == SHIFT_ACTIVE) {
        int64_t still_ms = badge->motion_since_ms +
                           badge_seconds(badge, SETTING_AUTO_END_STATIONARY_S);
        int64_t open_ms = badge->shift_started_ms +
                          badge_seconds(badge, SETTING_AUTO_END_MIN_SHIFT_S);
        int64_t due_ms = still_ms > open_ms ? still_ms : open_ms;
        badge->due[DUE_AUTO_END] = due_ms > badge->now_ms ? due_ms : badge->now_ms;
    }
}
