/* The badge in C99: inputs with a time go in, effects in order come out through callbacks.
 *
 * Freestanding: no heap, no globals, no floating point, no clock.  The caller owns `struct badge`
 * and the memory that it hands over.  Every effect, and every byte of flash, is that of the Python
 * badge (badge/badge.py), whose tables are in law.h.
 */
#ifndef BADGE_CORE_H
#define BADGE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BADGE_CORE_VERSION 1

/* Sizes, to be set for a build, one by one or in a header of your own (-DBADGE_SIZES='"mine.h"'):
 * every file of the core must see the same ones. */
#ifdef BADGE_SIZES
#include BADGE_SIZES
#endif
#ifndef BADGE_TAGS_MAX /* known_equipment_tags */
#define BADGE_TAGS_MAX 32
#endif
#ifndef BADGE_WORKER_BYTES_MAX /* of a worker ID in UTF-8 */
#define BADGE_WORKER_BYTES_MAX 64
#endif
#ifndef BADGE_RECORD_BYTES_MAX /* the largest record: a boot's, which carries an event */
#define BADGE_RECORD_BYTES_MAX 1024
#endif
#ifndef BADGE_RANGES_MAX /* stretches of sequence numbers that are known to be missing */
#define BADGE_RANGES_MAX 8
#endif
#ifndef BADGE_NOTICE_BYTES_MAX
#define BADGE_NOTICE_BYTES_MAX 320
#endif
#ifndef BADGE_LATE_FAULTS /* 1: faults of flash may be told later, as BADGE_FLASH_FAULT */
#define BADGE_LATE_FAULTS 0
#endif
#define BADGE_VERSION_BYTES_MAX 31
#define BADGE_HALVES_MAX 24
#define BADGE_RUNS_MAX 16

#define BADGE_UNKNOWN INT32_MIN /* of a value in an input or on the screen */
#define BADGE_NEVER INT64_C(0x4000000000000000)

/* What badge_receive() returns. */
enum badge_result {
    BADGE_OK,
    BADGE_TIME_WENT_BACK,
    BADGE_NOT_BOOTED,
    BADGE_TOO_LARGE, /* a text that no flash record of this build can hold */
    BADGE_CANNOT_BE, /* a fact that cannot happen in that state: a bug in the core */
};

struct badge_text {
    const char *bytes; /* UTF-8, no terminator */
    uint32_t length;
};

/* ---- Inputs ---- */

enum badge_input_kind {
    BADGE_BOOT,
    BADGE_TICK,
    BADGE_UTC_LEARNED,
    BADGE_ASSIGN,
    BADGE_UNASSIGN,
    BADGE_GPS_FIX,
    BADGE_SCAN_RESULT,
    BADGE_MOVEMENT,
    BADGE_BATTERY,
    BADGE_CELLULAR,
    BADGE_UPLOAD_ANSWER,
    BADGE_CONFIG_PUSH,
    BADGE_FIRMWARE_OFFER,
    BADGE_FLASH_FAULT,
    BADGE_INPUT_KINDS,
};

enum badge_reboot_reason { BADGE_POWER_ON, BADGE_WATCHDOG, BADGE_USER_RESET, BADGE_FIRMWARE_UPDATE };
enum badge_fix_type { BADGE_FIX_3D, BADGE_FIX_2D, BADGE_DEAD_RECKONING };

struct badge_fix {
    int32_t lat_udeg, lon_udeg; /* micro-degrees, WGS84 */
    int32_t accuracy_dm;        /* decimetres, or BADGE_UNKNOWN: then from HDOP */
    int32_t hdop_milli;         /* HDOP x 1000, or BADGE_UNKNOWN */
    int32_t altitude_dm;        /* or BADGE_UNKNOWN */
    int32_t speed_hmh;          /* hundred metres an hour, or BADGE_UNKNOWN */
    uint8_t type;               /* enum badge_fix_type */
};

struct badge_heard {
    uint8_t mac[6];
    int8_t rssi_dbm; /* 0 and more, and -128, count as not heard */
};

struct badge_rejected {
    int64_t sequence_number;
    struct badge_text reason;
};

