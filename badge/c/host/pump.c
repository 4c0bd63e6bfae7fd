/* A badge with its clock: the calls of a simulated life in order of time, and a row an event.
 *
 * What the badge asks of its world (a fix, what a scan hears, a way to the cloud) is asked of the
 * caller; what follows from that needs nobody.  Calls of one millisecond run in the order in which
 * they were asked for (sim/engine/clock.py), ticks are armed as sim/engine/pump.py arms them. */
#include <stdlib.h>

#include "tape.h"

enum call_kind { CALL_OUTSIDE, CALL_TICK, CALL_FIX, CALL_SCAN, CALL_CHANGE, CALL_ANSWER };
enum { NO_CALL = -1, NEVER_ARMED = -1, ASK_POLL = -2, LINE_ROOM = 65536, EVENT_ROOM = 16384 };

struct call {
    int64_t ms, id;
    int64_t number; /* of whoever asked; of a scan when it began; of a change its place */
    uint32_t kind, device;
    union {
        struct badge_fix fix;
        struct badge_answer answer;
    } is;
};

/* What the badge wants done: after the input, as every pump does it. */
struct wish {
    enum wish_kind { WISH_POLL, WISH_SCAN, WISH_UPLOAD, WISH_EFFECT } kind;
    int effect, value;
    int64_t duration_ms;
    struct badge_upload upload;
    uint64_t body_at, body_end;
};

struct life {
    struct host_pump seen; /* what the caller sees: first, so that it is the same address */
    struct host *host;
    struct badge_hal hal;
    struct call *heap;
    uint32_t heap_count, heap_size, device, device_size, change_count;
    int64_t last_id, last_number, closed;
    int64_t *armed_ms, *changes_ms, *refused;
    uint8_t *changes;
    struct wish *wishes;
    uint8_t *body;
    uint32_t refused_count, refused_size, row_size, wish_count, wish_size;
    uint64_t json_size, body_size, body_bytes;
    bool no_memory;
};

static struct life *life_of(struct host_pump *pump) {
    return (struct life *)(void *)pump;
}

static bool grow(struct life *life, void *place, uint32_t *size, uint32_t count, size_t bytes) {
    void *before, *now;
    if (count < *size) {
        return true;
    }
    uint32_t more = *size ? *size * 2 : 64;
    memcpy(&before, place, sizeof before);
    now = realloc(before, more * bytes);
    if (!now) {
        life->no_memory = true;
        return false;
    }
    memcpy(place, &now, sizeof now); /* so the caller has it */
    *size = more;
    /* cppcheck-suppress memleak */
    return true;
}

/* ---- The clock ---- */

static bool is_before(const struct call *one, const struct call *other) {
    return one->ms < other->ms || (one->ms == other->ms && one->id < other->id);
}

static void push(struct life *life, struct call call) {
    if (!grow(life, &life->heap, &life->heap_size, life->heap_count, sizeof call)) {
        return;
    }
    uint32_t at = life->heap_count++;
    call.id = ++life->last_id;
    for (; at && is_before(&call, &life->heap[(at - 1) / 2]); at = (at - 1) / 2) {
        life->heap[at] = life->heap[(at - 1) / 2];
    }
    life->heap[at] = call;
}

static struct call pop(struct life *life) {
    struct call first = life->heap[0], last = life->heap[--life->heap_count];
    uint32_t at = 0, next = 1;
    for (; next < life->heap_count; at = next, next = 2 * at + 1) {
        if (next + 1 < life->heap_count && is_before(&life->heap[next + 1], &life->heap[next])) {
            next++;
        }
        if (!is_before(&life->heap[next], &last)) {
            break;
        }
        life->heap[at] = life->heap[next];
    }
    life->heap[at] = last;
    return first;
}

static struct call call_of(const struct life *life, int64_t ms, uint32_t kind) {
    struct call call;
    memset(&call, 0, sizeof call);
    call.ms = ms;
    call.kind = kind;
    call.device = life->device;
    return call;
}

