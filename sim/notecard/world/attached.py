"""What is connected to the card or done to it by hand, beyond what its surroundings give."""

from __future__ import annotations

from dataclasses import dataclass, field

ORIENTATIONS = (
    "face-up",
    "face-down",
    "portrait-up",
    "portrait-down",
    "landscape-right",
    "landscape-left",
    "angled",
)
USB_V = 4.6  # the threshold of Blues' own voltage modes


@dataclass(slots=True)
class Attachments:
    """Assign a field while the card runs, as one plugs a sensor in or turns the board over.

    None means that the sensor is not there.
    """

    lux: float | None = None  # an OPT3001
    humidity_pct: float | None = None  # a BME280, with the two below
    pressure_pa: float = 101_325.0
    sensor_celsius: float = 22.0
    mojo: bool = False  # a coulomb counter
    charging: bool = False  # what the Notecarrier says on AUX_CHARGING
    starnote: bool = False  # a satellite modem
    external_sim: bool = False
    apn: str = ""  # that the external SIM needs; none: any
    access_points: dict[str, str] = field(default_factory=dict)  # SSID and password in reach
    orientation: str = ORIENTATIONS[0]
    falling: bool = False  # in free fall
    jolting: bool = False  # bumps too short for an accelerometer at 1.6 Hz
