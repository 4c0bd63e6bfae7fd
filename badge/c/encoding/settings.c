/* The settings: what a document of them may say (in the words of badge/config.py's errors), and
 * taking one. */
#include "../internal.h"

#define OF_TEXT(identifier, name, low, high, preset) {name, high, preset, low, TEXT},
#define OF_NUMBER(identifier, name, low, high, preset) {name, high, preset, low, NUMBER},
#define OF_REAL(identifier, name, low, high, preset) {name, high, preset, low, REAL},
#define OF_MACS(identifier, name, low, high, preset) {name, high, preset, low, MACS},
#define OF_NAMES(identifier, name, low, high, preset) {name, high, preset, low, NAMES},
const struct setting badge_settings[] = {
    BADGE_SETTINGS(OF_TEXT, OF_NUMBER, OF_REAL, OF_MACS, OF_NAMES)
};

enum { COUNT = sizeof badge_settings / sizeof badge_settings[0], OWNERS = 9, ID_BYTES = 12, MAC_BYTES = 17 };
enum { KEY_BYTES_MAX = BADGE_NOTICE_BYTES_MAX / 4 - 1 };

/* badge_core.h says how many settings there are: an array of no size if that is wrong. */
typedef char setting_count_is_right[(int)COUNT == (int)BADGE_SETTING_COUNT ? 1 : -1];

/* ---- Patterns ---- */

static bool upper_hex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

/* Read a MAC, in either case; false if it is none. */
static bool read_mac(const struct badge_value *text, char mac[MAC_BYTES]) {
    if (badge_copy_text(text, mac, MAC_BYTES) != MAC_BYTES) {
        return false;
    }
    for (unsigned n = 0; n < MAC_BYTES; n++) {
        int c = mac[n];
        c = c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
        mac[n] = (char)c;
        if (n % 3 == 2 ? c != ':' : !upper_hex(c)) {
            return false;
        }
    }
    return true;
}

static bool is_device_id(const struct badge_value *text) {
    char id[ID_BYTES];
    bool good = badge_copy_text(text, id, ID_BYTES) == ID_BYTES && memcmp(id, "ACT-", 4) == 0;
    for (unsigned n = 4; good && n < ID_BYTES; n++) {
        good = upper_hex(id[n]);
    }
    return good;
}

/* ---- Checking ---- */

struct check {
    const struct badge_source *document;
    const char *place;
    const struct setting *setting;
    int32_t item; /* of its list, or -1 */
    struct badge_writer text;
};

static bool complain(struct check *at, const char *words) {
    badge_put_text(&at->text, at->setting->name);
    if (at->item >= 0) {
        badge_put_byte(&at->text, '.');
        badge_put_number(&at->text, at->item);
    }
    badge_put_text(&at->text, ": ");
    badge_put_text(&at->text, words);
    return false;
}

static bool complain_bound(struct check *at, const char *words, int32_t bound) {
    complain(at, words);
    badge_put_number(&at->text, bound);
    return false;
}

static bool complain_pattern(struct check *at, const char *rule) {
    complain(at, "must be ");
    badge_put_text(&at->text, rule);
    return false;
}

static bool check_kind(struct check *at, unsigned kind, unsigned type) {
    static const uint8_t types[] = {VALUE_TEXT, VALUE_INT, VALUE_REAL, VALUE_LIST, VALUE_LIST};
    if (type == types[kind] || (kind == REAL && type == VALUE_INT)) {
        return true;
    }
    complain(at, "Input should be a valid ");
    badge_put_text(&at->text, badge_nth("string\0integer\0number\0list\0list", kind));
    return false;
}

/* A double that is not negative is in the order of its bits. */
static bool check_bounds(struct check *at, const struct badge_value *given) {
    const struct setting *setting = at->setting;
    bool real = setting->kind == REAL;
    int64_t value = real ? (int64_t)badge_real_of(given) : given->number;
    int64_t high = real ? (int64_t)badge_real(setting->high, 1) : setting->high;
    bool below = real ? value <= 0 : value < setting->low;
    if (!below && value <= high) {
        return true;
    }
    complain(at, "Input should be ");
    badge_put_text(&at->text, below ? "greater than " : "less than ");
    badge_put_text(&at->text, below && real ? "" : "or equal to ");
    badge_put_number(&at->text, below ? setting->low : setting->high);
    return false;
}

static bool check_item(struct check *at, const struct badge_value *item) {
    struct badge_letters letters;
    char mac[MAC_BYTES];
    uint32_t chars = 0, nuls = 0;
    if (!check_kind(at, TEXT, item->type)) {
        return false;
    }
    if (at->setting->kind == MACS) {
        return read_mac(item, mac) ||
               complain_pattern(at, "like F4:A7:2E:11:03:BC");
    }
    badge_letters_of(item, &letters);
    for (int c = badge_next_letter(&letters); c >= 0; c = badge_next_letter(&letters)) {
        chars += (c & 0xC0) != 0x80;
        nuls += c == 0;
    }
    if (chars == 0) {
        return complain(at, "String should have at least 1 character");
    }
    if (chars > (uint32_t)at->setting->preset) {
        return complain(at, "String should have at most 64 characters");
    }
    return nuls == 0 || complain_pattern(at, "without NUL");
}

