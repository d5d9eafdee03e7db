"""``parity completion``: the script that completes the command in bash, zsh or fish."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

SHELLS = ("bash", "zsh", "fish")
COMMAND = "parity"
VARIABLE = "_PARITY_COMPLETE"

HINTS = {
    "bash": 'eval "$(parity completion bash)"  # in ~/.bashrc',
    "zsh": 'eval "$(parity completion zsh)"  # in ~/.zshrc',
    "fish": "parity completion fish | source  # in ~/.config/fish/config.fish",
}


@click.command("completion", epilog="\b\n" + "\n".join(HINTS.values()))
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, options and cases in SHELL."""
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(context.find_root().command, {}, COMMAND, VARIABLE).source())


def complete_selector(
    context: click.Context,  # noqa: ARG001
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Return the operations that a selector may begin with, or the cases of one."""
    from parity.registry import all_cases

    cases = all_cases()
    names = [c.id for c in cases] if "/" in incomplete else sorted({c.op for c in cases})
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
