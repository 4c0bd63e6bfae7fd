"""The `badge` command: lazy, grouped by job, and one sentence for every mistake."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap

import click
import pytest
from pydantic_core import SchemaError

from badge.cli import main as command_line
from badge.cli.commands import COMMANDS
from badge.errors import InputError, MisuseError
from badge.signals import STOPS
from tests.command import call, sentence, started
from tests.paths import ROOT


def test_the_help_tells_its_short_name_whoever_asks_first():
    code = "import click; from badge.cli.main import badge as b; "
    code += "print(b.get_help(click.Context(b)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "-h, --help" in done.stdout


def raising(error):
    @click.command()
    def command():
        raise error

    return command


def with_command(monkeypatch, command):
    monkeypatch.setattr(command_line.Commands, "get_command", lambda self, ctx, name: command)


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_can_be_opened_and_explains_itself(entry):
    said = call(entry.name, "--help")
    assert said.code == 0
    assert f"badge {entry.name}" in said.out
    if entry.name in ("demo", "record", "replay", "validate", "schema", "serve"):
        assert max(map(len, said.out.splitlines())) <= 80


def test_the_help_names_every_command_under_its_job_within_80_columns():
    said = call("--help")
    for entry in COMMANDS:
        if entry.hidden:
            continue
        assert f"{entry.job}:" in said.out
        assert f"  {entry.name} " in said.out
    assert "130 interrupted" in " ".join(said.out.split())
    assert max(map(len, said.out.splitlines())) <= 80


def test_the_help_imports_no_room():
    code = (
        "import sys; sys.argv = ['badge', '--help']\nfrom badge.cli import main as command_line\n"
    )
    code += "try:\n    command_line.main()\nexcept SystemExit:\n    pass\n"
    code += "print([n for n in sys.modules if n.split('.')[0] in ('sim', 'hil', 'pydantic')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_told():
    assert call("--version").out.startswith("badge, version ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["--nonsense"], "No such option"),
        (["record"], "Missing option '--track'"),
        (["replay", "--json"], "Missing argument 'RECORDING...'"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments, words):
    said = call(*arguments)
    assert said.code == 2
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InputError("walk.gpx: no times"), 2, "badge: walk.gpx: no times"),
        (OSError(errno.EIO, "I/O error", b"x"), 2, "badge: "),
        (KeyboardInterrupt(), 130, "badge: interrupted"),
        (KeyboardInterrupt("stopped; 3 events wait"), 130, "badge: stopped; 3 events wait"),
        (PermissionError(errno.EACCES, "Permission denied", "x.db"), 2, "badge: x.db: Permission"),
        (OSError(errno.ENOSPC, "No space left on device", "o"), 2, "make room and run it again"),
        (OSError("odd"), 2, "badge: odd"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), 2, "file; check the name and its"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "x"), 2, "directory; name a file"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "x/y"), 2, "path is a file: name a"),
        (FileNotFoundError(errno.ENOENT, "No such file"), 2, "badge: No such file"),
        (click.exceptions.Exit(1), 1, ""),
        (ModuleNotFoundError("no", name="bleak.backends"), 2, "badge-simulator[hil]"),
        (ExceptionGroup("tasks", [InputError("the card is gone")]), 2, "badge: the card is gone"),
        (BaseExceptionGroup("tasks", [KeyboardInterrupt()]), 130, "badge: interrupted"),
    ],
)
def test_an_error_becomes_one_sentence_and_its_code(monkeypatch, error, code, words):
    with_command(monkeypatch, raising(error))
    said = call("anything")
    assert said.code == code
    if words:
        assert words in sentence(said)


def by_ctrl_c():
    """An error that a library makes of Ctrl-C while it loads."""
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        raise ImportError("numpy: its extension modules failed") from error


def in_words():
    """The same of pydantic's core, which keeps no cause."""
    raise SchemaError("Error building `literal` serializer:\n  KeyboardInterrupt: ")


