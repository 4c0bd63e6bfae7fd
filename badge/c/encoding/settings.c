/* The settings: what a document of them may say (in the words of badge/config.py's errors), the
 * ones in force, and the document that is kept in flash. */
#include "../internal.h"

#define OF_TEXT(identifier, name, low, high, preset) {name, low, high, preset, TEXT},
#define OF_NUMBER(identifier, name, low, high, preset) {name, low, high, preset, NUMBER},
#define OF_REAL(identifier, name, low, high, preset) {name, low, high, preset, REAL},
#define OF_MACS(identifier, name, low, high, preset) {name, low, high, preset, MACS},
#define OF_NAMES(identifier, name, low, high, preset) {name, low, high, preset, NAMES},
const struct setting badge_settings[] = {
    BADGE_SETTINGS(OF_TEXT, OF_NUMBER, OF_REAL, OF_MACS, OF_NAMES)
};

enum { COUNT = sizeof badge_settings / sizeof badge_settings[0], OWNERS = 9, ID_BYTES = 12, MAC_BYTES = 17 };

/* badge_core.h says how many settings there are: an array of no size if that is wrong. */
typedef char setting_count_is_right[(int)COUNT == (int)BADGE_SETTING_COUNT ? 1 : -1];

static const uint64_t REAL_0 = 0;

/* ---- Patterns ---- */

