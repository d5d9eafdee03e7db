"""The errors that refnet raises on purpose, each in four parts.

An error names the operation, what it got, what it needs and the likely cause, and it is raised
before anything is changed. Each class also derives from the built-in exception that a caller
would expect, so ``except ValueError`` keeps working.
"""

from __future__ import annotations

from typing import Any


class ExplainedError(Exception):
    """An error in four parts, which are also attributes.

    Parameters
    ----------
    operation : str
        The operation, function or command that refuses.
    got, needs, cause : str
        What it was given, what it accepts, and what most likely went wrong.

    Examples
    --------
    >>> str(ShapeError("dense", got="x (8, 3) and w (4, 3)", needs="as many rows in w as x has "
    ...                "features", cause="Was w passed transposed?"))
    'dense: got x (8, 3) and w (4, 3); needs as many rows in w as x has features.
     Was w passed transposed?'
    """

    def __init__(self, operation: str, *, got: str, needs: str, cause: str) -> None:
        super().__init__(f"{operation}: got {got}; needs {needs}. {cause}")
        self.operation = operation
        self.got = got
        self.needs = needs
        self.cause = cause

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments do not survive the default pickling, and workers send errors home.
        return _rebuild, (type(self), self.operation, self.got, self.needs, self.cause)


def _rebuild(
    kind: type[ExplainedError], operation: str, got: str, needs: str, cause: str
) -> ExplainedError:
    return kind(operation, got=got, needs=needs, cause=cause)


class RefnetError(ExplainedError):
    """Base of the errors that refnet raises on purpose."""


class ArgumentError(RefnetError, TypeError):
    """A wrong number of inputs, or an option that the operation does not have."""


class ShapeError(RefnetError, ValueError):
    """Shapes that do not fit one another or the operation."""


class DtypeError(RefnetError, TypeError):
    """A dtype that the operation does not take, or dtypes that differ."""


class OptionError(RefnetError, ValueError):
    """An option, a hyperparameter or a name outside what is accepted."""


class DomainError(RefnetError, ValueError):
    """A value outside the operation's domain: a label out of range, a probability above 1."""


class StateError(RefnetError, ValueError):
    """Values of a network that are missing, unexpected, or of another shape or dtype."""


class DataFileError(RefnetError, OSError):
    """A data file that is missing, unreadable, truncated, oversized or of another format."""


class MissingDependencyError(RefnetError, ImportError):
    """An optional package that this call needs and that is not installed."""


class GraphError(RefnetError, ValueError):
    """A mistake in a static graph: a node of another graph, a name in use, no session."""


class CycleError(GraphError):
    """Nodes of a graph that need one another."""


class FeedError(GraphError):
    """A placeholder that is not fed, or a feed that no placeholder takes."""


class ReuseError(GraphError):
    """A variable that is shared by accident, or was to be shared and does not exist."""


class UninitializedError(GraphError):
    """A variable that has no value in a session yet."""


class UnconnectedError(GraphError):
    """A gradient with respect to a node that the result does not depend on."""


class UnknownNameError(RefnetError, AttributeError):
    """A name that a front end does not have."""
