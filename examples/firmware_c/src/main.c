/* A badge's firmware: the core on a board, a Notecard on one serial port, a test console on the
 * other. */
#include "board/board.h"
#include "card/uplink.h"
#include "console.h"
#include "firmware.h"
#include "live.h"

enum { REST_MS = 1000, CONNECT_MS = 30000 };

int main(int count, char **words) {
    struct settings settings;
    char why[BADGE_NOTICE_BYTES_MAX];
    board_start(count, words);
    /* With the power comes the card, too: it takes a while.  After a reset it is where it was. */
    uplink_start(board_kept()->magic == BOARD_KEPT ? 0 : CONNECT_MS);
    bool known = settings_read(&settings) && firmware_begin(&settings, why);
    bool live = known && !settings.on_bench;
    if (live) {
        live_start();
    } else if (known) {
        console_start();
    }
    board_kept()->magic = 0;
    for (;;) {
        console_turn();
        uint32_t rest_ms = live ? live_turn() : REST_MS;
        board_wait(rest_ms);
    }
}
