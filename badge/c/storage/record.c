/* The bytes of one flash record, and the search for records in a page that may be damaged
 * (badge/storage/record.py says what the layout is and why). */
#include "../internal.h"

enum { WORD = 4, CRC_BYTES = 4, SMALLEST = RECORD_HEADER + CRC_BYTES };

uint32_t badge_u32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

int64_t badge_record_number(const uint8_t *record) {
    return (int64_t)((uint64_t)badge_u32(record + 8) << 32 | badge_u32(record + 4));
}

void badge_write_u32(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

static uint32_t in_words(uint32_t bytes) {
    return (bytes + WORD - 1) / WORD * WORD;
}

uint32_t badge_record_size(uint32_t body_bytes) {
    return in_words(RECORD_HEADER + body_bytes) + CRC_BYTES;
}

uint32_t badge_record_seal(uint8_t *record, unsigned kind, int64_t number, uint32_t body_bytes,
                           uint32_t position) {
    uint32_t at = RECORD_HEADER + body_bytes, words = in_words(at);
    record[0] = (uint8_t)kind;
    record[1] = RECORD_FORMAT;
    record[2] = (uint8_t)body_bytes;
    record[3] = (uint8_t)(body_bytes >> 8);
    badge_write_u32(record + 4, (uint32_t)number);
    badge_write_u32(record + 8, (uint32_t)((uint64_t)number >> 32));
    memset(record + at, 0, words - at);
    badge_write_u32(record + words, badge_crc32(position, record, words));
    return words + CRC_BYTES;
}

/* Where a record lies in all that was ever written: what its CRC begins with. */
static uint32_t position_of(const struct badge_page *page, uint32_t offset) {
    return (uint32_t)page->generation * page->size + offset;
}

bool badge_record_decode(const struct badge_page *page, uint32_t offset,
                         struct badge_record *found) {
    if (offset + SMALLEST > page->size) {
        return false;
    }
    const uint8_t *record = page->bytes + offset;
    uint32_t length = (uint32_t)record[2] | (uint32_t)record[3] << 8;
    uint32_t words = in_words(RECORD_HEADER + length);
    if (record[1] != RECORD_FORMAT || record[0] == KIND_NONE || record[0] >= KIND_END ||
        offset + words + CRC_BYTES > page->size ||
        badge_crc32(position_of(page, offset), record, words) != badge_u32(record + words)) {
        return false;
    }
    found->kind = record[0];
    found->number = badge_record_number(record);
    found->body = record + RECORD_HEADER;
    found->body_bytes = length;
    found->offset = offset;
    found->end = offset + words + CRC_BYTES;
    found->flip = UINT32_MAX;
    return true;
}

bool badge_is_blank(const uint8_t *bytes, uint32_t size) {
    return badge_blank_from(bytes, size) == 0;
}

uint32_t badge_blank_from(const uint8_t *page, uint32_t size) {
    while (size > 0 && page[size - 1] == 0xFF) {
        size--;
    }
    return size;
}

/* Which single flipped bit, of `length` bytes and the 4 of their CRC, changes the CRC so: the bit,
 * or UINT32_MAX.  The CRC is linear, so neither the other bits nor the start value matter. */
static uint32_t flipped_bit(uint32_t difference, uint32_t length) {
    static const uint8_t zero = 0;
    if (difference && (difference & (difference - 1)) == 0) {
        uint32_t bit = 0;
        while (difference >> bit != 1) {
            bit++;
        }
        return length * 8 + bit;
    }
    uint32_t effects[8];
    for (unsigned bit = 0; bit < 8; bit++) {
        uint8_t one = (uint8_t)(1u << bit);
        effects[bit] = badge_crc32(0, &one, 1) ^ badge_crc32(0, &zero, 1);
    }
    for (uint32_t behind = 0; behind < length; behind++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            if (effects[bit] == difference) {
                return (length - 1 - behind) * 8 + bit;
            }
            /* One zero byte more; the register itself is inverted before and after. */
            effects[bit] = ~badge_crc32(~effects[bit], &zero, 1);
        }
    }
    return UINT32_MAX;
}

/* Put one flipped bit right if that makes the damaged stretch one whole record. */
static bool repair(const struct badge_page *page, uint32_t start, uint32_t end,
                   struct badge_record *found) {
    if (end < start + SMALLEST) {
        return false;
    }
    uint32_t length = end - CRC_BYTES - start;
    const uint8_t *record = page->bytes + start;
    uint32_t difference =
        badge_crc32(position_of(page, start), record, length) ^ badge_u32(record + length);
    uint32_t flip = flipped_bit(difference, length);
    if (flip == UINT32_MAX) {
        return false;
    }
    uint8_t *flipped = page->bytes + start + flip / 8, before = *flipped;
    *flipped ^= (uint8_t)(1u << flip % 8);
    if (badge_record_decode(page, start, found) && found->end == end) {
        found->flip = start * 8 + flip;
        return true;
    }
    *flipped = before;
    return false;
}

static bool next_record(const struct badge_page *page, uint32_t start, uint32_t end,
                        struct badge_record *found) {
    for (uint32_t at = in_words(start); at + 1 < end; at += WORD) {
        if (badge_record_decode(page, at, found)) {
            return true;
        }
    }
    return false;
}

struct badge_scan badge_record_scan(const struct badge_page *page, uint32_t start,
                                    badge_on_record *on_record, void *context) {
    struct badge_scan scan = {0, 0};
    struct badge_record record, repaired;
    uint32_t written = badge_blank_from(page->bytes, page->size), offset = start;
    scan.end = written > start ? written : start;
    while (offset < scan.end) {
        if (!badge_record_decode(page, offset, &record)) {
            bool more = next_record(page, offset + WORD, scan.end, &record);
            uint32_t stop = more ? record.offset : scan.end;
            if (!badge_is_blank(page->bytes + offset, stop - offset)) {
                if (!repair(page, offset, in_words(stop), &repaired)) {
                    scan.damaged_end = stop;
                } else if (!on_record(context, &repaired)) {
                    return scan;
                }
            }
            if (!more) {
                break;
            }
        }
        if (!on_record(context, &record)) {
            return scan;
        }
        offset = record.end;
    }
    return scan;
}
