"""The tables of the SQLite store."""

from __future__ import annotations

APPLICATION_ID = 0x42444749  # "BDGI": tells our files from other people's databases
LAYOUT_VERSION = 1

# The dedup key is the primary key, so the law "each event once" is kept by SQLite itself.  The
# partial indexes hold only the few events that a status is derived from.
LAYOUT = f"""
BEGIN IMMEDIATE;
CREATE TABLE raw_events (
    device_id TEXT NOT NULL,
    sequence_number INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    event_timestamp TEXT NOT NULL,
    payload TEXT NOT NULL,
    firmware_version TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (device_id, sequence_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX shifts ON raw_events (device_id, sequence_number)
    WHERE event_type IN ('shift_start', 'shift_end');
CREATE INDEX batteries ON raw_events (device_id, sequence_number)
    WHERE event_type = 'low_battery';
CREATE TABLE tallies (
    device_id TEXT PRIMARY KEY,
    last_seen_at TEXT NOT NULL,
    events INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    conflicts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE conflicts (
    device_id TEXT NOT NULL,
    sequence_number INTEGER NOT NULL,
    times INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (device_id, sequence_number)
) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
    device_id TEXT PRIMARY KEY,
    company_id TEXT NOT NULL,
    notes_device_uid TEXT,
    notes TEXT,
    provisioned_at TEXT NOT NULL,
    key_salt BLOB NOT NULL,
    key_digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE service_keys (
    role TEXT PRIMARY KEY,
    key_salt BLOB NOT NULL,
    key_digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_tags (
    tag_mac TEXT PRIMARY KEY,
    company_id TEXT NOT NULL,
    equipment_name TEXT NOT NULL,
    equipment_type TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE parcels (
    company_id TEXT NOT NULL,
    parcel_id TEXT NOT NULL,
    county TEXT NOT NULL,
    state TEXT NOT NULL,
    address TEXT NOT NULL,
    customer_label TEXT NOT NULL,
    geojson TEXT NOT NULL,
    loaded_at TEXT NOT NULL,
    PRIMARY KEY (company_id, parcel_id)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {LAYOUT_VERSION};
COMMIT;
"""

ADD_EVENT = """
INSERT INTO raw_events VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (device_id, sequence_number) DO NOTHING"""
SAME_KEY = """
SELECT event_type, event_timestamp, payload, firmware_version FROM raw_events
WHERE device_id = ? AND sequence_number = ?"""
ADD_CONFLICT = """
INSERT INTO conflicts VALUES (?, ?, 1, ?)
ON CONFLICT (device_id, sequence_number)
DO UPDATE SET times = times + 1, last_at = excluded.last_at"""
ADD_TALLY = """
INSERT INTO tallies VALUES (?, ?, ?, ?, ?)
ON CONFLICT (device_id) DO UPDATE SET
    last_seen_at = max(last_seen_at, excluded.last_seen_at),
    events = events + excluded.events,
    duplicates = duplicates + excluded.duplicates,
    conflicts = conflicts + excluded.conflicts"""
COUNTS = """
SELECT (SELECT count(*) FROM devices), count(*),
       coalesce(sum(events), 0), coalesce(sum(duplicates), 0), coalesce(sum(conflicts), 0),
       (SELECT count(*) FROM equipment_tags), (SELECT count(*) FROM parcels)
FROM tallies"""
SIGHTING = """
SELECT t.last_seen_at,
    (SELECT firmware_version FROM raw_events WHERE device_id = t.device_id
     ORDER BY sequence_number DESC LIMIT 1),
    (SELECT iif(event_type = 'shift_start', payload ->> 'worker_id', NULL) FROM raw_events
     WHERE device_id = t.device_id AND event_type IN ('shift_start', 'shift_end')
     ORDER BY sequence_number DESC LIMIT 1),
    (SELECT payload ->> 'battery_pct' FROM raw_events
     WHERE device_id = t.device_id AND event_type = 'low_battery'
     ORDER BY sequence_number DESC LIMIT 1)
FROM tallies AS t WHERE t.device_id = ?"""
EVENTS = """
SELECT device_id, firmware_version, event_type, event_timestamp, sequence_number, payload
FROM raw_events WHERE device_id = coalesce(?, device_id) ORDER BY device_id, sequence_number"""
