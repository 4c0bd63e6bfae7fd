from sim.view.sources.opened import LINE_BYTES_MAX, line_at, lines_with_places


def test_every_line_is_found_again_at_its_place(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b'{"a":1}\n\n  \n{"b":2}\nlast')
    found = list(lines_with_places(path))
    assert [line for _, line, _ in found] == [b'{"a":1}\n', b'{"b":2}\n', b"last"]
    assert [line_at(path, place) for place, _, _ in found] == [line for _, line, _ in found]


def test_of_a_line_that_is_too_long_its_beginning_is_given_and_what_follows_is_found(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"x" * (LINE_BYTES_MAX * 2 + 5) + b"\n{}\n")
    (start, line, end), second = lines_with_places(path)
    assert (start, len(line), end) == (0, LINE_BYTES_MAX, LINE_BYTES_MAX * 2 + 6)
    assert second == (end, b"{}\n", end + 3)
