/* Reading CBOR from memory; what makes no sense sets `bad`, and nothing is read past the end. */
#include "../internal.h"

enum { NESTING_MAX = 16 };

struct badge_item badge_take(struct badge_cursor *from) {
    struct badge_item item = {0};
    if (from->bad || from->at >= from->end) {
        from->bad = true;
        return item;
    }
    unsigned head = *from->at++;
    unsigned code = head & 31u;
    item.major = (uint8_t)(head >> 5);
    unsigned bytes = code < 24 ? 0u : code == 24 ? 1u : code == 25 ? 2u : code == 26 ? 4u : 8u;
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
        item.is_false = code == 20;
        item.is_true = code == 21;
        item.null = code == 22;
        item.real = code == 27;
        from->bad |= !(item.is_false || item.is_true || item.null || item.real);
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

bool badge_take_text(struct badge_cursor *from, struct badge_text *text) {
    struct badge_item item = badge_take(from);
    from->bad |= item.major != 3;
    text->bytes = (const char *)item.bytes;
    text->length = (uint32_t)item.value;
    return !from->bad;
}

void badge_skip(struct badge_cursor *from) {
    uint64_t left[NESTING_MAX];
    unsigned depth = 0;
    left[0] = 1;
    for (;;) {
        while (left[depth] == 0) {
            if (depth-- == 0) {
                return;
            }
        }
        left[depth]--;
        struct badge_item item = badge_take(from);
        if (from->bad) {
            return;
        }
        if (item.major == 4 || item.major == 5) {
            if (++depth == NESTING_MAX || item.value > UINT32_MAX) {
                from->bad = true;
                return;
            }
            left[depth] = item.major == 5 ? 2 * item.value : item.value;
        } else if (item.major == 6) {
            left[depth]++;
        }
    }
}
