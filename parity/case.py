"""What is checked: cases as frozen data, without any expected value.

A case says which operation is called, with which options, on what kind of arrays. Expected values
come from the oracle and from the backends when it is run, so a case can not agree with itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

DTYPES = ("float16", "bfloat16", "float32", "float64")
# Of products, by regime. What some CPUs have for them in the half types (AVX-512 BF16, AMX) and
# oneDNN uses: bfloat16 takes subnormal numbers for zero; and values go in pairs, an odd one with a
# zero, which makes NaN of infinity.
DTYPES_OF_PRODUCTS = {"tiny": ("float16", "float32", "float64"), "special": ("float32", "float64")}
# Cotangents drawn for each case: random and signed, for a constant one hides whole terms.
COTANGENTS = 3

# Regime -> what its inputs are made to show. The report groups its rows by these.
REGIMES: Mapping[str, str] = {
    "typical": "values of size 1",
    "offset": "values around 100: kills formulas that square before they centre",
    "tiny": "values around the smallest normal number: gradual underflow",
    "huge": "values near overflow: kills formulas that overflow on the way",
    "cancelling": "sums whose terms nearly cancel",
    "saturated": "arguments up to 1000 either way, and certain targets",
    "kinks": "inputs on the kinks, ties and signed zeros",
    "special": "NaN and infinities among the inputs",
    "layouts": "strided, reversed, transposed and read-only memory",
    "edge shapes": "no elements, one element, extra axes",
    "moments": "initial values: moments, distribution and support",
    "updates": "optimizer updates",
    "training": "whole training runs",
}


@dataclass(frozen=True, slots=True)
class OneOf:
    """An option whose value is drawn from the case's id and the seed, out of ``values``."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CellDtype:
    """An option that is the cell's dtype."""


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """One input array: what it is drawn from, and how it lies in memory.

    Attributes
    ----------
    shape : tuple of int or str
        Its shape; a name stands for one of the case's ``dims``.
    draw : str
        A distribution of :mod:`parity.inputs`.
    axis : int
        For ``paired`` and ``repeated`` values: the axis along which they come in pairs.
    high : int or str
        For ``labels`` and ``labels or -100``: the number of classes. For ``lengths``: the largest.
        A name stands for one of the case's ``dims``.
    layout : str
        ``plain``, ``strided``, ``reversed``, ``transposed`` or ``read_only``.
    """

    shape: tuple[Any, ...]
    draw: str = "normal"
    axis: int = -1
    high: Any = 0
    layout: str = "plain"


@dataclass(frozen=True, slots=True)
class Case:
    """One call of an operation, forward and with its VJP.

    Attributes
    ----------
    op : str
        The operation's name.
    name : str
        Unique among the operation's cases; ``op/name`` is the case's id.
    regime : str
        A key of :data:`REGIMES`.
    inputs : tuple
        An :class:`ArraySpec` for each input, or None for an optional input left out.
    options : mapping
        Keyword options; an ArraySpec among them is drawn like an input, a OneOf is picked, and a
        CellDtype is the cell's dtype.
    dims : mapping
        The ranges, ends included, that the sizes named in shapes are drawn from, by the case's id
        and the seed.
    dtypes : tuple of str
        The dtypes in which the case is declared.
    vjp : bool
        False for a case whose derivative has no meaning (forward only).
    vacuous : mapping
        Parts in which the check cannot fail (:mod:`parity.selftest.vacuity`), each with the
        reason; every kind of case has it.
    """

    op: str
    name: str
    regime: str
    inputs: tuple[ArraySpec | None, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    dtypes: tuple[str, ...] = DTYPES
    vjp: bool = True
    dims: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    # It says nothing of what is run: repr, of which a case's version is made, leaves it out.
    vacuous: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The case's stable id."""
        return f"{self.op}/{self.name}"


@dataclass(frozen=True, slots=True)
class InitializerCase:
    """A sample of an initializer, compared by moments, distribution and support.

    ``op`` is the initializer's name; the sample is that of ``draws`` arrays of ``shape``, each from
    a seed of its own.
    """

    op: str
    name: str
    shape: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    draws: int = 1
    dtypes: tuple[str, ...] = ("float32", "float64")
    regime: str = "moments"
    vacuous: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The case's stable id."""
        return f"{self.op}/{self.name}"


@dataclass(frozen=True, slots=True)
class OptimizerCase:
    """Updates of an optimizer from given parameters and gradients, every slot compared.

    ``op`` is the optimizer's name; ``shapes`` are those of the parameters. Gradients are of size
    ``gradients``: tiny ones tell where an epsilon stands.
    """

    op: str
    name: str
    options: Mapping[str, Any]
    shapes: Mapping[str, tuple[int, ...]]
    steps: int = 7
    gradients: float = 1.0
    dtypes: tuple[str, ...] = ("float16", "float32", "float64")
    regime: str = "updates"
    vacuous: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The case's stable id."""
        return f"{self.op}/{self.name}"


@dataclass(frozen=True, slots=True)
class TrainingCase:
    """A training run of a model on data, in lockstep and free-running.

    Attributes
    ----------
    op : str
        The model's name.
    name : str
        Unique among the model's cases.
    model : mapping
        The model's own options, such as its hidden units.
    optimizer : str
        The optimizer's name; ``optimizer_options`` are its options.
    data : str
        A data set of :mod:`parity.trajectory.data`.
    gain : float
        Initial weights are gain times values of size 1, biases zero.
    batch_size : int
        Samples per update; 0 for all of them.
    steps : int
        Lockstep steps.
    free_steps : int
        Free-running steps.
    """

    op: str
    name: str
    model: Mapping[str, Any]
    optimizer: str
    optimizer_options: Mapping[str, Any]
    data: str
    gain: float
    batch_size: int = 0
    steps: int = 100
    free_steps: int = 100
    dtypes: tuple[str, ...] = ("float32", "float64")
    regime: str = "training"
    vacuous: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The case's stable id."""
        return f"{self.op}/{self.name}"


AnyCase: TypeAlias = Case | InitializerCase | OptimizerCase | TrainingCase

# What a selection calls each kind of case.
KINDS: Mapping[str, type[AnyCase]] = {
    "operations": Case,
    "initializers": InitializerCase,
    "optimizers": OptimizerCase,
    "trainings": TrainingCase,
}
