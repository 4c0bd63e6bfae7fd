/* NOR flash in memory that lasts: word by word, so that a cut of power falls between two. */
#include <string.h>

#include "flash.h"

const uint8_t *board_flash(uint32_t address) {
    return (const uint8_t *)flash_memory() + address;
}

bool board_program(uint32_t address, const void *from, uint32_t size) {
    volatile uint32_t *words = flash_memory();
    for (uint32_t at = 0; at < size;) {
        /* A record may begin and end inside a word: what lies beside it stays as it is. */
        uint32_t skip = (address + at) % WORD_BYTES;
        uint32_t take = WORD_BYTES - skip < size - at ? WORD_BYTES - skip : size - at;
        uint32_t wanted = UINT32_MAX;
        memcpy((uint8_t *)&wanted + skip, (const uint8_t *)from + at, take);
        volatile uint32_t *word = &words[(address + at) / WORD_BYTES];
        flash_store(word, *word & wanted); /* programming clears bits, it sets none */
        at += take;
    }
    return memcmp(board_flash(address), from, size) == 0;
}

bool board_erase(uint32_t address) {
    volatile uint32_t *words = flash_memory() + address / WORD_BYTES;
    for (uint32_t n = 0; n < PAGE_BYTES / WORD_BYTES; n++) {
        flash_store(&words[n], UINT32_MAX);
    }
    return true;
}
