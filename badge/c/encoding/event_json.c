/* Events as JSON (contract section 1), byte for byte what the Python badge writes. */
#include "../internal.h"

enum { DEPTH_MAX = 8 };

static void put_escaped(struct badge_writer *to, const char *text, uint32_t length) {
    static const char hex[] = "0123456789abcdef";
    uint32_t from = 0, at = 0;
    badge_put_byte(to, '"');
    for (; at < length; at++) {
        uint8_t c = (uint8_t)text[at];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        const char *found = memchr(badge_escapes[1], c, BADGE_ESCAPES);
        char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        badge_put(to, text + from, at - from);
        from = at + 1;
        if (found) {
            escape[1] = badge_escapes[0][found - badge_escapes[1]];
        }
        badge_put(to, escape, found ? 2 : 6);
    }
    badge_put(to, text + from, at - from);
    badge_put_byte(to, '"');
}

/* A double that is a whole number of millionths, as the shortest text that gives it back. */
static void put_real(struct badge_writer *to, uint64_t bits) {
    int64_t micros = badge_micros(bits);
    if ((bits >> 52 & 0x7FF) == 0x7FF) {
        badge_put_text(to, "null");
        return;
    }
    uint64_t value = micros < 0 ? UINT64_C(0) - (uint64_t)micros : (uint64_t)micros;
    uint64_t whole = value / 1000000;
    uint32_t part = (uint32_t)(value - whole * 1000000);
    if (micros < 0) {
        badge_put_byte(to, '-');
    }
    if (whole == 0 && part > 0 && part < 10) { /* 1e-6: below 0.00001 the exponent is shorter */
        badge_put_number(to, part);
        badge_put_text(to, "e-6");
        return;
    }
    badge_put_number(to, (int64_t)whole);
    uint8_t *point = to->at;
    badge_put_number(to, 1000000 + part); /* all six digits; the point takes the place of the 1 */
    if (!to->full) {
        *point = '.';
        while (to->at > point + 2 && to->at[-1] == '0') {
            to->at--;
        }
    }
}

static void put_item(struct badge_writer *to, struct badge_cursor *from, unsigned depth) {
    struct badge_item item = badge_take(from);
    if (from->bad || depth > DEPTH_MAX) {
        to->full = true;
        return;
    }
    bool map = item.major == 5;
    switch (item.major) {
    case 0:
        badge_put_number(to, (int64_t)item.value);
        return;
    case 1:
        badge_put_number(to, -1 - (int64_t)item.value);
        return;
    case 3:
        put_escaped(to, (const char *)item.bytes, (uint32_t)item.value);
        return;
    case 4:
    case 5:
        badge_put_byte(to, map ? '{' : '[');
        for (uint64_t n = 0; n < item.value && !to->full; n++) {
            if (n) {
                badge_put_byte(to, ',');
            }
            put_item(to, from, depth + 1);
            if (map) {
                badge_put_byte(to, ':');
                put_item(to, from, depth + 1);
            }
        }
        badge_put_byte(to, map ? '}' : ']');
        return;
    case ITEM_REAL:
        put_real(to, item.value);
        return;
    case ITEM_NULL:
    case ITEM_TRUE:
    case ITEM_FALSE:
        badge_put_text(to, item.major == ITEM_NULL   ? "null"
                           : item.major == ITEM_TRUE ? "true"
                                                     : "false");
        return;
    default:
        to->full = true;
        return;
    }
}

static char *put_two(char *to, uint32_t value, char next) {
    *to++ = (char)('0' + value / 10);
    *to++ = (char)('0' + value % 10);
    *to = next;
    return to + 1;
}

/* Days since 1970 to a date: years begin in March, so that the leap day is their last. */
void badge_timestamp(int64_t unix_s, char to[21]) {
    int64_t days = unix_s / 86400, seconds = unix_s % 86400;
    if (seconds < 0) {
        seconds += 86400;
        days--;
    }
    uint32_t day = (uint32_t)(days + 719468), second = (uint32_t)seconds;
    uint32_t era = day / 146097, of_era = day % 146097;
    uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * of_year + 2) / 153;
    uint32_t of_month = of_year - (153 * month + 2) / 5 + 1;
    year += era * 400 + (month >= 10);
    month = month < 10 ? month + 3 : month - 9;
    to = put_two(to, year / 100, 0) - 1;
    to = put_two(to, year % 100, '-');
    to = put_two(to, month, '-');
    to = put_two(to, of_month, 'T');
    to = put_two(to, second / 3600, ':');
    to = put_two(to, second / 60 % 60, ':');
    *put_two(to, second % 60, 'Z') = '\0';
}

int64_t badge_floor_s(int64_t ms) {
    return ms >= 0 ? ms / 1000 : -((999 - ms) / 1000);
}

#define PUT(to, text) badge_put(to, text, sizeof text - 1)

uint32_t badge_event_json(const struct badge *badge, const struct badge_event *event, char *to,
                          uint32_t size) {
    struct badge_writer out = badge_writer_of(to, size);
    struct badge_cursor payload = {event->payload, event->payload + event->payload_bytes, false};
    char moment[21];
    badge_timestamp(badge_floor_s(event->unix_ms), moment);
    PUT(&out, "{\"device_id\":\"");
    badge_put(&out, badge->device_id, 12);
    PUT(&out, "\",\"firmware_version\":");
    put_escaped(&out, event->firmware_version.bytes, event->firmware_version.length);
    PUT(&out, ",\"event_type\":\"");
    badge_put_text(&out, badge_nth(BADGE_EVENT_TYPES, event->type));
    PUT(&out, "\",\"timestamp_utc\":\"");
    badge_put(&out, moment, 20);
    PUT(&out, "\",\"sequence_number\":");
    badge_put_number(&out, event->sequence_number);
    PUT(&out, ",\"payload\":");
    put_item(&out, &payload, 0);
    PUT(&out, "}");
    return out.full ? 0 : (uint32_t)((char *)out.at - to);
}

uint32_t badge_batch_json(struct badge *badge, uint32_t place, char *to, uint32_t size) {
    const struct badge_ring *queue = &badge->journal.queue;
    struct badge_event event;
    if (place >= queue->count ||
        badge_place_at(queue, place)->sequence_number > badge->batch_last ||
        !badge_read_place(badge, badge_place_at(queue, place), &event)) {
        return 0;
    }
    return badge_event_json(badge, &event, to, size);
}