static void push_at(struct life *life, int64_t ms, uint32_t kind, int64_t number) {
    struct call call = call_of(life, ms, kind);
    call.number = number;
    push(life, call);
}

/* ---- Rows ---- */

static void put_text(struct life *life, const char *text, uint64_t size) {
    memcpy(life->seen.json + life->seen.json_bytes, text, size);
    life->seen.json_bytes += size;
}

#define PUT_TEXT(life, text) put_text(life, text, sizeof text - 1)

/* The payload as the text of a text: quotes and backslashes with a backslash before them. */
static void put_quoted(struct life *life, const char *text, uint32_t size) {
    uint8_t *to = life->seen.json + life->seen.json_bytes;
    for (uint32_t n = 0; n < size; n++) {
        if (text[n] == '"' || text[n] == '\\') {
            *to++ = '\\';
        }
        *to++ = (uint8_t)text[n];
    }
    life->seen.json_bytes = (uint64_t)(to - life->seen.json);
}

static const char *after(const char *text, const char *key) {
    return strstr(text, key) + strlen(key);
}

/* A row of truth as far as the badge knows it, out of the event's own JSON, which is kept if the
 * event knows its time. */
static void put_row(struct life *life, struct host_row *row, const struct badge_event *event,
                    bool has_unix) {
    char text[EVENT_ROOM], number[24];
    struct host *host = life->host;
    if (life->json_size - life->seen.json_bytes < LINE_ROOM) {
        uint64_t size = life->json_size * 2 + LINE_ROOM * 16;
        uint8_t *json = realloc(life->seen.json, size);
        if (!json) {
            life->no_memory = true;
            return;
        }
        life->seen.json = json;
        life->json_size = size;
    }
    uint32_t size = badge_event_json(&host->badge, event, text, sizeof text - 1);
    if (!size) {
        life->seen.result = BADGE_TOO_LARGE;
        return;
    }
    text[size] = '\0';
    struct badge_writer digits = badge_writer_of(number, sizeof number);
    badge_put_number(&digits, event->sequence_number);
    const char *version = after(text, "\"firmware_version\":"), *type = after(version, ",");
    const char *moment = after(type, "\"timestamp_utc\":"), *payload = after(moment, "\"payload\":");
    row->event_at = life->seen.json_bytes;
    if (has_unix) {
        put_text(life, text, size);
        PUT_TEXT(life, "\n");
    }
    row->truth_at = life->seen.json_bytes;
    PUT_TEXT(life, "{\"device_id\":\"");
    put_text(life, host->badge.device_id, 12);
    PUT_TEXT(life, "\",\"sequence_number\":");
    put_text(life, number, (uint64_t)((char *)digits.at - number));
    PUT_TEXT(life, ",");
    put_text(life, type, (uint64_t)(moment - type) - sizeof ",\"timestamp_utc\":" + 1);
    PUT_TEXT(life, ",\"timestamp_utc\":");
    if (has_unix) {
        put_text(life, moment, 22);
    } else {
        PUT_TEXT(life, "null");
    }
    PUT_TEXT(life, ",\"firmware_version\":");
    put_text(life, version, (uint64_t)(type - version) - 1);
    PUT_TEXT(life, ",\"payload\":\"");
    put_quoted(life, payload, (uint32_t)(text + size - 1 - payload));
    PUT_TEXT(life, "\"");
    row->end = life->seen.json_bytes;
    row->unix_ms = has_unix ? event->unix_ms : INT64_MIN;
}

static void add_row(struct life *life, const struct badge_event *event, bool has_unix) {
    if (!grow(life, &life->seen.rows, &life->row_size, life->seen.row_count,
              sizeof *life->seen.rows)) {
        return;
    }
    struct host_row *row = &life->seen.rows[life->seen.row_count++];
    memset(row, 0, sizeof *row);
    row->number = event->sequence_number;
    row->ms = life->seen.now_ms;
    row->type = event->type;
    life->last_number = event->sequence_number;
    put_row(life, row, event, has_unix);
}

static struct host_row *row_of(struct life *life, int64_t number) {
    if (!life->seen.row_count || number < life->seen.rows[0].number || number > life->last_number) {
        return NULL;
    }
    return &life->seen.rows[number - life->seen.rows[0].number];
}

