/* Batches on their way through the Notecard: `web.post`, above 3000 bytes by its binary store. */
#ifndef UPLINK_H
#define UPLINK_H

#include "badge_core.h"

/* Tell the card where it belongs, and wait so long at most until it is in the network. */
void uplink_start(uint32_t most_ms);

/* Post the batch that is in flight, once, and say how it was answered.  What `answer` points at
 * holds until the next call. */
void uplink_post(struct badge *badge, const struct badge_upload *batch,
                 struct badge_answer *answer);

#endif
