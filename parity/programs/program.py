"""A program of TensorFlow 1 in a file, run with another module under the name of its import."""

from __future__ import annotations

import ast
import io
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import copy_context
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import numpy as np

from parity.errors import SelectionError

REFNET = "refnet.tf1"
MODULES = (REFNET, "tensorflow", "tensorflow.compat.v1")


class Enough(BaseException):
    """Raised within a program that has done all that is wanted of it."""


class Program(NamedTuple):
    """A program and its arguments. The file is read and run, never changed.

    It imports what it is written for under a name of its choice, by one of::

        import refnet.tf1 as tf
        import tensorflow as tf
        import tensorflow.compat.v1 as tf
        from tensorflow.compat import v1 as tf

    Both sides draw the same numbers from NumPy's global generator and Python's, which are seeded
    anew for every run and put back after it.
    """

    path: Path
    argv: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The file's name without its ending, and the arguments."""
        return " ".join([self.path.stem, *self.argv])

    def code(self, module: str) -> CodeType:
        """Return the program's code with ``module`` in the place of what it imports.

        Raises
        ------
        SelectionError
            If the file cannot be read, is no Python, or imports none of these.
        """
        try:
            tree = ast.parse(self.path.read_bytes(), str(self.path))
        except (OSError, SyntaxError, ValueError) as error:
            raise SelectionError(
                "program",
                got=f"{self.path}, which cannot be read ({error})",
                needs="a program in Python",
                cause="Is the path right, and the program of Python 3?",
            ) from error
        replacing = _Replacing(module)
        tree = ast.fix_missing_locations(replacing.visit(tree))
        if not replacing.found:
            raise SelectionError(
                "program",
                got=f"{self.path}, which does not import TensorFlow",
                needs=f"an import of {', '.join(MODULES)}",
                cause="Is it imported in another file, on which this one depends?",
            )
        return compile(tree, str(self.path), "exec")

    def run(self, module: str, seed: int = 0) -> str:
        """Run the program with ``module`` and return what it printed, up to its end or Enough.

        Whatever it raises is raised, but for sys.exit() without an error.
        """
        code = self.code(module)
        main = ModuleType("__main__")
        main.__file__ = str(self.path)
        printed = io.StringIO()
        with _as_main(main, self), _seeded(seed), redirect_stdout(printed):
            try:
                # What the program leaves in context variables ends with it.
                copy_context().run(exec, code, main.__dict__)
            except Enough:
                pass
            except SystemExit as done:
                if done.code:
                    raise
        return printed.getvalue()


class _Replacing(ast.NodeTransformer):
    """Puts a module in the place of those that a program may be written for."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.found = False

    def visit_Import(self, node: ast.Import) -> ast.AST:
        for alias in node.names:
            # `import tensorflow.compat.v1` alone binds a package that has it, and not itself.
            if alias.name in MODULES and (alias.asname or "." not in alias.name):
                self.found = True
                alias.name, alias.asname = self.module, alias.asname or alias.name
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        taken = [a for a in node.names if f"{node.module}.{a.name}" in MODULES and not node.level]
        found: list[ast.stmt] = []
        for alias in taken:
            self.found = True
            node.names.remove(alias)
            bound = ast.alias(self.module, alias.asname or alias.name)
            found.append(ast.copy_location(ast.Import([bound]), node))
        return [*found, node] if node.names else found


@contextmanager
def _as_main(main: ModuleType, program: Program) -> Iterator[None]:
    """Let the program find itself as __main__, its arguments, and the files beside it."""
    kept = sys.modules["__main__"], sys.argv, sys.path
    sys.modules["__main__"] = main
    sys.argv = [str(program.path), *program.argv]
    sys.path = [str(program.path.resolve().parent), *sys.path]
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv, sys.path = kept


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the global generators, which programs of this kind draw from; then put them back."""
    kept = np.random.get_state(), random.getstate()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(kept[0])  # noqa: NPY002
        random.setstate(kept[1])
