"""What an operation is: a forward function and its vector-Jacobian product under one name.

An operation is written as three functions in one file::

    @operation(analytic=True)
    def tanh(x, /): ...                 # the value, from positional inputs and keyword options

    @tanh.shape_rule
    def _(x): ...                       # shapes -> the result's shape; refuses what does not fit

    @tanh.vjp_rule
    def _(dy, x, *, y): ...             # the cotangent of each input

:class:`Op` does what all of them share. It refuses wrong dtypes, unknown options and misshapen
cotangents before anything is computed, fills in the defaults of options, and computes float16 in
float32 with one rounding of each result.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from operator import attrgetter
from types import FunctionType, MappingProxyType
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast

import numpy as np

from refnet.admission import Signature, admitted, widened
from refnet.arrays import FLOAT16, Array, Cotangents, Shape
from refnet.checks import nearest
from refnet.errors import ArgumentError, DtypeError, ShapeError

P = ParamSpec("P")
ShapeRule = Callable[..., Shape]
VjpRule = Callable[..., Cotangents]
ResidualRule = Callable[..., tuple[Any, Any]]
R = TypeVar("R", bound=ResidualRule)
Intercept = Callable[[str, Array], Array]

_COLLECTIONS = (tuple, list, set, frozenset)
_KIND = attrgetter("__class__", "dtype", "shape")
MAX_PASSED = 256

_OPS: dict[str, Op[Any]] = {}
_intercept: ContextVar[Intercept | None] = ContextVar("intercept", default=None)


@contextmanager
def intercepted(f: Intercept) -> Iterator[None]:
    """Pass every result of every operation, forward and backward, through ``f(name, result)``.

    The one seam through which a harness moves results by an ulp or records them. It holds for the
    current thread or task until the block ends; inside another such block, what f returns passes
    through the other's function too.

    Examples
    --------
    >>> seen = []
    >>> with intercepted(lambda name, a: (seen.append(name), a)[1]):
    ...     _ = ops()["tanh"](np.ones(2))
    >>> seen
    ['tanh']
    """
    outer = _intercept.get()
    token = _intercept.set(f if outer is None else lambda name, a: outer(name, f(name, a)))
    try:
        yield
    finally:
        _intercept.reset(token)


class Vjp(Protocol):
    """The VJP at one point: from the result's cotangent to the inputs'."""

    def __call__(self, dy: Array, *, wrt: Collection[str] | None = None) -> Cotangents:
        """Return what :meth:`Op.vjp` returns."""
        ...


class Op(Generic[P]):
    """One operation: call it for the value, call :meth:`vjp` for the cotangents.

    Attributes
    ----------
    name : str
        The name under which :func:`ops` and ``refnet`` hold it.
    inputs : tuple of str
        The names of the positional inputs, in order; the first ``required`` must be given.
    options : mapping
        The keyword options with their defaults.
    analytic : bool
        Whether it also takes complex inputs, so that complex step differentiates it.
    """

    def __init__(
        self,
        forward: Callable[P, Array],
        *,
        analytic: bool,
        integer_inputs: Collection[str] = (),
        float_inputs_too: bool = False,
    ) -> None:
        function = cast(FunctionType, forward)
        self.name: str = function.__name__
        self.inputs: tuple[str, ...] = function.__code__.co_varnames[
            : function.__code__.co_posonlyargcount
        ]
        self.required = len(self.inputs) - len(function.__defaults__ or ())
        self._defaults: dict[str, Any] = dict(function.__kwdefaults__ or {})
        self.options: Mapping[str, Any] = MappingProxyType(self._defaults)
        self.analytic = analytic
        integer = frozenset(integer_inputs)
        self._signature = Signature(
            self.name, self.inputs, self.required, integer, float_inputs_too, analytic
        )
        self._names = frozenset(self.inputs)
        self._vjp_signature = self._signature._replace(
            inputs=("dy", *self.inputs), required=self.required + 1
        )
        self._passed: dict[Any, tuple[tuple[None, ...], Shape]] = {}
        self._forward = cast(Callable[..., Array], forward)
        self._shape_rule: ShapeRule
        self._vjp_rule: VjpRule
        self._residual_rule: ResidualRule | None = None
        self._wants_y = self._wants_residual = self._wants_wrt = False
        update_wrapper(self, cast(Any, forward))

    def __repr__(self) -> str:
        """Return the name with its inputs and options."""
        options = [f"{k}={v!r}" for k, v in self.options.items()]
        return f"refnet.{self.name}({', '.join([*self.inputs, '/', '*', *options])})".replace(
            ", *)", ")"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _lookup, (self.name,)

    def shape_rule(self, rule: ShapeRule) -> ShapeRule:
        """Register the function from input shapes and options to the result's shape."""
        self._shape_rule = rule
        return rule

    def residual_rule(self, rule: R) -> R:
        """Register the function from inputs and options to the result and what its VJP can reuse.

        For operations whose VJP needs more of the forward computation than its result.
        """
        self._residual_rule = rule
        return rule

    def vjp_rule(self, rule: VjpRule) -> VjpRule:
        """Register the function from cotangent, inputs and options to the inputs' cotangents.

        A rule is handed what it has keywords for: ``y``, the forward result; ``residual``, from
        the residual rule; ``wrt``, the names of the inputs whose cotangents are wanted.
        """
        code = cast(FunctionType, rule).__code__
        start = code.co_argcount
        keywords = code.co_varnames[start : start + code.co_kwonlyargcount]
        self._wants_y = "y" in keywords
        self._wants_residual = "residual" in keywords
        self._wants_wrt = "wrt" in keywords
        self._vjp_rule = rule
        return rule

    def shape(self, *shapes: Shape | None, **options: Any) -> Shape:
        """Return the shape of the result from the shapes of the inputs, or raise ShapeError."""
        if not self.required <= len(shapes) <= len(self.inputs):
            raise ArgumentError(
                self.name,
                got=f"{len(shapes)} shape(s)",
                needs=f"the shapes of {', '.join(self.inputs)}",
                cause="Were the arrays' shapes passed as one tuple?",
            )
        padded = shapes + (None,) * (len(self.inputs) - len(shapes))
        return self._shape_rule(*padded, **self._filled(options, half=False))

    def __call__(self, *inputs: P.args, **options: P.kwargs) -> Array:
        """Return the value; see the operation's own documentation."""
        arrays, filled, _, half = self._checked(inputs, options)
        return self._finished(self._forward(*arrays, **filled), half)

    def with_vjp(self, *inputs: P.args, **options: P.kwargs) -> tuple[Array, Vjp]:
        """Return the value and the VJP at this point, which shares the forward computation.

        ``y, vjp = op.with_vjp(x, ...)`` followed by ``vjp(dy)`` is ``op(x, ...)`` followed by
        ``op.vjp(dy, x, ..., y=y)`` for less work: inputs are checked once and nothing is computed
        twice. The VJP refers to the inputs; they must not change before it is called.

        Examples
        --------
        >>> y, vjp = ops()["tanh"].with_vjp(np.array([0.0, 1.0]))
        >>> vjp(np.ones(2))
        (array([1.        , 0.41997434]),)
        """
        arrays, filled, shape, half = self._checked(inputs, options)
        residual = None
        if self._residual_rule is None:
            result = self._forward(*arrays, **filled)
        else:
            result, residual = self._residual_rule(*arrays, **filled)
        y = result if type(result) is np.ndarray else np.asarray(result)
        if half or _intercept.get() is not None:
            y = self._finished(y, half)

        def vjp(dy: Array, *, wrt: Collection[str] | None = None) -> Cotangents:
            if type(dy) is not np.ndarray or dy.dtype is not y.dtype or dy.shape != shape:
                dy = self._like_result(dy, y)
            if half:
                return self._pulled(widened(dy), arrays, filled, half, widened(y), residual, wrt)
            return self._pulled(dy, arrays, filled, half, y, residual, wrt)

        return y, vjp

    def vjp(
        self,
        dy: Array,
        *inputs: Array | None,
        y: Array | None = None,
        wrt: Collection[str] | None = None,
        **options: Any,
    ) -> Cotangents:
        """Return the cotangents of the inputs: dy times the Jacobian with respect to each.

        Parameters
        ----------
        dy : array
            The cotangent of the result, of its shape and dtype.
        *inputs : array
            The inputs of the forward call, with its options as keywords.
        y : array, optional
            The forward result, where the caller has it; it saves computing it again.
        wrt : collection of str, optional
            The names of the inputs whose cotangents are wanted (all by default). The others are
            None and cost nothing where the rule can leave them out.

        Returns
        -------
        tuple
            One cotangent per input, of its shape and dtype. It is None for integer inputs, for
            optional inputs left out and for those not in ``wrt``.

        Examples
        --------
        >>> x = np.array([0.0, 1.0])
        >>> (dx,) = ops()["tanh"].vjp(np.ones(2), x)
        >>> dx
        array([1.        , 0.41997434])
        """
        (dy_, *arrays), (_, *shapes), half = admitted(self._vjp_signature, (dy, *inputs))
        filled = self._filled(options, half) if options else self._defaults
        shape = self._shape_rule(*shapes, **filled)
        self._same_as_result("dy", dy_.shape, shape)
        if y is not None:
            (y_,), _, _ = admitted(self._signature._replace(inputs=("y",), required=1), (y,))
            self._same_as_result("y", y_.shape, shape)
            if y_.dtype != dy_.dtype:
                raise DtypeError(
                    self.name,
                    got=f"y of dtype {y_.dtype} beside dy of dtype {dy_.dtype}",
                    needs="one dtype throughout",
                    cause="Is y the result of another call?",
                )
            y = y_
        residual = None
        if self._wants_residual:
            assert self._residual_rule is not None
            _, residual = self._residual_rule(*arrays, **filled)
        elif self._wants_y and y is None:
            y = np.asarray(self._forward(*arrays, **filled))
        return self._pulled(dy_, arrays, filled, half, y, residual, wrt)

    def _checked(
        self, inputs: tuple[Any, ...], options: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any], Shape, bool]:
        """Return the inputs as arrays, the options with defaults, the result's shape, and half.

        Types, dtypes and shapes that have passed once with default options pass again unseen.
        """
        if not options:
            try:
                key = tuple(map(_KIND, inputs))
                left_out, shape = self._passed[key]
            except (AttributeError, KeyError):
                pass
            else:
                return inputs + left_out, self._defaults, shape, False
        arrays, shapes, half = admitted(self._signature, inputs)
        filled = self._filled(options, half) if options else self._defaults
        shape = self._shape_rule(*shapes, **filled)
        plain = not options and not half
        plain = plain and all(type(a) is np.ndarray and a.dtype.isnative for a in inputs)
        if plain:
            if len(self._passed) >= MAX_PASSED:
                self._passed.clear()
            left_out = (None,) * (len(self.inputs) - len(inputs))
            self._passed[tuple(map(_KIND, inputs))] = left_out, shape
        return arrays, filled, shape, half

    def _pulled(
        self,
        dy: Array,
        arrays: Any,
        filled: dict[str, Any],
        half: bool,
        y: Array | None,
        residual: Any,
        wrt: Collection[str] | None,
    ) -> Cotangents:
        """Return the cotangents of inputs that are checked."""
        if wrt is not None and not (type(wrt) in _COLLECTIONS and self._names.issuperset(wrt)):
            raise ArgumentError(
                self.name,
                got=f"wrt={wrt!r}",
                needs=f"a tuple, list or set of input names out of {', '.join(self.inputs)}",
                cause="Was a single name passed as a plain string?",
            )
        if self._wants_y:
            filled = {**filled, "y": y}
        if self._wants_residual:
            filled = {**filled, "residual": residual}
        if self._wants_wrt:
            filled = {**filled, "wrt": self.inputs if wrt is None else wrt}
        cotangents = self._vjp_rule(dy, *arrays, **filled)
        if wrt is not None and not self._wants_wrt:
            named = zip(self.inputs, cotangents, strict=True)
            cotangents = tuple([c if name in wrt else None for name, c in named])
        if not half and _intercept.get() is None:
            for c in cotangents:
                if c is not None and type(c) is not np.ndarray:
                    break
            else:
                return cotangents
        return tuple([None if c is None else self._finished(c, half) for c in cotangents])

    def _finished(self, result: Any, half: bool) -> Array:
        y = result if type(result) is np.ndarray else np.asarray(result)
        if half:
            y = y.astype(FLOAT16)
        f = _intercept.get()
        return y if f is None else f(self.name, y)

    def _filled(self, options: Mapping[str, Any], half: bool) -> dict[str, Any]:
        """Return the options with the defaults of those not given; refuse unknown ones."""
        if not options.keys() <= self._defaults.keys():
            unknown = next(k for k in options if k not in self._defaults)
            known = list(self._defaults)
            raise ArgumentError(
                self.name,
                got=f"the keyword {unknown!r}",
                needs=f"options out of {', '.join(known)}" if known else "no options",
                cause=f"{unknown} is an input: pass it by position."
                if unknown in self.inputs
                else nearest(unknown, known),
            )
        filled = {**self._defaults, **options}
        return {k: self._widened_option(k, v) for k, v in filled.items()} if half else filled

    def _widened_option(self, name: str, value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.dtype != FLOAT16:
            raise DtypeError(
                self.name,
                got=f"{name} of dtype {value.dtype} beside inputs of dtype float16",
                needs="one dtype throughout",
                cause="Is an .astype() missing?",
            )
        return widened(value)

    def _like_result(self, dy: Any, y: Array) -> Array:
        """Return dy as an array of y's shape and dtype, or say what differs."""
        # Only dtypes are in question, so y stands for the inputs.
        s = self._signature._replace(inputs=("dy", "y"), required=2, integer=frozenset())
        _, _, half = admitted(s, (dy, y))
        self._same_as_result("dy", np.shape(dy), y.shape)
        return np.asarray(dy, FLOAT16 if half else y.dtype)

    def _same_as_result(self, name: str, got: Shape, needed: Shape) -> None:
        if got != needed:
            raise ShapeError(
                self.name,
                got=f"{name} of shape {got}",
                needs=f"{name} of the result's shape {needed}",
                cause="Was it computed from other inputs, or reduced on the way?",
            )


def operation(
    *, analytic: bool, integer_inputs: Collection[str] = (), float_inputs_too: bool = False
) -> Callable[[Callable[P, Array]], Op[P]]:
    """Make an operation of a forward function and register it under the function's name.

    ``integer_inputs`` names the inputs that hold class numbers or indices; with
    ``float_inputs_too`` they may hold floats of the other inputs' dtype instead (rows of
    probabilities).
    """

    def register(forward: Callable[P, Array]) -> Op[P]:
        op = Op(
            forward,
            analytic=analytic,
            integer_inputs=integer_inputs,
            float_inputs_too=float_inputs_too,
        )
        if op.name in _OPS:
            raise ArgumentError(
                "operation",
                got=f"a second operation named {op.name!r}",
                needs="names that are still free",
                cause="Is a file imported under two names?",
            )
        _OPS[op.name] = op
        return op

    return register


def ops() -> dict[str, Op[Any]]:
    """Return every operation by name, in alphabetical order.

    Examples
    --------
    >>> sorted(ops()) == list(ops())
    True
    """
    return dict(sorted(_OPS.items()))


def _lookup(name: str) -> Op[Any]:
    return _OPS[name]
