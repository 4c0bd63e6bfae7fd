"""`badge completion SHELL`: what a shell needs to complete badge."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_BADGE_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what a SHELL needs to complete commands, options, scenarios, devices and files.

    \b
    bash  eval "$(badge completion bash)"     in ~/.bashrc
    zsh   eval "$(badge completion zsh)"      in ~/.zshrc, after compinit
    fish  badge completion fish | source      in ~/.config/fish/config.fish

    Exit codes: 0 done; 2 wrong usage.
    """
    found = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    assert found is not None
    click.echo(found(root, {}, "badge", VARIABLE).source())
