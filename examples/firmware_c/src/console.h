/* The test console (docs/console.md): a recording comes line by line, or a configuration. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

void console_start(void); /* go on after a reset that a line has asked for */
void console_turn(void);  /* read what has arrived; a whole line is done and answered */
void console_log(const char *words, uint32_t length);

#endif
