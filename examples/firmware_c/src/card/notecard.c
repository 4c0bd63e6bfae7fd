#include "notecard.h"

#include <string.h>

#include "../board/board.h"
#include "encoding.h"

enum {
    REQUEST_BYTES = 4608, /* 3000 bytes in base64, and the words around them */
    REPLY_BYTES = 9000,   /* a body of 8192 bytes, and the words around it */
    ATTEMPTS = 3,
    ASK_TIMEOUT_MS = 10000,
    QUIET_MS = 200, /* a line that is silent for so long is empty */
    LOOK_MS = 50,
};

enum heard { HEARD_ANSWER, HEARD_DAMAGED, HEARD_UNREAD, HEARD_NOTHING };

static char request[REQUEST_BYTES], reply_line[REPLY_BYTES];
static struct text line;
static uint32_t reply_bytes;
static uint16_t sequence;
static bool knows_crc;

/* Read one line, without its end; false if none ends before `until_ms`.  One that is too long
 * comes as an empty one. */
static bool read_line(int64_t until_ms) {
    reply_bytes = 0;
    for (;;) {
        int byte = board_read(BOARD_NOTECARD);
        if (byte == '\n') {
            while (reply_bytes && (reply_bytes > REPLY_BYTES || reply_line[reply_bytes - 1] == '\r')) {
                reply_bytes = reply_bytes > REPLY_BYTES ? 0 : reply_bytes - 1;
            }
            return true;
        }
        if (byte >= 0) {
            if (reply_bytes < REPLY_BYTES) {
                reply_line[reply_bytes] = (char)byte;
            }
            reply_bytes += reply_bytes <= REPLY_BYTES;
        } else if (board_ms() >= until_ms) {
            return false;
        } else {
            board_wait(LOOK_MS);
        }
    }
}

/* Ask for an empty line, and let everything pass that was under way. */
static void resynchronize(void) {
    board_write(BOARD_NOTECARD, "\n", 1);
    while (read_line(board_ms() + QUIET_MS)) {
    }
}

static bool hex_of(const char *at, unsigned digits, uint32_t *value) {
    *value = 0;
    for (; digits; digits--, at++) {
        char c = *at;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        *value = *value << 4 | digit;
    }
    return true;
}

/* Cut `,"crc":"SSSS:CCCCCCCC"}` off the reply and check it: the text as it was before must have
 * that CRC.  `found` says which sequence it answers, -1: it has none. */
static bool take_crc(int32_t *found) {
    enum { TAIL = 23 }; /* of the member with its comma or blank, and the brace */
    uint32_t told = 0, crc = 0;
    char *tail = reply_line + reply_bytes - TAIL;
    *found = -1;
    if (reply_bytes <= TAIL || memcmp(tail + 1, "\"crc\":\"", 7) || tail[12] != ':') {
        return true;
    }
    if (!hex_of(tail + 8, 4, &told) || !hex_of(tail + 13, 8, &crc)) {
        return false;
    }
    *tail = '}'; /* in place of the comma, or of the blank of an object without members */
    reply_bytes -= TAIL - 1;
    *found = (int32_t)told;
    return crc32_of(reply_line, reply_bytes) == crc;
}

/* Find the answer among the lines: noise, heartbeats and answers to something else pass. */
static enum heard listen(uint32_t timeout_ms, struct json *reply) {
    int64_t until_ms = board_ms() + timeout_ms;
    while (read_line(until_ms)) {
        int32_t told = -1;
        bool whole = take_crc(&told);
        *reply = json_read(reply_line, reply_bytes);
        struct json err = json_member(*reply, "err");
        if (!whole) {
            return HEARD_DAMAGED;
        }
        if (!reply->at || *reply->at != '{' || (told >= 0 && told != sequence)) {
            continue;
        }
        knows_crc |= told >= 0;
        if (json_contains(err, "{heartbeat}")) {
            until_ms = board_ms() + timeout_ms; /* it is alive and at it */
        } else if (json_contains(err, "{io}") && !json_contains(err, "{not-supported}")) {
            return HEARD_UNREAD;
        } else if (told >= 0 || !knows_crc || err.at) {
            return HEARD_ANSWER;
        }
    }
    return HEARD_NOTHING;
}

struct text *notecard_request(const char *name) {
    line = text_in(request, REQUEST_BYTES);
    text_put(&line, "{\"req\":\"");
    text_put(&line, name);
    text_put(&line, "\"");
    return &line;
}

enum card_result notecard_send(enum card_patience patience, uint32_t timeout_ms,
                               struct json *reply) {
    sequence++;
    char *end = line.at;
    text_put(&line, "}");
    uint32_t crc = crc32_of(request, text_length(&line));
    line.at = end; /* the brace comes after the CRC */
    text_put(&line, ",\"crc\":\"");
    text_hex(&line, sequence, 4);
    text_put(&line, ":");
    text_hex(&line, crc, 8);
    text_put(&line, "\"}\n");
    for (unsigned attempt = 0; attempt < ATTEMPTS && !line.full; attempt++) {
        board_write(BOARD_NOTECARD, request, text_length(&line));
        enum heard heard = listen(timeout_ms, reply);
        if (heard == HEARD_ANSWER) {
            return json_member(*reply, "err").at ? CARD_REFUSED : CARD_ANSWERED;
        }
        if (heard == HEARD_NOTHING) {
            resynchronize();
        }
        if (patience == CARD_ONCE && heard != HEARD_UNREAD) {
            break;
        }
    }
    return CARD_SILENT;
}

const char *notecard_receive(uint32_t timeout_ms, uint32_t *size) {
    bool come = read_line(board_ms() + timeout_ms);
    *size = reply_bytes;
    return come && cobs_decode((uint8_t *)reply_line, size) ? reply_line : NULL;
}

enum card_result notecard_ask(const char *name, const char *members, struct json *reply) {
    text_put(notecard_request(name), members);
    return notecard_send(CARD_AGAIN, ASK_TIMEOUT_MS, reply);
}
