"""Static shapes: what is known of a node's shape before anything is fed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import lcm
from typing import Any, TypeAlias, overload

from refnet.errors import RefnetError, ShapeError

# The length of each axis, None where it is not known; None for an unknown number of axes.
Dims: TypeAlias = "tuple[int | None, ...] | None"

# Lengths that stand for unknown ones are large, so that none is another length by accident, divide
# into parts as often as is usual, and are two, so that what follows from one shows.
_PRIMES = (7919, 104729)
_DIVISIBLE = 720720  # by 1 to 16
_MAX_TRIES = 256


class Dimension(int):
    """A length that is known; ``value`` is how TensorFlow 1's programs ask for the number."""

    @property
    def value(self) -> int:
        """The number."""
        return int(self)


class TensorShape(Sequence[Any]):
    """The shape of a node as far as it is known; None stands for an unknown length.

    Examples
    --------
    >>> shape = TensorShape((None, 784))
    >>> shape
    TensorShape([None, 784])
    >>> shape[1], shape.ndims, shape.as_list()
    (784, 2, [None, 784])
    >>> TensorShape(None).ndims is None
    True
    """

    def __init__(self, dims: Any) -> None:
        self.dims: Dims = None if dims is None else tuple(dims)

    @property
    def ndims(self) -> int | None:
        """The number of axes, or None if it is not known."""
        return None if self.dims is None else len(self.dims)

    rank = ndims

    def as_list(self) -> list[int | None]:
        """Return the lengths; ShapeError if not even their number is known."""
        return list(self._known())

    def is_fully_defined(self) -> bool:
        """Whether every length is known."""
        return self.dims is not None and None not in self.dims

    def num_elements(self) -> int | None:
        """Return the number of elements, or None if it is not known."""
        count = 1
        for n in self.dims or ():
            if n is None:
                return None
            count *= n
        return None if self.dims is None else count

    def is_compatible_with(self, other: Any) -> bool:
        """Whether an array may have both shapes; ``other`` is a shape, or a list of lengths.

        Examples
        --------
        >>> TensorShape((None, 3)).is_compatible_with((5, 3))
        True
        """
        try:
            merged(self.dims, TensorShape(other.dims if hasattr(other, "dims") else other).dims)
        except ValueError:
            return False
        return True

    @overload
    def __getitem__(self, i: int) -> int | None: ...
    @overload
    def __getitem__(self, i: slice) -> TensorShape: ...
    def __getitem__(self, i: int | slice) -> Any:
        known = self._known()
        if isinstance(i, slice):
            return TensorShape(known[i])
        n = known[i]
        return None if n is None else Dimension(n)

    def __len__(self) -> int:
        return len(self._known())

    def __iter__(self) -> Iterator[int | None]:
        return iter([None if n is None else Dimension(n) for n in self._known()])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TensorShape):
            return self.dims == other.dims
        if isinstance(other, tuple | list):
            return self.dims == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.dims)

    def __repr__(self) -> str:
        return "TensorShape(None)" if self.dims is None else f"TensorShape({list(self.dims)})"

    def __str__(self) -> str:
        return shown(self.dims)

    def _known(self) -> tuple[int | None, ...]:
        if self.dims is None:
            raise ShapeError(
                "shape",
                got="a node of which not even the number of axes is known",
                needs="a known number of axes",
                cause="Was a placeholder made without a shape?",
            )
        return self.dims


def shown(dims: Dims) -> str:
    """Return a shape in words: (?, 784), or "unknown".

    Examples
    --------
    >>> shown((None, 784))
    '(?, 784)'
    """
    if dims is None:
        return "unknown"
    lengths = ["?" if n is None else str(n) for n in dims]
    return f"({', '.join(lengths)}{',' * (len(lengths) == 1)})"


def compatible(dims: Dims, shape: Sequence[int]) -> bool:
    """Whether an array of a shape is what is known of one.

    Examples
    --------
    >>> compatible((None, 3), (5, 3)), compatible((None, 3), (5, 4)), compatible(None, (7,))
    (True, False, True)
    """
    if dims is None:
        return True
    return len(dims) == len(shape) and all(
        known is None or known == n for known, n in zip(dims, shape, strict=True)
    )


def merged(dims: Dims, other: Dims) -> Dims:
    """Return what two descriptions of one shape know together; ValueError if they contradict."""
    if dims is None or other is None:
        return other if dims is None else dims
    if len(dims) != len(other):
        raise ValueError
    found: list[int | None] = []
    for a, b in zip(dims, other, strict=True):
        if a is not None and b is not None and a != b:
            raise ValueError
        found.append(b if a is None else a)
    return tuple(found)


def inferred(rule: Callable[..., Any], known: Sequence[Dims]) -> list[Dims]:
    """Return the shapes of the results of an operation, as far as those of its inputs tell.

    ``rule(*shapes)`` is the operation's own: from complete shapes to the shape of the result, or a
    list of shapes for several results, or a ShapeError. Unknown lengths are tried out: what all
    lengths that the operation takes lead to is known of the result.

    Raises
    ------
    ShapeError
        If there are no lengths that the operation takes.

    Examples
    --------
    >>> import refnet as rn
    >>> inferred(rn.matmul.shape, [(None, 784), (784, 10)])
    [(None, 10)]
    """
    if any(dims is None for dims in known):
        return [None]
    unknown = [
        (i, j) for i, dims in enumerate(known) for j, n in enumerate(dims or ()) if n is None
    ]
    if not unknown:
        return _several(rule(*known))
    lengths = {n for dims in known for n in dims or () if n is not None} | {1}
    probes = [lcm(_DIVISIBLE, *(n or 1 for n in lengths)) * prime for prime in _PRIMES]
    found: list[list[Dims]] = []
    refusal: RefnetError | None = None

    def tried(lengths: Sequence[int]) -> bool:
        nonlocal refusal
        filled = [list(dims or ()) for dims in known]
        for (i, j), n in zip(unknown, lengths, strict=True):
            filled[i][j] = n
        try:
            found.append(_several(rule(*map(tuple, filled))))
        except RefnetError as error:
            refusal = refusal or error
            return False
        return True

    for probe in probes:  # all alike: the samples of a batch, most often
        tried([probe] * len(unknown))
    if len(found) < len(probes):
        choices = (*sorted(lengths), *probes)
        for n, each in enumerate(product(choices, repeat=len(unknown))):
            if n == _MAX_TRIES:
                return [None]
            tried(each)
    if not found:
        assert refusal is not None
        raise _shown_open(refusal, probes)
    if len(set(map(len, found))) != 1:
        return [None]
    return [_agreed(each, probes) for each in zip(*found, strict=True)]


def _shown_open(error: RefnetError, probes: Sequence[int]) -> RefnetError:
    """Return an error in which lengths that were tried out stand as "?"."""
    tried = re.compile("|".join(rf"\b{probe}\b" for probe in probes))
    texts = [tried.sub("?", text) for text in (error.got, error.needs, error.cause)]
    return type(error)(error.operation, got=texts[0], needs=texts[1], cause=texts[2])


def _several(shapes: Any) -> list[Dims]:
    return list(shapes) if isinstance(shapes, list) else [tuple(shapes)]


def _agreed(shapes: Sequence[Dims], probes: Sequence[int]) -> Dims:
    """Return what the shapes have in common."""
    known = [dims for dims in shapes if dims is not None]
    if len({len(dims) for dims in known}) != 1:
        return None
    return tuple(
        lengths[0] if len(set(lengths)) == 1 and lengths[0] not in probes else None
        for lengths in zip(*known, strict=True)
    )
