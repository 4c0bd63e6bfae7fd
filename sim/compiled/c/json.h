/* JSON as this program writes it: what is not so is not guessed, but given up. */
#ifndef WORLD_JSON_H
#define WORLD_JSON_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { DIGITS_MOST = 18, NEST_MOST = 32 };

struct reading {
    const char *at, *end;
    struct world_column *columns;
    uint32_t count, row;
    bool unsure;
};

static inline void give_up(struct reading *reading) {
    reading->unsure = true;
    reading->at = reading->end;
}

static inline bool take(struct reading *reading, char what) {
    if (reading->at < reading->end && *reading->at == what) {
        reading->at++;
        return true;
    }
    return false;
}

static inline void expect(struct reading *reading, char what) {
    if (!take(reading, what)) {
        give_up(reading);
    }
}

/* A text behind its first quote; where it ends, its last quote taken. */
static inline const char *text_end(struct reading *reading, bool *is_plain) {
    const char *at = reading->at, *quote = at, *slash;
    *is_plain = true;
    while ((quote = memchr(quote, '"', (size_t)(reading->end - quote)))) {
        while (at < quote && (slash = memchr(at, '\\', (size_t)(quote - at)))) {
            *is_plain = false;
            at = slash + 2; /* whatever it is, it is no end */
        }
        if (at <= quote) {
            reading->at = quote + 1;
            return quote;
        }
        quote = at;
    }
    give_up(reading);
    return reading->at;
}

/* What a backslash and this letter stand for; 0 for one that is not expected. */
static inline char escaped(char letter) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? meant[found - letters] : '\0';
}

/* Copies a text without its backslashes; returns its length. */
static inline uint64_t unescape(struct reading *reading, const char *from, const char *end, char *to) {
    const char *begin = to;
    for (; from < end; from++) {
        if (*from == '\\') {
            from++;
            if (!escaped(*from)) {
                give_up(reading);
            }
            *to++ = escaped(*from);
        } else {
            *to++ = *from;
        }
    }
    return (uint64_t)(to - begin);
}

/* Passes over a text behind its first quote. */
static inline void skip_text(struct reading *reading) {
    bool is_plain;
    const char *from = reading->at, *end = text_end(reading, &is_plain);
    while (!reading->unsure && !is_plain && from < end) {
        if (*from++ == '\\' && !escaped(*from++)) {
            give_up(reading);
        }
    }
}

/* Digits and a point as a whole number and a power of ten: that is exact up to 2^53 and 10^22. */
static inline bool number(struct reading *reading, int64_t *whole, int *places) {
    bool negative = take(reading, '-'), point = false;
    int digits = *places = 0;
    uint64_t found = 0;
    const char *begin = reading->at;
    for (; reading->at < reading->end; reading->at++) {
        char letter = *reading->at;
        if (letter == '.' && !point) {
            point = true;
        } else if (letter >= '0' && letter <= '9') {
            found = found * 10 + (uint64_t)(letter - '0');
            digits++;
            *places += point;
        } else {
            break;
        }
    }
    bool goes_on = reading->at < reading->end && (*reading->at == 'e' || *reading->at == 'E');
    /* JSON has a digit on either side of a point, and no zero before other digits. */
    bool is_odd = !digits || *begin == '.' || reading->at[-1] == '.' ||
                  (*begin == '0' && digits - *places > 1);
    if (is_odd || digits > DIGITS_MOST || goes_on) {
        give_up(reading);
        return false;
    }
    *whole = negative ? -(int64_t)found : (int64_t)found;
    return true;
}

static inline bool take_word(struct reading *reading, const char *word, uint32_t size) {
    if ((uint64_t)(reading->end - reading->at) >= size && !memcmp(reading->at, word, size)) {
        reading->at += size;
        return true;
    }
    return false;
}

/* Passes over a value that nobody asked for; it must be one. */
static inline void skip(struct reading *reading, int nest) {
    int64_t whole;
    int places;
    if (nest > NEST_MOST) {
        give_up(reading);
    } else if (take(reading, '"')) {
        skip_text(reading);
    } else if (take(reading, '[')) {
        if (!take(reading, ']')) {
            do {
                skip(reading, nest + 1);
            } while (take(reading, ','));
            expect(reading, ']');
        }
    } else if (take(reading, '{')) {
        if (!take(reading, '}')) {
            do {
                expect(reading, '"');
                skip_text(reading);
                expect(reading, ':');
                skip(reading, nest + 1);
            } while (take(reading, ','));
            expect(reading, '}');
        }
    } else if (!take_word(reading, "null", 4) && !take_word(reading, "true", 4) &&
               !take_word(reading, "false", 5)) {
        number(reading, &whole, &places);
    }
}

#endif
