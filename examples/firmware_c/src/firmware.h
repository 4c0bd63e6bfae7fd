/* The badge on its board: what the core asks for, and how the world comes to it. */
#ifndef FIRMWARE_H
#define FIRMWARE_H

#include "badge_core.h"
#include "settings.h"

/* Tell whether a configuration is right, and change nothing; `why` says what is wrong. */
bool firmware_accepts(const struct settings *settings, char *why);

/* Take a configuration for the badge; false and `why` if it is wrong.  It boots by its first
 * input, and forgets what it was before. */
bool firmware_begin(const struct settings *settings, char *why);

/* Let deadlines fire up to `now_ms`, each at its own time, and then this happen.  A batch that
 * the badge sends is posted and answered before this returns. */
enum badge_result firmware_happen(const struct badge_input *input, int64_t now_ms);

int64_t firmware_next_ms(void); /* when to come with a BADGE_TICK at the latest */
bool firmware_is_booted(void);

/* Restart the board; the badge then boots with this reason. */
void firmware_restart(enum badge_reboot_reason reason, bool owes_answer, int64_t now_ms);

/* What the badge wants of its receiver: milliseconds that it waits for a fix, 0: nothing.  It is
 * told once. */
uint32_t firmware_wants_fix(void);
bool firmware_wants_gps(void); /* whether the receiver is to be on */

#endif
