/* Lines of JSON that this program has written, as columns.
 *
 * A line is a row of truth or an event; its payload is an object, or the text of one.  What this
 * does not expect it does not guess: whoever asks has another reader for it. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "world.h"

enum { PAYLOAD_MOST = 1 << 16, POWERS = 23, TEXT_LEAST = 1 << 16 };

static const double powers[POWERS] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static void set_bit(uint8_t *bits, uint32_t place) {
    bits[place / 8] = (uint8_t)(bits[place / 8] | 1u << (place % 8));
}

static void put_text(struct reading *reading, struct world_column *column, uint32_t place) {
    bool is_plain;
    const char *from = reading->at, *end = text_end(reading, &is_plain);
    uint64_t size = (uint64_t)(end - from);
    if (!column->text || column->text_size - column->text_bytes < size) {
        uint64_t more = column->text_size * 2 + size + TEXT_LEAST;
        char *text = realloc(column->text, more);
        if (!text) {
            give_up(reading);
            return;
        }
        column->text = text;
        column->text_size = more;
    }
    char *to = column->text + column->text_bytes;
    if (is_plain) {
        memcpy(to, from, size);
    } else {
        size = unescape(reading, from, end, to);
    }
    column->text_bytes += size;
    set_bit(column->valid, place);
}

static void put_int(struct reading *reading, struct world_column *column, uint32_t place) {
    int64_t whole;
    int places;
    if (number(reading, &whole, &places)) {
        if (places) {
            give_up(reading);
        }
        ((int64_t *)column->values)[place] = whole;
        set_bit(column->valid, place);
    }
}

static void put_float(struct reading *reading, struct world_column *column, uint32_t place) {
    int64_t whole;
    int places;
    bool negative = reading->at < reading->end && *reading->at == '-';
    if (number(reading, &whole, &places)) {
        if (whole > INT64_C(1) << 53 || whole < -(INT64_C(1) << 53) || (negative && !whole)) {
            give_up(reading);
        }
        ((double *)column->values)[place] = (double)whole / powers[places];
        set_bit(column->valid, place);
    }
}

static void put_bool(struct reading *reading, struct world_column *column, uint32_t place) {
    if (take_word(reading, "true", 4)) {
        set_bit(column->values, place);
    } else if (!take_word(reading, "false", 5)) {
        give_up(reading);
    }
    set_bit(column->valid, place);
}

static int two_digits(struct reading *reading, const char *at) {
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9') {
        give_up(reading);
        return 0;
    }
    return (at[0] - '0') * 10 + at[1] - '0';
}

static int64_t days_of(int64_t year, int64_t month) {
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 ? 28 + is_leap : 30 + (month + month / 8) % 2;
}

/* 2026-03-16T06:50:00Z, behind its first quote, in ms since 1970. */
static void put_time(struct reading *reading, struct world_column *column, uint32_t place) {
    static const char form[] = "____-__-__T__:__:__Z\"";
    const char *at = reading->at;
    if ((uint64_t)(reading->end - at) < sizeof form - 1) {
        give_up(reading);
        return;
    }
    for (unsigned n = 0; n < sizeof form - 1; n++) {
        if (form[n] != '_' && at[n] != form[n]) {
            give_up(reading);
            return;
        }
    }
    int64_t year = two_digits(reading, at) * 100 + two_digits(reading, at + 2);
    int64_t month = two_digits(reading, at + 5), day = two_digits(reading, at + 8);
    int64_t hour = two_digits(reading, at + 11), minute = two_digits(reading, at + 14);
    int64_t second = two_digits(reading, at + 17);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of(year, month) ||
        hour > 23 || minute > 59 || second > 59) {
        give_up(reading);
        return;
    }
    year -= month <= 2; /* years that begin in March have their odd day at the end */
    int64_t era = year / 400, of_era = year % 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = of_era * 365 + of_era / 4 - of_era / 100 + of_year + era * 146097 - 719468;
    ((int64_t *)column->values)[place] = (days * 86400 + (hour * 60 + minute) * 60 + second) * 1000;
    set_bit(column->valid, place);
    reading->at += sizeof form - 1;
}

static void object(struct reading *reading, uint32_t level);

/* A list of objects that are spread over the columns behind this one. */
static void list(struct reading *reading, struct world_column *column, uint32_t place) {
    struct reading inner = *reading;
    inner.columns = column + 1;
    inner.count = column->inner;
    set_bit(column->valid, place);
    if (take(&inner, ']')) {
        reading->at = inner.at;
        return;
    }
    do {
        expect(&inner, '{');
        inner.row = column->items++;
        if (column->items > column->items_most) {
            give_up(&inner);
            break;
        }
        object(&inner, 2);
        for (uint32_t n = 0; n < inner.count; n++) {
            if (inner.columns[n].kind == COLUMN_TEXT) {
                inner.columns[n].offsets[inner.row + 1] = (int32_t)inner.columns[n].text_bytes;
            }
        }
    } while (take(&inner, ','));
    expect(&inner, ']');
    reading->at = inner.at;
    reading->unsure = reading->unsure || inner.unsure;
}

