"""Arrays made from a case's id and the seed alone, the same on any machine.

Bits come from SHAKE-256 of a key, are read as integers and become dyadic fractions; what follows
uses additions, multiplications, divisions and roundings alone, which IEEE 754 defines to the last
bit. No library's generator and no elementary function has a part in them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.case import COTANGENTS, ArraySpec, Case, CellDtype, OneOf
from parity.errors import CaseError
from parity.floats import finfo

Array = NDArray[Any]

# Arguments whose exponentials are normal numbers or 0 in each dtype, up to far beyond either end.
_SATURATED = (1.0, 8.0, 17.0, 40.0, 80.0, 110.0, 700.0, 760.0, 1000.0)
# Arguments whose exponentials, times any cotangent, are in range in each dtype, or far beyond it.
_EXPONENTS = (1.0, 8.0, 40.0, 110.0, 760.0, 1000.0)
# Arguments whose exponentials are far below the unit roundoff, and which ones are subnormal.
_CONFIDENT = (-38.0, -45.0, -50.0, -60.0, -72.0)
_UNDERFLOWING = {
    "float16": (-11.0, -13.0, -15.0, -16.0),
    "bfloat16": (-90.0, -92.0, -94.0),
    "float32": (-90.0, -95.0, -100.0, -103.0),
    "float64": (-712.0, -725.0, -735.0, -744.0),
}
_SPECIAL = (math.nan, math.inf, -math.inf, 1.0, -2.0, 0.5, -0.25)
_KINKS = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5)
# Multiples of pi / 2, some of them closer than most to a float: 355 is next to 113 pi.
_QUARTER_TURNS = tuple(math.pi / 2 * k for k in (1, 2, 3, 4, 7, 22, 113, 226, 710, 4711, 33215))
# The ends of the hard sigmoids: slopes 1/6 and 0.2.
_HARD_KINKS = (3.0, -3.0, 2.5, -2.5, 0.0, -0.0)


def words(key: str, count: int) -> NDArray[np.uint64]:
    """Return ``count`` random 64-bit integers that belong to ``key``."""
    data = hashlib.shake_256(key.encode()).digest(8 * count)
    return np.frombuffer(data, "<u8").astype(np.uint64)


def uniform(key: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return multiples of 2^-53 in [0, 1)."""
    bits = words(key, math.prod(shape)) >> np.uint64(11)
    return np.asarray(bits.reshape(shape).astype(np.float64) * 2.0**-53)


