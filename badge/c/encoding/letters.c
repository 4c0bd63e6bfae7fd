/* The bytes of a text in a document, one after the other, whatever escapes it is written with. */
#include "../internal.h"

struct badge_letters badge_letters_of(struct badge *badge, const struct badge_source *from,
                                      const struct badge_value *text) {
    uint32_t end = from->json ? text->end - 1 : text->end;
    struct badge_letters letters = {badge, from, text->at, end, 0, {0}, 0};
    return letters;
}

static int plain(struct badge_letters *letters) {
    uint8_t byte;
    if (letters->at >= letters->end) {
        return -1;
    }
    if (letters->from->memory) {
        return letters->from->memory[letters->at++];
    }
    letters->badge->hal->read(letters->badge->hal->context,
                              letters->from->address + letters->at++, &byte, 1);
    return byte;
}

static uint32_t four_hex(struct badge_letters *letters) {
    uint32_t value = 0;
    for (unsigned n = 0; n < 4; n++) {
        int c = plain(letters);
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value;
}

/* Hold back the bytes of a character but its first. */
static int first_of(struct badge_letters *letters, uint32_t code) {
    unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t leads[4] = {0x00, 0xC0, 0xE0, 0xF0};
    for (unsigned n = 0; n < more; n++) {
        letters->bytes[n] = (uint8_t)(0x80 | (code >> 6 * (more - 1 - n) & 0x3F));
    }
    letters->pending = more;
    letters->next = 0;
    return (int)(leads[more] | code >> 6 * more);
}

static int escaped(struct badge_letters *letters) {
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    int c = plain(letters);
    if (c != 'u') {
        const char *found = memchr(from, c, sizeof from - 1);
        return found ? to[found - from] : c;
    }
    uint32_t code = four_hex(letters);
    if (code >= 0xD800 && code < 0xDC00 && letters->at + 6 <= letters->end &&
        letters->from->memory[letters->at] == '\\' &&
        letters->from->memory[letters->at + 1] == 'u') {
        letters->at += 2;
        code = 0x10000 + ((code - 0xD800) << 10) + ((four_hex(letters) - 0xDC00) & 0x3FF);
    }
    return first_of(letters, code);
}

/* The next byte of UTF-8, or -1 at the end. */
int badge_next_letter(struct badge_letters *letters) {
    if (letters->pending) {
        letters->pending--;
        return letters->bytes[letters->next++];
    }
    int c = plain(letters);
    return c == '\\' && letters->from->json ? escaped(letters) : c;
}

/* Copy a text; its whole length, also where it does not fit. */
uint32_t badge_copy_text(struct badge *badge, const struct badge_source *from,
                         const struct badge_value *text, char *to, uint32_t size) {
    struct badge_letters letters = badge_letters_of(badge, from, text);
    uint32_t length = 0;
    for (int c = badge_next_letter(&letters); c >= 0; c = badge_next_letter(&letters)) {
        if (length < size) {
            to[length] = (char)c;
        }
        length++;
    }
    return length;
}

/* The value of a key of the document: the last one, as any JSON reader has it. */
struct badge_value badge_find_key(struct badge *badge, const struct badge_source *from,
                                  const char *key) {
    struct badge_value root = badge_root(badge, from), found = {VALUE_ABSENT, 0, 0, 0, 0, 0, 0};
    uint32_t length = (uint32_t)strlen(key);
    if (root.type != VALUE_MAP) {
        return found;
    }
    struct badge_value name = badge_first_item(badge, from, &root);
    while (name.type != VALUE_ABSENT) {
        struct badge_value value = badge_next_item(badge, from, &name);
        char text[40];
        if (name.type == VALUE_TEXT &&
            badge_copy_text(badge, from, &name, text, sizeof text) == length &&
            memcmp(text, key, length) == 0) {
            found = value;
        }
        if (value.type == VALUE_ABSENT) {
            break;
        }
        name = badge_next_item(badge, from, &value);
    }
    return found;
}
