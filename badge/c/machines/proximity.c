/* Which equipment is near: one small tracker a tag (contract section 3, BLE). */
#include "../internal.h"

/* Begin a payload of three pairs, of which the first is the tag. */
static struct badge_writer start_payload(struct badge *badge, const uint8_t *mac) {
    struct badge_writer payload = badge_payload(badge, 3);
    static const char digits[] = "0123456789ABCDEF";
    char text[17];
    for (unsigned n = 0; n < 6; n++) {
        text[3 * n] = digits[mac[n] >> 4];
        text[3 * n + 1] = digits[mac[n] & 15];
        if (n < 5) {
            text[3 * n + 2] = ':';
        }
    }
    badge_put_key(&payload, "tag_mac");
    badge_put_string(&payload, text, sizeof text);
    return payload;
}

static struct badge_tracker *chosen(struct badge *badge) {
    return &badge->trackers[badge->chosen];
}

/* ---- One tag ---- */

static void tag_hit(struct badge *badge, const struct badge_input *input) {
    (void)input;
    chosen(badge)->hits++;
}

static void tag_forget_hits(struct badge *badge, const struct badge_input *input) {
    (void)input;
    chosen(badge)->hits = 0;
}

static void tag_forget_misses(struct badge *badge, const struct badge_input *input) {
    (void)input;
    chosen(badge)->misses = 0;
}

static void tag_miss(struct badge *badge, const struct badge_input *input) {
    (void)input;
    chosen(badge)->misses++;
}

static void tag_appear(struct badge *badge, const struct badge_input *input) {
    struct badge_tracker *tracker = chosen(badge);
    struct badge_writer payload = start_payload(badge, tracker->mac);
    (void)input;
    tracker->hits++;
    tracker->misses = 0;
    tracker->near_since_ms = badge->now_ms;
    badge_put_pair(&payload, "rssi", tracker->rssi_dbm);
    badge_put_pair(&payload, "detection_count", tracker->hits);
    badge_log(badge, EVENT_BLE_PROXIMITY, &payload, NULL);
}

static void tag_vanish(struct badge *badge, const struct badge_input *input) {
    struct badge_tracker *tracker = chosen(badge);
    struct badge_writer payload = start_payload(badge, tracker->mac);
    (void)input;
    tracker->hits = tracker->misses = 0;
    badge_put_pair(&payload, "last_rssi", tracker->rssi_dbm);
    badge_put_pair(&payload, "duration_s", badge_floor_s(badge->now_ms - tracker->near_since_ms));
    badge_log(badge, EVENT_BLE_LOST, &payload, NULL);
}

BADGE_TABLE(tag_table, TAG_ON_FACTS, TAG_LAW, TAG_ACTIONS);

/* ---- The scanner ---- */

static void scan_listen(struct badge *badge, const struct badge_input *input) {
    int64_t period_ms = badge_seconds(badge, SETTING_BLE_SCAN_PERIOD_S);
    (void)input;
    badge->due[DUE_SCAN] = badge->now_ms + period_ms;
    badge->hal->start_scan(badge->hal->context, (uint32_t)period_ms);
}

static void scan_start(struct badge *badge, const struct badge_input *input) {
    badge->hal->power_scanner(badge->hal->context, true);
    scan_listen(badge, input);
}

/* Shift end clears all trackers silently: ble_lost means misses, nothing else. */
static void scan_stop(struct badge *badge, const struct badge_input *input) {
    (void)input;
    badge->tracker_count = 0;
    badge->due[DUE_SCAN] = BADGE_NEVER;
    badge->hal->power_scanner(badge->hal->context, false);
}

static bool is_known(const struct badge *badge, const uint8_t *mac) {
    for (unsigned n = 0; n < badge->tag_count; n++) {
        if (memcmp(badge->tags[n], mac, 6) == 0) {
            return true;
        }
    }
    return false;
}

static struct badge_tracker *tracker_of(struct badge *badge, const uint8_t *mac) {
    for (unsigned n = 0; n < badge->tracker_count; n++) {
        if (memcmp(badge->trackers[n].mac, mac, 6) == 0) {
            return &badge->trackers[n];
        }
    }
    return NULL;
}

/* Note the strongest sample of each tag; begin to track known ones in the order in which they were
 * first heard. */
static void hear(struct badge *badge, const struct badge_heard *heard) {
    if (heard->rssi_dbm >= 0 || heard->rssi_dbm == UNHEARD_DBM) {
        return; /* 127 is "not available", and nothing real is 0 or more */
    }
    struct badge_tracker *tracker = tracker_of(badge, heard->mac);
    if (!tracker && is_known(badge, heard->mac)) {
        tracker = &badge->trackers[badge->tracker_count++];
        memset(tracker, 0, sizeof *tracker);
        memcpy(tracker->mac, heard->mac, 6);
        tracker->rssi_dbm = tracker->best_dbm = UNHEARD_DBM;
        tracker->state = TAG_AWAY;
    }
    if (tracker && heard->rssi_dbm > tracker->best_dbm) {
        tracker->best_dbm = heard->rssi_dbm;
    }
}

static enum tag_fact fact_of(const struct badge *badge, const struct badge_tracker *tracker,
                             int best_dbm) {
    int hits = badge_number(badge, SETTING_BLE_DETECTION_COUNT_THRESHOLD) - 1;
    int misses = badge_number(badge, SETTING_BLE_LOST_COUNT_THRESHOLD) - 1;
    if (best_dbm >= badge_number(badge, SETTING_BLE_RSSI_THRESHOLD)) {
        return tracker->hits >= hits ? TAG_ON_LAST_HIT : TAG_ON_HIT;
    }
    return tracker->misses >= misses ? TAG_ON_LAST_MISS : TAG_ON_MISS;
}

/* A cycle's RSSI of a tag is its strongest sample; an unheard tag is a miss. */
static void scan_judge(struct badge *badge, const struct badge_input *input) {
    for (unsigned n = 0; n < badge->tracker_count; n++) {
        badge->trackers[n].best_dbm = UNHEARD_DBM;
    }
    for (uint32_t n = 0; n < input->is.scan.count; n++) {
        hear(badge, &input->is.scan.heard[n]);
    }
    for (uint16_t n = 0; n < badge->tracker_count; n++) {
        struct badge_tracker *tracker = &badge->trackers[n];
        if (tracker->best_dbm != UNHEARD_DBM) {
            tracker->rssi_dbm = tracker->best_dbm;
        }
        badge->chosen = n;
        badge_step(badge, &tag_table, &tracker->state,
                   fact_of(badge, tracker, tracker->best_dbm), input);
    }
}

BADGE_TABLE(scan_table, SCAN_ON_FACTS, SCAN_LAW, SCAN_ACTIONS);

void scan_on(struct badge *badge, enum scan_fact fact, const struct badge_input *input) {
    badge_step(badge, &scan_table, &badge->scan_state, fact, input);
}

/* A tag that is no longer known is forgotten. */
void scan_configure(struct badge *badge) {
    uint16_t kept = 0;
    for (unsigned n = 0; n < badge->tracker_count; n++) {
        if (is_known(badge, badge->trackers[n].mac)) {
            badge->trackers[kept++] = badge->trackers[n];
        }
    }
    badge->tracker_count = kept;
}