static bool upper_hex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static int upper(int c) {
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/* Read a MAC, in either case; false if it is none. */
static bool read_mac(struct badge *badge, const struct badge_source *from,
                     const struct badge_value *text, char mac[MAC_BYTES]) {
    if (badge_copy_text(badge, from, text, mac, MAC_BYTES) != MAC_BYTES) {
        return false;
    }
    for (unsigned n = 0; n < MAC_BYTES; n++) {
        mac[n] = (char)upper(mac[n]);
        if (n % 3 == 2 ? mac[n] != ':' : !upper_hex(mac[n])) {
            return false;
        }
    }
    return true;
}

static bool is_device_id(const char *id, uint32_t length) {
    bool good = length == ID_BYTES && memcmp(id, "ACT-", 4) == 0;
    for (unsigned n = 4; good && n < ID_BYTES; n++) {
        good = upper_hex(id[n]);
    }
    return good;
}

/* ---- Checking ---- */

struct complaint {
    struct badge_writer text;
    char *start;
};

static bool complain(struct complaint *to, const char *place, const char *key, int64_t item,
                     const char *words) {
    badge_put_text(&to->text, place);
    badge_put_text(&to->text, ": ");
    badge_put_text(&to->text, key);
    if (item >= 0) {
        badge_put_text(&to->text, ".");
        badge_put_number(&to->text, item);
    }
    badge_put_text(&to->text, ": ");
    badge_put_text(&to->text, words);
    return false;
}

static bool complain_bound(struct complaint *to, const char *place, const char *key,
                           const char *words, int32_t bound) {
    complain(to, place, key, -1, words);
    badge_put_number(&to->text, bound);
    return false;
}

static bool check_number(struct complaint *to, const char *place, const struct setting *setting,
                         const struct badge_value *value) {
    if (value->type != VALUE_INT) {
        return complain(to, place, setting->name, -1, "Input should be a valid integer");
    }
    if (value->number < setting->low) {
        return complain_bound(to, place, setting->name, "Input should be greater than or equal to ",
                              setting->low);
    }
    if (value->number > setting->high) {
        return complain_bound(to, place, setting->name, "Input should be less than or equal to ",
                              setting->high);
    }
    return true;
}

static bool check_real(struct complaint *to, const char *place, const struct setting *setting,
                       const struct badge_value *value) {
    if (value->type != VALUE_INT && value->type != VALUE_REAL) {
        return complain(to, place, setting->name, -1, "Input should be a valid number");
    }
    if (value->bits == REAL_0 || value->bits >> 63) {
        return complain_bound(to, place, setting->name, "Input should be greater than ",
                              setting->low);
    }
    if (value->bits > badge_real(setting->high, 1)) {
        return complain_bound(to, place, setting->name, "Input should be less than or equal to ",
                              setting->high);
    }
    return true;
}

static bool check_text(struct badge *badge, struct complaint *to, const char *place,
                       const struct setting *setting, const struct badge_source *from,
                       const struct badge_value *value) {
    char id[ID_BYTES];
    if (value->type != VALUE_TEXT) {
        return complain(to, place, setting->name, -1, "Input should be a valid string");
    }
    if (setting == &badge_settings[SETTING_DEVICE_ID] &&
        !is_device_id(id, badge_copy_text(badge, from, value, id, sizeof id))) {
        return complain(to, place, setting->name, -1,
                        "String should match pattern '^ACT-[0-9A-F]{8}$'");
    }
    return true;
}

static uint32_t count_chars(struct badge *badge, const struct badge_source *from,
                            const struct badge_value *text, bool *has_nul) {
    struct badge_letters letters = badge_letters_of(badge, from, text);
    uint32_t chars = 0;
    *has_nul = false;
    for (int c = badge_next_letter(&letters); c >= 0; c = badge_next_letter(&letters)) {
        chars += (c & 0xC0) != 0x80;
        *has_nul = *has_nul || c == 0;
    }
    return chars;
}

static bool check_item(struct badge *badge, struct complaint *to, const char *place,
                       const struct setting *setting, const struct badge_source *from,
                       const struct badge_value *item, uint32_t number) {
    char mac[MAC_BYTES];
    if (item->type != VALUE_TEXT) {
        return complain(to, place, setting->name, number, "Input should be a valid string");
    }
    if (setting->kind == MACS) {
        return read_mac(badge, from, item, mac) ||
               complain(to, place, setting->name, number,
                        "String should match pattern '^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$'");
    }
    bool has_nul;
    uint32_t chars = count_chars(badge, from, item, &has_nul);
    if (chars == 0) {
        return complain(to, place, setting->name, number,
                        "String should have at least 1 character");
    }
    if (chars > (uint32_t)setting->preset) {
        return complain(to, place, setting->name, number,
                        "String should have at most 64 characters");
    }
    if (has_nul) {
        return complain(to, place, setting->name, number,
                        "String should match pattern '^[^\\x00]*$'");
    }
    return true;
}

static bool check_list(struct badge *badge, struct complaint *to, const char *place,
                       const struct setting *setting, const struct badge_source *from,
                       const struct badge_value *value) {
    if (value->type != VALUE_LIST) {
        return complain(to, place, setting->name, -1, "Input should be a valid list");
    }
    uint32_t count = badge_count_items(badge, from, value), number = 0;
    if (count > (uint32_t)setting->high) {
        complain_bound(to, place, setting->name, "List should have at most ", setting->high);
        badge_put_text(&to->text, " items after validation, not ");
        badge_put_number(&to->text, count);
        return false;
    }
    struct badge_value item = badge_first_item(badge, from, value);
    for (; item.type != VALUE_ABSENT; item = badge_next_item(badge, from, &item)) {
        if (!check_item(badge, to, place, setting, from, &item, number++)) {
            return false;
        }
    }
    if (setting->kind == MACS && count > BADGE_TAGS_MAX) {
        return complain_bound(to, place, setting->name,
                              "the most tags that this firmware holds is ", BADGE_TAGS_MAX);
    }
    return true;
}

static bool check_extra(struct badge *badge, struct complaint *to, const char *place,
                        const struct badge_source *from) {
    struct badge_value root = badge_root(badge, from);
    struct badge_value name = badge_first_item(badge, from, &root), value;
    for (; name.type != VALUE_ABSENT; name = badge_next_item(badge, from, &value)) {
        char key[BADGE_NOTICE_BYTES_MAX / 4];
        value = badge_next_item(badge, from, &name);
        uint32_t length = 0;
        if (name.type == VALUE_TEXT) {
            length = badge_copy_text(badge, from, &name, key, sizeof key - 1);
        }
        key[length < sizeof key ? length : sizeof key - 1] = '\0';
        bool known = false;
        for (unsigned n = 0; n < COUNT; n++) {
            known |= strlen(badge_settings[n].name) == length && strcmp(badge_settings[n].name, key) == 0;
        }
        if (!known) {
            complain(to, place, key, -1, "Extra inputs are not permitted; known keys: ");
            for (unsigned n = 0; n < OWNERS; n++) {
                badge_put_text(&to->text, badge_settings[n].name);
                badge_put_text(&to->text, ", ");
            }
            badge_put_text(&to->text, "\xE2\x80\xA6");
            return false;
        }
        if (value.type == VALUE_ABSENT) {
            break;
        }
    }
    return true;
}

static bool check_all(struct badge *badge, struct complaint *to, const struct badge_source *from,
                      bool whole, const char *place) {
    for (unsigned n = 0; n < COUNT; n++) {
        const struct setting *setting = &badge_settings[n];
        struct badge_value value = badge_find_key(badge, from, setting->name);
        bool good = true;
        if (value.type == VALUE_ABSENT) {
            good = n != SETTING_DEVICE_ID || !whole ||
                   complain(to, place, setting->name, -1, "Field required");
        } else if (setting->kind == NUMBER) {
            good = check_number(to, place, setting, &value);
        } else if (setting->kind == REAL) {
            good = check_real(to, place, setting, &value);
        } else if (setting->kind == TEXT) {
            good = check_text(badge, to, place, setting, from, &value);
        } else {
            good = check_list(badge, to, place, setting, from, &value);
        }
        if (!good) {
            return false;
        }
    }
    return check_extra(badge, to, place, from);
}

/* Check a document, a `whole` one or one of changes; false, and `why` says the first that is
 * wrong, in a terminated text of at most BADGE_NOTICE_BYTES_MAX. */
bool badge_check_settings(struct badge *badge, const struct badge_source *document, bool whole,
                          const char *place, char *why) {
    struct complaint to = {badge_writer_of(why, BADGE_NOTICE_BYTES_MAX - 1), why};
    bool good = false;
    uint8_t type = badge_root(badge, document).type;
    if (type == VALUE_MAP) {
        good = check_all(badge, &to, document, whole, place);
    } else {
        badge_put_text(&to.text, place);
        badge_put_text(&to.text, type == VALUE_BAD ? ": not JSON"
                                                   : ": expected a JSON object of settings");
    }
    *to.text.at = '\0';
    return good;
}

/* ---- Taking ---- */

static void load_tags(struct badge *badge, const struct badge_source *from,
                      const struct badge_value *list) {
    struct badge_value item = badge_first_item(badge, from, list);
    char mac[MAC_BYTES];
    badge->tag_count = 0;
    for (; item.type == VALUE_TEXT && badge->tag_count < BADGE_TAGS_MAX;
         item = badge_next_item(badge, from, &item)) {
        if (!read_mac(badge, from, &item, mac)) {
            break;
        }
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
        struct badge_value value = badge_find_key(badge, document, badge_settings[n].name);
        bool given = value.type != VALUE_ABSENT;
        if (badge_settings[n].kind == NUMBER && (given || whole)) {
            badge->numbers[n] = given ? (int32_t)value.number : badge_settings[n].preset;
        } else if (badge_settings[n].kind == REAL && (given || whole)) {
            badge->gps_uere = given ? value.bits : badge_real(badge_settings[n].preset, 1);
        } else if (badge_settings[n].kind == MACS && given) {
            load_tags(badge, document, &value);
        } else if (badge_settings[n].kind == MACS && whole) {
            badge->tag_count = 0;
        } else if (n == SETTING_DEVICE_ID && given) {
            badge_copy_text(badge, document, &value, badge->device_id, ID_BYTES);
            badge->device_id[ID_BYTES] = '\0';
        }
    }
}
