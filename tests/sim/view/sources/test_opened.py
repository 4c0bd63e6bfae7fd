from sim.view.sources.opened import line_at, lines_with_places


def test_every_line_is_found_again_at_its_place(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b'{"a":1}\n\n  \n{"b":2}\nlast')
    found = list(lines_with_places(path))
    assert [line for _, line in found] == [b'{"a":1}\n', b'{"b":2}\n', b"last"]
    assert [line_at(path, place) for place, _ in found] == [line for _, line in found]
