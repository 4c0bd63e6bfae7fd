/* What the machines share: the log, the lifetime clock, the time of day, and words for people. */
#include "../internal.h"

void badge_ignore(struct badge *badge, const struct badge_input *input) {
    (void)badge;
    (void)input;
}

/* Mark a pair that cannot meet, because of how facts are made. */
void badge_never(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge->journal.result = BADGE_CANNOT_BE;
}

/* Look a fact up: take the next state, then do what the row says. */
void badge_step(struct badge *badge, const struct badge_table *table, uint8_t *state,
                unsigned fact, const struct badge_input *input) {
    unsigned row = table->rows[*state * table->facts + fact];
    *state = row & 15u;
    table->actions[row >> 4](badge, input);
}

int64_t badge_age_ms(const struct badge *badge) {
    return badge->now_ms + badge->age_offset_ms;
}

int32_t badge_number(const struct badge *badge, enum badge_setting setting) {
    return badge->numbers[setting];
}

int64_t badge_seconds(const struct badge *badge, enum badge_setting setting) {
    return (int64_t)badge->numbers[setting] * 1000;
}

/* Let a deadline fall due as many seconds from now as a setting says. */
void badge_wait(struct badge *badge, enum badge_due due, enum badge_setting setting) {
    badge->due[due] = badge->now_ms + badge_seconds(badge, setting);
}

void badge_notify(struct badge *badge, enum badge_about about, const struct badge_words *words,
                  int64_t first, int64_t last) {
    struct badge_notice notice = {(uint8_t)about, {words->bytes, 0}, first, last};
    notice.text.length = (uint32_t)((const char *)words->to.at - words->bytes);
    badge->hal->notice(badge->hal->context, &notice);
}

void badge_tell(struct badge *badge, enum badge_about about, const char *text) {
    struct badge_notice notice = {(uint8_t)about, badge_text_of(text), 1, 0};
    badge->hal->notice(badge->hal->context, &notice);
}

static void report_overflow(struct badge *badge, int64_t before) {
    struct badge_words words;
    badge_words_start(&words, "queue full: the oldest event was dropped, ");
    badge_put_number(&words.to, badge->journal.is.overflow_count);
    badge_put_text(&words.to, " so far");
    badge_notify(badge, BADGE_OVERFLOW, &words, before + 1, badge->journal.is.floor);
}

/* Give an event its number and keep it, with what it changes in the state (NULL: nothing). */
void badge_log(struct badge *badge, unsigned type, const struct badge_writer *payload,
               const struct badge_state *state) {
    struct badge_event event;
    int64_t floor = badge->journal.is.floor;
    event.sequence_number = badge->journal.is.next_sequence;
    event.age_ms = badge_age_ms(badge);
    event.unix_ms = badge->utc_known ? event.age_ms + badge->unix_offset_ms : 0;
    event.type = (uint8_t)type;
    event.firmware_version = badge_text_of(badge->firmware_version);
    event.payload = badge_record_bytes(badge) + PAYLOAD_AT;
    event.payload_bytes = (uint32_t)(payload->at - event.payload);
    if (payload->full) {
        badge->journal.result = BADGE_TOO_LARGE;
        return;
    }
    if (!badge_journal_append(badge, &event, badge->utc_known, state)) {
        return;
    }
    if (badge->utc_known) {
        badge->hal->logged(badge->hal->context, &event);
    }
    if (badge->journal.is.floor != floor) {
        report_overflow(badge, floor);
    }
    badge->logged_since_window = true;
    badge_wait(badge, DUE_SAVE_AGE, SETTING_UPTIME_SAVE_S);
}

/* Keep a change of the state that comes without an event. */
void badge_change(struct badge *badge, const struct badge_state *state) {
    badge_journal_save_state(badge, state);
}

void badge_save_age(struct badge *badge) {
    badge_journal_save_age(badge, badge_age_ms(badge));
    badge_wait(badge, DUE_SAVE_AGE, SETTING_UPTIME_SAVE_S);
}

/* Set the time of day, and stamp what was logged without it. */
void badge_learn_utc(struct badge *badge, int64_t unix_ms) {
    struct badge_ring *queue = &badge->journal.queue;
    badge->unix_offset_ms = unix_ms - badge_age_ms(badge);
    badge->utc_known = true;
    uint32_t stamped = badge_journal_stamp(badge, badge->unix_offset_ms);
    for (uint32_t n = 0; n < queue->count && stamped > 0; n++) {
        struct badge_place *place = badge_place_at(queue, n);
        struct badge_event event;
        if (!(place->flags & PLACE_FRESH)) {
            continue;
        }
        place->flags &= (uint8_t)~PLACE_FRESH;
        stamped--;
        if (badge_read_place(badge, place, &event)) {
            badge->hal->logged(badge->hal->context, &event);
        }
    }
}
