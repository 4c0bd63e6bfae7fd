import pytest

from badge.errors import InputError
from sim.view.open import open_picture


def test_a_demo_is_opened_by_its_folder(run):
    assert open_picture([str(run.parent)]).picture.rows == open_picture([str(run)]).picture.rows


def test_two_things_are_two_recordings_or_nothing(run):
    recordings = sorted((run.parent / "recordings").iterdir())
    assert len(open_picture([str(one) for one in recordings]).picture.document["devices"]) == 2
    with pytest.raises(InputError, match="two recordings go side by side"):
        open_picture([str(run), str(recordings[0])])
