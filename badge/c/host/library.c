/* The core as a shared library of its own (badge_core.h). */
#include "../badge_core.h"

uint32_t badge_core_version(void) {
    return BADGE_CORE_VERSION;
}

uint32_t badge_core_bytes(void) {
    return (uint32_t)sizeof(struct badge);
}

uint32_t badge_core_abilities(void) {
    return BADGE_CAN_ALL;
}
