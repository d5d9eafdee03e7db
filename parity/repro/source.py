"""The source text of an adapter's operation, with all that it uses and without parity.

The families of :mod:`parity.backends` are functions whose only argument is the framework, and whose
operations are the entries of one dict. The text of an entry, of the functions beside it that it
names and of those of the module and of other modules of parity is a program of its own.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from inspect import getsource
from pkgutil import iter_modules
from types import ModuleType
from typing import NamedTuple

from parity.errors import ReproError

# What stands for the errors that adapters raise.
_ERRORS = {"UnsupportedError": "UnsupportedError = NotImplementedError"}
_REMARKS = re.compile(r"  # (?:type: ignore|noqa)[^\n]*")


class Source(NamedTuple):
    """An operation's source: definitions, in order, and the expression that is the operation."""

    definitions: str
    expression: str


class _Part(NamedTuple):
    """A statement that defines names: where it stands, its text and what it needs."""

    place: tuple[int, ...]
    text: str
    node: ast.AST
    module: ModuleType


def source_of(module: ModuleType, name: str, function: str = "family") -> Source:
    """Return the source of the entry ``name`` of the dict that a module's function makes.

    Raises
    ------
    ReproError
        If there is no such entry.

    Examples
    --------
    >>> from parity.backends.torch.operations import elementary
    >>> source_of(elementary, "exp")
    Source(definitions='', expression='torch.exp')
    """
    maker = _functions(module)[function]
    inner = {n: part for part in _parts(module, maker.body, (1,)) for n in _stored(part.node)}
    for node in _literals(maker):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == name:
                framework = maker.args.args[0].arg
                parts = _needed(value, module, {framework}, inner)
                text = "\n\n".join(part.text for part in sorted(parts))
                return Source(_without_remarks(text), ast.unparse(value))
    raise ReproError(
        "repro",
        got=f"{name!r}, which is no entry of {module.__name__}.{function}",
        needs="an entry of the dict that the function makes",
        cause="Is the dict made by a comprehension?",
    )


def source_of_function(module: ModuleType, name: str) -> str:
    """Return the source of a module's function or class with all that it uses."""
    kinds = ast.FunctionDef | ast.ClassDef
    found = next(n for n in _tree(module).body if isinstance(n, kinds) and n.name == name)
    parts = {_part(module, found, (0,)), *_needed(found, module, set(), {})}
    return _without_remarks("\n\n\n".join(part.text for part in sorted(parts)))


def _without_remarks(text: str) -> str:
    return _REMARKS.sub("", text)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(getsource(module))


def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    return {n.name: n for n in _tree(module).body if isinstance(n, ast.FunctionDef)}


def _literals(maker: ast.FunctionDef) -> Iterator[ast.Dict]:
    """Yield the dicts of a function, but for those of the functions in it."""
    todo: list[ast.AST] = [*reversed(maker.body)]  # what is returned comes first
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Dict):
            yield node
        todo += ast.iter_child_nodes(node)


def _parts(module: ModuleType, body: list[ast.stmt], place: tuple[int, ...]) -> list[_Part]:
    kinds = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
    return [_part(module, node, place) for node in body if isinstance(node, kinds)]


def _part(module: ModuleType, node: ast.stmt, place: tuple[int, ...]) -> _Part:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    lines = getsource(module).splitlines()[first - 1 : node.end_lineno]
    return _Part((*place, first), textwrap.dedent("\n".join(lines)), node, module)


def _needed(
    node: ast.AST, module: ModuleType, given: set[str], inner: dict[str, _Part]
) -> set[_Part]:
    """Return the statements that a node needs, and those that these need."""
    outer = {n: p for p in _parts(module, _tree(module).body, (0,)) for n in _stored(p.node)}
    imports = {
        alias.asname or alias.name: (statement, alias)
        for statement in _tree(module).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
    }
    found: set[_Part] = set()
    todo = [node]
    while todo:
        for name in sorted(_free(todo.pop()) - given):
            part = inner.get(name) or outer.get(name)
            if part is not None:
                if part not in found:
                    found.add(part)
                    todo.append(part.node)
            elif name in imports:
                found |= _imported(name, *imports[name], module)
    return found


def _imported(
    name: str, statement: ast.Import | ast.ImportFrom, alias: ast.alias, module: ModuleType
) -> set[_Part]:
    """Return an import, or for one of parity's own modules the text of what it imports."""
    if name in _ERRORS:
        return {_Part((-1, 1), _ERRORS[name], statement, module)}
    if isinstance(statement, ast.Import) or not (statement.module or "").startswith("parity"):
        alone = (
            ast.Import([alias])
            if isinstance(statement, ast.Import)
            else ast.ImportFrom(statement.module, [alias], 0)
        )
        return {
            _Part((-2, len(name)), ast.unparse(ast.fix_missing_locations(alone)), alone, module)
        }
    other = import_module(statement.module or "")
    parts = {n: p for p in _parts(other, _tree(other).body, (-1,)) for n in _stored(p.node)}
    part = parts[alias.name]
    needed = _needed(part.node, other, set(), {})
    return {part, *(p._replace(place=(-1, *p.place[1:])) if p.place[0] == 0 else p for p in needed)}


def _stored(node: ast.AST) -> set[str]:
    """Return the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {n.id for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)}


def _free(node: ast.AST) -> set[str]:
    """Return the names that a node uses and does not bind itself; annotations are not used."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        a = node.args
        every = [*a.posonlyargs, *a.args, *a.kwonlyargs]
        bound = {x.arg for x in [*every, *(x for x in (a.vararg, a.kwarg) if x is not None)]}
        outside = [*a.defaults, *(d for d in a.kw_defaults if d is not None)]
        inside: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
        if isinstance(node, ast.FunctionDef):
            outside += node.decorator_list
            bound |= {
                n.id
                for part in inside
                for n in ast.walk(part)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            bound |= {n.name for n in node.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        used = set[str]().union(*map(_free, inside)) - bound
        return used.union(*map(_free, outside))
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.AnnAssign):
        return set() if node.value is None else _free(node.value)
    return set[str]().union(*map(_free, ast.iter_child_nodes(node)))


def find(package: ModuleType, name: str) -> Source:
    """Return the source of an operation out of a package of families, or raise ReproError."""
    for module in iter_modules(package.__path__):
        with suppress(ReproError):
            return source_of(import_module(f"{package.__name__}.{module.name}"), name)
    raise ReproError(
        "repro",
        got=f"the operation {name!r}, which no family of {package.__name__} has an entry for",
        needs="an entry of a dict that is written out",
        cause="Is the dict made by a comprehension?",
    )
