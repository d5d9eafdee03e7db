"""``python -m parity.programs``: the table of the examples on refnet and on TensorFlow."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import refnet
from parity import gate
from parity.backends import AbsentError, adapter
from parity.programs.cli import exit_code
from parity.programs.judging import judged
from parity.programs.program import Program
from parity.programs.report import page

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "tf1"
OPTIMIZERS = ("gradient-descent", "momentum", "adagrad", "adadelta", "rmsprop", "adam")
PROGRAMS = [
    ("mnist_mlp.py", ()),
    *(("one_layer.py", (name,)) for name in OPTIMIZERS),
    ("cnn.py", ()),
    ("cnn.py", ("--pool",)),
    ("rnn_adder.py", ()),
    ("sentiment.py", ()),
    ("sentiment.py", ("--count",)),
]


@click.command()
@click.option(
    "--examples",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=EXAMPLES,
    help="Folder of the programs; by default the one beside the package.",
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="Training steps in lockstep; by default all that any of them takes.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("parity-programs.md")
)
def main(examples: Path, steps: int, out: Path) -> None:
    """Run every example on refnet and on TensorFlow, and write the table of it.

    Exits 0 if all of them agree, 1 if one differs, 3 if one could not be compared.
    """
    try:
        versions = {"refnet": refnet.__version__, **adapter("tensorflow").versions()}
    except AbsentError as error:
        click.echo(f"parity: {error}", err=True)
        sys.exit(gate.INCOMPLETE)
    results = []
    for file, argv in PROGRAMS:
        results.append(judged(Program(examples / file, argv), steps=steps))
        click.echo(f"{results[-1].program}: {results[-1].status}")
    command = f"python -m parity.programs --out {out}"
    out.write_text(page(results, versions, command), "utf-8")
    click.echo(f"wrote {out}")
    codes = {exit_code(r) for r in results}
    sys.exit(next((c for c in (gate.DIFFERS, gate.INCOMPLETE) if c in codes), gate.AGREES))


if __name__ == "__main__":
    main()
