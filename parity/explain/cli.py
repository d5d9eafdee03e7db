"""``parity explain``: why a training run differs."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from parity import gate
from parity.backends import adapter
from parity.case import DTYPES, TrainingCase
from parity.errors import SelectionError
from parity.explain.explanation import explain
from parity.explain.pair import explain_pair
from parity.explain.runs import record
from parity.explain.text import as_text
from parity.registry import select
from parity.trace import Recording


@click.command("explain")
@click.argument("run")
@click.argument("other", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--backend", default="torch", show_default=True, help="Whose run of a case.")
@click.option("--subject", help="Or that of an adapter of yours, package.module:Adapter.")
@click.option("--dtype", type=click.Choice(DTYPES), default="float32", show_default=True)
@click.option("--steps", type=click.IntRange(1), help="By default as many as the case has.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--optimizer", help="Of two recordings, what the first used, as 'adam(lr=0.001)'.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("parity-report"),
    show_default=True,
    help="Folder of the recording and of explanation.json.",
)
def explain_command(
    run: str,
    other: str | None,
    backend: str,
    subject: str | None,
    dtype: str,
    steps: int | None,
    seed: int,
    optimizer: str | None,
    out: Path,
) -> None:
    """Say what explains the difference between a training run and refnet's.

    RUN is a training case, which the backend (or --subject) runs and whose every tensor is
    recorded; or such a recording. With OTHER, both are recordings, of any loops, and the second is
    explained from the first.

    Exits 0 if they differ by no more than rounding does, and 1 if they differ, explained or not.
    """
    out.mkdir(parents=True, exist_ok=True)
    if other is not None:
        found = explain_pair(Recording(run), Recording(other), optimizer)
    elif Path(run).is_file():
        found = explain(Recording(run))
    else:
        case = _training_case(run)
        path = out / f"{case.id.replace('/', '-')}-{dtype}.trace"
        record(
            case,
            adapter(subject or backend),
            dtype,
            path,
            seed=seed,
            steps=steps or case.free_steps,
        )
        found = explain(Recording(path))
    (out / "explanation.json").write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    click.echo(as_text(found))
    sys.exit(gate.DIFFERS if found.differs else gate.AGREES)


def _training_case(selector: str) -> TrainingCase:
    """Return the one training case that a selector names."""
    found = [c for c in select([selector]) if isinstance(c, TrainingCase)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(c.id for c in found) or "no training case"
    raise SelectionError(
        "explain",
        got=f"{selector!r}, which names {names}",
        needs="one training case, such as xor/sources, or a recording",
        cause="`parity list` shows them; is the path of a recording misspelt?",
    )
