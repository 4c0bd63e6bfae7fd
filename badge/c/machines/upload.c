/* When batches leave, and what each answer does (contract section 3, Upload). */
#include "../internal.h"

static const uint32_t WHOLE_BATCH = 500;

static void upload_on(struct badge *badge, enum upload_fact fact);

void upload_reset(struct badge *badge) {
    badge->upload_state = UPLOAD_IDLE;
    /* An answer to a request of an earlier boot must not pass for one of this boot. */
    badge->request = badge->journal.is.next_sequence * REQUESTS_PER_BOOT;
    badge->upload_failures = badge->batch_count = badge->halves_count = 0;
    badge->retry_after_s = 0;
    badge->batch_max = WHOLE_BATCH;
    badge->waits_for_utc = false;
    badge_wait(badge, DUE_WINDOW, SETTING_BOOT_UPLOAD_DELAY_S);
}

static void want(struct badge *badge, enum upload_fact fact) {
    badge->waits_for_utc = !badge->utc_known;
    if (badge->utc_known && badge->journal.queue.count) {
        upload_on(badge, fact);
    }
}

/* Open a window: a heartbeat if nothing was logged and nothing waits, then the drain. */
void upload_window(struct badge *badge) {
    badge_wait(badge, DUE_WINDOW, SETTING_UPLOAD_INTERVAL_S);
    if (!badge->logged_since_window && badge->journal.queue.count == 0) {
        struct badge_writer payload = badge_payload(badge, 0);
        badge_log(badge, EVENT_UPLOAD_HEARTBEAT, &payload, NULL);
    }
    badge->logged_since_window = false;
    want(badge, UPLOAD_ON_WANTED);
}

/* Try once more at the end of a shift; only the cloud's own Retry-After forbids it. */
void upload_final_attempt(struct badge *badge) {
    bool told_to_wait = badge->upload_state == UPLOAD_BACKOFF && badge->retry_after_s > 0;
    if (!told_to_wait) {
        want(badge, UPLOAD_ON_FINAL);
    }
    if (badge->upload_state != UPLOAD_SENDING) {
        badge_attempt_over(badge);
    }
}

/* Open the window that had to wait for the time of day. */
void upload_utc_learned(struct badge *badge) {
    if (badge->waits_for_utc) {
        badge->waits_for_utc = false;
        want(badge, UPLOAD_ON_WANTED);
    }
}

/* ---- The batch in flight ---- */

static bool in_batch(const struct badge *badge, int64_t number) {
    for (uint32_t n = 0; n < badge->batch_run_count; n++) {
        if (number >= badge->batch_runs[n][0] && number <= badge->batch_runs[n][1]) {
            return true;
        }
    }
    return false;
}

static void add_to_batch(struct badge *badge, int64_t number) {
    uint32_t run = badge->batch_run_count;
    if (run && (badge->batch_runs[run - 1][1] + 1 == number || run == BADGE_RUNS_MAX)) {
        badge->batch_runs[run - 1][1] = number;
        return;
    }
    badge->batch_runs[run][0] = badge->batch_runs[run][1] = number;
    badge->batch_run_count++;
}

static int64_t waiting(const struct badge *badge, uint32_t place) {
    return badge_place_at(&badge->journal.queue, place)->sequence_number;
}

