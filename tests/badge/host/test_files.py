"""Files appear whole or not at all; an error says which file it is about."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from badge.errors import InputError
from badge.host.files import (
    append_lines,
    cut_unfinished_line,
    named,
    named_file,
    refuse_overwriting,
    unused,
    whole_file,
    whole_folder,
    write_whole,
)


def test_a_name_is_given_where_there_is_none():
    given = named(OSError(errno.ENOSPC, "No space left on device"), "e.ndjson")
    assert (given.errno, given.filename) == (errno.ENOSPC, "e.ndjson")


def test_the_kind_of_error_stays():
    assert isinstance(named(OSError(errno.EACCES, "Permission denied"), "x"), PermissionError)


def test_a_name_that_is_there_stays():
    error = OSError(errno.ENOENT, "No such file", "a")
    assert named(error, "b") is error


def test_an_error_without_a_number_stays_as_it_is():
    error = OSError("odd")
    assert named(error, "b") is error


def test_lines_are_appended_to_a_file_that_need_not_be_there(tmp_path):
    append_lines(tmp_path / "a", [b"1\n"])
    append_lines(tmp_path / "a", [b"2\n", b"3\n"])
    assert (tmp_path / "a").read_bytes() == b"1\n2\n3\n"


def test_a_full_disk_names_the_file_that_was_written():
    with pytest.raises(OSError, match="No space") as caught:
        append_lines(Path("/dev/full"), [b"1\n"])
    assert caught.value.filename == "/dev/full"


def test_a_full_disk_names_a_file_of_a_folder_that_is_not_shown_yet():
    full = Path("/dev/full")
    with pytest.raises(OSError, match="No space") as caught, named_file(full) as file:
        file.write(b"1\n")
    assert caught.value.filename == "/dev/full"


def test_a_file_appears_when_it_is_whole_and_not_before(tmp_path):
    path = tmp_path / "out.json"
    with whole_file(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert os.listdir(tmp_path) == ["out.json"]


def test_what_goes_wrong_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out.json"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write(b"%d" % (1 // 0))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.json"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_mode_stays(tmp_path, mode):
    path = tmp_path / "out.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_mode_that_any_new_file_has(tmp_path):
    write_whole(tmp_path / "a", b"")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    link.symlink_to("there/real.json")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path / "there") == ["real.json"]


def test_a_link_to_what_is_not_there_yet_makes_it(tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to("real.json")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "real.json").read_bytes() == b"new"


def test_what_a_killed_process_left_is_thrown_away(tmp_path):
    left = tmp_path / ".out.json.part"
    left.write_bytes(b"of a longer file than the new one")
    left.chmod(0o640)
    write_whole(tmp_path / "out.json", b"new")
    assert (tmp_path / "out.json").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["out.json"]
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "out.json").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_two_do_not_write_one_file_at_once(tmp_path):
    path = tmp_path / "out.json"
    with whole_file(path) as file:
        file.write(b"first")
        with pytest.raises(InputError, match="another process is writing it"):
            write_whole(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_device_is_written_as_it_is():
    ours, theirs = os.openpty()
    try:
        write_whole(os.ttyname(theirs), b"words")
        assert os.read(ours, 99) == b"words"
    finally:
        os.close(ours)
        os.close(theirs)


def test_standard_output_is_not_replaced_where_it_is_a_file(tmp_path):
    code = "from badge.host.files import write_whole\nwrite_whole('/dev/stdout', b'1')\nprint(2)"
    with (tmp_path / "out").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "out").read_bytes().startswith(b"2")
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/dev/full", OSError), ("missing/out.json", FileNotFoundError), (".", IsADirectoryError)],
)
def test_a_file_that_cannot_be_written_is_named(tmp_path, monkeypatch, path, kind):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind) as caught:
        write_whole(path, b"content")
    assert caught.value.filename == path
    assert os.listdir(tmp_path) == []


def test_an_error_of_another_file_keeps_that_files_name(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, whole_file(tmp_path / "out"):
        (tmp_path / "input").read_bytes()
    assert caught.value.filename == str(tmp_path / "input")


def test_content_then_name_then_folder_reach_the_medium(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        os, "fsync", lambda number: calls.append(os.readlink(f"/proc/self/fd/{number}"))
    )
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda a, b: (calls.append("rename"), replace(a, b)))
    write_whole(tmp_path / "out", b"1")
    assert calls == [str(tmp_path / ".out.part"), "rename", str(tmp_path)]
    calls.clear()
    write_whole(tmp_path / "out", b"2", durable=False)
    assert calls == ["rename"]


def test_outputs_apart_from_inputs_and_from_each_other_are_fine(tmp_path):
    (tmp_path / "in").touch()
    (tmp_path / "old").touch()
    refuse_overwriting([tmp_path / "in", None], [tmp_path / "out", None, tmp_path / "old"])
    refuse_overwriting(
        [Path("/dev/null")], [Path("/dev/null"), Path("/dev/null"), tmp_path, tmp_path]
    )


@pytest.mark.parametrize("how", ["same", "dotted", "symbolic", "hard", "twice", "new twice"])
def test_an_output_that_is_something_else_already_is_refused(tmp_path, monkeypatch, how):
    monkeypatch.chdir(tmp_path)
    inputs, outputs = [Path("in")], [Path("out")]
    Path("in").touch()
    match how:
        case "same":
            outputs = [tmp_path / "in"]
        case "dotted":
            Path("x").mkdir()
            outputs = [Path("x") / ".." / "in"]
        case "symbolic":
            Path("out").symlink_to("in")
        case "hard":
            Path("out").hardlink_to("in")
        case "twice":
            Path("out").touch()
            Path("other").hardlink_to("out")
            outputs.append(Path("other"))
        case "new twice":
            outputs.append(tmp_path / "out")
    with pytest.raises(InputError, match="named twice"):
        refuse_overwriting(inputs, outputs)


def test_a_name_that_is_taken_is_left_alone(tmp_path):
    wanted = tmp_path / "monday.cbor"
    assert unused(wanted) == wanted
    for name in ("monday.cbor", "monday-2.cbor"):
        (tmp_path / name).touch()
    assert unused(wanted).name == "monday-3.cbor"
    assert unused(Path("/dev/null")) == Path("/dev/null")


@pytest.mark.parametrize(
    ("held", "left"),
    [
        (b"", b""),
        (b"a\n", b"a\n"),
        (b"a\nb", b"a\n"),
        (b"b", b""),
        (b"a\n" + b"b" * 200_000, b"a\n"),
        (b"b" * 200_000, b""),
        (b"\n" + b"b" * 65_535, b"\n"),
    ],
)
def test_a_last_line_that_was_under_way_is_cut_off(tmp_path, held, left):
    path = tmp_path / "x"
    cut_unfinished_line(path)
    assert not path.exists()
    path.write_bytes(held)
    cut_unfinished_line(path)
    assert path.read_bytes() == left


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_has_no_last_line():
    cut_unfinished_line(Path("/dev/full"))


def test_a_folder_appears_when_it_is_whole_and_not_before(tmp_path):
    with whole_folder(tmp_path / "a") as part:
        (part / "x").write_text("1")
        assert not (tmp_path / "a").exists()
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "x"]


def test_what_goes_wrong_leaves_no_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "a") as part:
        (part / "x").write_text(str(1 // 0))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_killed_process_left_goes_with_the_next(tmp_path):
    (tmp_path / ".a.part" / "deep").mkdir(parents=True)
    (tmp_path / ".a.part" / "deep" / "old").touch()
    (tmp_path / "a").mkdir()  # an empty one is as good as none
    with whole_folder(tmp_path / "a") as part:
        (part / "x").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "x"]


def test_two_do_not_make_one_folder_at_once(tmp_path):
    with whole_folder(tmp_path / "a") as part:
        (part / "x").touch()
        with (
            pytest.raises(InputError, match="another process is writing it"),
            whole_folder(tmp_path / "a"),
        ):
            pass
        assert (part / "x").exists()


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").touch()
    with pytest.raises(InputError, match="not empty"), whole_folder(tmp_path / "a"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