/* The payload: an object, or its text. */
static void payload(struct reading *reading) {
    char room[PAYLOAD_MOST], *to = room;
    if (take(reading, '{')) {
        object(reading, 1);
        return;
    }
    expect(reading, '"');
    const char *from = reading->at, *end = reading->end;
    for (; from < end && *from != '"' && to < room + PAYLOAD_MOST; from++) {
        char letter = *from;
        if (letter == '\\') {
            letter = ++from < end ? escaped(*from) : '\0';
        }
        if (!letter) {
            break;
        }
        *to++ = letter;
    }
    reading->at = from;
    expect(reading, '"');
    struct reading inner = *reading;
    inner.at = room;
    inner.end = to;
    expect(&inner, '{');
    object(&inner, 1);
    reading->unsure = reading->unsure || inner.unsure || inner.at != inner.end;
}

static void value(struct reading *reading, struct world_column *column) {
    uint32_t place = reading->row;
    if (column->valid[place / 8] >> (place % 8) & 1) { /* it comes twice */
        give_up(reading);
    }
    if (take_word(reading, "null", 4)) {
        return;
    }
    if (column->kind == COLUMN_INT) {
        put_int(reading, column, place);
    } else if (column->kind == COLUMN_FLOAT) {
        put_float(reading, column, place);
    } else if (column->kind == COLUMN_BOOL) {
        put_bool(reading, column, place);
    } else {
        expect(reading, column->kind == COLUMN_LIST ? '[' : '"');
        if (column->kind == COLUMN_LIST) {
            list(reading, column, place);
        } else if (column->kind == COLUMN_TIME) {
            put_time(reading, column, place);
        } else {
            put_text(reading, column, place);
        }
    }
}

/* The column of a name at a level.  Lines are much alike: the one that came last time is tried
 * first. */
static struct world_column *column_of(struct reading *reading, uint32_t level, uint32_t *guess,
                                      const char *name, uint64_t size) {
    for (uint32_t n = 0, at = *guess; n < reading->count; n++, at++) {
        at = at < reading->count ? at : 0;
        struct world_column *one = &reading->columns[at];
        if (one->level == level && one->name_bytes == size && !memcmp(one->name, name, size)) {
            *guess = at;
            return one;
        }
    }
    return NULL;
}

/* An object behind its first brace. */
static void object(struct reading *reading, uint32_t level) {
    uint32_t first = 0, *guess = &first;
    if (take(reading, '}')) {
        return;
    }
    do {
        bool is_plain;
        expect(reading, '"');
        const char *name = reading->at, *end = text_end(reading, &is_plain);
        uint64_t size = (uint64_t)(end - name);
        expect(reading, ':');
        if (!is_plain) { /* it may be a name that is looked for */
            give_up(reading);
        }
        struct world_column *column = column_of(reading, level, guess, name, size);
        if (column) {
            guess = &column->next;
            value(reading, column);
        } else if (level == 0 && size == 7 && !memcmp(name, "payload", 7)) {
            payload(reading);
        } else {
            skip(reading, 0);
        }
    } while (take(reading, ','));
    expect(reading, '}');
}

int64_t world_lines(const char *text, uint64_t bytes, struct world_column *columns,
                    uint32_t count, uint32_t rows_most) {
    struct reading reading = {text, text + bytes, columns, count, 0, false};
    while (reading.at < reading.end && !reading.unsure) {
        if (reading.row >= rows_most) {
            return LINES_UNSURE;
        }
        expect(&reading, '{');
        object(&reading, 0);
        expect(&reading, '\n');
        for (uint32_t n = 0; n < count; n++) {
            if (columns[n].level > 1) {
                continue;
            }
            if (columns[n].kind == COLUMN_TEXT) {
                columns[n].offsets[reading.row + 1] = (int32_t)columns[n].text_bytes;
            } else if (columns[n].kind == COLUMN_LIST) {
                columns[n].offsets[reading.row + 1] = (int32_t)columns[n].items;
            }
        }
        reading.row++;
    }
    return reading.unsure ? LINES_UNSURE : (int64_t)reading.row;
}

void world_lines_free(struct world_column *columns, uint32_t count) {
    for (uint32_t n = 0; n < count; n++) {
        free(columns[n].text);
    }
}