static void upload_send(struct badge *badge, const struct badge_input *input) {
    const struct badge_ring *queue = &badge->journal.queue;
    uint32_t most = (uint32_t)badge_number(badge, SETTING_BATCH_EVENTS_MAX);
    struct badge_upload upload;
    (void)input;
    badge->due[DUE_RETRY] = BADGE_NEVER;
    while (badge->halves_count &&
           badge->halves[badge->halves_count - 1] <= badge->journal.is.floor) {
        badge->halves_count--;
    }
    most = most < badge->batch_max ? most : badge->batch_max;
    most = most < queue->count ? most : queue->count;
    badge->batch_count = badge->batch_run_count = 0;
    for (uint32_t n = 0; n < most; n++) {
        int64_t number = waiting(badge, n);
        if (badge->halves_count && number > badge->halves[badge->halves_count - 1]) {
            break;
        }
        add_to_batch(badge, number);
        badge->batch_count++;
    }
    badge->batch_first = waiting(badge, 0);
    badge->batch_middle = waiting(badge, (badge->batch_count - 1) / 2);
    badge->batch_last = waiting(badge, badge->batch_count - 1);
    badge->request++;
    badge_wait(badge, DUE_ANSWER, SETTING_ANSWER_TIMEOUT_S);
    upload.request = badge->request;
    upload.count = badge->batch_count;
    upload.first_sequence = badge->batch_first;
    upload.last_sequence = badge->batch_last;
    badge->hal->upload(badge->hal->context, &upload);
}

static void upload_rest(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge->batch_count = 0;
    badge_attempt_over(badge);
}

static void upload_hold(struct badge *badge, const struct badge_input *input) {
    badge_tell(badge, BADGE_NEEDS_FIRMWARE,
               "the cloud refuses this firmware's events: update it");
    upload_rest(badge, input);
}

/* The pause after the nth failure in a row: full jitter below a doubling bound.  The jitter comes
 * from the device and the count alone, so that a replay is exact. */
static int64_t backoff_ms(const struct badge *badge) {
    struct badge_words words;
    uint32_t failures = badge->upload_failures;
    int64_t bound_s = (int64_t)badge_number(badge, SETTING_BACKOFF_FIRST_S)
                      << (failures - 1 < 30 ? failures - 1 : 30);
    int64_t cap_s = badge_number(badge, SETTING_BACKOFF_CAP_S);
    badge_words_start(&words, badge->device_id);
    badge_put_byte(&words.to, ':');
    badge_put_number(&words.to, failures);
    uint64_t jitter = badge_blake2b_64(words.bytes, (uint32_t)((char *)words.to.at - words.bytes));
    uint64_t above_ms = (uint64_t)((cap_s < bound_s ? cap_s : bound_s) - 1) * 1000;
    /* jitter x above / 2^64, in two halves: above has 30 bits. */
    uint64_t low = (jitter & UINT32_MAX) * above_ms >> 32;
    return 1000 + (int64_t)(((jitter >> 32) * above_ms + low) >> 32);
}

static void upload_back_off(struct badge *badge, const struct badge_input *input) {
    badge->upload_failures++;
    int64_t delay_ms = backoff_ms(badge), told_ms = (int64_t)badge->retry_after_s * 1000;
    badge->due[DUE_RETRY] = badge->now_ms + (delay_ms > told_ms ? delay_ms : told_ms);
    upload_rest(badge, input);
}

/* ---- Answers ---- */

struct refusal {
    const struct badge *badge;
    const struct badge_answer *answer; /* NULL: `whole` stands for the one event */
    struct badge_rejected whole;
    int64_t floor;
};

/* The refused event of the batch with the lowest number above `after`; of a number that the cloud
 * names twice, what it said last. */
static const struct badge_rejected *next_refused(void *context, int64_t after) {
    const struct refusal *refusal = context;
    const struct badge_rejected *found = NULL;
    int64_t above = after > refusal->floor ? after : refusal->floor;
    if (!refusal->answer) {
        return refusal->whole.sequence_number > above ? &refusal->whole : NULL;
    }
    for (uint32_t n = 0; n < refusal->answer->rejected_count; n++) {
        const struct badge_rejected *one = &refusal->answer->rejected[n];
        if (one->sequence_number > above && in_batch(refusal->badge, one->sequence_number) &&
            (!found || one->sequence_number <= found->sequence_number)) {
            found = one;
        }
    }
    return found;
}