@pytest.mark.parametrize("struck", [by_ctrl_c, in_words])
def test_ctrl_c_while_a_library_loads_is_ctrl_c(monkeypatch, struck):
    with_command(monkeypatch, click.command()(struck))
    said = call("anything")
    assert said.code == 130
    assert sentence(said) == "badge: interrupted"


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("no", name="sim.nowhere"),
        KeyError("x"),
        MisuseError("time went back"),
        RecursionError(),
        MemoryError(),
        UnicodeEncodeError("ascii", "é", 0, 1, "no"),
    ],
)
def test_a_fault_of_the_program_has_its_own_code_and_keeps_its_trace(monkeypatch, tmp_path, error):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with_command(monkeypatch, raising(error))
    said = call("anything")
    assert said.code == 70
    (trace,) = tmp_path.iterdir()
    assert sentence(said).startswith(
        f"badge: internal error, a fault of this program: {type(error).__name__} at test_main.py:"
    )
    assert str(trace) in said.err
    assert "raise error\n" in trace.read_text()
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600


def test_a_trace_that_cannot_be_kept_is_no_second_fault(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with_command(monkeypatch, raising(KeyError("x")))
    said = call("anything")
    assert said.code == 70
    assert "could not be kept" in sentence(said)


@pytest.mark.parametrize("url", ["http://me:secret@host/x", "https://token@host"])
def test_no_password_of_a_url_is_ever_told(monkeypatch, tmp_path, url):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for error in (InputError(f"--to {url}: no"), OSError(errno.EIO, "x", url), KeyError(url)):
        with_command(monkeypatch, raising(error))
        said = call("anything")
        assert "secret" not in said.err
        assert "token" not in said.err
    for trace in tmp_path.iterdir():
        assert "secret" not in trace.read_text()


def program(code, shell, **environment):
    """Run a command of ours in a process with the streams that a shell gives it."""
    script = (
        "import click\nfrom badge.cli import main as command_line\n@click.command()\ndef f():\n"
    )
    script += textwrap.indent(code, "    ") + "\n"
    script += "command_line.Commands.get_command = lambda self, ctx, name: f\ncommand_line.main()"
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -c "$1" f {shell}', sys.executable, script],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


REPORT = """from badge.cli import terminal
terminal.say('čß × …')
terminal.print_json({'a': 'č'})
raise click.exceptions.Exit(1)
"""


@pytest.mark.parametrize("shell", ["", ">&-", "2>&-", ">&- 2>&-", "| true; exit 1", "<&- >&-"])
def test_a_checks_code_is_its_own_whatever_becomes_of_its_output(shell):
    done = program(REPORT, shell)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_file_opened_behind_a_closed_stdout_is_not_written_to(tmp_path):
    code = f"import os\nfile = open({str(tmp_path / 'x')!r}, 'wb')\n"
    code += "click.echo('words')\nos.system('echo more')"
    done = program(code, ">&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "x").read_bytes() == b""


def test_a_full_disk_under_standard_output_is_told():
    for code in ("click.echo('words')", "import sys; sys.stdout.write('words')"):
        done = program(code, ">/dev/full")
        assert done.returncode == 2
        assert done.stderr.startswith("badge: standard output: No space left on device")
        assert len(done.stderr.splitlines()) == 1


def test_an_ascii_terminal_shows_what_it_can():
    done = program(REPORT, "", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == ["\\u010d\\xdf \\xd7 \\u2026", '{"a":"\\u010d"}']


@pytest.mark.parametrize("number", STOPS[1:])
@pytest.mark.parametrize("ignored", [False, True])
def test_sigterm_and_a_closed_terminal_end_a_command_as_ctrl_c_does(ignored, number):
    code = "import os, signal\n"
    if ignored:  # as a shell's background job
        code += "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    code += f"try:\n    os.kill(os.getpid(), {int(number)})\nfinally:\n    click.echo('closed')"
    done = program(code, "")
    assert (done.returncode, done.stdout) == (130, "closed\n")
    assert done.stderr.split() == ["badge:", "interrupted"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--db", "i.db", "--port", "0", "--quiet"),
        ("notecard", "--tcp", "127.0.0.1:0"),
        ("notecard", "--link", "card"),
        ("notecard", "--i2c-socket", "i2c.sock"),
        ("notehub", "hub.sock"),
        ("listen", "grouplink", "--port", "0"),
        ("air", "quiet-day"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_what_goes_on_until_it_is_ended_takes_both_signals_alike(words, number, tmp_path):
    with started(
        [sys.executable, "-m", "badge", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout.readline()
        process.send_signal(number)
        told = process.communicate(timeout=60)[0]
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert not [path for path in tmp_path.iterdir() if path.is_symlink() or path.is_socket()]


def test_a_reader_that_went_away_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m badge.cli.main schema | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