struct badge_answer {
    int64_t request;
    int32_t status; /* of HTTP, or BADGE_UNKNOWN: no answer at all */
    int32_t retry_after_s;
    bool schema_deprecated; /* the code in the body */
    uint32_t rejected_count;
    const struct badge_rejected *rejected;
};

struct badge_input {
    uint8_t kind; /* enum badge_input_kind */
    union {
        uint8_t reboot_reason;
        int64_t unix_ms;
        struct {
            struct badge_text worker_id, assigned_by; /* no length: not given */
        } assign;
        struct badge_fix fix;
        struct {
            const struct badge_heard *heard;
            uint32_t count;
        } scan;
        bool moving;
        struct {
            int32_t pct, voltage_mv; /* voltage: or BADGE_UNKNOWN */
        } battery;
        bool connected;
        struct badge_answer answer;
        struct badge_text document; /* JSON object of settings to change */
        struct badge_text version;
        uint32_t address;
    } is;
};

/* ---- Effects ---- */

struct badge_event {
    int64_t sequence_number, age_ms, unix_ms;
    uint8_t type; /* place in the contract's list of event types */
    struct badge_text firmware_version;
    const uint8_t *payload; /* CBOR map */
    uint32_t payload_bytes;
};

struct badge_upload {
    int64_t request, first_sequence, last_sequence;
    uint32_t count; /* read the events with badge_batch_json() */
};

enum badge_screen_state {
    BADGE_SCREEN_UNASSIGNED,
    BADGE_SCREEN_ACTIVE,
    BADGE_SCREEN_SHIFT_END,
    BADGE_SCREEN_OFF,
};

struct badge_screen {
    uint8_t state;
    bool low_battery, no_cellular, has_duration, has_start;
    int32_t battery_pct; /* or BADGE_UNKNOWN */
    int64_t shift_started_unix_s, shift_duration_s;
    struct badge_text firmware_version, worker_id; /* no length: no worker */
};

enum badge_about {
    BADGE_CONFIG_APPLIED,
    BADGE_CONFIG_REJECTED,
    BADGE_NEEDS_FIRMWARE,
    BADGE_QUARANTINED,
    BADGE_OVERFLOW,
    BADGE_FIRMWARE_KEPT,
    BADGE_FIRMWARE_REFUSED,
    BADGE_FIRMWARE_REVERTED,
    BADGE_FLASH_DAMAGE,
    BADGE_FLASH_UNFINISHED,
    BADGE_FLASH_WORN,
};

struct badge_notice {
    uint8_t about;
    struct badge_text text;
    int64_t first_sequence, last_sequence; /* last < first: about no events */
};

/* What the core calls, in order; it waits for each.  After `program` and `erase` have returned
 * true, the bytes survive a loss of power: only then does the core go on.  False: it does not read
 * back, and the core writes it again elsewhere. */
struct badge_hal {
    void *context;
    void (*read)(void *context, uint32_t address, void *to, uint32_t size);
    bool (*program)(void *context, uint32_t address, const void *from, uint32_t size);
    bool (*erase)(void *context, uint32_t address);
    void (*logged)(void *context, const struct badge_event *event);
    void (*upload)(void *context, const struct badge_upload *upload);
    void (*power_gps)(void *context, bool on);
    void (*power_scanner)(void *context, bool on);
    void (*poll_gps)(void *context, uint32_t timeout_ms);
    void (*start_scan)(void *context, uint32_t duration_ms);
    void (*draw)(void *context, const struct badge_screen *screen);
    void (*notice)(void *context, const struct badge_notice *notice);
    void (*reboot)(void *context, struct badge_text firmware_version);
    void (*power_off)(void *context);
};

/* ---- The badge ---- */

struct badge_geometry {
    uint32_t page_bytes, config_pages, ring_pages;
};

/* One event in the queue's index: where its body lies in flash. */
struct badge_place {
    int64_t sequence_number;
    int64_t offset_ms;  /* the stamp, if the flag says so */
    uint32_t body_at;   /* address of its CBOR */
    uint32_t reason_at; /* of a refused one: address of its text */
    uint16_t body_bytes;
    uint16_t body_flip, reason_flip; /* a bit to put right when it is read, counted from 1 */
    uint8_t reason_bytes;
    uint8_t flags;
};