static void report_refused(struct badge *badge, struct refusal *refusal) {
    const struct badge_rejected *one = next_refused(refusal, INT64_MIN);
    for (; one; one = next_refused(refusal, one->sequence_number)) {
        struct badge_words words;
        badge_words_start(&words, "event ");
        badge_put_number(&words.to, one->sequence_number);
        badge_put_text(&words.to, ": ");
        badge_put(&words.to, one->reason.bytes,
                  badge_cut_chars(one->reason.bytes, one->reason.length, REASON_CHARS_MAX));
        badge_notify(badge, BADGE_QUARANTINED, &words, one->sequence_number,
                     one->sequence_number);
    }
}

static void settle(struct badge *badge, struct refusal *refusal) {
    struct refusal all = *refusal;
    uint32_t refused = 0;
    refusal->floor = badge->journal.is.floor;
    badge_journal_settle(badge, badge->batch_last, next_refused, refusal);
    report_refused(badge, refusal);
    badge->upload_failures = 0;
    all.floor = INT64_MIN;
    const struct badge_rejected *one = next_refused(&all, INT64_MIN);
    for (; one; one = next_refused(&all, one->sequence_number)) {
        refused++;
    }
    if (refused < badge->batch_count) {
        firmware_on(badge, FIRMWARE_ON_UPLOADED, NULL);
    }
    upload_on(badge, badge->journal.queue.count ? UPLOAD_ON_SETTLED_MORE : UPLOAD_ON_SETTLED_ALL);
}

static void refuse_one(struct badge *badge, int32_t status) {
    struct badge_words words;
    struct refusal refusal = {badge, NULL, {badge->batch_last, {words.bytes, 0}}, 0};
    badge_words_start(&words, "the cloud answered ");
    badge_put_number(&words.to, status);
    refusal.whole.reason.length = (uint32_t)((char *)words.to.at - words.bytes);
    settle(badge, &refusal);
}

static void split(struct badge *badge) {
    if (badge->halves_count + 2 > BADGE_HALVES_MAX) {
        badge->halves_count = 0;
    }
    badge->halves[badge->halves_count++] = badge->batch_last;
    badge->halves[badge->halves_count++] = badge->batch_middle;
}

static void apply(struct badge *badge, const struct badge_answer *answer) {
    static const struct badge_answer nothing = {0, 0, 0, false, 0, NULL};
    bool several = badge->batch_count > 1;
    if (answer->status == 202 || answer->status == 207) {
        struct refusal refusal = {badge, answer->status == 207 ? answer : &nothing,
                                  {0, {NULL, 0}}, 0};
        settle(badge, &refusal);
    } else if ((answer->status == 400 || answer->status == 413) && !several) {
        refuse_one(badge, answer->status);
    } else if (answer->status == 400) {
        split(badge);
        upload_on(badge, UPLOAD_ON_TOO_MUCH);
    } else if (answer->status == 413) {
        badge->batch_max = badge->batch_count / 2;
        upload_on(badge, UPLOAD_ON_TOO_MUCH);
    } else if (answer->status == 422 && answer->schema_deprecated) {
        upload_on(badge, UPLOAD_ON_DEPRECATED);
    } else {
        int32_t told_s = answer->retry_after_s;
        badge->retry_after_s =
            told_s < 0 ? 0 : told_s > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : told_s;
        upload_on(badge, UPLOAD_ON_FAILED);
    }
}

/* Take the cloud's answer; one to an older request is ignored. */
void upload_answer(struct badge *badge, const struct badge_answer *answer) {
    if (answer->request == badge->request && badge->batch_count) {
        badge->due[DUE_ANSWER] = BADGE_NEVER;
        apply(badge, answer);
    }
}

/* Take silence for an answer. */
void upload_overdue(struct badge *badge) {
    struct badge_answer silence = {badge->request, BADGE_UNKNOWN, 0, false, 0, NULL};
    upload_answer(badge, &silence);
}

void upload_retry(struct badge *badge) {
    upload_on(badge, UPLOAD_ON_RETRY_DUE);
}

BADGE_TABLE(table, UPLOAD_ON_FACTS, UPLOAD_LAW, UPLOAD_ACTIONS);

static void upload_on(struct badge *badge, enum upload_fact fact) {
    badge_step(badge, &table, &badge->upload_state, fact, NULL);
}
