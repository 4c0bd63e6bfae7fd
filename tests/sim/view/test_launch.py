from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sim.view.launch import Still, launch_view
from sim.view.open import open_picture
from sim.view.page import body_of


def test_it_is_served_on_loopback_under_a_token_of_its_own_each_time(run):
    opened = open_picture([str(run)])
    with launch_view(Still(opened)) as (one, _), launch_view(Still(opened)) as (two, _):
        assert one.startswith("http://127.0.0.1:")
        assert one.split("/")[3] != two.split("/")[3]
        with urlopen(f"{one}picture") as answer:
            assert answer.read() == body_of(opened)
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(f"{one}picture", headers={"Host": "evil.example"}))
        at = int(opened.picture.tables["events"]["at"][0])
        with urlopen(f"{one}about?at={at}") as answer:
            assert b'"event"' in answer.read()
