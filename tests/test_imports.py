"""The import rules of the design, each in a process of its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FRAMEWORKS = {"torch", "tensorflow", "jax"}


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)


def imported(path):
    """The modules that a file imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def files(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def test_refnet_loads_numpy_alone():
    done = run(
        "import sys, numpy; before = set(sys.modules); import refnet\n"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before}\n"
        "foreign = new - set(sys.stdlib_module_names) - {'refnet', 'numpy'}\n"
        "print(sorted(foreign))"
    )
    assert done.stdout.strip() in ("[]", "['cython_runtime']"), done.stdout + done.stderr


def test_everything_of_refnet_loads_no_framework():
    done = run(
        "import sys, pkgutil, importlib, refnet\n"
        "for m in pkgutil.walk_packages(refnet.__path__, 'refnet.'):\n"
        "    importlib.import_module(m.name)\n"
        "assert not {'torch', 'parity', 'scipy', 'sklearn'} & set(sys.modules)"
    )
    assert done.returncode == 0, done.stderr


def test_parity_loads_no_framework_by_itself():
    done = run("import sys, parity, parity.cli; assert not {'torch', 'sklearn'} & set(sys.modules)")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", files("refnet"), ids=lambda p: str(p.relative_to(ROOT)))
def test_refnet_imports_numpy_the_library_and_itself(path):
    allowed = {*sys.stdlib_module_names, "numpy", "refnet"}
    if path.name == "digits.py":
        allowed |= {"sklearn"}  # inside the function that says what to do without it
    assert {m.partition(".")[0] for m in imported(path)} <= allowed


@pytest.mark.parametrize("path", files("refnet/ops"), ids=lambda p: p.name)
def test_operations_do_not_import_one_another(path):
    assert not [m for m in imported(path) if m.startswith("refnet.ops")]


@pytest.mark.parametrize("path", files("parity"), ids=lambda p: str(p.relative_to(ROOT)))
def test_each_framework_is_imported_in_one_adapter(path):
    found = {m.partition(".")[0] for m in imported(path)} & FRAMEWORKS
    home = path.parent if path.name == "__init__.py" else path
    home_of = home.stem if home.parent.name == "backends" else None
    assert found <= {home_of}


@pytest.mark.parametrize("path", files("parity/cases"), ids=lambda p: p.name)
def test_cases_are_data(path):
    assert set(imported(path)) <= {"parity.case", "parity.registry", "typing"}


@pytest.mark.parametrize(
    "path",
    [ROOT / "parity" / "compare.py", ROOT / "parity" / "judge.py", *files("parity/bounds")],
    ids=lambda p: p.stem,
)
def test_measuring_and_judging_see_arrays_only(path):
    roots = {m.partition(".")[0] for m in imported(path)}
    assert "refnet" not in roots
    assert not any(m.startswith("parity.backends") for m in imported(path))


@pytest.mark.parametrize("path", files("parity/report"), ids=lambda p: p.stem)
def test_reports_never_see_an_array(path):
    assert "numpy" not in {m.partition(".")[0] for m in imported(path)}


@pytest.mark.parametrize("path", [*files("refnet"), *files("parity")], ids=lambda p: p.stem)
def test_nothing_imports_tests(path):
    assert not any(m.partition(".")[0] in ("tests", "benchmarks") for m in imported(path))
