"""``parity experiment``: the sources' experiments, made again."""

from __future__ import annotations

import click

from parity.experiments import mnist_dfn, mnist_mlp, pictures, rnn_binary_addition, sentiment


@click.group("experiment")
def experiment_group() -> None:
    """Make an experiment of the sources again, refnet and a backend side by side.

    Each writes a page NAME.md and its pictures, and exits 0 if every claim of the page holds, 1 if
    one does not.
    """


for module in (mnist_dfn, mnist_mlp, pictures, rnn_binary_addition, sentiment):
    experiment_group.add_command(module.command)
