import pytest

from sim.view.model.plane import PicturePlane


def test_the_first_place_is_the_origin_and_metres_go_east_and_north():
    plane = PicturePlane()
    assert plane.xy(45.0, 15.0) == (0.0, 0.0)
    east, north = plane.xy(45.001, 15.001)
    assert (east, north) == pytest.approx((78.8, 111.1), abs=0.2)


def test_a_track_at_a_pole_has_a_plane_too():
    assert PicturePlane().xy(90.0, 0.0)[0] == 0.0
