/* A Notecard on a serial line: one request at a time, with CRC, and again if the line was bad.
 *
 * What the wire says is in docs/notecard.md. */
#ifndef NOTECARD_H
#define NOTECARD_H

#include "../json.h"
#include "../text.h"

enum card_result { CARD_ANSWERED, CARD_REFUSED, CARD_SILENT };

/* How often a request may leave: again after an answer that was lost, or only if the card says
 * that it has not read it. */
enum card_patience { CARD_AGAIN, CARD_ONCE };

/* Begin a request; append its members to what is returned, each as `,"name":value`. */
struct text *notecard_request(const char *name);
enum card_result notecard_send(enum card_patience patience, uint32_t timeout_ms,
                               struct json *reply);

/* Read the line of raw bytes that follows an answer, decoded; NULL if it does not come whole.  It
 * holds until the next request. */
const char *notecard_receive(uint32_t timeout_ms, uint32_t *size);

enum card_result notecard_ask(const char *name, const char *members, struct json *reply);

#endif
