"""The command line: ``parity run``, ``parity list`` and ``parity trace``."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tabulate import tabulate

from parity import gate
from parity.baseline import (
    FOLDER,
    Baseline,
    check_in_common,
    check_savable,
    check_seed,
    load,
    of_report,
    path_of,
    save,
)
from parity.case import DTYPES, ArraySpec, Case, TrainingCase
from parity.completion import complete_selector, completion_command
from parity.doctor import doctor_command
from parity.errors import OutputError
from parity.experiments.cli import experiment_group
from parity.explain.cli import explain_command
from parity.files import write_whole
from parity.journal import NAME as JOURNAL
from parity.programs.cli import program_command
from parity.register_cli import deviations_group
from parity.registry import select
from parity.regression_cli import (
    beside_baseline,
    compare_command,
    print_regression,
    write_regression,
)
from parity.report.as_github import error_lines, step_summary
from parity.report.kinds import FILES, require, unwritable, write
from parity.report.terminal import print_summary
from parity.report_cli import Kinds, report_command
from parity.repro.cli import repro_command
from parity.result import Report
from parity.run import Finished, Request, run
from parity.selftest.command import selftest_command
from parity.trace.cli import trace
from parity.trajectory.checkpoint import EVERY
from refnet.errors import ExplainedError

EXIT_CODES = """\b
Exit codes:
  0  everything agrees (known differences within their limits included)
  1  something differs
  2  a mistake in the command, in the register or in a data file
  3  something could not be compared
  5  nothing was compared"""


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Prove an implementation of neural-network operations against PyTorch, and report it."""


cli.add_command(trace)


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


@cli.command("run", epilog=EXIT_CODES)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete_selector)
@click.option(
    "--dtype", "dtypes", multiple=True, help=f"Only this dtype, out of {', '.join(DTYPES)}; repeat."
)
@click.option(
    "--backend",
    "backends",
    multiple=True,
    help="The judge; torch by default. For several: repeat, or torch,jax.",
)
@click.option(
    "--subject", default="refnet", show_default=True, help="Who is judged: package.module:Adapter."
)
@click.option("--mnist", help="Train on MNIST from this folder or .npz file.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Processes; by default one per processor, at most 4. The report is the same.",
)
@click.option(
    "--checkpoints",
    type=click.Path(file_okay=False),
    help="Folder in which training runs keep how far they are; those that it has go on from there.",
)
@click.option(
    "--checkpoint-every",
    type=click.IntRange(1),
    default=EVERY,
    show_default=True,
    help="Steps between checkpoints.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("parity-report"),
    show_default=True,
    help="Folder of the reports.",
)
@click.option(
    "--report",
    "kinds",
    type=Kinds(),
    default="md,json",
    show_default=True,
    help=f"Which to write, out of {', '.join(FILES)}.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict alone.")
@click.option("-v", "--verbose", count=True, help="Print every row; -vv: every cell.")
@click.option("--scheduler", metavar="ADDRESS", help="Run the cells on this Dask cluster.")
@click.option(
    "--resume", is_flag=True, help="Go on from the journal that a killed run left in --out."
)
@click.option("--save-baseline", metavar="NAME", help="Keep what this run found as a baseline.")
@click.option(
    "--baseline", metavar="NAME", help="Compare with a baseline: regression.md and .json."
)
@click.option("--baseline-lenient", is_flag=True, help="Go on where the baseline is missing.")
@click.option(
    "--baselines",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Folder of the baselines.",
)
def run_command(
    selectors: Sequence[str],
    dtypes: Sequence[str],
    backends: Sequence[str],
    subject: str,
    mnist: str | None,
    jobs: int | None,
    checkpoints: str | None,
    checkpoint_every: int,
    seed: int,
    out: Path,
    kinds: list[str],
    quiet: bool,
    verbose: int,
    scheduler: str | None,
    resume: bool,
    save_baseline: str | None,
    baseline: str | None,
    baseline_lenient: bool,
    baselines: Path,
) -> None:
    """Run the cases that any SELECTOR names, or all of them.

    A SELECTOR is an operation, a case id, a pattern of either, or a kind of case: operations,
    initializers, optimizers, trainings.

    With --mnist and no SELECTOR, only the training run on MNIST.
    """
    judges = [name for given in backends for name in _split(given)]
    if backends and not judges:
        raise click.BadParameter("no judge is named", param_hint="--backend")
    problem = unwritable(out, kinds)
    if problem:
        raise click.BadParameter(problem, param_hint="--out")
    if quiet and verbose:
        raise click.BadParameter("-q and -v contradict one another", param_hint="--quiet")
    require(kinds)
    check_savable(save_baseline)
    whole = not selectors and not dtypes and mnist is None
    earlier = _earlier(baseline, baselines, baseline_lenient)
    if earlier is not None:
        check_seed(earlier, seed)
    request = Request(
        selectors=selectors,
        dtypes=dtypes,
        backends=tuple(dict.fromkeys(judges)) or ("torch",),
        subject=subject,
        seed=seed,
        jobs=jobs or 0,
        mnist=mnist,
        checkpoints=checkpoints,
        checkpoint_every=checkpoint_every,
        scheduler=scheduler,
        journal=str(out / JOURNAL),
        resume=resume,
    )
    began, start = time.time(), time.perf_counter()
    finished = _run_with_progress(request)
    written = _write(finished, kinds, out, began, time.perf_counter() - start)
    (out / JOURNAL).unlink(missing_ok=True)  # the report has everything
    print_summary(finished.report, Console(), -1 if quiet else verbose)
    if "github" in kinds:
        _tell_github(finished.report)
    for path in () if quiet else written:
        click.echo(f"wrote {path}")
    found = of_report(finished.report)
    code = finished.report.exit_code
    if earlier is not None:
        regression = beside_baseline(earlier, found, whole=whole)
        if whole and not baseline_lenient:
            check_in_common(earlier, found)
        print_regression(regression, f"beside the baseline {baseline}")
        write_regression(regression, f"the baseline {baseline}", "this run", out)
        code = code or (gate.DIFFERS if regression.worse else gate.AGREES)
    if save_baseline is not None:
        click.echo(f"wrote {save(found, path_of(save_baseline, baselines), whole=whole)}")
    sys.exit(code)


