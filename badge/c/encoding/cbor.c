/* Reading CBOR from memory; what makes no sense sets `bad`, and nothing is read past the end. */
#include "../internal.h"

enum { NESTING_MAX = 16 };

/* How many bytes follow a head with this code; more than 27 is none. */
unsigned badge_extra_bytes(unsigned code) {
    return code < 24 ? 0 : 1u << (code - 24);
}

struct badge_item badge_take(struct badge_cursor *from) {
    struct badge_item item = {0};
    if (from->bad || from->at >= from->end) {
        from->bad = true;
        return item;
    }
    unsigned head = *from->at++;
    unsigned code = head & 31u;
    item.major = (uint8_t)(head >> 5);
    unsigned bytes = badge_extra_bytes(code);
    if (code > 27 || (size_t)(from->end - from->at) < bytes) {
        from->bad = true;
        return item;
    }
    item.value = bytes ? 0 : code;
    for (unsigned n = 0; n < bytes; n++) {
        item.value = item.value << 8 | *from->at++;
    }
    if (item.major == 2 || item.major == 3) {
        if (item.value > (uint64_t)(from->end - from->at)) {
            from->bad = true;
            return item;
        }
        item.bytes = from->at;
        from->at += item.value;
    } else if (item.major == 7) {
        item.major = (uint8_t)head;
        from->bad |= head != ITEM_REAL && (head < ITEM_FALSE || head > ITEM_NULL);
    }
    return item;
}

bool badge_take_int(struct badge_cursor *from, int64_t *value) {
    struct badge_item item = badge_take(from);
    if (item.major > 1 || item.value > (uint64_t)INT64_MAX) {
        from->bad = true;
    }
    *value = item.major == 1 ? -1 - (int64_t)item.value : (int64_t)item.value;
    return !from->bad;
}

bool badge_take_array(struct badge_cursor *from, uint64_t *count) {
    struct badge_item item = badge_take(from);
    from->bad |= item.major != 4;
    *count = item.value;
    return !from->bad;
}

/* Take the head of an array that must have as many items. */
void badge_take_list(struct badge_cursor *from, uint64_t count) {
    uint64_t items;
    from->bad |= !badge_take_array(from, &items) || items != count;
}

/* Take a null, if the next item is one. */
bool badge_take_null(struct badge_cursor *from) {
    bool null = from->at < from->end && *from->at == ITEM_NULL;
    from->at += null;
    return null;
}

bool badge_take_text(struct badge_cursor *from, struct badge_text *text) {
    struct badge_item item = badge_take(from);
    from->bad |= item.major != 3;
    text->bytes = (const char *)item.bytes;
    text->length = (uint32_t)item.value;
    return !from->bad;
}

static void skip(struct badge_cursor *from, unsigned depth) {
    struct badge_item item;
    do {
        item = badge_take(from);
    } while (item.major == 6 && !from->bad); /* a tag stands before its item */
    if (item.major != 4 && item.major != 5) {
        return;
    }
    from->bad |= depth == NESTING_MAX || item.value > UINT32_MAX;
    for (uint64_t left = item.value << (item.major - 4); left > 0 && !from->bad; left--) {
        skip(from, depth + 1);
    }
}

void badge_skip(struct badge_cursor *from) {
    skip(from, 1);
}
