"""Seeded bugs in the badge in C: one slip each, as a change of one place of its sources."""

from __future__ import annotations

from typing import NamedTuple


class CoreBug(NamedTuple):
    """A slip: the file of badge/c, what stands there, what stands there instead, and by which check
    of `core_hunt` it is caught first.
    """

    name: str
    file: str
    right: str
    wrong: str
    check: str


BUGS = (
    CoreBug(
        "a fix at the very timeout comes too late",
        "machines/gps.c",
        "badge->gps_asked_s * 1000 + 1;",
        "badge->gps_asked_s * 1000;",
        "stories",
    ),
    CoreBug(
        "the sixth poll while stationary is still a quick one",
        "machines/gps.c",
        "badge->gps_stationary_polls > STATIONARY_POLLS_BEFORE_SLOW",
        "badge->gps_stationary_polls > STATIONARY_POLLS_BEFORE_SLOW + 1",
        "stories",
    ),
    CoreBug(
        "the last known position is kept one millisecond too short",
        "machines/gps.c",
        "badge->now_ms - badge->fix_ms <= LAST_KNOWN_MAX_MS",
        "badge->now_ms - badge->fix_ms < LAST_KNOWN_MAX_MS",
        "moments",
    ),
    CoreBug(
        "a hit needs more than the threshold",
        "machines/proximity.c",
        "best_dbm >= badge_number(badge, SETTING_BLE_RSSI_THRESHOLD)",
        "best_dbm > badge_number(badge, SETTING_BLE_RSSI_THRESHOLD)",
        "stories",
    ),
    CoreBug(
        "trackers outlive the shift",
        "machines/proximity.c",
        "    badge->tracker_count = 0;\n    badge->due[DUE_SCAN]",
        "    badge->due[DUE_SCAN]",
        "stories",
    ),
    CoreBug(
        "a cycle takes the last sample for the strongest",
        "machines/proximity.c",
        "if (tracker && heard->rssi_dbm > tracker->best_dbm) {",
        "if (tracker) {",
        "samples",
    ),
    CoreBug(
        "both thresholds share one flag",
        "machines/battery.c",
        "if (badge->chosen == 0) {",
        "if (badge->chosen <= 1) {",
        "stories",
    ),
    CoreBug(
        "the jitter of the backoff reaches beyond its bound",
        "machines/upload.c",
        "(uint64_t)((cap_s < bound_s ? cap_s : bound_s) - 1) * 1000;",
        "(uint64_t)(cap_s < bound_s ? cap_s : bound_s) * 1000;",
        "stories",
    ),
    CoreBug(
        "a 413 takes the batch size for good as it is",
        "machines/upload.c",
        "badge->batch_max = badge->batch_count / 2;",
        "badge->batch_max = badge->batch_count;",
        "stories",
    ),
    CoreBug(
        "of two reasons for one event the first counts",
        "machines/upload.c",
        "one->sequence_number <= found->sequence_number",
        "one->sequence_number < found->sequence_number",
        "answers",
    ),
    CoreBug(
        "an upload that was refused whole confirms the firmware",
        "machines/upload.c",
        "if (refused < badge->batch_count) {",
        "if (refused <= badge->batch_count) {",
        "trials",
    ),
    CoreBug(
        "a trial of firmware ends at its boot's deadline only",
        "machines/firmware.c",
        "badge->due[DUE_FIRMWARE] = BADGE_NEVER;\n    end_trial(badge, &state);",
        "badge->due[DUE_FIRMWARE] = BADGE_NEVER;\n    badge_change(badge, &state);",
        "trials",
    ),
    CoreBug(
        "a boot forgets that a shift was open",
        "machines/boot.c",
        "badge->journal.state.has_worker ? SHIFT_ON_BOOTED_IN_SHIFT : SHIFT_ON_BOOTED",
        "SHIFT_ON_BOOTED",
        "stories",
    ),
    CoreBug(
        "control characters go into JSON as they are",
        "encoding/event_json.c",
        "if (c >= 0x20 && c != '\"' && c != '\\\\') {",
        "if (c >= 0x10 && c != '\"' && c != '\\\\') {",
        "texts",
    ),
    CoreBug(
        "halves are rounded up, not to even",
        "encoding/decimal.c",
        "if (rest > half || (rest == half && whole & 1)) {",
        "if (rest >= half) {",
        "stories",
    ),
    CoreBug(
        "a setting one below its bound is taken",
        "encoding/settings.c",
        ": value < setting->low;",
        ": value + 1 < setting->low;",
        "settings",
    ),
    CoreBug(
        "the CRC of a record does not know its place",
        "storage/record.c",
        "badge_crc32(position, record, words));\n    return words + CRC_BYTES;",
        "badge_crc32(0, record, words));\n    return words + CRC_BYTES;",
        "stories",
    ),
    CoreBug(
        "the page after the next is not freed",
        "storage/pages.c",
        "for (uint32_t ahead = 1; ahead <= 2; ahead++) {",
        "for (uint32_t ahead = 1; ahead <= 1; ahead++) {",
        "stories",
    ),
    CoreBug(
        "a boot voids nothing",
        "storage/recovery.c",
        "void_from = found && last.kind == KIND_BOOT ? last.number : void_from;",
        "void_from = INT64_MAX;",
        "stories",
    ),
    CoreBug(
        "a boot writes where the last write may have been cut",
        "storage/recovery.c",
        "(at.page_end + 3u) / 4u * 4u + TEAR_GAP_BYTES;",
        "(at.page_end + 3u) / 4u * 4u;",
        "stories",
    ),
    CoreBug(
        "the number of an append that was cut off is used again",
        "storage/recovery.c",
        "journal->is.next_sequence += SEQUENCE_RESERVE;",
        "journal->is.next_sequence += 0;",
        "cuts",
    ),
    CoreBug(
        "a flipped bit of an event is not put right when it is read",
        "storage/pages.c",
        "if (flip && (flip - 1) / 8 < size) {",
        "if (flip && size == 0) {",
        "rot",
    ),
    CoreBug(
        "what was handed out after a fault is not written again",
        "storage/mend.c",
        "if (head_of(tail).kind != KIND_CHECKPOINT) {",
        "if (head_of(tail).kind != KIND_CHECKPOINT && head_of(tail).kind != KIND_AGE) {",
        "faults",
    ),
    CoreBug(
        "a pushed configuration goes over the present one",
        "storage/config_slots.c",
        "uint32_t version = journal->config_version + 1;",
        "uint32_t version = journal->config_version + 2;",
        "stories",
    ),
)
