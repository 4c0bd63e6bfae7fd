from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from badge.cli.options import Finite, RenamedOption, destination, in_words
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


@click.command()
@click.option("--whole", type=click.IntRange(1, 2**63 - 1))
@click.option("--open", "opened", type=Finite(0.0, 24.0, min_open=True))
@click.option("--least", type=click.FloatRange(min=0.001))
@click.option("--most", type=click.FloatRange(max=2.5, max_open=True))
@click.option("--any", "anything", type=int)
@click.option("--engine", type=click.Choice(["auto", "columnar", "python"]))
@click.option("--file", type=click.Path(dir_okay=False))
def asked(**words):
    """Take one of each kind."""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--whole 0", "0: write a whole number from 1 to 9223372036854775807"),
        ("--whole 1.5", "'1.5': write a whole number from 1 to 9223372036854775807"),
        ("--open 0", "0.0: write a number above 0 and at most 24"),
        ("--open nan", "'nan': write a number above 0 and at most 24"),
        ("--open many", "'many': write a number above 0 and at most 24"),
        ("--least 0", "0.0: write a number from 0.001 on"),
        ("--most 2.5", "2.5: write a number below 2.5"),
        ("--any x", "'x': write a whole number"),
        ("--engine C", "'C': choose auto, columnar or python"),
        ("--engine pyton", "'pyton': choose auto, columnar or python; did you mean python?"),
        ("--file .", "File '.' is a directory."),
    ],
)
def test_a_value_that_an_option_does_not_take_is_told_with_what_it_takes(words, told):
    with pytest.raises(click.ClickException) as caught:
        asked.main(words.split(), standalone_mode=False)
    option = words.split()[0]
    assert in_words(caught.value).format_message() == f"Invalid value for '{option}': {told}"


def test_what_is_wrong_with_no_value_is_told_as_it_was():
    with pytest.raises(click.ClickException) as caught:
        asked.main(["--wole", "1"], standalone_mode=False)
    assert in_words(caught.value) is caught.value