/* Events that do not know their time are told to nobody: they are found in the queue. */
static void add_unstamped(struct life *life, int64_t before) {
    struct badge *badge = &life->host->badge;
    const struct badge_ring *queue = &badge->journal.queue;
    for (uint32_t n = queue->count; life->last_number + 1 < before; n = queue->count) {
        struct badge_event event;
        while (n && badge_place_at(queue, n - 1)->sequence_number > life->last_number + 1) {
            n--;
        }
        if (!n || badge_place_at(queue, n - 1)->sequence_number != life->last_number + 1 ||
            !badge_read_place(badge, badge_place_at(queue, n - 1), &event)) {
            life->seen.result = BADGE_CANNOT_BE; /* dropped in the moment that it was logged */
            return;
        }
        add_row(life, &event, false);
    }
}

static void close_rows(struct life *life, int64_t through, uint8_t why) {
    for (; life->closed < through; life->closed++) {
        struct host_row *row = row_of(life, life->closed + 1);
        bool refused = false;
        if (!row) {
            continue;
        }
        for (uint32_t n = 0; n < life->refused_count && !why; n++) {
            refused = refused || life->refused[n] == row->number;
        }
        row->arrived = row->arrived || (!why && !refused);
        row->why = row->arrived ? 0 : refused ? HOST_QUARANTINED : why;
    }
    life->seen.closed_count = 0;
    if (life->seen.row_count && life->closed >= life->seen.rows[0].number) {
        life->seen.closed_count = (uint32_t)(life->closed - life->seen.rows[0].number + 1);
    }
}

/* ---- What the badge does ---- */

static void in_memory_read(void *context, uint32_t address, void *to, uint32_t size) {
    const struct host *host = ((const struct life *)context)->host;
    uint8_t *at = to;
    while (size) {
        uint32_t page = address / host->page_bytes, left = (page + 1) * host->page_bytes - address;
        uint32_t count = size < left ? size : left;
        if (host->written[page]) {
            memcpy(at, host->flash + address, count);
        } else {
            memset(at, 0xFF, count);
        }
        address += count;
        at += count;
        size -= count;
    }
}

static bool in_memory_program(void *context, uint32_t address, const void *from, uint32_t size) {
    struct host *host = ((struct life *)context)->host;
    uint32_t last = (address + (size ? size - 1 : 0)) / host->page_bytes;
    for (uint32_t page = address / host->page_bytes; page <= last; page++) {
        if (!host->written[page]) {
            memset(host->flash + page * host->page_bytes, 0xFF, host->page_bytes);
            host->written[page] = 1;
        }
    }
    memcpy(host->flash + address, from, size);
    return true;
}

static bool in_memory_erase(void *context, uint32_t address) {
    struct host *host = ((struct life *)context)->host;
    if (host->is_shown) {
        memset(host->flash + address, 0xFF, host->page_bytes);
    } else {
        host->written[address / host->page_bytes] = 0;
    }
    return true;
}

static void on_logged(void *context, const struct badge_event *event) {
    struct life *life = context;
    if (event->sequence_number <= life->last_number) {
        struct host_row *row = row_of(life, event->sequence_number);
        if (row) {
            put_row(life, row, event, true);
        }
        return;
    }
    if (event->sequence_number > life->last_number + 1) {
        add_unstamped(life, event->sequence_number);
    }
    add_row(life, event, true);
}

static struct wish *wish(struct life *life, enum wish_kind kind) {
    static struct wish lost;
    if (!grow(life, &life->wishes, &life->wish_size, life->wish_count, sizeof *life->wishes)) {
        return &lost;
    }
    struct wish *one = &life->wishes[life->wish_count++];
    memset(one, 0, sizeof *one);
    one->kind = kind;
    return one;
}

