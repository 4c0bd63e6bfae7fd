/* The document of settings as it is kept in flash: CBOR, every key, those in force and those that
 * change; and what the core reads of it later. */
#include "../internal.h"

enum { COUNT = BADGE_SETTING_COUNT, PIECE = 64 };

struct output {
    struct badge *badge;
    badge_sink *sink;
    void *context;
};

static void send_head(const struct output *to, unsigned major, uint64_t value) {
    uint8_t bytes[9];
    struct badge_writer writer = badge_writer_of(bytes, sizeof bytes);
    badge_put_head(&writer, major, value);
    to->sink(to->context, bytes, (uint32_t)(writer.at - bytes));
}

static void send_text(const struct output *to, const struct badge_source *from,
                      const struct badge_value *text, bool upper) {
    char piece[PIECE];
    uint32_t length = badge_copy_text(to->badge, from, text, piece, 0), filled = 0;
    struct badge_letters letters = badge_letters_of(to->badge, from, text);
    send_head(to, 3, length);
    for (int c = badge_next_letter(&letters); c >= 0; c = badge_next_letter(&letters)) {
        piece[filled++] = (char)(upper && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        if (filled == PIECE) {
            to->sink(to->context, piece, filled);
            filled = 0;
        }
    }
    if (filled) {
        to->sink(to->context, piece, filled);
    }
}

static void send_list(const struct output *to, const struct badge_source *from,
                      const struct badge_value *list, bool upper) {
    struct badge_value item = badge_first_item(to->badge, from, list);
    send_head(to, 4, badge_count_items(to->badge, from, list));
    for (; item.type == VALUE_TEXT; item = badge_next_item(to->badge, from, &item)) {
        send_text(to, from, &item, upper);
    }
}

static void send_setting(const struct output *to, const struct badge_source *changed,
                         unsigned setting) {
    struct badge *badge = to->badge;
    const struct badge_source *from = changed;
    uint8_t item[9];
    struct badge_writer writer = badge_writer_of(item, sizeof item);
    struct badge_value value = badge_find_key(badge, changed, badge_settings[setting].name);
    send_head(to, 3, strlen(badge_settings[setting].name));
    to->sink(to->context, badge_settings[setting].name, (uint32_t)strlen(badge_settings[setting].name));
    bool given = value.type != VALUE_ABSENT;
    if (badge_settings[setting].kind == NUMBER || badge_settings[setting].kind == REAL) {
        if (badge_settings[setting].kind == NUMBER) {
            badge_put_int(&writer, given ? value.number : badge->numbers[setting]);
        } else {
            badge_put_real(&writer, given ? value.bits : badge->gps_uere);
        }
        to->sink(to->context, item, (uint32_t)(writer.at - item));
        return;
    }
    if (!given) {
        from = &badge->present;
        value = badge_find_key(badge, from, badge_settings[setting].name);
    }
    if (value.type == VALUE_ABSENT) {
        send_head(to, badge_settings[setting].kind == TEXT ? 3 : 4, 0);
    } else if (badge_settings[setting].kind == TEXT) {
        send_text(to, from, &value, false);
    } else {
        send_list(to, from, &value, badge_settings[setting].kind == MACS);
    }
}

void badge_write_content(struct badge *badge, const struct badge_content *content,
                         badge_sink *sink, void *context) {
    struct output to = {badge, sink, context};
    if (content->whole) {
        sink(context, content->whole->memory, content->whole->size);
        return;
    }
    send_head(&to, 5, COUNT);
    for (unsigned n = 0; n < COUNT; n++) {
        if (n != SETTING_API_KEY) {
            send_setting(&to, content->changed, n);
        }
    }
    send_setting(&to, content->changed, SETTING_API_KEY); /* the secret comes last */
}

/* ---- What is read of the settings later ---- */

static bool same_text(struct badge *badge, const struct badge_value *text,
                      struct badge_text wanted) {
    struct badge_letters letters = badge_letters_of(badge, &badge->present, text);
    for (uint32_t n = 0; n < wanted.length; n++) {
        if (badge_next_letter(&letters) != (uint8_t)wanted.bytes[n]) {
            return false;
        }
    }
    return badge_next_letter(&letters) < 0;
}

/* Whether an event may name a worker so: something, without NUL. */
bool badge_is_worker_id(struct badge_text worker) {
    for (uint32_t n = 0; n < worker.length; n++) {
        if (worker.bytes[n] == '\0') {
            return false;
        }
    }
    return worker.length > 0;
}

/* Whether someone may be assigned: anyone with a name, if no workers are set. */
bool badge_knows_worker(struct badge *badge, struct badge_text worker) {
    struct badge_value list =
        badge_find_key(badge, &badge->present, badge_settings[SETTING_WORKER_IDS].name);
    struct badge_value item = {VALUE_ABSENT, 0, 0, 0, 0, 0, 0};
    if (list.type == VALUE_LIST) {
        item = badge_first_item(badge, &badge->present, &list);
    }
    if (item.type == VALUE_ABSENT) {
        return badge_is_worker_id(worker);
    }
    for (; item.type == VALUE_TEXT; item = badge_next_item(badge, &badge->present, &item)) {
        if (same_text(badge, &item, worker)) {
            return true;
        }
    }
    return false;
}

uint32_t badge_setting_text(struct badge *badge, const char *name, char *to, uint32_t size) {
    struct badge_value value = badge_find_key(badge, &badge->present, name);
    if (value.type != VALUE_TEXT) {
        return 0;
    }
    uint32_t length = badge_copy_text(badge, &badge->present, &value, to, size);
    return length <= size ? length : 0;
}
