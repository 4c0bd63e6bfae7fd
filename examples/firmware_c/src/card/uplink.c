#include "uplink.h"

#include <string.h>

#include "../board/board.h"
#include "../bugs.h"
#include "encoding.h"
#include "notecard.h"

enum {
    INLINE_BYTES_MAX = 3000, /* in base64 half of the card's line */
    POST_S = 60,
    POST_TIMEOUT_MS = (POST_S + 10) * 1000, /* so that the card gives up first, and says why */
    CONNECT_LOOK_MS = 100,
    STORE_TRIES = 3,
    EVENT_BYTES = 1024,
    REFUSED_MAX = 200,
    REASONS_BYTES = 6000,
};

void uplink_start(uint32_t most_ms) {
    struct json reply;
    int64_t until_ms = board_ms() + most_ms;
    notecard_ask("hub.set", ",\"product\":\"com.example:badge\",\"mode\":\"continuous\"", &reply);
    while (board_ms() < until_ms) {
        if (notecard_ask("hub.status", "", &reply) == CARD_ANSWERED &&
            json_true(json_member(reply, "connected"))) {
            return;
        }
        board_wait(CONNECT_LOOK_MS);
    }
}

/* ---- The body: read out of flash event by event, as often as it is needed ---- */

static void walk(struct badge *badge, uint32_t count, sink *to, void *context) {
    char event[EVENT_BYTES];
    uint32_t end = BUG == BUG_LAST_LEFT_OUT && count > 1 ? count - 1 : count;
    to(context, "[", 1);
    for (uint32_t n = 0; n < end; n++) {
        to(context, ",", n > 0);
        to(context, event, badge_batch_json(badge, n, event, sizeof event));
    }
    to(context, "]", 1);
}

struct measure {
    uint32_t size;
    struct md5 md5;
    struct cobs cobs;
};

static void measure_more(void *to, const void *bytes, uint32_t size) {
    struct measure *measure = to;
    measure->size += size;
    md5_add(&measure->md5, bytes, size);
    cobs_add(&measure->cobs, bytes, size);
}

static void encode(void *to, const void *bytes, uint32_t size) {
    base64_add(to, bytes, size);
}

static void stuff(void *to, const void *bytes, uint32_t size) {
    cobs_add(to, bytes, size);
}

static void send_raw(void *to, const void *bytes, uint32_t size) {
    (void)to;
    board_write(BOARD_NOTECARD, bytes, size);
}

/* Put the body into the card's store and look whether it is there. */
static bool store(struct badge *badge, uint32_t count, const struct measure *measure,
                  const char *digest) {
    static struct cobs cobs;
    struct json reply;
    for (unsigned attempt = 0; attempt < STORE_TRIES; attempt++) {
        int64_t length = 0;
        if (notecard_ask("card.binary", ",\"delete\":true", &reply) == CARD_SILENT) {
            return false;
        }
        struct text *put = notecard_request("card.binary.put");
        text_put(put, ",\"cobs\":");
        text_number(put, measure->cobs.written);
        text_put(put, ",\"status\":\"");
        text_put(put, digest);
        text_put(put, "\"");
        if (notecard_send(CARD_AGAIN, POST_TIMEOUT_MS, &reply) != CARD_ANSWERED) {
            continue;
        }
        cobs = (struct cobs){send_raw, NULL, 0, 0, {0}};
        walk(badge, count, stuff, &cobs);
        cobs_end(&cobs);
        board_write(BOARD_NOTECARD, "\n", 1);
        if (notecard_ask("card.binary", "", &reply) == CARD_ANSWERED &&
            json_whole(json_member(reply, "length"), &length) && length == measure->size &&
            json_is(json_member(reply, "status"), digest)) {
            return true;
        }
    }
    return false;
}

/* ---- The answer ---- */

static struct badge_rejected refused[REFUSED_MAX];
static char reasons[REASONS_BYTES];

