from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from badge.cli.options import Finite, RenamedOption, destination
from badge.cli.settings import SettingsFile, defaults_from


@click.command()
@click.option("--hours", type=Finite(0.0, 24.0, min_open=True))
def command(hours):
    """Echo it."""
    click.echo(hours)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "0", "25", "1e999", "x"])
def test_what_is_no_number_within_the_bounds_is_wrong_usage(text):
    assert CliRunner().invoke(command, ["--hours", text]).exit_code == 2


def test_a_number_within_them_is_taken():
    assert CliRunner().invoke(command, ["--hours", "1.5"]).output == "1.5\n"


def test_an_old_name_of_an_option_goes_on_in_the_settings_file_as_on_the_line(tmp_path):
    @click.command()
    @click.option("--out", cls=RenamedOption, old_names=("--dir",))
    def write(out):
        click.echo(out)

    for words in (["--out", "x"], ["--dir", "x"], ["--dir=x"]):
        assert CliRunner().invoke(write, words).output == "x\n"
    assert "--dir" not in CliRunner().invoke(write, ["--help"]).output
    file = SettingsFile("badge.toml", {}, {"demo": {"dir": "y"}})
    assert defaults_from(file, "demo", write) == {"out": "y"}


def test_a_destination_is_given_once():
    here, there = Path("a"), Path("b")
    assert destination(here, None, "FILE") == here
    assert destination(None, there, "FILE") == there
    for both in ((None, None), (here, there)):
        with pytest.raises(click.UsageError, match="FILE"):
            destination(*both, "FILE")
