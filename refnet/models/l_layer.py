"""An L-layer network with samples in columns, written with operations alone.

ReLU in the hidden layers, the sigmoid at the output, the binary cross-entropy (from logits, so that
a confident output costs what it should), and gradient descent. W_l is (n_l, n_{l-1}), b_l (n_l, 1),
a batch X (n_0, m) with targets (n_L, m).

The cost may have penalties on the weights (not on the biases), l1 / m sum |W| and
l2 / (2 m) sum W^2, with m the columns of the batch; and hidden units may be dropped, each kept with
probability keep_prob and then divided by it. Which ones are kept is data: ``masks`` has D1, D2, ...
(n_l, m) for the hidden layers, 1 for the units that are kept and 0 for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.data import minibatches
from refnet.errors import ArgumentError, ShapeError
from refnet.initializers import std_normal
from refnet.losses.binary_cross_entropy import binary_cross_entropy_with_logits
from refnet.losses.penalties import l1_penalty, l2_penalty
from refnet.op import Vjp
from refnet.ops.arithmetic import add
from refnet.ops.dropout import dropout, dropout_mask
from refnet.ops.matmul import matmul
from refnet.ops.relu import relu
from refnet.ops.sigmoid import sigmoid
from refnet.optimizers import Optimizer, from_spec

Params = Mapping[str, Array]

_cross_entropy = binary_cross_entropy_with_logits


def init(
    layer_dims: Sequence[int],
    rng: np.random.Generator,
    *,
    gain: float = 0.01,
    dtype: Any = np.float64,
) -> dict[str, Array]:
    """Return W1, b1, W2, b2, ... for layers of ``layer_dims`` units, input first, in ``dtype``.

    The weights are std_normal(gain), the biases zero.

    Raises
    ------
    ShapeError
        If there are fewer than two layers.
    OptionError
        If a number of units is no positive integer.
    DtypeError
        If rng is no generator, or dtype no float.

    Examples
    --------
    >>> params = init([5, 4, 3], np.random.default_rng(0))
    >>> {name: p.shape for name, p in params.items()}
    {'W1': (4, 5), 'b1': (4, 1), 'W2': (3, 4), 'b2': (3, 1)}
    """
    units = [checks.count("l_layer", "a number of units", n, low=1) for n in layer_dims]
    if len(units) < 2:
        raise ShapeError(
            "l_layer",
            got=f"layer_dims={list(layer_dims)}",
            needs="the units of the input and of at least one layer",
            cause="Is the input's size left out?",
        )
    draw = std_normal(gain=gain)
    params: dict[str, Array] = {}
    for i in range(1, len(units)):
        params[f"W{i}"] = draw((units[i], units[i - 1]), rng, dtype)
        params[f"b{i}"] = np.zeros((units[i], 1), params[f"W{i}"].dtype)
    return params


def forward(params: Params, x: Array) -> Array:
    """Return the probabilities (n_L, m) for a batch x (n_0, m), samples in columns.

    Raises
    ------
    ArgumentError, ShapeError
        If the parameters are not W1, b1, W2, b2, ... or do not fit one another or x.

    Examples
    --------
    >>> params = init([2, 3, 1], np.random.default_rng(0), gain=1.0)
    >>> forward(params, np.zeros((2, 4)))
    array([[0.5, 0.5, 0.5, 0.5]])
    """
    _check_params(params)
    return sigmoid(_forward(params, x, 1.0, None)[0])


def cost(
    params: Params,
    x: Array,
    t: Array,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    keep_prob: float = 1.0,
    masks: Params | None = None,
) -> Array:
    """Return the cross-entropy of targets t (n_L, m), summed over units and averaged over m.

    The penalties are added to it, and units dropped, where there are any.

    Raises
    ------
    ArgumentError, ShapeError
        If the parameters are not W1, b1, W2, b2, ..., x and t do not fit them, or the masks are not
        D1, D2, ... (n_l, m), there with keep_prob and not without.
    OptionError
        If l1 or l2 is negative, or keep_prob not in (0, 1].
    DomainError
        If a target is outside [0, 1] or NaN.

    Examples
    --------
    >>> params = init([2, 3, 1], np.random.default_rng(0), gain=1.0)
    >>> cost(params, np.zeros((2, 4)), np.ones((1, 4)))  # log 2
    array(0.69314718)
    """
    _check_batch(params, x, t)
    _check_penalties(l1, l2)
    kept = _checked_masks(params, x, keep_prob, masks)
    total = _cross_entropy(_forward(params, x, keep_prob, kept)[0], t, reduction="sum")
    return _penalised(total / x.shape[1], params, x.shape[1], l1, l2)


def gradients(
    params: Params,
    x: Array,
    t: Array,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    keep_prob: float = 1.0,
    masks: Params | None = None,
) -> dict[str, Array]:
    """Return the gradient of the cost with respect to every parameter, by back-propagation.

    Raises
    ------
    ArgumentError, ShapeError, OptionError, DomainError
        As :func:`cost` has it.

    Examples
    --------
    >>> params = init([2, 3, 1], np.random.default_rng(0), gain=1.0)
    >>> gradients(params, np.zeros((2, 4)), np.ones((1, 4)))["b2"]
    array([[-0.5]])
    """
    options: dict[str, Any] = {"l1": l1, "l2": l2, "keep_prob": keep_prob, "masks": masks}
    return cost_and_gradients(params, x, t, **options)[1]


def cost_and_gradients(
    params: Params,
    x: Array,
    t: Array,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    keep_prob: float = 1.0,
    masks: Params | None = None,
) -> tuple[Array, dict[str, Array]]:
    """Return :func:`cost` and :func:`gradients` from one forward pass.

    Raises
    ------
    ArgumentError, ShapeError, OptionError, DomainError
        As :func:`cost` has it.

    Examples
    --------
    >>> params = init([2, 3, 1], np.random.default_rng(0), gain=1.0)
    >>> value, grads = cost_and_gradients(params, np.zeros((2, 4)), np.ones((1, 4)), l2=0.1)
    >>> value, grads["W1"].shape
    (array(0.74270617), (3, 2))
    """
    _check_batch(params, x, t)
    _check_penalties(l1, l2)
    kept = _checked_masks(params, x, keep_prob, masks)
    m = x.shape[1]
    logits, tapes = _forward(params, x, keep_prob, kept)
    total, loss_vjp = _cross_entropy.with_vjp(logits, t, reduction="sum")
    value = _penalised(total / m, params, m, l1, l2)
    one = np.array(1, value.dtype)
    dz, _ = loss_vjp(np.asarray(one / m), wrt=("x",))
    grads: dict[str, Array] = {}
    for i in range(len(tapes), 0, -1):
        product_vjp, sum_vjp, *activation_vjps = tapes[i - 1]
        for pulled_back in reversed(activation_vjps):
            dz = pulled_back(dz, wrt=("x",))[0]
        grads[f"b{i}"] = sum_vjp(dz, wrt=("b",))[1]
        # What is pulled back to the product is dz itself.
        grads[f"W{i}"], dz = product_vjp(dz, wrt=("a",) if i == 1 else None)
        w = params[f"W{i}"]
        if l1:
            grads[f"W{i}"] = grads[f"W{i}"] + l1_penalty.vjp(one, w, strength=l1 / m)[0]
        if l2:
            dw = l2_penalty.vjp(one, w, strength=l2 / m, half=True)[0]
            grads[f"W{i}"] = grads[f"W{i}"] + dw
    return value, {name: grads[name] for name in params}


def draw_masks(
    params: Params, m: int, *, keep_prob: float, rng: np.random.Generator
) -> dict[str, Array]:
    """Return D1, D2, ... for m columns: 1 with probability keep_prob, and else 0.

    Raises
    ------
    ArgumentError, ShapeError
        If the parameters are not W1, b1, W2, b2, ...
    OptionError
        If m is no integer or negative, or keep_prob not in (0, 1].
    DtypeError
        If rng is no generator.

    Examples
    --------
    >>> params = init([2, 3, 1], np.random.default_rng(0))
    >>> draw_masks(params, 4, keep_prob=0.5, rng=np.random.default_rng(0))
    {'D1': array([[1., 0., 0., 0.],
           [1., 1., 1., 1.],
           [1., 1., 1., 0.]])}
    """
    _check_params(params)
    rate = _rate(keep_prob)
    found = {}
    for i in range(1, len(params) // 2):
        w = params[f"W{i}"]
        found[f"D{i}"] = dropout_mask((len(w), m), rate, rng, dtype=w.dtype)
    return found


def fit(
    x: Array,
    t: Array,
    layer_dims: Sequence[int],
    *,
    rng: np.random.Generator,
    optimizer: str | Optimizer = "sgd(lr=0.0075)",
    iterations: int = 3000,
    batch_size: int | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    keep_prob: float = 1.0,
) -> tuple[dict[str, Array], list[float]]:
    """Train from random parameters; return them, and the cost before each update.

    Parameters
    ----------
    x, t : array (n_0, m), (n_L, m)
        Samples and targets in columns. The parameters are of their dtype.
    layer_dims : sequence of int
        Units per layer, input first.
    rng : numpy.random.Generator
        Draws the parameters, shuffles the minibatches and draws which units are kept.
    optimizer : str or Optimizer
        Gradient descent with the sources' lr by default.
    iterations : int
        Epochs: each goes through all samples once.
    batch_size : int, optional
        Columns per update; all of them by default.
    l1, l2 : float
        Weights of the penalties.
    keep_prob : float
        The probability with which a hidden unit is kept.

    Raises
    ------
    ShapeError
        If x and t are not (n_0, m) and (n_L, m).
    OptionError
        If iterations, batch_size or a number of units is no integer or too small, l1 or l2
        negative, or keep_prob not in (0, 1].
    DtypeError
        If rng is no generator, or x and t are no floats or of two dtypes.
    DomainError
        If a target is outside [0, 1] or NaN.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> x = rng.standard_normal((2, 64))
    >>> t = (x[:1] > 0).astype(float)
    >>> params, costs = fit(
    ...     x, t, [2, 4, 1], rng=rng, optimizer="sgd(lr=0.5)", iterations=500, batch_size=16
    ... )
    >>> bool(costs[0] > 0.69 and costs[-1] < 0.1)
    True
    """
    _check_penalties(l1, l2)
    _rate(keep_prob)
    x, t = as_array("l_layer", "x", x), as_array("l_layer", "t", t)
    params = init(layer_dims, rng, dtype=x.dtype)
    _check_batch(params, x, t)
    m = x.shape[1]
    size = m if batch_size is None else checks.count("l_layer", "batch_size", batch_size, low=1)
    opt = from_spec(optimizer)
    state = opt.init(params)
    costs = []
    options: dict[str, Any] = {"l1": l1, "l2": l2}
    for _ in range(checks.count("l_layer", "iterations", iterations)):
        for index in minibatches(m, size, rng=None if batch_size is None else rng):
            columns, targets = x[:, index], t[:, index]
            if keep_prob != 1:
                kept = draw_masks(params, len(index), keep_prob=keep_prob, rng=rng)
                options |= {"keep_prob": keep_prob, "masks": kept}
            point = opt.gradient_point(params, state)
            value, grads = cost_and_gradients(point, columns, targets, **options)
            params, state = opt.update(params, grads, state)
            costs.append(float(value))
    return params, costs


def _forward(
    params: Params, x: Array, keep_prob: float, masks: Params | None
) -> tuple[Array, list[list[Vjp]]]:
    """Return the logits, and the VJPs of each layer's product, sum and, if any, activation."""
    last = len(params) // 2
    a, tapes = x, []
    for i in range(1, last + 1):
        product, product_vjp = matmul.with_vjp(params[f"W{i}"], a)
        linear, sum_vjp = add.with_vjp(product, params[f"b{i}"])
        tapes.append([product_vjp, sum_vjp])
        if i == last:
            break
        a, relu_vjp = relu.with_vjp(linear)
        tapes[-1].append(relu_vjp)
        if masks is not None:
            a, dropout_vjp = dropout.with_vjp(a, masks[f"D{i}"], rate=1 - keep_prob)
            tapes[-1].append(dropout_vjp)
    return linear, tapes


