"""What an operation is: a forward function and its vector-Jacobian product under one name.

An operation is written as three functions in one file::

    @operation(analytic=True)
    def tanh(x, /): ...                 # the value, from positional inputs and keyword options

    @tanh.shape_rule
    def _(x): ...                       # shapes -> the result's shape; refuses what does not fit

    @tanh.vjp_rule
    def _(dy, x, *, y): ...             # the cotangent of each input

:class:`Op` does what all of them share. It refuses wrong dtypes, unknown options and misshapen
cotangents before anything is computed, fills in the defaults of options, and computes the half
types in float32 with one rounding of each result.

A forward function may return a tuple, for several results: then its shape rule returns a list of
shapes, and its VJP rule is handed a tuple of cotangents. One that takes ``*xs`` takes any number of
inputs, and so do its rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from inspect import CO_VARARGS
from operator import attrgetter
from types import FunctionType, MappingProxyType
from typing import Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar, cast

import numpy as np

from refnet.admission import Signature, admitted, as_array, widened
from refnet.arrays import Array, Cotangents, Shape, is_float
from refnet.checks import nearest
from refnet.errors import ArgumentError, DtypeError, ShapeError

P = ParamSpec("P")
Y = TypeVar("Y")  # what an operation returns: an array, or a tuple of arrays
Shapes: TypeAlias = Shape | list[Shape]
ShapeRule = Callable[..., Shapes]
VjpRule = Callable[..., Cotangents]
ResidualRule = Callable[..., tuple[Any, Any]]
R = TypeVar("R", bound=ResidualRule)
Intercept = Callable[[str, Array], Array]
Inside = Callable[[Array], Array]

_COLLECTIONS = (tuple, list, set, frozenset)
_KIND = attrgetter("__class__", "dtype", "shape")
_PLAIN = frozenset({bool, int, float, str, type(None)})
MAX_PASSED = 256

_OPS: dict[str, Op[Any, Any]] = {}
_intercept: ContextVar[Intercept | None] = ContextVar("intercept", default=None)
_inside: ContextVar[Inside | None] = ContextVar("inside", default=None)


@contextmanager
def intercepted(f: Intercept, *, inside: Inside | None = None) -> Iterator[None]:
    """Pass every result of every operation, forward and backward, through ``f(name, result)``.

    The one seam through which a harness moves results by an ulp or records them. It holds for the
    current thread or task until the block ends; inside another such block, what f returns passes
    through the other's function too.

    ``inside``, if given, is handed in the same way what operations pass through
    :func:`intermediate`: arrays on the way to a result, whose rounding the result magnifies.

    Examples
    --------
    >>> seen = []
    >>> with intercepted(lambda name, a: (seen.append(name), a)[1]):
    ...     _ = ops()["tanh"](np.ones(2))
    >>> seen
    ['tanh']
    """
    outer, beyond = _intercept.get(), _inside.get()
    token = _intercept.set(f if outer is None else lambda name, a: outer(name, f(name, a)))
    if inside is None or beyond is None:
        within = _inside.set(inside or beyond)
    else:
        within = _inside.set(lambda a: beyond(inside(a)))
    try:
        yield
    finally:
        _inside.reset(within)
        _intercept.reset(token)


def intermediate(a: Array) -> Array:
    """Return ``a``, an array on the way to a result, with what an interception makes of it in it.

    An operation passes a new array of its own through here where the array's rounding is more than
    an ulp of the inputs or of the result can be: where it is taken from something that is nearly
    the same. The softmax's sum of exponentials for a confident right answer is 1 + 1e-7, say, and
    the gradient 1e-7: an ulp of the sum is 2e-9 of the gradient in float64, all of it in float32.

    Examples
    --------
    >>> intermediate(np.array([1.0]))
    array([1.])
    >>> with intercepted(lambda name, a: a, inside=lambda a: a + 1):
    ...     intermediate(np.array([1.0]))
    array([2.])
    """
    f = _inside.get()
    if f is not None:
        a[...] = f(a)
    return a


class Vjp(Protocol):
    """The VJP at one point: from the result's cotangent to the inputs'."""

    def __call__(self, dy: Any, *, wrt: Collection[str] | None = None) -> Cotangents:
        """Return what :meth:`Op.vjp` returns."""
        ...


class Op(Generic[P, Y]):
    """One operation: call it for the value, call :meth:`vjp` for the cotangents.

    Attributes
    ----------
    name : str
        The name under which :func:`ops` and ``refnet`` hold it.
    inputs : tuple of str
        The names of the positional inputs, in order; the first ``required`` must be given.
    variadic : bool
        Whether it takes any number of inputs, from one on; ``inputs`` then has their common name,
        and :meth:`names` that of each.
    options : mapping
        The keyword options that have defaults, with them.
    required_options : tuple of str
        The keyword options that have none.
    analytic : bool
        Whether it also takes complex inputs, so that complex step differentiates it.
    """

    def __init__(
        self,
        forward: Callable[P, Y],
        *,
        analytic: bool,
        integer_inputs: Collection[str] = (),
        float_inputs_too: bool = False,
        bools_too: bool = False,
    ) -> None:
        function = cast(FunctionType, forward)
        code = function.__code__
        self.name: str = function.__name__
        self.variadic = bool(code.co_flags & CO_VARARGS)
        start = code.co_argcount + code.co_kwonlyargcount if self.variadic else 0
        self.inputs: tuple[str, ...] = code.co_varnames[start:][
            : 1 if self.variadic else code.co_posonlyargcount
        ]
        self.required = len(self.inputs) - len(function.__defaults__ or ())
        self._defaults: dict[str, Any] = dict(function.__kwdefaults__ or {})
        keywords = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
        self.required_options: tuple[str, ...] = tuple(
            [name for name in keywords if name not in self._defaults]
        )
        self.options: Mapping[str, Any] = MappingProxyType(self._defaults)
        self.analytic = analytic
        integer = frozenset(integer_inputs)
        self._signature = Signature(
            self.name,
            self.inputs,
            self.required,
            integer,
            either=float_inputs_too,
            bools=bools_too,
            analytic=analytic,
        )
        self._names = frozenset(self.inputs)
        self._vjp_signature = _with_cotangent(self._signature)
        self._passed: dict[Any, tuple[tuple[None, ...], Shapes]] = {}
        self._forward = cast(Callable[..., Any], forward)
        self._shape_rule: ShapeRule
        self._vjp_rule: VjpRule
        self._residual_rule: ResidualRule | None = None
        self._wants_y = self._wants_residual = self._wants_wrt = False
        update_wrapper(self, cast(Any, forward))

    def __repr__(self) -> str:
        """Return the name with its inputs and options."""
        options = [*self.required_options, *(f"{k}={v!r}" for k, v in self.options.items())]
        inputs = [f"*{self.inputs[0]}"] if self.variadic else [*self.inputs, "/", "*"]
        return f"refnet.{self.name}({', '.join([*inputs, *options])})".replace(", *)", ")")

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

    def names(self, n: int) -> tuple[str, ...]:
        """Return the names of the inputs where ``n`` are given; those left out keep theirs."""
        if self.variadic:
            return tuple([f"{self.inputs[0]}[{i}]" for i in range(max(n, 1))])
        return self.inputs

    def shape(self, *shapes: Shape | None, **options: Any) -> Shapes:
        """Return the shape of the result from the shapes of the inputs, or raise ShapeError.

        It is a list of shapes where there are several results.
        """
        if not self.required <= len(shapes) <= len(self.names(len(shapes))):
            raise ArgumentError(
                self.name,
                got=f"{len(shapes)} shape(s)",
                needs=f"the shapes of {', '.join(self.inputs)}",
                cause="Were the arrays' shapes passed as one tuple?",
            )
        padded = shapes + (None,) * (len(self.inputs) - len(shapes))
        return self._shape_rule(*padded, **self._filled(options, None))

    def __call__(self, *inputs: P.args, **options: P.kwargs) -> Y:
        """Return the value; see the operation's own documentation."""
        arrays, filled, _, half = self._checked(inputs, options)
        return cast(Y, self._finished(self._forward(*arrays, **filled), half))

    def with_vjp(self, *inputs: P.args, **options: P.kwargs) -> tuple[Y, Vjp]:
        """Return the value and the VJP at this point, which shares the forward computation.

        ``y, vjp = op.with_vjp(x, ...)`` followed by ``vjp(dy)`` is ``op(x, ...)`` followed by
        ``op.vjp(dy, x, ..., y=y)`` for less work: inputs are checked once and nothing is computed
        twice. The VJP refers to the inputs and the result: neither may change before it is called.

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
        y: Any = result
        if type(result) is not np.ndarray or half is not None or _intercept.get() is not None:
            y = self._finished(result, half)

        dtype = y[0].dtype if type(y) is tuple else y.dtype

        def vjp(dy: Any, *, wrt: Collection[str] | None = None) -> Cotangents:
            if type(dy) is not np.ndarray or dy.dtype is not dtype or dy.shape != shape or half:
                dy = self._like_result("dy", dy, shape, dtype)
            value = y if half is None else _each(widened, y)
            return self._pulled(dy, arrays, filled, half, value, residual, wrt)

        return cast(Y, y), vjp

    def vjp(
        self,
        dy: Any,
        *inputs: Array | None,
        y: Any = None,
        wrt: Collection[str] | None = None,
        **options: Any,
    ) -> Cotangents:
        """Return the cotangents of the inputs: dy times the Jacobian with respect to each.

        Parameters
        ----------
        dy : array
            The cotangent of the result, of its shape and dtype. For several results it is a tuple
            of as many, where None stands for zeros.
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
            One cotangent per input, of its shape and dtype. It is None for integers and bools, for
            optional inputs left out and for those not in ``wrt``.

        Examples
        --------
        >>> x = np.array([0.0, 1.0])
        >>> (dx,) = ops()["tanh"].vjp(np.ones(2), x)
        >>> dx
        array([1.        , 0.41997434])
        """
        if self.variadic or type(dy) in (tuple, list):
            arrays, shapes, half = admitted(self._signature_of(inputs), inputs)
        else:
            (dy, *arrays), (given, *shapes), half = admitted(self._vjp_signature, (dy, *inputs))
        filled = self._filled(options, half)
        shape = self._shape_rule(*shapes, **filled)
        if self.variadic or type(dy) in (tuple, list):
            floats = [a.dtype for a in arrays if a is not None and a.dtype.kind not in "biu"]
            dtype = half or (floats[0] if floats else as_array(self.name, "dy", dy).dtype)
            dy = self._like_result("dy", dy, shape, dtype)
        else:
            dtype = half or dy.dtype
            self._same_as_result("dy", given, shape)
        if y is not None:
            y = self._like_result("y", y, shape, dtype)
        residual = None
        if self._wants_residual:
            assert self._residual_rule is not None
            _, residual = self._residual_rule(*arrays, **filled)
        elif self._wants_y and y is None:
            y = _each(np.asarray, self._forward(*arrays, **filled))
        return self._pulled(dy, arrays, filled, half, y, residual, wrt)

    def _checked(
        self, inputs: tuple[Any, ...], options: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any], Shapes, np.dtype[Any] | None]:
        """Return the inputs as arrays, the options with defaults, the result's shape, and half.

        Types, dtypes, shapes and options that have passed once pass again unseen.
        """
        try:
            key: Any = tuple(map(_KIND, inputs))
            if options:  # and their types, since True and 1.0 equal 1
                key = (key, *options.items(), *map(type, options.values()))
            left_out, shape = self._passed[key]
        except (AttributeError, KeyError, TypeError):  # no arrays, not yet, options without a hash
            pass
        else:
            filled = {**self._defaults, **options} if options else self._defaults
            return inputs + left_out, filled, shape, None
        signature = self._signature_of(inputs) if self.variadic else self._signature
        arrays, shapes, half = admitted(signature, inputs)
        filled = self._filled(options, half)
        shape = self._shape_rule(*shapes, **filled)
        plain = half is None and all(type(a) is np.ndarray and a.dtype.isnative for a in inputs)
        if plain and _PLAIN.issuperset(map(type, options.values())):
            if len(self._passed) >= MAX_PASSED:
                self._passed.clear()
            self._passed[key] = (None,) * (len(arrays) - len(inputs)), shape
        return arrays, filled, shape, half

    def _signature_of(self, inputs: tuple[Any, ...]) -> Signature:
        """Return the signature for as many inputs; refuse a list of arrays as the only one."""
        if not self.variadic:
            return self._signature
        n = len(inputs)
        if n == 1 and isinstance(inputs[0], list | tuple):
            held = [v for v in inputs[0] if isinstance(v, np.ndarray)]
            if held:
                raise ArgumentError(
                    self.name,
                    got=f"a {type(inputs[0]).__name__} with {len(held)} array(s) as its one input",
                    needs="each array as an input of its own",
                    cause="Was a list of arrays passed without unpacking it? "
                    f"{self.name}(*{self.inputs[0]})",
                )
        return self._signature._replace(inputs=self.names(n), required=max(n, 1))

    def _pulled(
        self,
        dy: Any,
        arrays: Any,
        filled: dict[str, Any],
        half: np.dtype[Any] | None,
        y: Any,
        residual: Any,
        wrt: Collection[str] | None,
    ) -> Cotangents:
        """Return the cotangents of inputs that are checked."""
        names, known = self.inputs, self._names
        if self.variadic:
            names = self.names(len(arrays))
            known = frozenset(names)
        if wrt is not None and not _are_among(wrt, known):
            raise ArgumentError(
                self.name,
                got=f"wrt={wrt!r}",
                needs=f"a tuple, list or set of input names out of {', '.join(names)}",
                cause="Was a single name passed as a plain string?",
            )
        if self._wants_y:
            filled = {**filled, "y": y}
        if self._wants_residual:
            filled = {**filled, "residual": residual}
        if self._wants_wrt:
            filled = {**filled, "wrt": names if wrt is None else wrt}
        cotangents = self._vjp_rule(dy, *arrays, **filled)
        if wrt is not None and not self._wants_wrt:
            named = zip(names, cotangents, strict=True)
            cotangents = tuple([c if name in wrt else None for name, c in named])
        if half is None and _intercept.get() is None:
            for c in cotangents:
                if c is not None and type(c) is not np.ndarray:
                    break
            else:
                return cotangents
        return tuple([None if c is None else self._finished(c, half) for c in cotangents])

    def _finished(self, result: Any, half: np.dtype[Any] | None) -> Any:
        if type(result) is tuple:
            return tuple([self._finished(part, half) for part in result])
        y = result if type(result) is np.ndarray else np.asarray(result)
        if half is not None:
            y = y.astype(half)
        f = _intercept.get()
        return y if f is None else f(self.name, y)

    def _filled(self, options: Mapping[str, Any], half: np.dtype[Any] | None) -> dict[str, Any]:
        """Return the options with the defaults of those not given; refuse unknown ones."""
        if not options and not self.required_options:
            return self._defaults
        known = [*self.required_options, *self._defaults]
        unknown = [k for k in options if k not in known]
        if unknown:
            raise ArgumentError(
                self.name,
                got=f"the keyword {unknown[0]!r}",
                needs=f"options out of {', '.join(known)}" if known else "no options",
                cause=f"{unknown[0]} is an input: pass it by position."
                if unknown[0] in self.inputs
                else nearest(unknown[0], known),
            )
        missing = [k for k in self.required_options if k not in options]
        if missing:
            raise ArgumentError(
                self.name,
                got=f"no option {missing[0]!r}",
                needs=f"{', '.join(self.required_options)} as keywords",
                cause="Was it passed by position? Inputs are positional, options keywords.",
            )
        filled = {**self._defaults, **options}
        for name, value in options.items():
            if isinstance(value, np.generic):  # a NumPy scalar would bring its dtype along
                filled[name] = value.item()
        if half is None:
            return filled
        return {k: self._widened_option(k, v, half) for k, v in filled.items()}

    def _widened_option(self, name: str, value: Any, half: np.dtype[Any]) -> Any:
        if isinstance(value, np.ndarray) and is_float(value.dtype) and value.dtype != half:
            raise DtypeError(
                self.name,
                got=f"{name} of dtype {value.dtype} beside inputs of dtype {half}",
                needs="one dtype throughout",
                cause="Is an .astype() missing?",
            )
        return widened(value)

    def _like_result(self, name: str, value: Any, shape: Shapes, dtype: np.dtype[Any]) -> Any:
        """Return dy or y as an array (or tuple) of the result's shape and dtype, half widened.

        Where there are several results, a cotangent of None becomes zeros.
        """
        if type(shape) is list:
            if type(value) not in (tuple, list) or len(value) != len(shape):
                what = f"of {len(value)} entries" if type(value) in (tuple, list) else "as one"
                raise ShapeError(
                    self.name,
                    got=f"{name} {what}",
                    needs=f"{name} as a tuple of {len(shape)} arrays, one for each result",
                    cause="Is the cotangent of one of the results missing? None stands for zeros.",
                )
            return tuple(
                [
                    widened(np.zeros(n, dtype))
                    if v is None
                    else self._like_result(f"{name}[{i}]", v, n, dtype)
                    for i, (v, n) in enumerate(zip(value, shape, strict=True))
                ]
            )
        # Only dtypes are in question, so an empty array stands for the inputs.
        other = "the result" if name.startswith("dy") else "dy"
        s = self._signature._replace(inputs=(name, other), required=2, integer=frozenset())
        (array, _), (given, _), _ = admitted(s, (value, np.empty(0, dtype)))
        self._same_as_result(name, given, shape)
        return array

    def _same_as_result(self, name: str, got: Shape, needed: Shapes) -> None:
        if type(needed) is list:
            self._like_result(name, None, needed, np.dtype(float))  # refuses a single array
        if got != needed:
            raise ShapeError(
                self.name,
                got=f"{name} of shape {got}",
                needs=f"{name} of the result's shape {needed}",
                cause="Was it computed from other inputs, or reduced on the way?",
            )


def _each(f: Callable[[Any], Any], value: Any) -> Any:
    """Apply f to an array, or to each entry of a tuple of arrays."""
    return tuple([f(v) for v in value]) if type(value) is tuple else f(value)


def _are_among(wrt: Any, known: frozenset[str]) -> bool:
    try:
        return type(wrt) in _COLLECTIONS and known.issuperset(wrt)
    except TypeError:  # an entry without a hash, which is no name
        return False


def _with_cotangent(s: Signature) -> Signature:
    """Return the signature of a VJP from that of its operation."""
    return s._replace(inputs=("dy", *s.inputs), required=s.required + 1)


def operation(
    *,
    analytic: bool,
    integer_inputs: Collection[str] = (),
    float_inputs_too: bool = False,
    bools_too: bool = False,
) -> Callable[[Callable[P, Y]], Op[P, Y]]:
    """Make an operation of a forward function and register it under the function's name.

    ``integer_inputs`` names the inputs that hold class numbers or indices; with
    ``float_inputs_too`` they may hold floats of the other inputs' dtype instead (rows of
    probabilities), with ``bools_too`` bools.
    """

    def register(forward: Callable[P, Y]) -> Op[P, Y]:
        op = Op(
            forward,
            analytic=analytic,
            integer_inputs=integer_inputs,
            float_inputs_too=float_inputs_too,
            bools_too=bools_too,
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


def ops() -> dict[str, Op[Any, Any]]:
    """Return every operation by name, in alphabetical order.

    Examples
    --------
    >>> sorted(ops()) == list(ops())
    True
    """
    return dict(sorted(_OPS.items()))


def _lookup(name: str) -> Op[Any, Any]:
    return _OPS[name]
