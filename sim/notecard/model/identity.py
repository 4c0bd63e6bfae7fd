"""Which Notecard it is: the device UID, its model, and where the network places it."""

from __future__ import annotations

from dataclasses import dataclass

from badge.errors import InputError

DEVICE = 864_475_046_000_000
"""Device UIDs of virtual cards count from here; the form is that of an IMEI."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a SKU stands for.  `binary_max`: note-c's bench test expects it by `target`."""

    sku: str
    target: str
    version: tuple[int, int, int, int]
    built: str
    board: str
    cell: bool
    wifi: bool
    binary_max: int
    ordering_code: str = ""

    @property
    def narrowband(self) -> bool:
        """Whether the modem knows Cat-M1, NB1 and GPRS."""
        return self.target == "r5"


MODELS = {
    model.sku: model
    for model in (
        Model(
            "NOTE-MBGLW",
            "u5",
            (11, 1, 1, 17494),
            "Dec  2 2025 15:43:09",
            "5.13",
            cell=True,
            wifi=True,
            binary_max=261_110,
        ),
        Model(
            "NOTE-NBGLN",
            "r5",
            (7, 5, 2, 17004),
            "Nov 26 2024 14:19:22",
            "5.13",
            cell=True,
            wifi=False,
            binary_max=130_554,
            ordering_code="EB0WT1N0AXBA",
        ),
        Model(
            "NOTE-ESP",
            "s3",
            (11, 1, 1, 17494),
            "Dec  2 2025 15:43:09",
            "1.11",
            cell=False,
            wifi=True,
            binary_max=261_110,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What is engraved, and the town whose tower the card sees."""

    device: str = f"dev:{DEVICE + 1}"
    sku: str = "NOTE-MBGLW"
    zone: str = "America/New_York"
    area: str = "Beverly MA"
    country: str = "US"

    @property
    def model(self) -> Model:
        """What its SKU stands for."""
        return MODELS[self.sku]


def device_uid(number: int) -> str:
    """The device UID of the n-th virtual card, counted from 1."""
    return f"dev:{DEVICE + number}"


def check_identity(device: str, sku: str) -> None:
    """InputError unless it is a device UID and a SKU that is modelled."""
    if not (device.startswith("dev:") and 5 <= len(device) <= 40 and device[4:].isalnum()):
        raise InputError(f"device {device!r}: a device UID looks like {device_uid(1)}")
    if sku not in MODELS:
        raise InputError(f"SKU {sku!r} is not modelled; one of: {', '.join(MODELS)}")
