"""``python -m parity.selftest.machines``: the same verdicts whatever the CPU and the threads are.

Environment variables take instruction sets away, one library at a time and all at once, as if this
were an older machine; each run is a process of its own, in which it is looked up what is in effect.
A variable that changes nothing proves nothing: that fails as well.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
import numpy as np

from parity import gate
from parity.backends import adapter
from parity.doctor import blas_kernels
from parity.errors import SelectionError
from parity.files import write_whole
from parity.registry import select
from parity.report.as_json import as_json, from_json
from parity.report.rows import short, value
from parity.report.tables import markdown_table
from parity.result import AnyResult, Report
from parity.run import Request, cpu_features, finish, plan
from parity.runner import timed

NUMPY, OPENBLAS, ATEN, ONEDNN = (
    "NPY_DISABLE_CPU_FEATURES",
    "OPENBLAS_CORETYPE",
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
)
SHOWN = 20  # cells that differ, of each setting


class InEffect(NamedTuple):
    """What a process computed with."""

    numpy: str  # instruction sets beyond the baseline
    openblas: str  # kernels
    torch: str  # instruction set of its own kernels
    onednn: str
    threads: str  # of BLAS, OpenMP and torch, once all cells were run


class Setting(NamedTuple):
    """Environment variables and a number of threads, and what has to be in effect with them."""

    name: str
    variables: Mapping[str, str]
    threads: int
    wanted: Mapping[str, str]  # patterns for fields of InEffect


class Ran(NamedTuple):
    """What a run in a setting found."""

    setting: Setting
    effect: InEffect
    report: Report

    @property
    def missed(self) -> list[str]:
        """What is not in effect as it should be."""
        return [
            f"{field}: {getattr(self.effect, field)}"
            for field, pattern in self.setting.wanted.items()
            if not re.fullmatch(pattern, getattr(self.effect, field))
        ]


def settings() -> list[Setting]:
    """Return the plain setting, those that take one thing away, all of them, and two threads."""
    beyond = _beyond_baseline()
    one = {
        "NumPy without vectors": (NUMPY, " ".join(beyond), {"numpy": "none"}),
        "OpenBLAS of Haswell": (OPENBLAS, "Haswell", {"openblas": "Haswell"}),
        "PyTorch without vectors": (ATEN, "default", {"torch": "(DEFAULT|NO AVX)"}),
        "oneDNN of AVX2": (ONEDNN, "AVX2", {"onednn": ".*AVX2"}),
    }
    threads = {n: {"threads": rf"(\S+ {n}(, )?)+"} for n in (1, 2)}
    found = [Setting("plain", {}, 1, threads[1])]
    for name, (variable, text, wanted) in one.items():
        if text:  # NumPy may have nothing to take away
            found.append(Setting(name, {variable: text}, 1, {**wanted, **threads[1]}))
    every = {k: v for s in found for k, v in s.variables.items()}
    wanted = {k: v for s in found for k, v in s.wanted.items()}
    return [
        *found,
        Setting("all of them", every, 1, wanted),
        Setting("two threads", {}, 2, threads[2]),
        Setting("all of them, two threads", every, 2, {**wanted, **threads[2]}),
    ]


def ran(setting: Setting, selectors: Sequence[str], seed: int) -> Ran:
    """Run a selection in a setting, in a process of its own."""
    kept = {k: v for k, v in os.environ.items() if k not in (NUMPY, OPENBLAS, ATEN, ONEDNN)}
    with TemporaryDirectory() as folder:
        out = Path(folder) / "parity.json"
        asked = [str(out), str(setting.threads), str(seed), *selectors]
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "parity.selftest.machines", "--measure", *asked],
            env={**kept, **setting.variables, "ONEDNN_VERBOSE": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        report = from_json(out.read_bytes())
    found = json.loads(done.stdout.splitlines()[-1])
    isa = re.search(r"onednn_verbose\S*,info,cpu,isa:(.*)", done.stdout)
    return Ran(setting, InEffect(**{**found, "onednn": isa[1] if isa else "not used"}), report)


def measure(out: Path, threads: int, selectors: Sequence[str], seed: int) -> None:
    """Run a selection here, with so many threads; print what is in effect as the last line."""
    import threadpoolctl

    torch: Any = getattr(adapter("torch"), "torch")  # noqa: B009  # the adapter's own
    planned = plan(Request(selectors=tuple(selectors), seed=seed))
    torch.set_num_threads(threads)
    with threadpoolctl.threadpool_limits(threads):
        results = [timed(task, lambda: None) for task in planned.tasks]
        counts = {i["internal_api"]: i["num_threads"] for i in threadpoolctl.threadpool_info()}
    counts["torch"] = torch.get_num_threads()
    out.write_bytes(as_json(finish(planned, results, 1).report))
    # oneDNN says what it uses once it is used, whatever the selection.
    torch.nn.functional.conv2d(torch.ones(1, 8, 8, 8), torch.ones(8, 8, 3, 3))
    effect = {
        "numpy": " ".join(f for f in _beyond_baseline() if f in cpu_features()) or "none",
        "openblas": ", ".join(blas_kernels()) or "none",
        "torch": torch.backends.cpu.get_cpu_capability(),
        "threads": ", ".join(f"{name} {n}" for name, n in sorted(counts.items())),
    }
    sys.stdout.flush()
    click.echo(f"\n{json.dumps(effect)}")


def _beyond_baseline() -> list[str]:
    """Return the instruction sets that NumPy has code for and that this CPU has."""
    simd: Any = np.show_config(mode="dicts")
    found = simd.get("SIMD Extensions", {}) if isinstance(simd, dict) else {}
    return list(found.get("found", []))


def differing(one: Report, other: Report) -> list[tuple[AnyResult, AnyResult]]:
    """Return the cells of two runs that have another status.

    Raises
    ------
    SelectionError
        If they are not of the same cells.
    """
    a, b = (_every(report) for report in (one, other))
    if [_key(r) for r in a] != [_key(r) for r in b]:
        raise SelectionError(
            "machines",
            got="two runs of other cells",
            needs="the same cells in every setting",
            cause="Does a case depend on the machine?",
        )
    return [(x, y) for x, y in zip(a, b, strict=True) if x.status is not y.status]


def _every(report: Report) -> list[AnyResult]:
    return [*report.cells, *report.trainings]


def _key(r: AnyResult) -> tuple[str, str]:
    return r.case, r.dtype


def page(every: Sequence[Ran], selectors: Sequence[str]) -> str:
    """Return what the runs found, as Markdown; the first is the plain one."""
    plain = every[0]
    rows, others = [], []
    for one in every:
        cells = _every(one.report)
        apart = differing(plain.report, one.report)
        sides = [s for c in one.report.cells for s in (c.actual, c.other) if s is not None]
        within = [value(s.ratio) for s in sides if s.within]
        rows.append(
            [
                one.setting.name,
                *one.effect,
                f"{len(cells):,}",
                str(one.report.exit_code),
                short(max(within, default=0.0)),
                "" if one is plain else str(len(apart)),
                "; ".join(one.missed) or "yes",
            ]
        )
        others += [
            [one.setting.name, x.case, x.dtype, x.status.value, y.status.value, y.reason]
            for x, y in apart[:SHOWN]
        ]
    names = ["setting", "NumPy", "OpenBLAS", "PyTorch", "oneDNN", "threads", "cells", "exit code"]
    names += ["largest share of a bound", "other verdicts", "in effect"]
    variables = [
        [s.setting.name, " ".join(f"{k}='{v}'" for k, v in s.setting.variables.items())]
        for s in every
        if s.setting.variables
    ]
    n = sum(int(row[-2] or 0) for row in rows)
    parts = [
        f"# The same verdicts on other machines: {n} cells with another verdict",
        f"""\