static void put_body(struct life *life, const char *text, uint32_t size) {
    if (life->body_size - life->body_bytes < size) {
        uint64_t more = life->body_size * 2 + size + 65536;
        uint8_t *body = realloc(life->body, more);
        if (!body) {
            life->no_memory = true;
            return;
        }
        life->body = body;
        life->body_size = more;
    }
    memcpy(life->body + life->body_bytes, text, size);
    life->body_bytes += size;
}

static void on_upload(void *context, const struct badge_upload *upload) {
    struct life *life = context;
    char text[EVENT_ROOM];
    struct wish *one = wish(life, WISH_UPLOAD);
    one->upload = *upload;
    one->body_at = life->body_bytes;
    put_body(life, "[", 1);
    for (uint32_t n = 0; n < upload->count; n++) {
        const struct badge_ring *queue = &life->host->badge.journal.queue;
        const struct host_row *row =
            n < queue->count ? row_of(life, badge_place_at(queue, n)->sequence_number) : NULL;
        if (row && row->truth_at > row->event_at) { /* its line is what the batch has of it */
            const char *line = (const char *)life->seen.json + row->event_at;
            put_body(life, line, (uint32_t)(row->truth_at - row->event_at) - 1);
        } else {
            uint32_t size = badge_batch_json(&life->host->badge, n, text, sizeof text);
            life->seen.result = size ? life->seen.result : BADGE_TOO_LARGE;
            put_body(life, text, size);
        }
        put_body(life, n + 1 < upload->count ? "," : "]", 1);
    }
    one->body_end = life->body_bytes;
}

static void on_poll_gps(void *context, uint32_t timeout_ms) {
    (void)timeout_ms;
    wish(context, WISH_POLL);
}

static void on_start_scan(void *context, uint32_t duration_ms) {
    wish(context, WISH_SCAN)->duration_ms = duration_ms;
}

static void wish_effect(struct life *life, int effect, int value) {
    struct wish *one = wish(life, WISH_EFFECT);
    one->effect = effect;
    one->value = value;
}

static void on_power_gps(void *context, bool on) {
    wish_effect(context, HOST_POWER_GPS, on);
}

static void on_power_scanner(void *context, bool on) {
    wish_effect(context, HOST_POWER_SCANNER, on);
}

static void on_draw(void *context, const struct badge_screen *screen) {
    (void)screen;
    wish_effect(context, HOST_DRAW, 0);
}

static void on_reboot(void *context, struct badge_text version) {
    (void)version;
    wish_effect(context, HOST_REBOOT, 0);
}

static void on_power_off(void *context) {
    wish_effect(context, HOST_POWER_OFF, 0);
}

static void on_notice(void *context, const struct badge_notice *notice) {
    struct life *life = context;
    if (notice->about == BADGE_OVERFLOW) {
        const struct badge_journal *journal = &life->host->badge.journal;
        if (journal->queue.count < journal->queue_max) {
            life->seen.result = BADGE_TOO_LARGE; /* flash was full before the queue was */
        }
        add_unstamped(life, life->host->badge.journal.is.next_sequence);
        close_rows(life, notice->last_sequence, HOST_OVERFLOWED);
    } else if (notice->about == BADGE_QUARANTINED &&
               grow(life, &life->refused, &life->refused_size, life->refused_count,
                    sizeof *life->refused)) {
        life->refused[life->refused_count++] = notice->first_sequence;
    }
}

static const struct badge_hal in_a_life = {
    NULL,      in_memory_read, in_memory_program, in_memory_erase, on_logged,
    on_upload, on_power_gps,   on_power_scanner,  on_poll_gps,     on_start_scan,
    on_draw,   on_notice,      on_reboot,         on_power_off,
};

/* ---- Its life ---- */

struct host_pump *host_pump_new(struct host *host, const struct host_asked *asked) {
    struct life *life = calloc(1, sizeof *life);
    if (!life) {
        return NULL;
    }
    life->host = host;
    life->hal = in_a_life;
    life->hal.context = life;
    host->badge.hal = &life->hal;
    life->seen.asked = *asked;
    life->seen.cycle_period_ms = 1;
    host_pump_restart(&life->seen);
    return &life->seen;
}

