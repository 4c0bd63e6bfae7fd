/* Checks the vectors that a core gives answers to by itself: the JSON of every event. */
#include <stdio.h>
#include <string.h>

#include "badge_core.h"
#include "vectors.h"

static int digit(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static uint32_t bytes_of(const char *hex, uint8_t *to) {
    uint32_t size = (uint32_t)strlen(hex) / 2;
    for (uint32_t n = 0; n < size; n++) {
        to[n] = (uint8_t)(digit(hex[2 * n]) << 4 | digit(hex[2 * n + 1]));
    }
    return size;
}

int main(void) {
    static struct badge badge;
    unsigned wrong = 0, count = sizeof event_vectors / sizeof event_vectors[0];
    memcpy(badge.device_id, "ACT-3F8A21B4", 13);
    for (unsigned n = 0; n < count; n++) {
        uint8_t payload[512];
        char json[1024];
        struct badge_event event = {event_vectors[n].number, 0, event_vectors[n].unix_ms,
                                    (uint8_t)event_vectors[n].type, {"0.3.1", 5}, payload, 0};
        event.payload_bytes = bytes_of(event_vectors[n].payload, payload);
        uint32_t size = badge_event_json(&badge, &event, json, sizeof json);
        if (size != strlen(event_vectors[n].json) || memcmp(json, event_vectors[n].json, size)) {
            printf("event %u: %.*s\nwanted: %s\n", n, (int)size, json, event_vectors[n].json);
            wrong++;
        }
    }
    printf("%u events, %u wrong\n", count, wrong);
    return wrong != 0;
}
