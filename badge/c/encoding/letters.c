/* The bytes of a text in a document, one after the other, whatever escapes it is written with. */
#include "../internal.h"

/* The letters behind a backslash in JSON, and what they stand for. */
const char badge_escapes[2][BADGE_ESCAPES] = {"bfnrt\"\\", "\b\f\n\r\t\"\\"};

void badge_letters_of(const struct badge_value *text, struct badge_letters *letters) {
    letters->from = text->from;
    letters->at = text->at;
    letters->end = text->end - text->from->json;
    letters->held = 0;
}

static int plain(struct badge_letters *letters) {
    return letters->at < letters->end ? badge_byte_at(letters->from, letters->at++) : -1;
}

static uint32_t four_hex(struct badge_letters *letters) {
    uint32_t value = 0;
    for (unsigned n = 0; n < 4; n++) {
        int c = plain(letters);
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value;
}

/* Hold back the bytes of a character but its first, the next one lowest. */
static int first_of(struct badge_letters *letters, uint32_t code) {
    unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    uint32_t lead = more ? 0xFFu << (7 - more) & 0xFFu : 0;
    for (; more > 0; more--) {
        letters->held = letters->held << 8 | 0x80 | (code & 0x3F);
        code >>= 6;
    }
    return (int)(lead | code);
}

static bool follows(const struct badge_letters *letters, const char *two) {
    return badge_byte_at(letters->from, letters->at) == two[0] &&
           badge_byte_at(letters->from, letters->at + 1) == two[1];
}

static int escaped(struct badge_letters *letters) {
    int c = plain(letters);
    if (c != 'u') {
        const char *found = memchr(badge_escapes[0], c, BADGE_ESCAPES);
        return found ? badge_escapes[1][found - badge_escapes[0]] : c;
    }
    uint32_t code = four_hex(letters);
    if (code >= 0xD800 && code < 0xDC00 && follows(letters, "\\u")) {
        letters->at += 2;
        code = 0x10000 + ((code - 0xD800) << 10) + ((four_hex(letters) - 0xDC00) & 0x3FF);
    }
    return first_of(letters, code);
}

/* The next byte of UTF-8, or -1 at the end. */
int badge_next_letter(struct badge_letters *letters) {
    int c = (int)(letters->held & 0xFF);
    if (c) {
        letters->held >>= 8;
        return c;
    }
    c = plain(letters);
    return c == '\\' && letters->from->json ? escaped(letters) : c;
}

/* Copy a text; its whole length, also where it does not fit. */
uint32_t badge_copy_text(const struct badge_value *text, char *to, uint32_t size) {
    struct badge_letters letters;
    uint32_t length = 0;
    badge_letters_of(text, &letters);
    for (int c = badge_next_letter(&letters); c >= 0; c = badge_next_letter(&letters)) {
        if (length < size) {
            to[length] = (char)c;
        }
        length++;
    }
    return length;
}

/* Whether a value is this text. */
bool badge_same_text(const struct badge_value *value, struct badge_text wanted) {
    struct badge_letters letters;
    if (value->type != VALUE_TEXT) {
        return false;
    }
    badge_letters_of(value, &letters);
    for (uint32_t n = 0; n < wanted.length; n++) {
        if (badge_next_letter(&letters) != (uint8_t)wanted.bytes[n]) {
            return false;
        }
    }
    return badge_next_letter(&letters) < 0;
}
