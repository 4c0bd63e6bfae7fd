/* Rows of truth as lines of JSON: what the badge has left of each, and what is true of it. */
#include <math.h>
#include <string.h>

#include "world.h"

enum { ROW_MOST = 256, NEAR_MOST = 48, DIGITS = 24, TALLIED = 255 };

struct writing {
    char *at;
    bool unsure;
};

static void put(struct writing *writing, const char *text, uint64_t size) {
    memcpy(writing->at, text, size);
    writing->at += size;
}

#define PUT(writing, text) put(writing, text, sizeof text - 1)

static void put_word(struct writing *writing, const struct world_words *words, uint32_t number) {
    uint32_t from = words->ends[number];
    put(writing, words->text + from, words->ends[number + 1] - from);
}

/* A whole number of parts of one, as the shortest text of the quotient: at least one decimal. */
static void put_parts(struct writing *writing, int64_t parts, unsigned places) {
    char text[DIGITS], *at = text + DIGITS;
    uint64_t left = parts < 0 ? -(uint64_t)parts : (uint64_t)parts;
    bool any = false;
    for (unsigned n = 0; n < places; n++, left /= 10) {
        any = any || left % 10 || n + 1 == places;
        if (any) {
            *--at = (char)('0' + left % 10);
        }
    }
    *--at = '.';
    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (parts < 0) {
        *--at = '-';
    }
    put(writing, at, (uint64_t)(text + DIGITS - at));
}

/* Degrees that are whole in their sixth place; below 1e-5 a power of ten would stand behind. */
static void put_degrees(struct writing *writing, double degrees) {
    double scaled = rint(degrees * 1e6);
    if (scaled / 1e6 != degrees || fabs(scaled) > 1e9 || (scaled != 0 && fabs(scaled) < 100) ||
        (scaled == 0 && signbit(degrees))) {
        writing->unsure = true;
        return;
    }
    put_parts(writing, (int64_t)scaled, 6);
}

static void put_near(struct writing *writing, const struct world_truths *truths, uint32_t row) {
    PUT(writing, ",\"equipment_near\":[");
    for (uint32_t n = truths->near_ends[row]; n < truths->near_ends[row + 1]; n++) {
        if (n > truths->near_ends[row]) {
            PUT(writing, ",");
        }
        PUT(writing, "{\"tag_mac\":");
        put_word(writing, &truths->tags, truths->near_tag[n]);
        PUT(writing, ",\"distance_m\":");
        put_parts(writing, truths->near_cm[n], 2);
        PUT(writing, "}");
    }
    PUT(writing, "]");
}

int64_t world_truths(const struct world_truths *truths, const char *text, uint32_t count,
                     char *events, char *lines) {
    struct writing event = {events, false}, line = {lines, false};
    for (uint32_t n = 0; n < count && !line.unsure; n++) {
        uint64_t head = truths->truth_at[n];
        put(&event, text + truths->event_at[n], head - truths->event_at[n]);
        put(&line, text + head, truths->end[n] - head);
        PUT(&line, ",\"worker_id\":");
        put_word(&line, &truths->workers, truths->worker[n]);
        PUT(&line, ",\"true_lat\":");
        put_degrees(&line, truths->lats[n]);
        PUT(&line, ",\"true_lon\":");
        put_degrees(&line, truths->lons[n]);
        PUT(&line, ",\"parcel_id\":");
        put_word(&line, &truths->parcels, truths->parcel[n]);
        put_near(&line, truths, n);
        PUT(&line, ",\"delivered\":");
        put_word(&line, &truths->fates, truths->fate[n]);
        PUT(&line, "}\n");
    }
    return line.unsure ? LINES_UNSURE : (int64_t)(line.at - lines);
}

uint64_t world_truths_room(uint64_t rows, uint64_t nears) {
    return rows * ROW_MOST + nears * NEAR_MOST;
}

void world_tally(const char *text, uint64_t bytes, uint64_t counts[3]) {
    counts[0] = counts[1] = counts[2] = 0;
    for (uint64_t from = 0; from < bytes; from += TALLIED) {
        uint8_t ends = 0, braces = 0, controls = 0; /* so small that many are added at once */
        uint64_t until = bytes - from < TALLIED ? bytes : from + TALLIED;
        for (uint64_t at = from; at < until; at++) {
            uint8_t letter = (uint8_t)text[at];
            ends += letter == '\n';
            braces += letter == '{';
            controls += letter < ' ';
        }
        counts[0] += ends;
        counts[1] += braces;
        counts[2] += controls;
    }
}
