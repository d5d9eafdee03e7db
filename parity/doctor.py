"""``parity doctor``: what numbers depend on here, and which adapters can run."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import click
import numpy as np
from tabulate import tabulate

from parity import gate
from parity.backends import BUILT_IN, AbsentError, adapter
from parity.bounds.base import oracle_dtype
from parity.errors import ParityError
from parity.run import cpu_features
from parity.runner import THREAD_VARIABLES

PACKAGES = ("refnet", "numpy", "torch", "tensorflow", "tensorflow-cpu", "jax", "jaxlib", "optax",
            "ml_dtypes", "distributed", "matplotlib", "pytest")  # fmt: skip
# What changes which kernels are chosen, by whose.
SWITCHES = (
    "NPY_DISABLE_CPU_FEATURES",
    "OPENBLAS_CORETYPE",
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "TF_ENABLE_ONEDNN_OPTS",
    "XLA_FLAGS",
    *THREAD_VARIABLES,
)


class Finding(NamedTuple):
    """One thing that was looked at, and what was found."""

    what: str
    found: str


class Check(NamedTuple):
    """Whether an adapter can run, or why not."""

    name: str
    runs: bool
    words: str


def circumstances() -> list[Finding]:
    """Return what numbers depend on beside the code: machine, libraries, threads and switches."""
    found = [
        Finding("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        Finding("platform", f"{platform.system()} {platform.machine()}"),
        Finding("processors", str(os.cpu_count())),
        Finding("NumPy's CPU features", " ".join(cpu_features())),
        Finding("NumPy's BLAS", _blas()),
        Finding("threads", _threads()),
        Finding("longdouble", _longdouble()),
    ]
    for name in PACKAGES:
        try:
            found.append(Finding(name, version(name)))
        except PackageNotFoundError:
            continue
    found += [Finding(f"${name}", os.environ[name]) for name in SWITCHES if name in os.environ]
    return found


def adapters() -> list[Check]:
    """Return for each built-in adapter whether it runs here: it computes 1 + 1, or says why not."""
    found = []
    for name in BUILT_IN:
        try:
            one = adapter(name)
            y = one.run("add", [np.ones(1, np.float32)] * 2, {}, None).y
            words = ", ".join(f"{k} {v}" for k, v in one.versions().items())
            right = float(np.asarray(y)[0]) == 2.0
            found.append(Check(name, right, words if right else f"1 + 1 is {y}"))
        except AbsentError as error:
            found.append(Check(name, False, f"absent: {error}"))
        except (ParityError, ArithmeticError, RuntimeError) as error:
            found.append(Check(name, False, f"{type(error).__name__}: {error}"))
    return found


@click.command("doctor")
def doctor_command() -> None:
    """Show what numbers depend on here: versions, BLAS, CPU features, threads; and who can run.

    Exits 3 where neither refnet nor any other implementation can run.
    """
    click.echo(tabulate(circumstances(), tablefmt="plain", disable_numparse=True))
    checks = adapters()
    click.echo()
    rows = [[c.name, "runs" if c.runs else "does not run", c.words] for c in checks]
    click.echo(tabulate(rows, headers=["adapter", "", ""], tablefmt="simple"))
    there = [c.name for c in checks if c.runs]
    enough = "refnet" in there and len(there) > 1
    sys.exit(gate.AGREES if enough else gate.INCOMPLETE)


def _blas() -> str:
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {}) if isinstance(config, dict) else {}
    built = f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()
    return ", ".join([built, *(f"{name} kernels" for name in blas_kernels())])


def blas_kernels() -> list[str]:
    """Return for which architecture the libraries of BLAS that are loaded have chosen kernels."""
    from threadpoolctl import threadpool_info

    chosen = [
        info["architecture"]
        for info in threadpool_info()
        if info.get("user_api") == "blas" and "architecture" in info
    ]
    return list(dict.fromkeys(chosen))


def _threads() -> str:
    from threadpoolctl import threadpool_info

    counts = [f"{i['internal_api']} {i['num_threads']}" for i in threadpool_info()]
    return f"{', '.join(dict.fromkeys(counts)) or 'unknown'}; one each in a run"


def _longdouble() -> str:
    info = np.finfo(np.longdouble)
    wide = oracle_dtype("float64")
    use = "the oracle of float64"
    if wide is None:
        use = "no wider than float64, whose column is absent"
    return f"{info.bits} bits, {info.nmant} of them fraction: {use}"
