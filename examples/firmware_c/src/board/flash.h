/* What flash.c asks of a board: memory that lasts, and how a word of it is stored. */
#ifndef FLASH_H
#define FLASH_H

#include "board.h"

volatile uint32_t *flash_memory(void);
void flash_store(volatile uint32_t *word, uint32_t value);

#endif