@cli.command("list")
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete_selector)
def list_command(selectors: Sequence[str]) -> None:
    """List the cases that any SELECTOR names, or all of them, with their regimes and dtypes."""
    cases = select(selectors)
    rows = [[c.id, c.regime, " ".join(c.dtypes), _words(c)] for c in cases]
    names = ["case", "regime", "dtypes", "inputs and options"]
    click.echo(tabulate(rows, headers=names, tablefmt="simple", disable_numparse=True))
    cells = sum(len(c.dtypes) for c in cases)
    click.echo(f"\n{len(rows):,} cases, {cells:,} cells with one backend")


cli.add_command(compare_command)
cli.add_command(completion_command)
cli.add_command(deviations_group)
cli.add_command(doctor_command)
cli.add_command(experiment_group)
cli.add_command(explain_command)
cli.add_command(program_command)
cli.add_command(report_command)
cli.add_command(repro_command)
cli.add_command(selftest_command)


def _tell_github(report: Report) -> None:
    """Add the summary to that of the step, where GitHub runs it, and annotate the worst cells."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        try:
            with open(summary, "a", encoding="utf-8") as file:
                file.write(step_summary(report))
        except OSError as error:
            raise OutputError(
                "run",
                got=f"$GITHUB_STEP_SUMMARY, {summary}, which cannot be written ({error.strerror})",
                needs="a file that can be written to",
                cause="Is the variable set by somebody else than GitHub?",
            ) from error
    for line in error_lines(report):
        click.echo(line)


def _earlier(name: str | None, folder: Path, lenient: bool) -> Baseline | None:
    """Return the baseline asked for, before anything is run."""
    if name is None:
        return None
    path = path_of(name, folder)
    if lenient and not path.exists():
        click.echo(f"there is no baseline {path}; going on without", err=True)
        return None
    return load(path)


def main() -> None:
    """Run the command; a mistake of the caller's is a message and exit code 2."""
    try:
        sys.exit(cli(standalone_mode=False) or gate.AGREES)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:  # stopped by the keyboard or a CI job's end: 1 would say that sides differ
        click.echo("parity: stopped", err=True)
        sys.exit(gate.INCOMPLETE)
    except ExplainedError as error:
        click.echo(f"parity: {error}", err=True)
        sys.exit(gate.USAGE)
    except Exception:
        traceback.print_exc()
        sys.exit(gate.INCOMPLETE)  # never 1, which says that something differs


def _words(case: Any) -> str:
    if isinstance(case, Case):
        shapes = [_spec(s) for s in case.inputs]
        options = [
            f"{k}={_spec(v) if isinstance(v, ArraySpec) else v}" for k, v in case.options.items()
        ]
        return ", ".join([*shapes, *options])
    if isinstance(case, TrainingCase):
        options = [f"{k}={v}" for k, v in {**case.model, **case.optimizer_options}.items()]
        return f"{case.data}, {case.optimizer}, {', '.join(options)}, {case.steps} steps"
    return ", ".join(f"{k}={v}" for k, v in case.options.items())


def _spec(spec: ArraySpec | None) -> str:
    if spec is None:
        return "none"
    layout = "" if spec.layout == "plain" else f" {spec.layout}"
    return f"{spec.draw}{layout} {spec.shape}"


def _run_with_progress(request: Request) -> Finished:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    errors = Console(stderr=True)
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("comparing", total=None)
        return run(
            request,
            started=lambda n: bar.update(task, total=n),
            progress=lambda n: bar.advance(task, n),
        )


def _write(
    finished: Finished, kinds: Sequence[str], out: Path, began: float, seconds: float
) -> list[Path]:
    """Write the reports, and beside them what differs from run to run."""
    written = write(finished.report, kinds, out)
    slowest = sorted(finished.timed, key=lambda t: -t.seconds)[:20]
    timings = {
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(seconds, 3),
        "jobs": finished.jobs,
        "slowest": [
            {
                "case": t.result.case,
                "dtype": t.result.dtype,
                "backend": t.result.backend,
                "seconds": round(t.seconds, 3),
            }
            for t in slowest
        ],
    }
    write_whole(out / "timings.json", json.dumps(timings, indent=1) + "\n")
    return written
