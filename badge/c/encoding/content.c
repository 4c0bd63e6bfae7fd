/* The document of settings as it is kept in flash: CBOR, every key, those in force and those that
 * change; and what the core reads of it later. */
#include "../internal.h"

enum { COUNT = BADGE_SETTING_COUNT, PIECE = 64 };

struct output {
    struct badge *badge;
    badge_sink *sink;
    void *context;
};

/* The settings in force; the flash that they may lie in is read as it is at this moment. */
static const struct badge_source *in_force(struct badge *badge) {
    badge->present.hal = badge->hal;
    return &badge->present;
}

static void send_head(const struct output *to, unsigned major, uint64_t value) {
    uint8_t bytes[9];
    struct badge_writer writer = badge_writer_of(bytes, sizeof bytes);
    badge_put_head(&writer, major, value);
    to->sink(to->context, bytes, (uint32_t)(writer.at - bytes));
}

static void send_text(const struct output *to, const struct badge_value *text, bool upper) {
    char piece[PIECE];
    uint32_t filled = 0;
    struct badge_letters letters;
    badge_letters_of(text, &letters);
    send_head(to, 3, badge_copy_text(text, piece, 0));
    for (int c = badge_next_letter(&letters); c >= 0; c = badge_next_letter(&letters)) {
        piece[filled++] = (char)(upper && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        if (filled == PIECE) {
            to->sink(to->context, piece, filled);
            filled = 0;
        }
    }
    to->sink(to->context, piece, filled);
}

static void send_list(const struct output *to, const struct badge_value *list, bool upper) {
    struct badge_value item;
    send_head(to, 4, badge_count_items(list));
    badge_first_item(list, &item);
    for (; item.type == VALUE_TEXT; badge_next_item(&item)) {
        send_text(to, &item, upper);
    }
}

static void send_setting(const struct output *to, const struct badge_source *changed,
                         unsigned place) {
    struct badge *badge = to->badge;
    const struct setting *setting = &badge_settings[place];
    uint8_t item[9];
    struct badge_writer writer = badge_writer_of(item, sizeof item);
    struct badge_value value;
    uint32_t length = (uint32_t)strlen(setting->name);
    badge_find_key(changed, setting->name, &value);
    send_head(to, 3, length);
    to->sink(to->context, setting->name, length);
    bool given = value.type != VALUE_ABSENT;
    if (setting->kind == NUMBER) {
        badge_put_int(&writer, given ? value.number : badge->numbers[place]);
    } else if (setting->kind == REAL) {
        badge_put_real(&writer, given ? badge_real_of(&value) : badge->gps_uere);
    } else {
        if (!given) {
            badge_find_key(in_force(badge), setting->name, &value);
        }
        if (value.type == VALUE_ABSENT) {
            send_head(to, setting->kind == TEXT ? 3 : 4, 0);
        } else if (setting->kind == TEXT) {
            send_text(to, &value, false);
        } else {
            send_list(to, &value, setting->kind == MACS);
        }
    }
    to->sink(to->context, item, (uint32_t)(writer.at - item));
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

/* Whether an event may name a worker so: something, without NUL. */
bool badge_is_worker_id(struct badge_text worker) {
    return worker.length > 0 && !memchr(worker.bytes, '\0', worker.length);
}

/* Whether someone may be assigned: anyone with a name, if no workers are set. */
bool badge_knows_worker(struct badge *badge, struct badge_text worker) {
    struct badge_value item;
    badge_find_key(in_force(badge), badge_settings[SETTING_WORKER_IDS].name, &item);
    if (item.type == VALUE_LIST) {
        badge_first_item(&item, &item);
    }
    if (item.type == VALUE_ABSENT) {
        return badge_is_worker_id(worker);
    }
    for (; item.type == VALUE_TEXT; badge_next_item(&item)) {
        if (badge_same_text(&item, worker)) {
            return true;
        }
    }
    return false;
}

uint32_t badge_setting_text(struct badge *badge, const char *name, char *to, uint32_t size) {
    struct badge_value value;
    badge_find_key(in_force(badge), name, &value);
    if (value.type != VALUE_TEXT) {
        return 0;
    }
    uint32_t length = badge_copy_text(&value, to, size);
    return length <= size ? length : 0;
}
