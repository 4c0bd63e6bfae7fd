import click
import pytest
from click.testing import CliRunner

from badge.cli.options import Finite


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
