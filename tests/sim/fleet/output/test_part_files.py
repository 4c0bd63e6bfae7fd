"""Badges that live one after the other leave their rows in the same files."""

import errno

import pytest

from sim.fleet.output.part_files import OwnFiles, Region, SharedFiles, joined, region


def test_what_a_badge_that_did_not_end_has_left_goes(tmp_path):
    """Beyond what the badge in C can hold, the one in Python lives instead."""
    files = SharedFiles(tmp_path, 0, watched=True)
    files.begin(0)
    files.append(".truth", [b"a\n"])
    files.keep(b"0")
    for _ in range(2):
        files.begin(1)
        files.append(".truth", [b"b\n", b"c\n"])
        files.append(".numbers", [b"n"])
    assert region(tmp_path, files.place, ".truth") == Region(tmp_path / "000000.truth", 2, 4)
    files.keep(b"1")
    files.close()
    assert (tmp_path / "000000.truth").read_bytes() == b"a\nb\nc\n"
    assert (tmp_path / "000000.outcome").read_bytes() == b"0\n1\n"
    assert (tmp_path / "000001.numbers").read_bytes() == b"n"


def test_files_of_a_run_before_are_not_written_over(tmp_path):
    for name in ("000003", "000003-2"):
        files = SharedFiles(tmp_path, 3, watched=False)
        files.append(".events", [b"e\n"])
        assert files.place == (name, (0, 2, 0, 0, 0, 0))
        files.close()


def test_files_of_its_own_begin_anew(tmp_path):
    for _ in range(2):
        files = OwnFiles(tmp_path, 7)
        files.append(".events", [b"e\n"])
    assert region(tmp_path, files.place, ".events") == Region(tmp_path / "000007.events", 0, 2)
    assert region(tmp_path, files.place, ".batches") is None


def test_rows_beside_each_other_are_copied_at_once(tmp_path):
    one, other = tmp_path / "a", tmp_path / "b"
    rows = [Region(one, 0, 3), Region(one, 3, 2), Region(other, 5, 1), Region(one, 6, 1)]
    assert list(joined(rows)) == [Region(one, 0, 5), *rows[2:]]
    assert list(joined([])) == []


def test_a_full_disk_names_the_file(tmp_path):
    class Full:
        def write(self, content):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    files = SharedFiles(tmp_path, 0, watched=False)
    files._files[".truth"] = Full()
    with pytest.raises(OSError, match=r"000000\.truth"):
        files.append(".truth", [b"t\n"])
    files.close()
