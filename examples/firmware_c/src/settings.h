/* The device's configuration in flash: two slots, so that a cut while writing leaves the old one. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "badge_core.h"

enum { SETTINGS_BYTES_MAX = 60000, VERSION_BYTES = 32 };

struct settings {
    struct badge_text document; /* device_config.json, where it lies in flash */
    const char *firmware_version;
    bool on_bench; /* the console's clock and events, not the board's */
};

bool settings_read(struct settings *found); /* false: none has been written yet */

/* Keep a configuration; what is there already is not written again. */
bool settings_write(struct badge_text document, const char *firmware_version, bool on_bench);

#endif
