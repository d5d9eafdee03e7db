"""``parity explain``: why a training run differs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from click.core import ParameterSource

from parity import gate
from parity.backends import adapter
from parity.case import DTYPES, TrainingCase
from parity.errors import SelectionError
from parity.explain.explanation import explain
from parity.explain.pair import explain_pair
from parity.explain.result import Explanation
from parity.explain.runs import record
from parity.explain.text import as_text
from parity.registry import select
from parity.trace import Recording
from parity.trace.cli import renames

# What is said of a case alone, and what of two recordings alone.
OF_A_CASE = ("backend", "subject", "dtype", "steps", "seed")
OF_A_PAIR = ("optimizer", "rename")


@click.command("explain")
@click.argument("run")
@click.argument("other", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--backend", default="torch", show_default=True, help="Whose run of a case.")
@click.option("--subject", help="Or that of an adapter of yours, package.module:Adapter.")
@click.option(
    "--dtype", type=click.Choice(DTYPES), default="float32", show_default=True, help="Of a case."
)
@click.option(
    "--steps", type=click.IntRange(1), help="Of a case; by default as many as it says itself."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of a case.")
@click.option("--optimizer", help="Of two recordings, what the first used, as 'adam(lr=0.001)'.")
@click.option(
    "--rename",
    multiple=True,
    metavar="OLD=NEW",
    help="Of two recordings: what RUN calls OLD, OTHER calls NEW, as in `parity trace compare`.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("parity-report"),
    show_default=True,
    help="Folder of the recording and of explanation.json.",
)
@click.pass_context
def explain_command(
    context: click.Context,
    run: str,
    other: str | None,
    backend: str,
    subject: str | None,
    dtype: str,
    steps: int | None,
    seed: int,
    optimizer: str | None,
    rename: Sequence[str],
    out: Path,
) -> None:
    """Say what explains the difference between a training run and refnet's.

    RUN is a training case, which the backend (or --subject) runs and whose every tensor is
    recorded; or such a recording. With OTHER, both are recordings, of any loops, and the second is
    explained from the first.

    Exits 0 if they differ by no more than rounding does, 1 if they differ, explained or not, and 5
    if the two recordings have no parameter in common.
    """
    of_a_case = other is None and not Path(run).is_file()
    _check_options(context, OF_A_CASE if of_a_case else OF_A_PAIR if other else ())
    case = _training_case(run, dtype) if of_a_case else None
    with _writing(out):
        out.mkdir(parents=True, exist_ok=True)
    if other is not None:
        found = explain_pair(Recording(run), Recording(other), optimizer, renames(rename))
    elif case is None:
        found = explain(Recording(run))
    else:
        path = out / f"{case.id.replace('/', '-')}-{dtype}.trace"
        side = adapter(subject or backend)
        record(case, side, dtype, path, seed=seed, steps=steps or case.free_steps)
        found = explain(Recording(path))
    with _writing(out):
        (out / "explanation.json").write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    click.echo(as_text(found))
    sys.exit(exit_code(found))


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{out} cannot be written to: {error}"
        raise click.BadParameter(message, param_hint="--out") from error


def exit_code(found: Explanation) -> int:
    """Return the gate's code for an explanation."""
    if not found.distances:
        return gate.NOTHING
    return gate.DIFFERS if found.differs else gate.AGREES


def _check_options(context: click.Context, fitting: Sequence[str]) -> None:
    """Refuse options that say nothing about what is to be explained."""
    for name in (*OF_A_CASE, *OF_A_PAIR):
        given = context.get_parameter_source(name) is not ParameterSource.DEFAULT
        if given and name not in fitting:
            of = "a case" if name in OF_A_CASE else "two recordings"
            raise click.BadParameter(f"is for {of} alone", param_hint=f"--{name}")


def _training_case(selector: str, dtype: str) -> TrainingCase:
    """Return the one training case that a selector names."""
    try:
        named = select([selector])
    except SelectionError as error:
        raise _no_case(selector, "nothing, and is no file") from error
    found = [c for c in named if isinstance(c, TrainingCase)]
    if len(found) != 1:
        raise _no_case(selector, ", ".join(c.id for c in found) or "no training case")
    (case,) = found
    if dtype not in case.dtypes:
        raise SelectionError(
            "explain",
            got=f"the dtype {dtype} for {case.id}",
            needs=f"one of {', '.join(case.dtypes)}",
            cause="In fewer digits, twins come apart before there is anything to tell.",
        )
    return case


def _no_case(selector: str, names: str) -> SelectionError:
    return SelectionError(
        "explain",
        got=f"{selector!r}, which names {names}",
        needs="one training case, such as xor/sources, or a recording",
        cause="`parity list` shows the cases; is the name or path misspelt?",
    )