def normal(key: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return values of mean 0 and variance 1, nearly normal: sums of four uniform ones."""
    parts = uniform(key, (4, *shape))
    return np.asarray((((parts[0] + parts[1]) + (parts[2] + parts[3])) - 2.0) * math.sqrt(3.0))


def permutation(key: str, n: int) -> NDArray[np.intp]:
    """Return a random order of 0 to n - 1."""
    return np.argsort(words(key, n), kind="stable")


class Drawn(NamedTuple):
    """The inputs and options of a case, drawn.

    Attributes
    ----------
    inputs, options
        The values, with the arrays among them in C order; they are not handed out.
    layouts : mapping
        How those that are not plain are to lie in memory, by an input's number or an option's name.
    """

    inputs: tuple[Array | None, ...]
    options: Mapping[str, Any]
    layouts: Mapping[int | str, str]

    def fresh(self) -> tuple[tuple[Array | None, ...], dict[str, Any]]:
        """Return inputs and options in memory of their own, laid out as asked for."""

        def own(key: int | str, value: Any) -> Any:
            if not isinstance(value, np.ndarray):
                return value
            return laid_out(value.copy(), self.layouts.get(key, "plain"))

        inputs = tuple(own(i, a) for i, a in enumerate(self.inputs))
        return inputs, {name: own(name, v) for name, v in self.options.items()}


def draw(spec: ArraySpec, dtype: str, key: str) -> Array:
    """Return the values that ``spec`` describes, in ``dtype`` (integers and bools in their own)."""
    if spec.draw in _INTEGERS:
        # Each number in turn, in a random order, so that every one of them occurs.
        classes = _INTEGERS[spec.draw](max(int(spec.high), 1))
        n = math.prod(spec.shape)
        return np.asarray(np.resize(classes, n)[permutation(key, n)].reshape(spec.shape))
    maker = _DRAWS.get(spec.draw)
    if maker is None:
        raise CaseError(
            "draw",
            got=f"the distribution {spec.draw!r}",
            needs=f"one of {', '.join([*_INTEGERS, *_DRAWS])}",
            cause="Is it misspelt in the case?",
        )
    with np.errstate(over="ignore"):  # huge values may round to infinity in the half types
        values = np.asarray(maker(key, spec, finfo(dtype))).astype(dtype)
    if spec.draw == "tiny":
        values = values + values.dtype.type(0)  # what is rounded to -0 is +0: "kinks" has -0
    return values


def resolved(case: Case, seed: int) -> Case:
    """Return the case with its named sizes and its choices drawn."""
    key = f"{seed}|{case.id}"

    def drawn(name: str, n: int) -> int:
        return int(words(f"{key}|{name}", 1)[0] % np.uint64(n))

    sizes: dict[Any, int] = {
        name: low + drawn(name, high - low + 1) for name, (low, high) in case.dims.items()
    }

    def option(name: str, value: Any) -> Any:
        if isinstance(value, OneOf):
            return value.values[drawn(name, len(value.values))]
        return _sized(value, sizes) if isinstance(value, ArraySpec) else value

    return replace(
        case,
        inputs=tuple(None if spec is None else _sized(spec, sizes) for spec in case.inputs),
        options={name: option(name, value) for name, value in case.options.items()},
        dims={},
    )


def _sized(spec: ArraySpec, sizes: Mapping[Any, int]) -> ArraySpec:
    """Return the spec with sizes for their names."""
    shape = tuple(sizes.get(n, n) for n in spec.shape)
    return replace(spec, shape=shape, high=sizes.get(spec.high, spec.high))


def arrays(case: Case, dtype: str, seed: int) -> tuple[tuple[Array | None, ...], dict[str, Any]]:
    """Return the inputs and options of a case, its specs drawn; arrays are fresh on every call."""
    return drawn(case, dtype, seed).fresh()


def drawn(case: Case, dtype: str, seed: int) -> Drawn:
    """Return the inputs and options of a case, drawn once."""
    key = f"{seed}|{case.id}"
    case = resolved(case, seed)
    every: dict[Any, Any] = {**dict(enumerate(case.inputs)), **case.options}
    values: dict[Any, Any] = {
        name: draw(value, dtype, f"{key}|{name}")
        if isinstance(value, ArraySpec)
        else np.dtype(dtype)
        if isinstance(value, CellDtype)
        else value
        for name, value in every.items()
    }
    return Drawn(
        tuple(values[i] for i in range(len(case.inputs))),
        {name: values[name] for name in case.options},
        {
            name: spec.layout
            for name, spec in every.items()
            if isinstance(spec, ArraySpec) and spec.layout != "plain"
        },
    )


def cotangents(
    case: Case,
    shape: tuple[int, ...] | list[tuple[int, ...]],
    dtype: str,
    seed: int,
    n: int = COTANGENTS,
) -> list[Any]:
    """Return n random signed cotangents of a case, for a result of ``shape``.

    Where there are several results, ``shape`` is a list, and each cotangent a tuple.
    """
    keys = [f"{seed}|{case.id}|cotangent {i}" for i in range(n)]
    if not isinstance(shape, list):
        return [normal(key, shape).astype(dtype) for key in keys]
    return [
        tuple(normal(f"{key} of {k}", s).astype(dtype) for k, s in enumerate(shape)) for key in keys
    ]


def _scaled(exponent: Callable[[Any], int]) -> Callable[[str, ArraySpec, Any], Array]:
    return lambda key, spec, info: np.ldexp(normal(key, spec.shape), exponent(info))


def _cycled(values: tuple[float, ...], signed: bool) -> Callable[[str, ArraySpec, Any], Array]:
    def maker(key: str, spec: ArraySpec, info: Any) -> Array:  # noqa: ARG001
        n = math.prod(spec.shape)
        order = words(key, 2 * n)
        picked = np.resize(np.array(values), n)[np.argsort(order[:n], kind="stable")]
        if signed:
            picked = np.where(order[n:] % np.uint64(2) == 0, picked, -picked)
        return picked.reshape(spec.shape)

    return maker


def _along(a: Array, axis: int, pair: Callable[[Array, Array], Array]) -> Array:
    """Replace every second value along ``axis`` by ``pair(the one before, itself)``."""
    moved = np.moveaxis(a, axis, -1)
    n = moved.shape[-1] // 2 * 2
    moved[..., 1:n:2] = pair(moved[..., 0:n:2], moved[..., 1:n:2])
    return a


def _paired(key: str, spec: ArraySpec, info: Any) -> Array:
    # Each value is followed by its negative, changed in the last third of its digits.
    small = 2.0 ** -(2 * info.nmant // 3)
    return _along(normal(key, spec.shape), spec.axis, lambda a, b: -a + small * b)


def _margin(info: Any) -> float:
    return 2.0**-8 if info.nmant > 7 else 2.0**-7


def _simplex(key: str, spec: ArraySpec, info: Any) -> Array:  # noqa: ARG001
    rows = uniform(key, spec.shape) + 0.0625
    return np.asarray(rows / rows.sum(axis=-1, keepdims=True))


# What labels, lengths, indices and conditions are drawn from, given the spec's ``high``.
_INTEGERS: Mapping[str, Callable[[int], Array]] = {
    "labels": lambda high: np.arange(high),
    "labels or -100": lambda high: np.append(np.arange(high), -100),
    "lengths": lambda high: np.arange(1, high + 1),
    "bools": lambda _: np.array([False, True]),
}

# Each takes a key, the spec and the dtype's finfo and returns float64 values. Their exponents
# leave room for sums and products of a few values: |normal| < 2^1.8.
_DRAWS: dict[str, Callable[[str, ArraySpec, Any], Array]] = {
    "normal": lambda key, spec, _: normal(key, spec.shape),
    "zeros": lambda _, spec, __: np.zeros(spec.shape),
    "offset": lambda key, spec, _: normal(key, spec.shape) + 100.0,
    "far below": lambda key, spec, _: normal(key, spec.shape) - 1000.0,
    "tiny": _scaled(lambda info: info.minexp + 2),
    "huge": _scaled(lambda info: info.maxexp - 9),
    "huge root": _scaled(lambda info: info.maxexp // 2 - 6),
    "paired": _paired,
    "repeated": lambda key, spec, _: _along(
        normal(key, spec.shape), spec.axis, lambda a, _: a.copy()
    ),
    # Strictly inside (0, 1), also after rounding to a half type.
    "unit": lambda key, spec, info: (
        uniform(key, spec.shape) * (1 - _margin(info)) + _margin(info) / 2
    ),
    # Exact in every dtype, and away from round numbers.
    "odd 32nds": _cycled(tuple((2 * k + 1) / 32 for k in range(16)), signed=False),
    "positive": lambda key, spec, _: uniform(key, spec.shape) + 0.5,
    "negative": lambda key, spec, _: -4.0 * uniform(key, spec.shape) - 2.0**-9,
    "nonzero": lambda key, spec, _: np.where(
        words(f"{key}|sign", math.prod(spec.shape)).reshape(spec.shape) % np.uint64(2) == 0,
        uniform(key, spec.shape) + 0.5,
        -0.5 - uniform(key, spec.shape),
    ),
    "huge positive": lambda key, spec, info: np.ldexp(
        uniform(key, spec.shape) + 0.5, info.maxexp - 9
    ),
    "subnormal": lambda key, spec, info: np.ldexp(uniform(key, spec.shape) + 0.5, info.minexp - 3),
    "simplex": _simplex,
    # Probabilities down to the subnormal numbers.
    "tiny probs": lambda key, spec, info: np.ldexp(uniform(key, spec.shape) + 0.5, info.minexp + 2),
    # Values around 1 that differ in their last third of digits.
    "close": lambda key, spec, info: 1 + 2.0 ** -(2 * info.nmant // 3) * normal(key, spec.shape),
    "small": lambda key, spec, _: 0.25 * normal(key, spec.shape),
    "saturated": _cycled(_SATURATED, signed=True),
    "saturated positive": _cycled(_SATURATED, signed=False),
    "confident": _cycled(_CONFIDENT, signed=False),
    "underflowing": lambda key, spec, info: _cycled(_UNDERFLOWING[info.dtype.name], signed=False)(
        key, spec, info
    ),
    "exponents": _cycled(_EXPONENTS, signed=True),
    "quarter turns": _cycled(_QUARTER_TURNS, signed=True),
    "integers": _cycled((-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0), signed=False),
    "kinks": _cycled(_KINKS, signed=False),
    "ties": _cycled((0.0, 1.0, -1.0, 0.5), signed=False),
    "signed zeros": _cycled((0.0, -0.0), signed=False),
    "hard kinks": _cycled(_HARD_KINKS, signed=False),
    "special": _cycled(_SPECIAL, signed=False),
    "some nan": _cycled((0.25, 0.5, 0.75, 1.0, math.nan), signed=False),
    "binary": _cycled((0.0, 1.0), signed=False),
    "signs": _cycled((1.0,), signed=True),
    "masked": _cycled((-math.inf, 0.5, -1.0, 2.0), signed=False),
}


def laid_out(a: Array, layout: str) -> Array:
    """Return an array, which is handed over, as it is to lie in memory."""
    match layout:
        case "plain":
            return a
        case "strided":
            wide = np.full((*a.shape[:-1], 2 * a.shape[-1]), 7, a.dtype)
            wide[..., ::2] = a
            return wide[..., ::2]
        case "reversed":
            return np.ascontiguousarray(np.flip(a))[(slice(None, None, -1),) * a.ndim]
        case "transposed":
            return np.asfortranarray(a)
        case "read_only":
            a.flags.writeable = False
            return a
        case _:
            raise CaseError(
                "draw",
                got=f"the layout {layout!r}",
                needs="plain, strided, reversed, transposed or read_only",
                cause="Is it misspelt in the case?",
            )
