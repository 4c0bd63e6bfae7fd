/* Rings of places, sorted by sequence number: the queue, and the quarantine before it. */
#include "../internal.h"

struct badge_place *badge_place_at(const struct badge_ring *ring, uint32_t place) {
    uint32_t at = ring->first + place;
    return &ring->places[at < ring->size ? at : at - ring->size];
}

static uint32_t lower_bound(const struct badge_ring *ring, int64_t number) {
    uint32_t low = 0, high = ring->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (badge_place_at(ring, middle)->sequence_number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct badge_place *badge_find(const struct badge_ring *ring, int64_t number) {
    uint32_t at = lower_bound(ring, number);
    if (at == ring->count || badge_place_at(ring, at)->sequence_number != number) {
        return NULL;
    }
    return badge_place_at(ring, at);
}

/* Every event that is kept, those in quarantine first; NULL behind the last. */
struct badge_place *badge_kept(const struct badge_journal *journal, uint32_t place) {
    uint32_t refused = journal->quarantine.count;
    if (place < refused) {
        return badge_place_at(&journal->quarantine, place);
    }
    place -= refused;
    return place < journal->queue.count ? badge_place_at(&journal->queue, place) : NULL;
}

/* An event that waits, or one in quarantine. */
struct badge_place *badge_find_any(const struct badge_journal *journal, int64_t number) {
    struct badge_place *place = badge_find(&journal->queue, number);
    return place ? place : badge_find(&journal->quarantine, number);
}

struct badge_place *badge_insert(struct badge_ring *ring, int64_t number) {
    if (ring->count == ring->size) {
        return NULL;
    }
    uint32_t at = ring->count;
    if (at && badge_place_at(ring, at - 1)->sequence_number > number) {
        at = lower_bound(ring, number);
    }
    for (uint32_t n = ring->count++; n > at; n--) {
        *badge_place_at(ring, n) = *badge_place_at(ring, n - 1);
    }
    struct badge_place *place = badge_place_at(ring, at);
    memset(place, 0, sizeof *place);
    place->sequence_number = number;
    return place;
}

void badge_drop_first(struct badge_ring *ring) {
    if (++ring->first == ring->size) {
        ring->first = 0;
    }
    ring->count--;
}

void badge_remove(struct badge_ring *ring, uint32_t place) {
    for (uint32_t n = place; n > 0; n--) {
        *badge_place_at(ring, n) = *badge_place_at(ring, n - 1);
    }
    badge_drop_first(ring);
}