void host_pump_free(struct host_pump *pump) {
    struct life *life = life_of(pump);
    if (life) {
        free(life->heap);
        free(life->armed_ms);
        free(life->changes_ms);
        free(life->changes);
        free(life->refused);
        free(life->seen.rows);
        free(life->seen.json);
        free(life->wishes);
        free(life->body);
        free(life);
    }
}

/* Other firmware runs: what the old one has asked for still comes, and arms ticks of its own. */
void host_pump_restart(struct host_pump *pump) {
    struct life *life = life_of(pump);
    uint32_t device = life->armed_ms ? life->device + 1 : 0;
    if (grow(life, &life->armed_ms, &life->device_size, device, sizeof *life->armed_ms)) {
        life->device = device;
        life->armed_ms[device] = NEVER_ARMED;
    }
}

void host_pump_at(struct host_pump *pump, int64_t ms, int64_t number) {
    push_at(life_of(pump), ms, CALL_OUTSIDE, number);
}

void host_pump_answer(struct host_pump *pump, int64_t ms, int64_t request, int32_t status,
                      int deprecated, int32_t retry_after_s) {
    struct call call = call_of(life_of(pump), ms, CALL_ANSWER);
    call.is.answer.request = request;
    call.is.answer.status = status;
    call.is.answer.schema_deprecated = deprecated != 0;
    call.is.answer.retry_after_s = retry_after_s;
    push(life_of(pump), call);
}

int64_t host_pump_next_ms(const struct host_pump *pump) {
    const struct life *life = (const struct life *)(const void *)pump;
    return life->heap_count ? life->heap[0].ms : BADGE_NEVER;
}

static void poll(struct life *life) {
    const struct host_asked *asked = &life->seen.asked;
    int64_t delay_ms = ASK_POLL;
    if (asked->find) {
        delay_ms = asked->find(asked->world, life->seen.now_ms, life->seen.fix);
    }
    if (delay_ms == ASK_POLL) {
        delay_ms = asked->poll(life->seen.now_ms);
    }
    if (delay_ms >= 0) {
        struct call call = call_of(life, life->seen.now_ms + delay_ms, CALL_FIX);
        struct badge_fix *fix = &call.is.fix;
        fix->lat_udeg = life->seen.fix[0];
        fix->lon_udeg = life->seen.fix[1];
        fix->accuracy_dm = life->seen.fix[2];
        fix->hdop_milli = life->seen.fix[3];
        fix->altitude_dm = life->seen.fix[4];
        fix->speed_hmh = life->seen.fix[5];
        fix->type = (uint8_t)life->seen.fix[6];
        push(life, call);
    }
}

static void send(struct life *life, const struct wish *one) {
    life->seen.request = one->upload.request;
    life->seen.first = one->upload.first_sequence;
    life->seen.last = one->upload.last_sequence;
    life->seen.count = one->upload.count;
    life->seen.body = life->body + one->body_at;
    life->seen.body_bytes = one->body_end - one->body_at;
    life->seen.asked.upload();
}

static void perform(struct life *life) {
    for (uint32_t n = 0; n < life->wish_count; n++) {
        const struct wish *one = &life->wishes[n];
        if (one->kind == WISH_POLL) {
            poll(life);
        } else if (one->kind == WISH_SCAN) {
            push_at(life, life->seen.now_ms + one->duration_ms, CALL_SCAN, life->seen.now_ms);
        } else if (one->kind == WISH_UPLOAD) {
            send(life, one);
        } else {
            if (one->effect == HOST_POWER_SCANNER) {
                life->seen.cycles_until_ms = INT64_MIN; /* whoever is tracked, begins anew */
            }
            life->seen.asked.effect(one->effect, one->value);
        }
    }
    life->wish_count = 0;
    life->body_bytes = 0;
}

