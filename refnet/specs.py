"""String specs such as ``"sgd(lr=0.01)"``, parsed safely.

A spec is a registered name, or one call of it with keyword literals. It is read with :mod:`ast`;
nothing is evaluated.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from refnet import checks
from refnet.errors import ArgumentError, OptionError

T = TypeVar("T")

MAX_LENGTH = 1024


def from_spec(kind: str, spec: str, factories: Mapping[str, Callable[..., T]]) -> T:
    """Return what the spec describes: the factory of its name, called with its literals.

    Parameters
    ----------
    kind : str
        What is described ("optimizer", "activation"), for messages.
    spec : str
        ``"name"`` or ``"name(option=literal, ...)"`` of at most 1024 characters; the name counts
        without regard to case. Literals are numbers, strings, True, False and None.
    factories : mapping
        What the names stand for.

    Raises
    ------
    OptionError
        If the spec is anything else, the name is unknown, or the factory refuses an option.

    Examples
    --------
    >>> from_spec("number", "complex(real=1, imag=-2.5)", {"complex": complex})
    (1-2.5j)
    """
    if not isinstance(spec, str) or len(spec) > MAX_LENGTH:
        raise OptionError(
            kind,
            got=f"a spec of type {type(spec).__name__}"
            if not isinstance(spec, str)
            else f"a spec of {len(spec)} characters",
            needs=f"a string of at most {MAX_LENGTH} characters",
            cause=f"Is it a value instead? Known names: {', '.join(sorted(factories))}.",
        )
    name, options = _parsed(kind, spec, factories)
    factory = factories.get(name)
    if factory is None:
        raise OptionError(
            kind,
            got=f"the unknown name {name!r}",
            needs=f"one of {', '.join(sorted(factories))}",
            cause=checks.nearest(name, factories),
        )
    try:
        return factory(**options)
    except ArgumentError as error:  # a keyword that an operation does not have
        raise OptionError(
            kind, got=f"{error.got} in {spec!r}", needs=error.needs, cause=error.cause
        ) from error
    except TypeError as error:
        raise OptionError(
            kind,
            got=f"the spec {spec!r}",
            needs=f"options that {name} has",
            cause=f"Python says: {error}.",
        ) from error


def _parsed(kind: str, spec: str, names: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)  # such as '\d' in a string
            warnings.simplefilter("error", DeprecationWarning)
            node = ast.parse(spec.strip(), mode="eval").body
        if isinstance(node, ast.Name):
            return node.id.lower(), {}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
            options = {k.arg: ast.literal_eval(k.value) for k in node.keywords if k.arg}
            if len(options) == len(node.keywords) and all(map(_is_literal, options.values())):
                return node.func.id.lower(), options
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError, Warning):
        pass
    raise OptionError(
        kind,
        got=f"the spec {spec!r}",
        needs="a name, or one call of it with keyword literals, such as 'name(option=0.1)'",
        cause=f"Known names: {', '.join(sorted(names))}.",
    )


def _is_literal(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