Every cell of {", ".join(selectors) or "everything"} in each setting, in a process of its own. What
is in effect was looked up in that process: NumPy's instruction sets beyond its baseline, OpenBLAS's
kernels, PyTorch's own, what oneDNN reports, and the threads after the last cell. *Other verdicts*
are cells whose status is another than in the plain run; the *largest share* is that of the cells
that are within their bound.""",
        markdown_table(rows, names),
        markdown_table(variables, ["setting", "variables"]),
    ]
    if others:
        parts += [
            "## Other verdicts",
            markdown_table(others, ["setting", "case", "dtype", "plain", "there", "reason"]),
        ]
    command = " ".join(["python -m parity.selftest.machines", *selectors, "--out FILE"])
    return "\n\n".join([*parts, f"Written by `{command}`.\n"])


@click.command()
@click.argument("selectors", nargs=-1)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="At a time.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def main(selectors: Sequence[str], seed: int, jobs: int, out: Path | None) -> None:
    """Run the cases that SELECTORS name, or all, in every setting, and compare the verdicts.

    Exits 1 where a verdict is another, and 3 where a setting did not take effect.
    """
    try:
        select(selectors)
    except SelectionError as error:
        raise click.BadParameter(str(error), param_hint="SELECTORS") from error
    with ThreadPoolExecutor(jobs) as pool:
        every = []
        for one in pool.map(lambda s: ran(s, selectors, seed), settings()):
            every.append(one)
            click.echo(f"{one.setting.name}: {one.report.verdict}", err=True)
            for missed in one.missed:
                click.echo(f"{one.setting.name}: not in effect: {missed}", err=True)
    text = page(every, selectors)
    if out is None:
        click.echo(text)
    else:
        write_whole(out, text)
    if any(differing(every[0].report, one.report) for one in every):
        sys.exit(gate.DIFFERS)
    sys.exit(gate.INCOMPLETE if any(one.missed for one in every) else gate.AGREES)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[5:], int(sys.argv[4]))
    else:
        main()
