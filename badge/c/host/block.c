/* Many inputs in one call: arrays in, bytes out, nothing of another language in between. */
#include "tape.h"

enum { VALUES = 7, ROOM_BYTES = 500 * 512 }; /* a batch of the most events, of usual size */

struct running {
    struct host *host;
    struct host_block *block;
    int64_t answer_to; /* a request that waits for its answer, 0: none */
};

static void in_memory_read(void *context, uint32_t address, void *to, uint32_t size) {
    const struct running *run = context;
    memcpy(to, run->host->flash + address, size);
}

static bool in_memory_program(void *context, uint32_t address, const void *from, uint32_t size) {
    struct running *run = context;
    memcpy(run->host->flash + address, from, size);
    run->block->flash_bytes += size;
    return true;
}

static bool in_memory_erase(void *context, uint32_t address) {
    struct running *run = context;
    memset(run->host->flash + address, 0xFF, run->host->page_bytes);
    return true;
}

static char *json_at(const struct host_block *block) {
    return (char *)block->json + block->json_bytes;
}

static void put_char(struct host_block *block, char c) {
    if (block->json_bytes < block->json_size) {
        block->json[block->json_bytes++] = (uint8_t)c;
    } else {
        block->result = BADGE_TOO_LARGE;
    }
}

static void put_json(struct host_block *block, uint32_t size) {
    if (size == 0) {
        block->result = BADGE_TOO_LARGE;
    }
    block->json_bytes += size;
}

static uint32_t json_left(const struct host_block *block) {
    uint64_t left = block->json_size - block->json_bytes;
    return left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

static void put_logged(void *context, const struct badge_event *event) {
    struct running *run = context;
    struct host_block *block = run->block;
    block->events++;
    if (block->lines) {
        put_json(block, badge_event_json(&run->host->badge, event, json_at(block),
                                         json_left(block)));
        put_char(block, '\n');
    }
}

static void put_batch(void *context, const struct badge_upload *upload) {
    struct running *run = context;
    struct host_block *block = run->block;
    run->answer_to = upload->request;
    if (block->lines) {
        return;
    }
    for (uint32_t n = 0; n < upload->count; n++) {
        put_char(block, n ? ',' : '[');
        put_json(block, badge_batch_json(&run->host->badge, n, json_at(block), json_left(block)));
    }
    put_char(block, ']');
    if (block->ends_count < block->ends_size) {
        block->ends[block->ends_count++] = block->json_bytes;
    }
}

static void no_switch(void *context, bool on) {
    (void)context;
    (void)on;
}

static void no_order(void *context, uint32_t value) {
    (void)context;
    (void)value;
}

static void no_screen(void *context, const struct badge_screen *screen) {
    (void)context;
    (void)screen;
}

static void no_notice(void *context, const struct badge_notice *notice) {
    (void)context;
    (void)notice;
}

static void no_reboot(void *context, struct badge_text version) {
    (void)context;
    (void)version;
}

static void no_power_off(void *context) {
    (void)context;
}

static const struct badge_hal in_memory = {
    NULL,      in_memory_read, in_memory_program, in_memory_erase, put_logged,
    put_batch, no_switch,      no_switch,         no_order,        no_order,
    no_screen, no_notice,      no_reboot,         no_power_off,
};

static void read_input(const struct host_block *block, uint32_t at, struct badge_input *input) {
    const int32_t *value = block->values + (size_t)at * VALUES;
    input->kind = block->kinds[at];
    switch (input->kind) {
    case BADGE_BOOT:
        input->is.reboot_reason = (uint8_t)value[0];
        break;
    case BADGE_UTC_LEARNED:
        input->is.unix_ms = (int64_t)((uint64_t)(uint32_t)value[1] << 32 | (uint32_t)value[0]);
        break;
    case BADGE_ASSIGN:
        input->is.assign.worker_id.bytes = block->texts + value[0];
        input->is.assign.worker_id.length = (uint32_t)value[1];
        input->is.assign.assigned_by.bytes = block->texts + value[2];
        input->is.assign.assigned_by.length = (uint32_t)value[3];
        break;
    case BADGE_GPS_FIX:
        input->is.fix.lat_udeg = value[0];
        input->is.fix.lon_udeg = value[1];
        input->is.fix.accuracy_dm = value[2];
        input->is.fix.hdop_milli = value[3];
        input->is.fix.altitude_dm = value[4];
        input->is.fix.speed_hmh = value[5];
        input->is.fix.type = (uint8_t)value[6];
        break;
    case BADGE_SCAN_RESULT:
        input->is.scan.heard = (const struct badge_heard *)(block->heard + (size_t)value[0] * 7);
        input->is.scan.count = (uint32_t)value[1];
        break;
    case BADGE_MOVEMENT:
        input->is.moving = value[0] != 0;
        break;
    case BADGE_BATTERY:
        input->is.battery.pct = value[0];
        input->is.battery.voltage_mv = value[1];
        break;
    case BADGE_CELLULAR:
        input->is.connected = value[0] != 0;
        break;
    case BADGE_CONFIG_PUSH:
    case BADGE_FIRMWARE_OFFER:
        input->is.document.bytes = block->texts + value[0];
        input->is.document.length = (uint32_t)value[1];
        break;
    default:
        break;
    }
}

static void answer_at_once(struct running *run, int64_t now_ms) {
    while (run->answer_to && run->block->answer_status && !run->block->result) {
        struct badge_input answer;
        memset(&answer.is.answer, 0, sizeof answer.is.answer);
        answer.kind = BADGE_UPLOAD_ANSWER;
        answer.is.answer.request = run->answer_to;
        answer.is.answer.status = run->block->answer_status;
        run->answer_to = 0;
        run->block->inputs++;
        enum badge_result result = badge_receive(&run->host->badge, &answer, now_ms);
        run->block->result = result ? (int32_t)result : run->block->result;
    }
}

static bool has_room(const struct host_block *block) {
    return block->json_size - block->json_bytes >= ROOM_BYTES && block->ends_count < block->ends_size;
}

uint32_t host_run(struct host *host, struct host_block *block) {
    struct running run = {host, block, 0};
    const struct badge_hal *before = host->badge.hal;
    struct badge_hal hal = in_memory;
    struct badge_input input;
    uint32_t at = 0;
    hal.context = &run;
    host_show(host);
    host->badge.hal = &hal;
    block->result = BADGE_OK;
    for (; at < block->count && !block->result && has_room(block); at++) {
        input.kind = block->kinds[at];
        read_input(block, at, &input);
        block->inputs++;
        if (input.kind == BADGE_UPLOAD_ANSWER) {
            const int32_t *value = block->values + (size_t)at * VALUES;
            struct badge_answer answer = {host->badge.request, value[0], value[1], value[2] != 0,
                                          0, NULL};
            input.is.answer = answer;
        }
        enum badge_result result = badge_receive(&host->badge, &input, block->moments[at]);
        block->result = result ? (int32_t)result : block->result;
        answer_at_once(&run, block->moments[at]);
    }
    host->badge.hal = before;
    return at;
}
