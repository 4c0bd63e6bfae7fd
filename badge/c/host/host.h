/* One badge in C for this computer: its flash in memory, its effects on a tape of bytes.
 * Read by the C compiler and by cffi: declarations only. */
struct host;

/* Another core's functions, as its library has them (badge_core.h). */
struct host_functions {
    const void *init, *receive, *deadline, *batch_json;
    uint32_t badge_bytes;
};

/* Which sources it is built of, as badge/host/core/sources.py counts them; "" where unsaid. */
const char *host_digest(void);

struct host *host_new(const char *settings, uint32_t settings_bytes, const char *firmware_version,
                      uint32_t page_bytes, uint32_t config_pages, uint32_t ring_pages,
                      uint32_t queue_places, uint32_t issued_bytes,
                      const struct host_functions *other, char *why, uint32_t why_bytes);
/* The same for memory that a badge has left: 0, or 1 and the reason why not. */
int host_renew(struct host *host, const char *settings, uint32_t settings_bytes,
               const char *firmware_version, char *why, uint32_t why_bytes);
void host_free(struct host *host);
struct host *host_copy(const struct host *host);
uint8_t *host_flash(struct host *host);

/* What the last call has done: items of a kind, a length, and so many bytes (host/tape in
 * badge/host/core/tape.py reads them). */
const uint8_t *host_tape(const struct host *host);
uint32_t host_tape_bytes(const struct host *host);

/* Inputs; each returns an enum badge_result. */
int host_boot(struct host *host, int64_t now_ms, int reason);
int host_tick(struct host *host, int64_t now_ms);
int host_utc(struct host *host, int64_t now_ms, int64_t unix_ms);
int host_assign(struct host *host, int64_t now_ms, const char *worker, uint32_t worker_bytes,
                const char *by, uint32_t by_bytes);
int host_simple(struct host *host, int64_t now_ms, int kind, int value, int other);
int host_fix(struct host *host, int64_t now_ms, int32_t lat_udeg, int32_t lon_udeg,
             int32_t accuracy_dm, int32_t hdop_milli, int32_t altitude_dm, int32_t speed_hmh,
             int type);
int host_scan(struct host *host, int64_t now_ms, const uint8_t *heard, uint32_t count);
int host_answer(struct host *host, int64_t now_ms, int64_t request, int32_t status,
                int deprecated, int32_t retry_after_s, const int64_t *numbers, uint32_t count,
                const char *reasons, const uint32_t *reason_ends);
int host_push(struct host *host, int64_t now_ms, const char *document, uint32_t bytes);
int host_offer(struct host *host, int64_t now_ms, const char *version, uint32_t bytes);
int host_fault(struct host *host, int64_t now_ms, uint32_t address);

/* What it is like now: next_deadline_ms, next_sequence, floor, age_ms, overflow_count,
 * quarantine_count, queue length, quarantine length, shift, upload, asleep, config version,
 * config address, config bytes, booted, quarantine_max, queue_max. */
void host_look(const struct host *host, int64_t to[17]);
int64_t host_deadline(const struct host *host);
/* An event that waits, or one in quarantine, onto the tape as if it had been logged. */
int host_event(struct host *host, int quarantined, uint32_t place);
const char *host_version(const struct host *host);
uint32_t host_near(const struct host *host, uint8_t *macs, uint32_t most);
/* The state as CBOR, the one in force or the one in flash. */
uint32_t host_state(struct host *host, uint8_t *to, uint32_t size);
uint32_t host_setting(struct host *host, const char *name, uint8_t *to, uint32_t size);
uint32_t host_settings(struct host *host, uint8_t *to, uint32_t size);

/* The journal alone, below a badge. */
void host_limits(struct host *host, uint32_t queue_max, uint32_t quarantine_max);
int host_recover(struct host *host);
int host_append(struct host *host, int64_t number, int type, int64_t age_ms, int has_unix,
                int64_t unix_ms, const char *version, uint32_t version_bytes,
                const uint8_t *payload, uint32_t payload_bytes, const uint8_t *state,
                uint32_t state_bytes);
int host_save_state(struct host *host, const uint8_t *state, uint32_t state_bytes);
int host_save_age(struct host *host, int64_t age_ms);
int host_save_config(struct host *host, const uint8_t *document, uint32_t bytes);
int host_stamp(struct host *host, int64_t offset_ms);
int host_settle(struct host *host, int64_t through, const int64_t *numbers, uint32_t count,
                const char *reasons, const uint32_t *reason_ends);
int host_mend(struct host *host, uint32_t address);
uint32_t host_lost(const struct host *host, int64_t *ranges, uint32_t most, int64_t *unfinished);

