/* Over-the-air updates: a new version is on trial until an upload succeeds (contract, OTA). */
#include "../internal.h"

enum { PARTS = 3, DIGITS_MAX = 9 };

/* major.minor.patch, without leading zeros, of at most nine digits each. */
static bool is_version(struct badge_text text) {
    uint32_t at = 0;
    for (unsigned part = 0; part < PARTS; part++) {
        uint32_t digits = 0, first = at;
        while (at < text.length && text.bytes[at] >= '0' && text.bytes[at] <= '9') {
            at++;
            digits++;
        }
        if (digits == 0 || digits > DIGITS_MAX || (digits > 1 && text.bytes[first] == '0')) {
            return false;
        }
        if (part < PARTS - 1 && (at >= text.length || text.bytes[at++] != '.')) {
            return false;
        }
    }
    return at == text.length;
}

static bool is_running(const struct badge *badge, struct badge_text version) {
    return strlen(badge->firmware_version) == version.length &&
           memcmp(badge->firmware_version, version.bytes, version.length) == 0;
}

static void firmware_try_out(struct badge *badge, const struct badge_input *input) {
    struct badge_text version = input->is.version;
    struct badge_state state = badge->journal.state;
    memcpy(state.running_version, version.bytes, version.length);
    state.running_version[version.length] = '\0';
    memcpy(state.previous_version, badge->firmware_version, sizeof state.previous_version);
    state.ota_until_age_ms = 0; /* set at the boot: the trial counts from there */
    badge_change(badge, &state);
    badge->hal->reboot(badge->hal->context, version);
}

/* The running version is on trial no more. */
static void end_trial(struct badge *badge, struct badge_state *state) {
    state->previous_version[0] = '\0';
    state->ota_until_age_ms = 0;
    badge_change(badge, state);
}

static void firmware_keep(struct badge *badge, const struct badge_input *input) {
    struct badge_state state = badge->journal.state;
    struct badge_words words;
    (void)input;
    badge->due[DUE_FIRMWARE] = BADGE_NEVER;
    end_trial(badge, &state);
    badge_words_start(&words, badge->firmware_version);
    badge_put_text(&words.to, " is kept");
    badge_notify(badge, BADGE_FIRMWARE_KEPT, &words, 1, 0);
}

static void firmware_go_back(struct badge *badge, const struct badge_input *input) {
    struct badge_state state = badge->journal.state;
    struct badge_words words;
    (void)input;
    badge_words_start(&words, "no upload with ");
    badge_put_text(&words.to, badge->firmware_version);
    badge_put_text(&words.to, ": back to ");
    badge_put_text(&words.to, state.previous_version);
    memcpy(state.running_version, state.previous_version, sizeof state.running_version);
    end_trial(badge, &state);
    badge_notify(badge, BADGE_FIRMWARE_REVERTED, &words, 1, 0);
    badge->hal->reboot(badge->hal->context, badge_text_of(state.running_version));
}

/* Quote a text as Python does; what is not ASCII stays as it is. */
static void put_quoted(struct badge_writer *to, struct badge_text text) {
    static const char hex[] = "0123456789abcdef";
    bool single = text.length && memchr(text.bytes, '\'', text.length);
    bool twice = text.length && memchr(text.bytes, '"', text.length);
    char quote = single && !twice ? '"' : '\'';
    badge_put_byte(to, quote);
    for (uint32_t n = 0; n < text.length; n++) {
        uint8_t c = (uint8_t)text.bytes[n];
        char escape[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
        if (c == '\\' || c == (uint8_t)quote || c == '\n' || c == '\r' || c == '\t') {
            escape[1] = (char)(c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c);
            badge_put(to, escape, 2);
        } else if (c < 0x20 || c == 0x7F) {
            badge_put(to, escape, 4);
        } else {
            badge_put_byte(to, c);
        }
    }
    badge_put_byte(to, quote);
}

static void firmware_refuse(struct badge *badge, const struct badge_input *input) {
    struct badge_words words;
    badge_words_start(&words, "firmware ");
    put_quoted(&words.to, input->is.version);
    badge_put_text(&words.to, " is the running version or no major.minor.patch");
    badge_notify(badge, BADGE_FIRMWARE_REFUSED, &words, 1, 0);
}

BADGE_TABLE(table, FIRMWARE_ON_FACTS, FIRMWARE_LAW, FIRMWARE_ACTIONS);

void firmware_on(struct badge *badge, enum firmware_fact fact, const struct badge_input *input) {
    badge_step(badge, &table, &badge->firmware_state, fact, input);
}

void firmware_offer(struct badge *badge, const struct badge_input *input) {
    bool usable = is_version(input->is.version) && !is_running(badge, input->is.version);
    firmware_on(badge, usable ? FIRMWARE_ON_OFFERED : FIRMWARE_ON_UNUSABLE, input);
}

/* A boot reads from flash whether the running version is on trial. */
void firmware_reset(struct badge *badge) {
    const struct badge_state *state = &badge->journal.state;
    bool trial = state->previous_version[0] != '\0';
    badge->firmware_state = trial ? FIRMWARE_TRIAL : FIRMWARE_STEADY;
    if (trial) {
        int64_t due_ms = state->ota_until_age_ms - badge->age_offset_ms;
        badge->due[DUE_FIRMWARE] = due_ms > badge->now_ms + 1 ? due_ms : badge->now_ms + 1;
    }
}
