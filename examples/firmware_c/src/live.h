/* The badge in the field: the board's clock, and the Notecard for time, network, motion, voltage
 * and position.  Buttons and the radio come by the console, as `in` without `ms`. */
#ifndef LIVE_H
#define LIVE_H

#include <stdint.h>

void live_start(void);
uint32_t live_turn(void); /* do what is due; milliseconds until to come again at the latest */

#endif