/* Who was refused; false unless each has its number and all that were counted are there. */
static bool read_refused(struct json body, struct badge_answer *answer) {
    struct json list = json_member(body, "rejected_events"), item = {NULL, NULL};
    int64_t count = 0;
    uint32_t used = 0, found = 0;
    if (!list.at || *list.at != '[') {
        return false;
    }
    while ((item = json_item(list, item)).at) {
        struct badge_rejected *one = &refused[found];
        if (found == REFUSED_MAX ||
            !json_whole(json_member(item, "sequence_number"), &one->sequence_number)) {
            return false;
        }
        one->reason.bytes = reasons + used;
        one->reason.length =
            json_text(json_member(item, "reason"), reasons + used, REASONS_BYTES - used);
        used += one->reason.length;
        found++;
    }
    answer->rejected = refused;
    answer->rejected_count = found;
    return !json_whole(json_member(body, "rejected"), &count) || count == found;
}

/* What was posted from the binary store is answered there, too. */
static struct json body_of(struct json reply) {
    struct json none = {NULL, NULL}, body = json_member(reply, "body"), got;
    char members[64], digest[33], told[33];
    int64_t length = 0;
    uint32_t size = 0;
    if (body.at || !json_whole(json_member(reply, "length"), &length) || length <= 0) {
        return body;
    }
    struct text ask = text_in(members, sizeof members - 1);
    text_put(&ask, ",\"offset\":0,\"length\":");
    text_number(&ask, length);
    *ask.at = '\0';
    if (notecard_ask("card.binary.get", members, &got) != CARD_ANSWERED) {
        return none;
    }
    uint32_t digits = json_text(json_member(got, "status"), told, sizeof told - 1);
    told[digits] = '\0';
    const char *bytes = notecard_receive(POST_TIMEOUT_MS, &size);
    struct md5 md5;
    md5_start(&md5);
    md5_add(&md5, bytes, bytes ? size : 0);
    md5_end(&md5, digest);
    return bytes && strcmp(told, digest) == 0 ? json_read(bytes, size) : none;
}

static void read_answer(struct json reply, struct badge_answer *answer) {
    int64_t status = 0;
    if (!json_whole(json_member(reply, "result"), &status) || status < 100 || status > 599) {
        return;
    }
    struct json body = body_of(reply); /* from here on `reply` has been written over */
    if (status == 207 && !read_refused(body, answer)) {
        answer->rejected_count = 0; /* the others' names are not known: the batch stays */
        return;
    }
    answer->status = (int32_t)status;
    answer->schema_deprecated = json_is(json_member(body, "code"), "schema_deprecated");
}

void uplink_post(struct badge *badge, const struct badge_upload *batch,
                 struct badge_answer *answer) {
    static struct measure measure;
    char digest[33];
    struct json reply;
    memset(&measure, 0, sizeof measure);
    md5_start(&measure.md5);
    walk(badge, batch->count, measure_more, &measure);
    md5_end(&measure.md5, digest);
    cobs_end(&measure.cobs);

    memset(answer, 0, sizeof *answer);
    answer->request = batch->request;
    answer->status = BADGE_UNKNOWN;
    bool inline_body = measure.size <= INLINE_BYTES_MAX;
    if (!inline_body && !store(badge, batch->count, &measure, digest)) {
        return;
    }
    struct text *post = notecard_request("web.post");
    text_put(post, ",\"route\":\"ingest\",\"content\":\"application/json\",\"seconds\":");
    text_number(post, POST_S);
    if (inline_body) {
        struct base64 base64 = {post, 0, 0};
        text_put(post, ",\"payload\":\"");
        walk(badge, batch->count, encode, &base64);
        base64_end(&base64);
        text_put(post, "\"");
    } else {
        text_put(post, ",\"binary\":true");
    }
    if (notecard_send(CARD_ONCE, POST_TIMEOUT_MS, &reply) == CARD_ANSWERED) {
        read_answer(reply, answer);
    }
}
