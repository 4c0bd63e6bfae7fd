#include "settings.h"

#include <string.h>

#include "board/board.h"
#include "card/encoding.h"

#define MAGIC UINT32_C(0x53455454)

struct header {
    uint32_t magic, serial, length, crc; /* of all that follows */
    uint32_t on_bench;
    char version[VERSION_BYTES];
};

enum { CHECKED_AT = offsetof(struct header, on_bench) };

static uint32_t address_of(unsigned slot) {
    return SETTINGS_AT + slot * SETTINGS_SLOT_BYTES;
}

static const struct header *header_in(unsigned slot) {
    const struct header *header = (const void *)board_flash(address_of(slot));
    uint32_t rest = sizeof *header - CHECKED_AT;
    if (header->magic != MAGIC || header->length > SETTINGS_BYTES_MAX ||
        header->crc != crc32_of((const uint8_t *)header + CHECKED_AT, rest + header->length)) {
        return NULL;
    }
    return header;
}

static const struct header *newest(unsigned *slot) {
    const struct header *both[2] = {header_in(0), header_in(1)};
    *slot = both[1] && (!both[0] || both[1]->serial > both[0]->serial);
    return both[*slot];
}

bool settings_read(struct settings *found) {
    unsigned slot;
    const struct header *header = newest(&slot);
    if (!header) {
        return false;
    }
    found->document.bytes = (const char *)(header + 1);
    found->document.length = header->length;
    found->firmware_version = header->version;
    found->on_bench = header->on_bench != 0;
    return true;
}

bool settings_write(struct badge_text document, const char *firmware_version, bool on_bench) {
    unsigned slot;
    const struct header *old = newest(&slot);
    struct header header = {MAGIC, old ? old->serial + 1 : 1, document.length, 0, on_bench, {0}};
    if (document.length > SETTINGS_BYTES_MAX || strlen(firmware_version) >= VERSION_BYTES) {
        return false;
    }
    memcpy(header.version, firmware_version, strlen(firmware_version));
    if (old && old->length == document.length && old->on_bench == header.on_bench &&
        !memcmp(old->version, header.version, VERSION_BYTES) &&
        !memcmp(old + 1, document.bytes, document.length)) {
        return true;
    }
    uint32_t at = address_of(old ? !slot : 0), rest_at = at + CHECKED_AT;
    for (uint32_t page = 0; page < sizeof header + document.length; page += PAGE_BYTES) {
        if (!board_erase(at + page)) {
            return false;
        }
    }
    /* The words that make it valid come last. */
    if (!board_program(rest_at, (uint8_t *)&header + CHECKED_AT, sizeof header - CHECKED_AT) ||
        !board_program(at + sizeof header, document.bytes, document.length)) {
        return false;
    }
    header.crc = crc32_of(board_flash(rest_at), sizeof header - CHECKED_AT + document.length);
    return board_program(at, &header, CHECKED_AT);
}