#define BADGE_PAGE_MEMORY(page_bytes, ring_pages) \
    ((page_bytes) + 4 * (ring_pages) + (page_bytes) / 8)

/* Memory that the caller hands over: the index, and one page for moving events and for boots. */
struct badge_memory {
    struct badge_place *queue;
    uint32_t queue_places; /* queue_events_max, and as many again as may be refused */
    struct badge_place *quarantine;
    uint32_t quarantine_places; /* quarantine_events_max */
    uint8_t *page;              /* BADGE_PAGE_MEMORY bytes, aligned to 4 */
    /* Only with BADGE_LATE_FAULTS; else NULL. */
    uint8_t *issued, *config;   /* config: 40,960 bytes */
    uint32_t issued_bytes;
};

struct badge_state {
    int64_t boot_age_ms, shift_started_age_ms, ota_until_age_ms;
    bool has_worker, low_armed, critical_armed;
    uint16_t worker_bytes;
    char worker_id[BADGE_WORKER_BYTES_MAX];
    char installed_version[BADGE_VERSION_BYTES_MAX + 1];
    char running_version[BADGE_VERSION_BYTES_MAX + 1];
    char previous_version[BADGE_VERSION_BYTES_MAX + 1];
};

struct badge_counters {
    int64_t next_sequence, floor, age_ms, overflow_count, quarantine_count;
};

struct badge_source { /* a document of settings: JSON or CBOR in memory, or CBOR in flash */
    const uint8_t *memory;
    uint32_t address, size;
    bool json;
    const struct badge_hal *hal; /* that reads the flash */
};

struct badge_tracker {
    int64_t near_since_ms;
    uint16_t hits, misses;
    int16_t rssi_dbm, best_dbm;
    uint8_t mac[6];
    uint8_t state;
};

struct badge_ranges {
    int64_t of[BADGE_RANGES_MAX][2];
    uint32_t count;
};

struct badge_ring {
    struct badge_place *places;
    uint32_t size, first, count;
};

struct badge_journal {
    uint8_t result; /* enum badge_result */
    bool config_faulty, ahead_due;
    uint32_t alive_bytes; /* of the records that recovery would need */
    uint32_t head, offset, page_used, queue_max, quarantine_max, page_faults, faults;
    uint8_t *page;
    struct badge_geometry geometry;
    struct badge_ring queue, quarantine;
    int64_t generation;
    int64_t unfinished; /* the number of an append that was cut off, 0: none */
    struct badge_counters is, before;
    uint8_t *issued, *config_copy;
    uint32_t issued_size, issued_to;
    const uint8_t *before_body; /* the checkpoint as it was, if it is no longer the present one */
    uint32_t before_bytes;
    uint32_t config_version, config_faults;
    struct badge_source config;
    uint32_t skipped_count;
    int64_t skipped[BADGE_RANGES_MAX][2];
    struct badge_state state;
    struct badge_ranges lost; /* by damage, found by the last boot */
};

struct badge_shown { /* what the screen depends on */
    uint32_t worker;
    uint8_t state, pct_band, connected, dated;
};

enum { BADGE_SETTING_COUNT = 27, BADGE_DUE_COUNT = 10 };