/* Pieces, for the tests. */
uint64_t host_real(int64_t number, uint64_t per);
uint64_t host_real_of_text(const char *text, uint32_t bytes);
int64_t host_tenths(uint64_t a, uint64_t b);
uint64_t host_jitter(const char *text, uint32_t bytes);
uint32_t host_crc32(uint32_t crc, const uint8_t *bytes, uint32_t size);
/* Many inputs in one call.  Of each input: a kind, a moment, and seven values: of a fix those of
 * struct badge_fix; of a scan where its tags begin in `heard` (seven bytes each) and how many; of
 * texts where they begin and how long they are (an assignment: the worker, then the foreman); of an
 * answer its status, Retry-After, and 1 for schema_deprecated; of UTC the low and high half.
 * Batches are answered with `answer_status` at once, if it is not 0.  Written are bodies of batches
 * to `json`, one after the other, the end of each to `ends`; or, with `lines`, events as they are
 * logged, one a line.  Returns how many inputs were taken: fewer than `count` if `json` was full. */
struct host_block {
    uint32_t count;
    const uint8_t *kinds;
    const int64_t *moments;
    const int32_t *values;
    const uint8_t *heard;
    const char *texts;
    int32_t answer_status;
    int32_t lines;
    uint8_t *json;
    uint64_t json_size;
    uint64_t *ends;
    uint32_t ends_size;
    /* What came out. */
    uint64_t json_bytes, events, inputs, flash_bytes;
    uint32_t ends_count;
    int32_t result;
};
uint32_t host_run(struct host *host, struct host_block *block);

/* A badge with a clock of its own (host/pump.c).  What it asks of its world is asked through
 * `asked`: a fix (it answers the delay in ms, or -1, and leaves the values of struct badge_fix in
 * `fix`), what the cycles of a scan hear (it leaves a block of them), a batch on its way, and parts
 * switched. */
struct host_asked {
    int64_t (*poll)(int64_t now_ms);
    void (*listen)(int64_t start_ms, int64_t period_ms);
    void (*upload)(void);
    void (*effect)(int kind, int value);
    /* A fix as `poll` finds it, of whoever knows without asking; -2: `poll` is to be asked. */
    int64_t (*find)(void *world, int64_t now_ms, int32_t *fix);
    void *world;
};
enum host_effect { HOST_POWER_GPS, HOST_POWER_SCANNER, HOST_DRAW, HOST_REBOOT, HOST_POWER_OFF };
enum host_why { HOST_DELIVERED, HOST_QUEUED, HOST_OVERFLOWED, HOST_QUARANTINED, HOST_BATTERY };
/* An event, when it really was, and what became of it; in `json` its line, if it knows its time
 * (unix_ms is not INT64_MIN), and then its row of truth as far as the badge knows it. */
struct host_row {
    int64_t number, ms, unix_ms;
    uint64_t event_at, truth_at, end;
    uint8_t type, arrived, why, unused[5];
};
struct host_pump {
    int64_t now_ms, boot_age_ms;
    int32_t result, is_active, stopped;
    /* The caller's call of this number has nothing to do before `quiet_until_ms`: then it only asks
     * to be called again. */
    int64_t quiet_number, quiet_until_ms, quiet_every_ms, quiet_last_ms; /* when it did so last */
    int32_t fix[7];
    int64_t cycles_from_ms, cycles_until_ms, cycle_period_ms;
    uint32_t cycle_count;
    const uint8_t *heard, *cycles_down;
    const uint32_t *cycle_ends; /* one more than there are cycles: the first is 0 */
    int64_t request, first, last;
    uint32_t count;
    const uint8_t *body;
    uint64_t body_bytes;
    struct host_row *rows;
    uint32_t row_count, closed_count;
    uint8_t *json;
    uint64_t json_bytes, calls;
    struct host_asked asked;
};
struct host_pump *host_pump_new(struct host *host, const struct host_asked *asked);
void host_pump_free(struct host_pump *pump);
void host_pump_restart(struct host_pump *pump);
/* Run what is due up to a time; returns the number of a call of the caller's, or -1. */
int64_t host_pump_run(struct host_pump *pump, int64_t until_ms);
void host_pump_at(struct host_pump *pump, int64_t ms, int64_t number);
/* Give the badge an answer at that time, in which nothing is refused. */
void host_pump_answer(struct host_pump *pump, int64_t ms, int64_t request, int32_t status,
                      int deprecated, int32_t retry_after_s);
int64_t host_pump_next_ms(const struct host_pump *pump);
void host_pump_changes(struct host_pump *pump, const int64_t *ms, const uint8_t *moving,
                       uint32_t count);
void host_pump_given(struct host_pump *pump); /* after an input that did not come from here */
void host_pump_arrive(struct host_pump *pump, int64_t first, int64_t last, const int64_t *refused,
                      uint32_t count);
void host_pump_finish(struct host_pump *pump, int why);
/* The tags that are tracked, in the order in which they were first heard: whether each is near, and
 * how often it was heard well in a row. */
uint32_t host_pump_trackers(struct host_pump *pump, uint8_t *macs, uint8_t *near, uint16_t *hits,
                            uint32_t most);
void host_pump_drop(struct host_pump *pump); /* the rows that are closed */

uint32_t host_sizes(uint32_t which);