static bool check_list(struct check *at, const struct badge_value *value) {
    uint32_t count = badge_count_items(value);
    struct badge_value item;
    if (count > (uint32_t)at->setting->high) {
        complain_bound(at, "List should have at most ", at->setting->high);
        badge_put_text(&at->text, " items after validation, not ");
        badge_put_number(&at->text, count);
        return false;
    }
    badge_first_item(value, &item);
    for (at->item = 0; item.type != VALUE_ABSENT; at->item++) {
        if (!check_item(at, &item)) {
            return false;
        }
        badge_next_item(&item);
    }
    at->item = -1;
    return at->setting->kind != MACS || count <= BADGE_TAGS_MAX ||
           complain_bound(at, "the most tags that this firmware holds is ", BADGE_TAGS_MAX);
}

static bool is_setting(const struct badge_value *name) {
    for (unsigned n = 0; n < COUNT; n++) {
        if (badge_same_text(name, badge_text_of(badge_settings[n].name))) {
            return true;
        }
    }
    return false;
}

static bool check_extra(struct check *at) {
    struct badge_value name;
    badge_root(at->document, &name);
    badge_first_item(&name, &name);
    while (name.type != VALUE_ABSENT) {
        if (!is_setting(&name)) {
            char key[KEY_BYTES_MAX];
            uint32_t length = name.type == VALUE_TEXT ? badge_copy_text(&name, key, sizeof key) : 0;
            badge_put(&at->text, key, length < sizeof key ? length : (uint32_t)sizeof key);
            badge_put_text(&at->text, ": Extra inputs are not permitted; known keys: ");
            for (unsigned n = 0; n < OWNERS; n++) {
                badge_put_text(&at->text, badge_settings[n].name);
                badge_put_text(&at->text, ", ");
            }
            badge_put_text(&at->text, "\xE2\x80\xA6");
            return false;
        }
        badge_next_item(&name);
        if (name.type != VALUE_ABSENT) {
            badge_next_item(&name);
        }
    }
    return true;
}

static bool check_setting(struct check *at, const struct badge_value *value) {
    if (!check_kind(at, at->setting->kind, value->type)) {
        return false;
    }
    if (at->setting->kind == TEXT) {
        return at->setting != &badge_settings[SETTING_DEVICE_ID] || is_device_id(value) ||
               complain_pattern(at, "like ACT-3F8A21B4");
    }
    return at->setting->kind <= REAL ? check_bounds(at, value) : check_list(at, value);
}

static bool check_all(struct check *at, bool whole) {
    for (unsigned n = 0; n < COUNT; n++) {
        struct badge_value value;
        at->setting = &badge_settings[n];
        badge_find_key(at->document, at->setting->name, &value);
        if (value.type != VALUE_ABSENT) {
            if (!check_setting(at, &value)) {
                return false;
            }
        } else if (whole && n == SETTING_DEVICE_ID) {
            return complain(at, "Field required");
        }
    }
    return check_extra(at);
}

/* Check a document, a `whole` one or one of changes; false, and `why` says the first that is
 * wrong, in a terminated text of at most BADGE_NOTICE_BYTES_MAX. */
bool badge_check_settings(const struct badge_source *document, bool whole, const char *place,
                          char *why) {
    struct check at = {document, place, NULL, -1, badge_writer_of(why, BADGE_NOTICE_BYTES_MAX - 1)};
    struct badge_value root;
    bool good = false;
    badge_root(document, &root);
    badge_put_text(&at.text, place);
    badge_put_text(&at.text, ": ");
    if (root.type == VALUE_MAP) {
        good = check_all(&at, whole);
    } else {
        badge_put_text(&at.text, root.type == VALUE_BAD ? "not JSON"
                                                        : "expected a JSON object of settings");
    }
    *at.text.at = '\0';
    return good;
}

/* ---- Taking ---- */

static void load_tags(struct badge *badge, const struct badge_value *list) {
    struct badge_value item;
    char mac[MAC_BYTES];
    badge_first_item(list, &item);
    for (; item.type == VALUE_TEXT && badge->tag_count < BADGE_TAGS_MAX && read_mac(&item, mac);
         badge_next_item(&item)) {
        for (unsigned n = 0; n < 6; n++) {
            unsigned high = (unsigned)mac[3 * n], low = (unsigned)mac[3 * n + 1];
            high = high <= '9' ? high - '0' : high - 'A' + 10;
            low = low <= '9' ? low - '0' : low - 'A' + 10;
            badge->tags[badge->tag_count][n] = (uint8_t)(high << 4 | low);
        }
        badge->tag_count++;
    }
}

/* Put a document that was checked in force; a `whole` one has the presets where it says nothing. */
void badge_load_settings(struct badge *badge, const struct badge_source *document, bool whole) {
    for (unsigned n = 0; n < COUNT; n++) {
        const struct setting *setting = &badge_settings[n];
        struct badge_value value;
        badge_find_key(document, setting->name, &value);
        bool given = value.type != VALUE_ABSENT;
        if (!given && !whole) {
            continue;
        }
        if (setting->kind == NUMBER) {
            badge->numbers[n] = given ? (int32_t)value.number : setting->preset;
        } else if (setting->kind == REAL) {
            badge->gps_uere = given ? badge_real_of(&value) : badge_real(setting->preset, 1);
        } else if (setting->kind == MACS) {
            badge->tag_count = 0;
            if (given) {
                load_tags(badge, &value);
            }
        } else if (n == SETTING_DEVICE_ID && given) {
            badge_copy_text(&value, badge->device_id, ID_BYTES);
            badge->device_id[ID_BYTES] = '\0';
        }
    }
}