/* What is used most comes first: on a chip, near fields need shorter instructions. */
struct badge {
    const struct badge_hal *hal;
    uint8_t shift_state, motion_state, gps_state, scan_state, upload_state, firmware_state;
    uint8_t threshold_state[2];
    bool booted, asleep, utc_known, logged_since_window, waits_for_utc;
    bool motion_changed, gps_stationary, has_fix, has_duration, connected, is_shown;
    uint16_t tracker_count, chosen; /* the tracker or threshold that an action is about */
    uint16_t tag_count;
    int32_t battery_pct, gps_asked_s, fix_lat_udeg, fix_lon_udeg, retry_after_s;
    uint32_t gps_stationary_polls;
    uint32_t batch_count, batch_run_count, halves_count, batch_max, upload_failures;
    struct badge_shown shown;
    struct badge_journal journal;
    int64_t now_ms, next_ms, age_offset_ms, unix_offset_ms;
    int64_t due[BADGE_DUE_COUNT];
    int64_t shift_started_ms, shift_duration_s, motion_since_ms, motion_held_ms;
    int64_t gps_polled_ms, fix_ms;
    int64_t request, batch_first, batch_middle, batch_last;
    uint64_t gps_uere;
    int32_t numbers[BADGE_SETTING_COUNT];
    struct badge_source given, present; /* the settings of the caller, and those in force */
    char device_id[13];
    char given_version[BADGE_VERSION_BYTES_MAX + 1];
    char firmware_version[BADGE_VERSION_BYTES_MAX + 1];
    uint8_t tags[BADGE_TAGS_MAX][6];
    struct badge_tracker trackers[BADGE_TAGS_MAX];
    int64_t batch_runs[BADGE_RUNS_MAX][2];
    int64_t halves[BADGE_HALVES_MAX];
    uint32_t record[(BADGE_RECORD_BYTES_MAX + 96) / 4]; /* the one that is put together */
};

/* Prepare a badge; nothing is read or written before its first input, a BADGE_BOOT.
 * `settings` is a device_config.json that stays where it is.  False: it is wrong, and `why` (of
 * BADGE_NOTICE_BYTES_MAX) says what. */
bool badge_init(struct badge *badge, const struct badge_hal *hal, struct badge_geometry geometry,
                struct badge_memory memory, struct badge_text settings,
                const char *firmware_version, char *why);

/* Take an input, and do all that follows from it.  Deadlines up to `now_ms` fire first, each at
 * its own time.  `now_ms` never goes back; the first input is a BADGE_BOOT. */
enum badge_result badge_receive(struct badge *badge, const struct badge_input *input,
                                int64_t now_ms);

/* When to call again with a BADGE_TICK at the latest; BADGE_NEVER if nothing is due. */
int64_t badge_next_deadline_ms(const struct badge *badge);

/* Write an event as JSON (contract section 1); 0 if it does not fit. */
uint32_t badge_event_json(const struct badge *badge, const struct badge_event *event, char *to,
                          uint32_t size);

/* Write event `place` (0 is the first) of the batch in flight; 0 if it does not fit. */
uint32_t badge_batch_json(struct badge *badge, uint32_t place, char *to, uint32_t size);

/* Write Unix seconds as 2026-03-14T08:32:15Z: 20 characters and a terminator. */
void badge_timestamp(int64_t unix_s, char to[21]);

/* Read one text of the settings in force ("api_key", ...); its length, or 0. */
uint32_t badge_setting_text(struct badge *badge, const char *name, char *to, uint32_t size);

/* HDOP or a position as whole numbers, from the decimal text of a receiver: "33.7490001" with
 * 6 places is 33749000; BADGE_UNKNOWN if it is no number. */
int32_t badge_decimal(const char *text, uint32_t length, unsigned places);

/* ---- A core as a shared library ----
 *
 * What `badge judge --core`, `badge powercut --core` and the pytest fixture `core` load: of the
 * functions above badge_init, badge_receive, badge_next_deadline_ms and badge_batch_json, and these
 * three.  The library may be another core than
 * this one, with a `struct badge` of its own. */

enum badge_ability { /* what a core can do; it is judged on that alone */
    BADGE_CAN_FLASH = 1,    /* keeps its events in flash, and finds them at a boot */
    BADGE_CAN_SETTINGS = 2, /* takes BADGE_CONFIG_PUSH */
    BADGE_CAN_UPDATE = 4,   /* takes BADGE_FIRMWARE_OFFER */
    BADGE_CAN_BATTERY = 8,  /* logs low_battery, and switches itself off */
    BADGE_CAN_ALL = 15,
};

uint32_t badge_core_version(void);   /* BADGE_CORE_VERSION */
uint32_t badge_core_bytes(void);     /* sizeof(struct badge), as this library has it */
uint32_t badge_core_abilities(void); /* of enum badge_ability */

#endif
