/* The journal alone, below a badge, and pieces of the core, for tests. */
#include "tape.h"

void host_limits(struct host *host, uint32_t queue_max, uint32_t quarantine_max) {
    host->badge.journal.queue_max = queue_max;
    host->badge.journal.quarantine_max = quarantine_max;
}

static int begin(struct host *host) {
    tape_start(host);
    host->badge.journal.result = BADGE_OK;
    return BADGE_OK;
}

static int ended(const struct host *host) {
    return host->badge.journal.result;
}

int host_recover(struct host *host) {
    begin(host);
    badge_journal_recover(&host->badge);
    return ended(host);
}

static bool state_of(const uint8_t *bytes, uint32_t size, struct badge_state *state) {
    struct badge_cursor from = {bytes, bytes + size, false};
    return badge_read_state(&from, state);
}

int host_append(struct host *host, int64_t number, int type, int64_t age_ms, int has_unix,
                int64_t unix_ms, const char *version, uint32_t version_bytes,
                const uint8_t *payload, uint32_t payload_bytes, const uint8_t *state,
                uint32_t state_bytes) {
    struct badge *badge = &host->badge;
    struct badge_event event = {number, age_ms, unix_ms, (uint8_t)type, {version, version_bytes},
                                badge_record_bytes(badge) + PAYLOAD_AT, payload_bytes};
    struct badge_writer to = badge_writer_of(badge_record_bytes(badge) + PAYLOAD_AT,
                                             (uint32_t)sizeof badge->record - PAYLOAD_AT);
    struct badge_state read;
    begin(host);
    badge_put(&to, payload, payload_bytes);
    if (to.full || !state_of(state, state_bytes, &read)) {
        return BADGE_TOO_LARGE;
    }
    badge_journal_append(badge, &event, has_unix != 0, &read);
    return ended(host);
}

int host_save_state(struct host *host, const uint8_t *bytes, uint32_t size) {
    struct badge_state state;
    begin(host);
    if (!state_of(bytes, size, &state)) {
        return BADGE_TOO_LARGE;
    }
    badge_journal_save_state(&host->badge, &state);
    return ended(host);
}

int host_save_age(struct host *host, int64_t age_ms) {
    begin(host);
    badge_journal_save_age(&host->badge, age_ms);
    return ended(host);
}

int host_save_config(struct host *host, const uint8_t *document, uint32_t bytes) {
    char why[BADGE_NOTICE_BYTES_MAX];
    struct badge_source raw = {document, 0, bytes, false, NULL};
    struct badge_content content = {NULL, &raw};
    begin(host);
    return badge_slots_save(&host->badge, &content, why) ? ended(host) : BADGE_TOO_LARGE;
}

int host_stamp(struct host *host, int64_t offset_ms) {
    struct badge_ring *queue = &host->badge.journal.queue;
    begin(host);
    badge_journal_stamp(&host->badge, offset_ms);
    for (uint32_t n = 0; n < queue->count; n++) {
        badge_place_at(queue, n)->flags &= (uint8_t)~PLACE_FRESH;
    }
    return ended(host);
}

struct listed {
    const int64_t *numbers;
    const uint32_t *ends;
    const char *reasons;
    uint32_t count;
    struct badge_rejected found[8];
    uint32_t turn;
};

static const struct badge_rejected *next_listed(void *context, int64_t after) {
    struct listed *list = context;
    for (uint32_t n = 0; n < list->count; n++) {
        if (list->numbers[n] > after) {
            struct badge_rejected *one = &list->found[list->turn++ % 8];
            uint32_t start = n ? list->ends[n - 1] : 0;
            one->sequence_number = list->numbers[n];
            one->reason.bytes = list->reasons + start;
            one->reason.length = list->ends[n] - start;
            return one;
        }
    }
    return NULL;
}

int host_settle(struct host *host, int64_t through, const int64_t *numbers, uint32_t count,
                const char *reasons, const uint32_t *reason_ends) {
    struct listed list;
    memset(&list, 0, sizeof list);
    list.numbers = numbers;
    list.ends = reason_ends;
    list.reasons = reasons;
    list.count = count;
    begin(host);
    badge_journal_settle(&host->badge, through, next_listed, &list);
    return ended(host);
}

int host_mend(struct host *host, uint32_t address) {
    begin(host);
    badge_journal_mend(&host->badge, address);
    return ended(host);
}

uint32_t host_lost(const struct host *host, int64_t *ranges, uint32_t most, int64_t *unfinished) {
    const struct badge_journal *journal = &host->badge.journal;
    uint32_t count = journal->lost.count < most ? journal->lost.count : most;
    memcpy(ranges, journal->lost.of, count * sizeof journal->lost.of[0]);
    *unfinished = journal->unfinished;
    return count;
}

uint64_t host_real(int64_t number, uint64_t per) {
    return badge_real(number, per);
}

uint64_t host_real_of_text(const char *text, uint32_t bytes) {
    return badge_real_of_text(text, bytes);
}

int64_t host_tenths(uint64_t a, uint64_t b) {
    return badge_tenths_of_product(a, b);
}

uint64_t host_jitter(const char *text, uint32_t bytes) {
    return badge_blake2b_64(text, bytes);
}

uint32_t host_crc32(uint32_t crc, const uint8_t *bytes, uint32_t size) {
    return badge_crc32(crc, bytes, size);
}

uint32_t host_sizes(uint32_t which) {
    switch (which) {
    case 0:
        return (uint32_t)sizeof(struct badge);
    case 1:
        return (uint32_t)sizeof(struct badge_place);
    default:
        return (uint32_t)sizeof(struct badge_heard);
    }
}