/* After an input: find what was logged and released, do what is wanted, and arm the next tick. */
static void look(struct life *life, uint32_t device) {
    struct badge *badge = &life->host->badge;
    int64_t floor = badge->journal.is.floor, due_ms = badge_next_deadline_ms(badge);
    if (badge->journal.is.next_sequence > life->last_number + 1) {
        add_unstamped(life, badge->journal.is.next_sequence);
    }
    if (floor > life->closed) {
        close_rows(life, floor, 0);
        life->refused_count = 0;
    }
    life->seen.boot_age_ms = badge->journal.state.boot_age_ms;
    life->seen.is_active = badge->shift_state == SHIFT_ACTIVE;
    uint32_t now = life->device;
    life->device = device; /* what it asks for comes back to it, though another one runs by then */
    perform(life);
    if (due_ms < BADGE_NEVER &&
        (life->armed_ms[device] == NEVER_ARMED || due_ms < life->armed_ms[device])) {
        life->armed_ms[device] = due_ms;
        push_at(life, due_ms, CALL_TICK, 0);
    }
    life->device = now;
}

void host_pump_given(struct host_pump *pump) {
    look(life_of(pump), life_of(pump)->device);
}

static void give(struct life *life, const struct badge_input *input, uint32_t device) {
    enum badge_result result = badge_receive(&life->host->badge, input, life->seen.now_ms);
    life->seen.result = result ? (int32_t)result : life->seen.result;
    look(life, device);
}

static struct badge_input input_of(unsigned kind) {
    struct badge_input input;
    memset(&input, 0, sizeof input);
    input.kind = (uint8_t)kind;
    return input;
}

static void tick(struct life *life, const struct call *call) {
    if (life->armed_ms[call->device] == call->ms) {
        struct badge_input input;
        input.kind = BADGE_TICK;
        life->armed_ms[call->device] = NEVER_ARMED;
        give(life, &input, call->device);
    }
}

static void report_scan(struct life *life, const struct call *call) {
    struct host_pump *seen = &life->seen;
    int64_t start_ms = call->number, since_ms = start_ms - seen->cycles_from_ms;
    struct badge_input input;
    bool held = since_ms >= 0 && since_ms % seen->cycle_period_ms == 0 &&
                since_ms / seen->cycle_period_ms < seen->cycle_count &&
                start_ms < seen->cycles_until_ms && call->ms - start_ms == seen->cycle_period_ms;
    if (!held) {
        seen->asked.listen(start_ms, call->ms - start_ms);
        since_ms = start_ms - seen->cycles_from_ms;
    }
    uint64_t cycle = (uint64_t)since_ms / (uint64_t)seen->cycle_period_ms;
    if (cycle >= seen->cycle_count || seen->cycles_down[cycle]) {
        return;
    }
    input.kind = BADGE_SCAN_RESULT;
    input.is.scan.heard =
        (const struct badge_heard *)(const void *)(seen->heard + (size_t)seen->cycle_ends[cycle] * 7);
    input.is.scan.count = seen->cycle_ends[cycle + 1] - seen->cycle_ends[cycle];
    give(life, &input, call->device);
}

static void change(struct life *life, const struct call *call) {
    struct badge_input input = input_of(BADGE_MOVEMENT);
    uint32_t next = (uint32_t)call->number + 1;
    input.is.moving = life->changes[call->number] != 0;
    give(life, &input, life->device);
    if (next < life->change_count && life->changes_ms[next] != INT64_MIN) {
        int64_t ms = life->changes_ms[next];
        push_at(life, ms > life->seen.now_ms ? ms : life->seen.now_ms, CALL_CHANGE, next);
    }
}

/* Movement that is felt from now on, one change after the other. */
void host_pump_changes(struct host_pump *pump, const int64_t *ms, const uint8_t *moving,
                       uint32_t count) {
    struct life *life = life_of(pump);
    uint32_t first = life->change_count;
    int64_t *times = realloc(life->changes_ms, (first + count + 1) * sizeof *times);
    uint8_t *kinds = realloc(life->changes, first + count + 1);
    life->changes_ms = times ? times : life->changes_ms;
    life->changes = kinds ? kinds : life->changes;
    if (!times || !kinds) {
        life->no_memory = true;
        return;
    }
    memcpy(times + first, ms, count * sizeof *times);
    memcpy(kinds + first, moving, count);
    times[first + count] = INT64_MIN;
    life->change_count = first + count + 1;
    if (count) {
        push_at(life, ms[0] > pump->now_ms ? ms[0] : pump->now_ms, CALL_CHANGE, first);
    }
}

