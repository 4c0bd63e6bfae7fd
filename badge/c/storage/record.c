/* The bytes of one flash record, and the search for records in a page that may be damaged
 * (badge/storage/record.py says what the layout is and why). */
#include "../internal.h"

enum { WORD = 4, CRC_BYTES = 4, SMALLEST = RECORD_HEADER + CRC_BYTES };

static uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void write_u32(uint8_t *at, uint32_t value) {
    for (unsigned n = 0; n < 4; n++) {
        at[n] = (uint8_t)(value >> 8 * n);
    }
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
    write_u32(record + 4, (uint32_t)number);
    write_u32(record + 8, (uint32_t)((uint64_t)number >> 32));
    memset(record + at, 0, words - at);
    write_u32(record + words, badge_crc32(position, record, words));
    return words + CRC_BYTES;
}

bool badge_record_decode(const uint8_t *page, uint32_t page_bytes, uint32_t offset,
                         int64_t generation, struct badge_record *found) {
    if (offset + SMALLEST > page_bytes) {
        return false;
    }
    const uint8_t *record = page + offset;
    uint32_t length = (uint32_t)record[2] | (uint32_t)record[3] << 8;
    uint32_t words = in_words(RECORD_HEADER + length);
    uint32_t position = (uint32_t)((uint64_t)generation * page_bytes + offset);
    if (record[1] != RECORD_FORMAT || record[0] == KIND_NONE || record[0] >= KIND_END ||
        offset + words + CRC_BYTES > page_bytes ||
        badge_crc32(position, record, words) != read_u32(record + words)) {
        return false;
    }
    found->kind = record[0];
    found->number = (int64_t)((uint64_t)read_u32(record + 8) << 32 | read_u32(record + 4));
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
static bool repair(uint8_t *page, uint32_t page_bytes, uint32_t start, uint32_t end,
                   int64_t generation, struct badge_record *found) {
    if (end < start + SMALLEST) {
        return false;
    }
    uint32_t length = end - CRC_BYTES - start;
    uint32_t position = (uint32_t)((uint64_t)generation * page_bytes + start);
    uint32_t difference =
        badge_crc32(position, page + start, length) ^ read_u32(page + start + length);
    uint32_t flip = flipped_bit(difference, length);
    if (flip == UINT32_MAX) {
        return false;
    }
    page[start + flip / 8] ^= (uint8_t)(1u << flip % 8);
    if (badge_record_decode(page, page_bytes, start, generation, found) && found->end == end) {
        found->flip = start * 8 + flip;
        return true;
    }
    page[start + flip / 8] ^= (uint8_t)(1u << flip % 8);
    return false;
}

static bool next_record(const uint8_t *page, uint32_t page_bytes, uint32_t start, uint32_t end,
                        int64_t generation, struct badge_record *found) {
    for (uint32_t at = in_words(start); at + 1 < end; at += WORD) {
        if (page[at + 1] == RECORD_FORMAT && page[at] > KIND_NONE && page[at] < KIND_END &&
            badge_record_decode(page, page_bytes, at, generation, found)) {
            return true;
        }
    }
    return false;
}

struct badge_scan badge_record_scan(uint8_t *page, uint32_t page_bytes, uint32_t start,
                                    int64_t generation, badge_on_record *on_record,
                                    void *context) {
    struct badge_scan scan = {0, 0};
    struct badge_record record, repaired;
    uint32_t written = badge_blank_from(page, page_bytes), offset = start;
    scan.end = written > start ? written : start;
    while (offset < scan.end) {
        if (!badge_record_decode(page, page_bytes, offset, generation, &record)) {
            bool more = next_record(page, page_bytes, offset + WORD, scan.end, generation, &record);
            uint32_t stop = more ? record.offset : scan.end;
            if (!badge_is_blank(page + offset, stop - offset)) {
                if (!repair(page, page_bytes, offset, in_words(stop), generation, &repaired)) {
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
