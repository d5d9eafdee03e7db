"""``parity repro``: one cell again, and the script that shows what differs in it."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

import click

from parity import deviations, gate
from parity.backends import AbsentError, adapter, name_of
from parity.case import DTYPES, AnyCase, Case, OptimizerCase
from parity.completion import complete_selector
from parity.errors import ReproError, SelectionError, SidesError
from parity.files import write_whole
from parity.registry import all_cases
from parity.report.rows import repro_command as command_of
from parity.repro import training
from parity.repro.operation import OperationAgain
from parity.repro.optimizer import OptimizerAgain
from parity.result import MNIST_CASE, CellResult, Status, TrainingResult
from parity.run import Request, chosen
from parity.runner import Task, run_all, single_threaded
from refnet.checks import nearest

COMPARED = (Status.PASS, Status.KNOWN, Status.FAIL, Status.STALE)
# "conv2d/same", or a test of the pytest plugin's: "parity::conv2d/same[float32-torch]".
_ID = re.compile(r"(?:parity::)?(?P<case>[^\[\]]+)(?:\[(?P<dtype>\w+)-(?P<backend>[^\]]+)\])?")


@click.command("repro")
@click.argument("cell", metavar="ID", shell_complete=complete_selector)
@click.option("--dtype", help=f"The cell's dtype, out of {', '.join(DTYPES)}.")
@click.option("--backend", help="The judge.  [default: torch]")
@click.option("--subject", default="refnet", show_default=True, help="Who is judged.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--mnist", help="Folder or .npz file of MNIST, for the training run on it.")
@click.option(
    "--script",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a script that shows the difference without parity.",
)
@click.option("--shrink/--no-shrink", default=True, help="Look for smaller inputs for the script.")
def repro_command(
    cell: str,
    dtype: str | None,
    backend: str | None,
    subject: str,
    seed: int,
    mnist: str | None,
    script: Path | None,
    shrink: bool,
) -> None:
    """Run the cell ID again and show its worst element: both values, the oracle's, and the bound.

    ID is a case (conv2d/same), or the name of a test of the pytest plugin.

    With --script, inputs are made as small and plain as the difference allows, and written into a
    script of NumPy and the framework alone; of refnet, where that is the side that is wrong.
    """
    task = task_of(cell, dtype, backend, subject, seed, mnist)
    result = run_all([task], 1)[0].result
    names = f"{result.subject} and {result.backend}"
    click.echo(f"{result.status.value}: {result.case} in {result.dtype}, {names}")
    if result.reason:
        click.echo(result.reason)
    text = ""
    with single_threaded():
        if result.status in COMPARED:
            text = _again(task, result, script, shrink, mnist)
    if script is not None:
        if not text:
            raise ReproError(
                "repro",
                got=f"a cell that is {result.status.value} ({result.reason})",
                needs="a cell that was compared",
                cause="There is nothing that a script could show.",
            )
        write_whole(script, text)
        click.echo(f"wrote {script}")
    sys.exit(gate.gate([result]).exit_code)


def task_of(
    cell: str, dtype: str | None, backend: str | None, subject: str, seed: int, mnist: str | None
) -> Task:
    """Return the task that an id and options name.

    Raises
    ------
    SelectionError
        If there is no such case, or not in this dtype, or the dtype is not said.
    """
    found = _ID.fullmatch(cell)
    case = _case(found["case"] if found else cell, mnist)
    dtype = dtype or (found["dtype"] if found else None)
    if dtype is None and len(case.dtypes) == 1:
        dtype = case.dtypes[0]
    if dtype not in case.dtypes:
        raise SelectionError(
            "repro",
            got=f"{case.id} without a dtype" if dtype is None else f"{case.id} in {dtype}",
            needs=f"--dtype, one of {', '.join(case.dtypes)}",
            cause=nearest(dtype or "", case.dtypes),
        )
    spec = backend or (found["backend"] if found else None) or "torch"
    name_of(subject)
    version = ""
    with suppress(AbsentError):
        judge = adapter(spec)
        version = str(judge.versions().get(judge.name, ""))
    entries = tuple(e for e in deviations.load(cases=all_cases()) if e.applies_to(version))
    return Task(case, dtype, subject, spec, seed, entries)


def _case(name: str, mnist: str | None) -> AnyCase:
    if mnist is not None and name == MNIST_CASE:
        return chosen(Request(mnist=mnist))[0]
    cases = {case.id: case for case in all_cases()}
    if name not in cases:
        raise SelectionError(
            "repro",
            got=f"the case {name!r}, which there is not",
            needs="the id of a case; `parity list` shows them",
            cause="It needs --mnist." if name == MNIST_CASE else nearest(name, cases),
        )
    return cases[name]


def _again(
    task: Task,
    result: CellResult | TrainingResult,
    script: Path | None,
    shrink: bool,
    mnist: str | None,
) -> str:
    """Print the worst element of a cell, and return its script if one is asked for."""
    command = command_of(task.case.id, task.dtype, task.backend, task.subject, task.seed, mnist)
    words = f"{result.status.value}: {result.reason or 'it agrees.'}\n\n"
    words += f"Made by: {command} --script FILE"
    if isinstance(result, TrainingResult):
        click.echo(training.words(result))
        return training.training_script(task, result, words) if script else ""
    if isinstance(task.case, OptimizerCase):
        try:
            updates = OptimizerAgain(task)
        except SidesError:
            return ""
        click.echo(updates.words())
        return updates.script(words) if script else ""
    if not isinstance(task.case, Case):
        for name, one in ((result.subject, result.actual), (result.backend, result.other)):
            if one is not None:
                click.echo(f"{name}: {one.worst}")
        if script is not None:
            raise ReproError(
                "repro",
                got=f"--script for a sample of {task.case.op}",
                needs="a cell of an operation, of an optimizer or of training",
                cause="Generators differ: what is compared is the distribution, not an element.",
            )
        return ""
    operation = OperationAgain(task)
    click.echo(operation.words())
    if script is None:
        return ""
    failing = operation.whole
    if shrink:
        failing, runs = operation.shrunk()
        if runs:
            before, after = operation.sizes(operation.whole), operation.sizes(failing)
            line = f"inputs: {before}; shrunk in {runs} runs to {after}"
            click.echo(line)
            words = f"{words}\n{line}"
    return operation.script(failing, words)