int64_t host_pump_run(struct host_pump *pump, int64_t until_ms) {
    struct life *life = life_of(pump);
    while (life->heap_count && life->heap[0].ms <= until_ms && !pump->result && !pump->stopped) {
        struct call call = pop(life);
        pump->now_ms = call.ms;
        pump->calls++;
        if (life->no_memory) {
            pump->result = BADGE_TOO_LARGE;
        }
        if (call.kind == CALL_OUTSIDE) {
            if (call.number != pump->quiet_number || call.ms >= pump->quiet_until_ms) {
                return call.number;
            }
            pump->quiet_last_ms = call.ms;
            push_at(life, call.ms + pump->quiet_every_ms, CALL_OUTSIDE, call.number);
            continue;
        }
        if (call.kind == CALL_TICK) {
            tick(life, &call);
        } else if (call.kind == CALL_SCAN) {
            report_scan(life, &call);
        } else if (call.kind == CALL_CHANGE) {
            change(life, &call);
        } else if (call.kind == CALL_ANSWER) { /* to whoever runs by then */
            struct badge_input input = input_of(BADGE_UPLOAD_ANSWER);
            input.is.answer = call.is.answer;
            give(life, &input, life->device);
        } else {
            struct badge_input input;
            input.kind = BADGE_GPS_FIX;
            input.is.fix = call.is.fix;
            give(life, &input, call.device);
        }
    }
    return NO_CALL;
}

/* ---- What became of the events ---- */

static bool is_listed(int64_t number, const int64_t *numbers, uint32_t count) {
    for (uint32_t n = 0; n < count; n++) {
        if (numbers[n] == number) {
            return true;
        }
    }
    return false;
}

void host_pump_arrive(struct host_pump *pump, int64_t first, int64_t last, const int64_t *refused,
                      uint32_t count) {
    struct life *life = life_of(pump);
    first = pump->row_count && first < pump->rows[0].number ? pump->rows[0].number : first;
    last = last < life->last_number ? last : life->last_number;
    for (int64_t number = first; number <= last; number++) {
        struct host_row *row = row_of(life, number);
        if (row && row->why != HOST_QUARANTINED && !is_listed(number, refused, count)) {
            row->arrived = 1;
            row->why = 0;
        }
    }
}

void host_pump_finish(struct host_pump *pump, int why) {
    struct life *life = life_of(pump);
    close_rows(life, life->last_number, (uint8_t)why);
}

uint32_t host_pump_trackers(struct host_pump *pump, uint8_t *macs, uint8_t *near, uint16_t *hits,
                            uint32_t most) {
    const struct badge *badge = &life_of(pump)->host->badge;
    uint32_t count = badge->tracker_count < most ? badge->tracker_count : most;
    for (uint32_t n = 0; n < count; n++) {
        memcpy(macs + 6 * n, badge->trackers[n].mac, 6);
        near[n] = badge->trackers[n].state == TAG_NEAR;
        hits[n] = badge->trackers[n].hits;
    }
    return count;
}

/* Forget the rows that are closed; what is left moves to the front. */
void host_pump_drop(struct host_pump *pump) {
    uint32_t left = pump->row_count - pump->closed_count;
    uint64_t bytes = 0;
    memmove(pump->rows, pump->rows + pump->closed_count, left * sizeof *pump->rows);
    for (uint32_t n = 0; n < left; n++) {
        struct host_row *row = &pump->rows[n];
        uint64_t size = row->end - row->event_at, head = row->truth_at - row->event_at;
        if (row->event_at < bytes) {
            pump->result = BADGE_CANNOT_BE;
            return;
        }
        memmove(pump->json + bytes, pump->json + row->event_at, size);
        row->event_at = bytes;
        row->truth_at = bytes + head;
        row->end = bytes += size;
    }
    pump->row_count = left;
    pump->closed_count = 0;
    pump->json_bytes = bytes;
}
