"""A badge in a hurry, its tag and the place of its virtual card, for the gates on real wires."""

from badge import BadgeConfig

TAG = "AA:BB:CC:DD:EE:01"
HERE = (42.5776, -70.8713)  # where the virtual card is
CONFIG = BadgeConfig(
    device_id="ACT-3F8A21B4",
    known_equipment_tags=[TAG],
    gps_interval_s=1,
    gps_timeout_s=1,
    gps_stationary_interval_s=1,
    ble_scan_period_s=1,
    upload_interval_s=4,
    boot_upload_delay_s=1,
    backoff_first_s=1,
)
