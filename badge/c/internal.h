/* What the core's files know of each other. */
#ifndef BADGE_INTERNAL_H
#define BADGE_INTERNAL_H

#include <string.h>

#include "badge_core.h"
#include "law.h"

typedef void badge_action(struct badge *badge, const struct badge_input *input);

/* A machine's table: of each state and fact the next state and the action's place, in one byte.
 * A value that does not fit is an error of the compiler's. */
struct badge_table {
    const uint8_t *rows;
    badge_action *const *actions;
    uint8_t facts;
};

enum { ACTION_badge_ignore, ACTION_badge_never };
#define BADGE_ROW(state, fact, next_state, act) [state][fact] = (next_state) | ACTION_##act << 4,
#define BADGE_ACTION_PLACE(act) ACTION_##act,
#define BADGE_ACTION_ITSELF(act) act,
#define BADGE_TABLE(name, STATES, LAW, ACTIONS) \
    enum { name##_before = ACTION_badge_never, ACTIONS(BADGE_ACTION_PLACE) }; \
    static badge_action *const name##_actions[] = {badge_ignore, badge_never, \
                                                   ACTIONS(BADGE_ACTION_ITSELF)}; \
    static const uint8_t name##_rows[][STATES] = {LAW(BADGE_ROW)}; \
    static const struct badge_table name = {name##_rows[0], name##_actions, STATES}

enum badge_setting {
#define BADGE_NAME_OF(identifier, name, low, high, preset) SETTING_##identifier,
    BADGE_SETTINGS(BADGE_NAME_OF, BADGE_NAME_OF, BADGE_NAME_OF, BADGE_NAME_OF, BADGE_NAME_OF)
#undef BADGE_NAME_OF
};

enum badge_place_flag { PLACE_STAMPED = 1, PLACE_REFUSED = 2, PLACE_HAS_UTC = 4, PLACE_FRESH = 8 };

enum { RECORD_HEADER = 12, PAYLOAD_AT = 104, NOTHING = 0 };

/* bytes.c: little pieces of text and CBOR */
struct badge_writer {
    uint8_t *at, *end;
    bool full;
};
struct badge_writer badge_writer_of(void *to, uint32_t size);
struct badge_words { /* a notice's text, and where it goes on */
    struct badge_writer to;
    char bytes[BADGE_NOTICE_BYTES_MAX];
};
void badge_words_start(struct badge_words *words, const char *text);
void badge_put(struct badge_writer *to, const void *from, uint32_t size);
void badge_put_byte(struct badge_writer *to, int byte);
void badge_put_text(struct badge_writer *to, const char *text);
void badge_put_number(struct badge_writer *to, int64_t number);
void badge_put_head(struct badge_writer *to, unsigned major, uint64_t value);
void badge_put_int(struct badge_writer *to, int64_t value);
void badge_put_string(struct badge_writer *to, const char *text, uint32_t length);
void badge_put_real(struct badge_writer *to, uint64_t bits);
void badge_put_key(struct badge_writer *to, const char *key);
void badge_put_pair(struct badge_writer *to, const char *key, int64_t value);
void badge_put_word(struct badge_writer *to, const char *key, const char *word);
const char *badge_nth(const char *words, unsigned n);
struct badge_text badge_text_of(const char *text);
uint32_t badge_cut_chars(const char *text, uint32_t length, uint32_t chars);

/* event_json.c */
int64_t badge_floor_s(int64_t ms);

/* cbor.c: reading it */
enum { ITEM_FALSE = 0xF4, ITEM_TRUE = 0xF5, ITEM_NULL = 0xF6, ITEM_REAL = 0xFB };
struct badge_item {
    uint8_t major;  /* 0 to 6; of major 7 the whole head, one of the above */
    uint64_t value; /* number, length, count, or the bits of a double */
    const uint8_t *bytes;
};
struct badge_cursor {
    const uint8_t *at, *end;
    bool bad;
};
struct badge_item badge_take(struct badge_cursor *from);
bool badge_take_int(struct badge_cursor *from, int64_t *value);
bool badge_take_array(struct badge_cursor *from, uint64_t *count);
void badge_take_list(struct badge_cursor *from, uint64_t count);
unsigned badge_extra_bytes(unsigned code);
bool badge_take_null(struct badge_cursor *from);
bool badge_take_text(struct badge_cursor *from, struct badge_text *text);
void badge_skip(struct badge_cursor *from);

/* decimal.c: doubles as bits, by whole numbers */
uint64_t badge_real(int64_t number, uint64_t per);
int64_t badge_micros(uint64_t bits);
int64_t badge_tenths_of_product(uint64_t a, uint64_t b);
uint64_t badge_real_of_text(const char *text, uint32_t length);

/* crc32.c, blake2b.c */
uint32_t badge_crc32(uint32_t crc, const void *bytes, uint32_t size);
uint64_t badge_blake2b_64(const char *text, uint32_t length);

/* record.c */
struct badge_record {
    uint8_t kind;
    int64_t number;
    const uint8_t *body;
    uint32_t body_bytes, offset, end;
    uint32_t flip; /* the bit of the page that was put right, UINT32_MAX: none */
};
uint32_t badge_u32(const uint8_t *at);
void badge_write_u32(uint8_t *at, uint32_t value);
int64_t badge_record_number(const uint8_t *record);
uint32_t badge_record_size(uint32_t body_bytes);
uint32_t badge_record_seal(uint8_t *record, unsigned kind, int64_t number, uint32_t body_bytes,
                           uint32_t position);
enum { BADGE_FLIPS_MAX = 16 };
struct badge_page { /* of the ring, in memory */
    uint8_t *bytes;
    uint32_t size, address;
    int64_t generation;
    uint32_t flip_count;
    uint32_t flips[BADGE_FLIPS_MAX]; /* bits that were put right, counted from the page's start */
};
bool badge_record_decode(const struct badge_page *page, uint32_t offset,
                         struct badge_record *found);
struct badge_scan {
    uint32_t damaged_end, end;
};
typedef bool badge_on_record(void *context, const struct badge_record *record);
struct badge_scan badge_record_scan(const struct badge_page *page, uint32_t start,
                                    badge_on_record *on_record, void *context);
uint32_t badge_blank_from(const uint8_t *page, uint32_t size);
bool badge_is_blank(const uint8_t *bytes, uint32_t size);

/* codec.c: bodies of records */
enum { COUNTERS = sizeof(struct badge_counters) / sizeof(int64_t) }; /* in the order of flash */
enum { STATE_VALUES = 9, POINT_VALUES = 7 };
struct badge_checkpoint {
    int64_t counters[COUNTERS];
    struct badge_cursor skipped; /* distances */
    uint64_t skipped_numbers;
    struct badge_cursor state;
};
struct badge_event_body {
    uint8_t type;
    int64_t age_ms, unix_ms, floor, overflow_count;
    bool has_unix, has_state, has_reason;
    struct badge_text version, reason;
    const uint8_t *payload;
    uint32_t payload_bytes;
    struct badge_cursor state;
};
void badge_pack_state(struct badge_writer *to, const struct badge_state *state);
bool badge_read_state(struct badge_cursor *from, struct badge_state *state);
void badge_put_state(struct badge_writer *to, const struct badge_state *state);
bool badge_read_state_record(struct badge_cursor from, int64_t *next, struct badge_state *state);
bool badge_read_checkpoint(struct badge_cursor *from, uint64_t items,
                           struct badge_checkpoint *point);
bool badge_read_event(struct badge_cursor from, struct badge_event_body *body);
bool badge_take_carried(struct badge_cursor *from, uint64_t *left, struct badge_record *record);
uint64_t badge_take_release(struct badge_cursor *from, int64_t *next, int64_t *counted);
bool badge_take_refused(struct badge_cursor *from, int64_t *number, struct badge_text *reason);
struct badge_cursor badge_body_of(const struct badge_record *record);
bool badge_body_is_good(const struct badge_record *record);
uint32_t badge_pack_checkpoint(struct badge_writer *to, const struct badge_counters *is,
                               const struct badge_state *state, const int64_t (*skipped)[2],
                               uint32_t ranges, unsigned more);
uint32_t badge_pack_fitting(const struct badge *badge, const struct badge_counters *is,
                            uint8_t *to, unsigned more);

/* index.c */
struct badge_place *badge_place_at(const struct badge_ring *ring, uint32_t place);
struct badge_place *badge_find(const struct badge_ring *ring, int64_t number);
struct badge_place *badge_kept(const struct badge_journal *journal, uint32_t place);
struct badge_place *badge_find_any(const struct badge_journal *journal, int64_t number);
struct badge_place *badge_insert(struct badge_ring *ring, int64_t number);
void badge_drop_first(struct badge_ring *ring);
void badge_remove(struct badge_ring *ring, uint32_t place);

/* reading.c */
void badge_reading_reset(struct badge_journal *journal);
void badge_take_record(struct badge_journal *journal, const struct badge_page *page,
                       const struct badge_record *record);
void badge_prune(struct badge_journal *journal);
void badge_missing(const struct badge_journal *journal, struct badge_ranges *lost);
void badge_add_range(struct badge_ranges *to, int64_t first, int64_t last);

/* journal.c and its parts */
void badge_journal_recover(struct badge *badge);
bool badge_journal_append(struct badge *badge, struct badge_event *event, bool has_unix,
                          const struct badge_state *state);
bool badge_journal_save_state(struct badge *badge, const struct badge_state *state);
void badge_journal_save_age(struct badge *badge, int64_t age_ms);
uint32_t badge_journal_stamp(struct badge *badge, int64_t offset_ms);
typedef const struct badge_rejected *badge_next_refused(void *context, int64_t after);
void badge_journal_settle(struct badge *badge, int64_t through, badge_next_refused *next,
                          void *context);
void badge_limit_quarantine(struct badge_journal *journal, uint32_t size);
void badge_journal_mend(struct badge *badge, uint32_t address);
uint8_t *badge_record_bytes(struct badge *badge);
struct badge_writer badge_payload(struct badge *badge, unsigned pairs);
void badge_read_bytes(struct badge *badge, uint32_t address, uint8_t *to, uint32_t size,
                      uint32_t flip);
bool badge_read_place(struct badge *badge, const struct badge_place *place,
                      struct badge_event *event);
void badge_put_event_head(struct badge_writer *to, const struct badge_event *event, bool has_unix,
                          bool more);
void badge_begin(struct badge *badge);
void badge_finish(struct badge *badge);
void badge_reserve(struct badge *badge, uint32_t size);
void badge_open_next(struct badge *badge);
void badge_make_head(struct badge *badge, uint32_t size);
void badge_free_ahead(struct badge *badge);
uint32_t badge_program(struct badge *badge, unsigned kind, int64_t number, uint8_t *record,
                       uint32_t body_bytes);
void badge_remember(struct badge *badge, uint32_t address, unsigned kind, int64_t number,
                    const uint8_t *body, uint32_t body_bytes);
void badge_point(struct badge *badge);
void badge_settle_in(struct badge *badge, struct badge_place *place, uint32_t body_at,
                     uint32_t body_bytes);
uint32_t badge_ring_address(const struct badge *badge, uint32_t page);
uint32_t badge_page_of(const struct badge *badge, int64_t generation);

/* config_slots.c */
struct badge_content { /* the settings in force with those changed, or a document as it is */
    const struct badge_source *changed, *whole;
};
void badge_slots_read(struct badge *badge);
bool badge_slots_save(struct badge *badge, const struct badge_content *content, char *why);
void badge_slots_retry(struct badge *badge);

/* document.c: JSON or CBOR, in memory or in flash */
enum badge_value_type {
    VALUE_ABSENT,
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_BAD,
};
struct badge_value {
    const struct badge_source *from;
    int64_t number;   /* INT; of a REAL its bits */
    uint32_t at, end; /* its content, and what follows it */
    uint32_t left;    /* in CBOR: how many items its list has from here on */
    uint32_t count;   /* in CBOR: the items of a list or map */
    uint8_t type;
};
int badge_byte_at(const struct badge_source *from, uint32_t at);
void badge_root(const struct badge_source *from, struct badge_value *root);
void badge_first_item(const struct badge_value *list, struct badge_value *item);
void badge_next_item(struct badge_value *item);
void badge_find_key(const struct badge_source *from, const char *key, struct badge_value *found);
uint32_t badge_count_items(const struct badge_value *list);
uint64_t badge_real_of(const struct badge_value *value);
enum { BADGE_ESCAPES = 7 };
extern const char badge_escapes[2][BADGE_ESCAPES];
struct badge_letters {
    const struct badge_source *from;
    uint32_t at, end, held;
};
void badge_letters_of(const struct badge_value *text, struct badge_letters *letters);
int badge_next_letter(struct badge_letters *letters);
uint32_t badge_copy_text(const struct badge_value *text, char *to, uint32_t size);
bool badge_same_text(const struct badge_value *value, struct badge_text wanted);

/* settings.c */
enum setting_kind { TEXT, NUMBER, REAL, MACS, NAMES };
struct setting {
    const char *name;
    int32_t high;
    int16_t preset;
    int8_t low;
    uint8_t kind; /* enum setting_kind */
};
extern const struct setting badge_settings[BADGE_SETTING_COUNT];
bool badge_check_settings(const struct badge_source *document, bool whole, const char *place,
                          char *why);
void badge_load_settings(struct badge *badge, const struct badge_source *document, bool whole);
typedef void badge_sink(void *context, const void *bytes, uint32_t size);
void badge_write_content(struct badge *badge, const struct badge_content *content,
                         badge_sink *sink, void *context);
bool badge_is_worker_id(struct badge_text worker);
bool badge_knows_worker(struct badge *badge, struct badge_text worker);

/* badge.c, boot.c and core.c */
void badge_boot(struct badge *badge, const struct badge_input *input);
void badge_copy_version(char *to, const char *from);
void badge_take_limits(struct badge *badge);
void badge_forget_deadlines(struct badge *badge);
void badge_step(struct badge *badge, const struct badge_table *table, uint8_t *state,
                unsigned fact, const struct badge_input *input);
void badge_ignore(struct badge *badge, const struct badge_input *input);
void badge_never(struct badge *badge, const struct badge_input *input);
int64_t badge_age_ms(const struct badge *badge);
void badge_log(struct badge *badge, unsigned type, const struct badge_writer *payload,
               const struct badge_state *state);
void badge_change(struct badge *badge, const struct badge_state *state);
void badge_save_age(struct badge *badge);
void badge_learn_utc(struct badge *badge, int64_t unix_ms);
void badge_wait(struct badge *badge, enum badge_due due, enum badge_setting setting);
void badge_tell(struct badge *badge, enum badge_about about, const char *text);
void badge_notify(struct badge *badge, enum badge_about about, const struct badge_words *words,
                  int64_t first, int64_t last);
int32_t badge_number(const struct badge *badge, enum badge_setting setting);
int64_t badge_seconds(const struct badge *badge, enum badge_setting setting);

/* the machines */
void shift_on(struct badge *badge, enum shift_fact fact, const struct badge_input *input);
void shift_watch_stillness(struct badge *badge);
bool motion_on(struct badge *badge, enum motion_fact fact);
bool motion_is_stationary(const struct badge *badge);
void gps_on(struct badge *badge, enum gps_fact fact, const struct badge_input *input);
void gps_take(struct badge *badge, const struct badge_input *input);
void scan_on(struct badge *badge, enum scan_fact fact, const struct badge_input *input);
void scan_configure(struct badge *badge);
void threshold_read(struct badge *badge, const struct badge_input *input);
void threshold_reset(struct badge *badge);
void display_draw(struct badge *badge);
void firmware_reset(struct badge *badge);
void firmware_offer(struct badge *badge, const struct badge_input *input);
void firmware_on(struct badge *badge, enum firmware_fact fact, const struct badge_input *input);
void upload_reset(struct badge *badge);
void upload_window(struct badge *badge);
void upload_final_attempt(struct badge *badge);
void upload_utc_learned(struct badge *badge);
void upload_answer(struct badge *badge, const struct badge_answer *answer);
void upload_overdue(struct badge *badge);
void upload_retry(struct badge *badge);
void badge_attempt_over(struct badge *badge);

#endif
