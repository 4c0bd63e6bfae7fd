/* What the firmware asks of a board: two serial ports, flash, time, a reset. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "badge_core.h"

enum board_port { BOARD_CONSOLE, BOARD_NOTECARD, BOARD_PORTS };

enum {
    PAGE_BYTES = 4096,
    CONFIG_PAGES = 5,
    RING_PAGES = 246,
    JOURNAL_BYTES = (2 * CONFIG_PAGES + RING_PAGES) * PAGE_BYTES, /* the core's: 1 MiB */
    SETTINGS_AT = JOURNAL_BYTES,                                  /* settings.c's: two slots */
    SETTINGS_SLOT_BYTES = 16 * PAGE_BYTES,
    FLASH_BYTES = JOURNAL_BYTES + 2 * SETTINGS_SLOT_BYTES,
    WORD_BYTES = 4, /* flash is programmed by the word: a cut of power falls between two */
};

/* RAM that outlives a reset, but no loss of power: who resets itself says here why. */
struct board_kept {
    uint32_t magic; /* BOARD_KEPT, or the rest means nothing */
    uint32_t reason; /* enum badge_reboot_reason */
    uint32_t owes_answer; /* the console waits for the `ok` of the line that asked for the reset */
    int64_t now_ms; /* of the console's clock */
};

#define BOARD_KEPT UINT32_C(0x6B657074)

void board_start(int count, char **words);
struct board_kept *board_kept(void);
void board_reset(void); /* does not return */

int64_t board_ms(void);         /* since the start; never goes back */
void board_wait(uint32_t most_ms); /* until a byte has arrived, or that long */

int board_read(enum board_port port); /* the next byte, or -1 */
void board_write(enum board_port port, const void *bytes, uint32_t size);

/* Flash: memory-mapped to read.  `program` wants whole words on erased flash and reads back. */
const uint8_t *board_flash(uint32_t address);
bool board_program(uint32_t address, const void *from, uint32_t size);
bool board_erase(uint32_t address);

#endif