def _penalised(value: Array, params: Params, m: int, l1: float, l2: float) -> Array:
    """Return a cost with the penalties on every weight added."""
    for i in range(1, len(params) // 2 + 1):
        if l1:
            value = value + l1_penalty(params[f"W{i}"], strength=l1 / m)
        if l2:
            value = value + l2_penalty(params[f"W{i}"], strength=l2 / m, half=True)
    return np.asarray(value)


def _check_penalties(l1: Any, l2: Any) -> None:
    checks.number("l_layer", "l1", l1, low=0)
    checks.number("l_layer", "l2", l2, low=0)


def _rate(keep_prob: Any) -> float:
    kept = checks.number("l_layer", "keep_prob", keep_prob, low=0, high=1, open_low=True)
    return 1 - kept


def _checked_masks(
    params: Params, x: Array, keep_prob: Any, masks: Params | None
) -> dict[str, Array] | None:
    """Return the masks in the dtype of x, or None where no units are dropped."""
    _rate(keep_prob)
    names = [f"D{i}" for i in range(1, len(params) // 2)]
    if masks is None:
        if keep_prob == 1 or not names:
            return None
        raise ArgumentError(
            "l_layer",
            got=f"keep_prob={keep_prob} without masks",
            needs="the masks of the hidden layers, which draw_masks() draws",
            cause="To evaluate, leave keep_prob out.",
        )
    if keep_prob == 1:
        raise ArgumentError(
            "l_layer",
            got="masks without keep_prob",
            needs="the keep_prob with which they were drawn, below 1",
            cause="The units that are kept are divided by it.",
        )
    if masks.keys() != set(names):
        raise ArgumentError(
            "l_layer",
            got=f"masks {', '.join(masks) or 'of no name'}",
            needs=f"masks {', '.join(names) or 'of no name'}, one for each hidden layer",
            cause="Is there one for the output, whose units are not dropped?",
        )
    return {name: np.asarray(masks[name]).astype(x.dtype, copy=False) for name in names}


def _check_params(params: Params) -> None:
    layers = range(1, len(params) // 2 + 1)
    names = [f"{kind}{i}" for i in layers for kind in "Wb"]
    if not names or params.keys() != set(names):
        raise ArgumentError(
            "l_layer",
            got=f"parameters {', '.join(params) or 'of no name'}",
            needs="W1, b1, W2, b2, ..., as init() returns them",
            cause="Is a layer missing, or is it another network's dict?",
        )
    for i in layers:
        w, b = params[f"W{i}"].shape, params[f"b{i}"].shape
        if len(w) != 2 or b != (w[0], 1):
            raise ShapeError(
                "l_layer",
                got=f"W{i} {w} and b{i} {b}",
                needs=f"W{i} (n, m) and b{i} (n, 1)",
                cause="A bias (n,) would be added to samples instead of units: use b[:, None].",
            )


def _check_batch(params: Params, x: Array, t: Array) -> None:
    _check_params(params)
    units = (params["W1"].shape[1], params[f"W{len(params) // 2}"].shape[0])
    m = x.shape[-1] if x.ndim == 2 else 0
    if m == 0 or x.shape != (units[0], m) or t.shape != (units[1], m):
        raise ShapeError(
            "l_layer",
            got=f"x {x.shape} and t {t.shape}",
            needs=f"x ({units[0]}, m) and t ({units[1]}, m), m at least 1, samples in columns",
            cause="Are the samples in rows?",
        )
