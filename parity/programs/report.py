"""What programs came to, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parity.programs.judging import ProgramResult, Worst
from parity.report.rows import short
from parity.report.tables import in_one_line, markdown_table
from parity.result import Status
from parity.trajectory.lockstep import LIMIT, TWINS

NAMES = [
    "program",
    "steps",
    "tensors compared",
    "refnet",
    "{}",
    "verdict",
    "steps by itself",
    "distance at the end",
    "parts at",
    "accuracy, refnet",
    "accuracy, {}",
    "lines printed alike",
]


def page(results: Sequence[ProgramResult], versions: Mapping[str, str], command: str) -> str:
    """Return the page of several programs."""
    backend = results[0].backend
    told = ", ".join(f"{name} {v}" for name, v in versions.items())
    passed = sum(r.status in (Status.PASS, Status.KNOWN) for r in results)
    return f"""\
# Programs of TensorFlow 1 on refnet and on {backend}

{passed} of {len(results)} programs compute the same on both within the limits. Each is one file,
and its import of `tf` alone decides what it runs on.

In lockstep, {backend} starts every training step from refnet's state, and is handed the same feeds.
The loss, every gradient, every slot of the optimizer and every variable of both sides may be
{LIMIT:g} times as far from the step in higher precision as the farthest of refnet's own step and
{TWINS} twins of it. The two columns have the largest ratio to that; refnet's own step is among
them, so that its ratio is below 1. What slots hold before the first step must be equal.

By itself, {backend} starts from refnet's first state and goes its own way to the end of the
program. The distance is that of all that was trained, relative to refnet's; the recordings of the
two runs part where `parity trace compare` says. Rounding alone makes long runs part.

{table(results)}
{_notes(results)}
Written by `{command}` with {told}.
"""


def _notes(results: Sequence[ProgramResult]) -> str:
    """Return what there is to say of verdicts that are not pass."""
    return "".join(
        f"\n{in_one_line(r.program)}: {in_one_line(r.reason)}.\n" for r in results if r.reason
    )


def table(results: Sequence[ProgramResult]) -> str:
    """Return a table with a row for each program."""
    backend = results[0].backend
    return markdown_table([_row(r) for r in results], [n.format(backend) for n in NAMES])


def _row(r: ProgramResult) -> list[str]:
    verdict = str(r.status)
    if not r.compared:
        return [r.program, "", "", "", "", verdict, *[""] * (len(NAMES) - 6)]
    accuracies = r.accuracies or ["", ""]
    return [
        r.program,
        f"{r.steps:,}",
        f"{r.compared:,}",
        _worst(r.subject_worst),
        _worst(r.backend_worst),
        verdict,
        f"{r.free_steps:,}" if r.free_steps else "",
        "" if r.distance is None else short(r.distance),
        _parted(r),
        *accuracies,
        f"{r.printed[0]} of {r.printed[1]}" if r.printed[1] else "",
    ]


def _worst(worst: Worst | None) -> str:
    return f"{short(worst.ratio)} ({worst.tensor}, step {worst.step})" if worst else ""


def _parted(r: ProgramResult) -> str:
    if r.parted is None:
        return "nowhere" if r.free_steps else ""
    return f"step {r.parted.step}, {r.parted.tensor}"
