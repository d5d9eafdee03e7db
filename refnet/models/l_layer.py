"""An L-layer network with samples in columns, written with operations alone.

ReLU in the hidden layers, the sigmoid at the output, the binary cross-entropy (from logits, so that
a confident output costs what it should), and gradient descent. W_l is (n_l, n_{l-1}), b_l (n_l, 1),
a batch X (n_0, m) with targets (n_L, m).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from refnet import checks
from refnet.arrays import Array
from refnet.data import minibatches
from refnet.errors import ArgumentError, ShapeError
from refnet.initializers import std_normal
from refnet.losses.binary_cross_entropy import binary_cross_entropy_with_logits
from refnet.ops.arithmetic import add
from refnet.ops.matmul import matmul
from refnet.ops.relu import relu
from refnet.ops.sigmoid import sigmoid
from refnet.optimizers import Optimizer, from_spec

Params = Mapping[str, Array]


def init(
    layer_dims: Sequence[int], rng: np.random.Generator, *, gain: float = 0.01
) -> dict[str, Array]:
    """Return W1, b1, W2, b2, ... for layers of ``layer_dims`` units, input first.

    The weights are std_normal(gain), the biases zero.

    Raises
    ------
    ShapeError
        If there are fewer than two layers.
    OptionError
        If a number of units is no positive integer.

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
        params[f"W{i}"] = draw((units[i], units[i - 1]), rng)
        params[f"b{i}"] = np.zeros((units[i], 1))
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
    return sigmoid(_forward(params, x)[-1])


def cost(params: Params, x: Array, t: Array) -> Array:
    """Return the cross-entropy of targets t (n_L, m), summed over units and averaged over m.

    Raises
    ------
    ArgumentError, ShapeError
        If the parameters are not W1, b1, W2, b2, ..., or x and t do not fit them.
    DomainError
        If a target is outside [0, 1] or NaN.

    Examples
    --------
    >>> params = init([2, 3, 1], np.random.default_rng(0), gain=1.0)
    >>> cost(params, np.zeros((2, 4)), np.ones((1, 4)))  # log 2
    array(0.69314718)
    """
    _check_batch(params, x, t)
    total = binary_cross_entropy_with_logits(_forward(params, x)[-1], t, reduction="sum")
    return np.asarray(total / x.shape[1])


def gradients(params: Params, x: Array, t: Array) -> dict[str, Array]:
    """Return the gradient of the cost with respect to every parameter, by back-propagation.

    Raises
    ------
    ArgumentError, ShapeError
        If the parameters are not W1, b1, W2, b2, ..., or x and t do not fit them.
    DomainError
        If a target is outside [0, 1] or NaN.

    Examples
    --------
    >>> params = init([2, 3, 1], np.random.default_rng(0), gain=1.0)
    >>> gradients(params, np.zeros((2, 4)), np.ones((1, 4)))["b2"]
    array([[-0.5]])
    """
    _check_batch(params, x, t)
    results = _forward(params, x)
    last = len(params) // 2
    dy = np.asarray(1 / x.dtype.type(x.shape[1]))
    loss = binary_cross_entropy_with_logits
    dz, _ = loss.vjp(dy, results[-1], t, wrt=("x",), reduction="sum")
    grads: dict[str, Array] = {}
    for i in range(last, 0, -1):
        before, product = results[3 * i - 3], results[3 * i - 2]
        dproduct, grads[f"b{i}"] = add.vjp(dz, product, params[f"b{i}"])
        grads[f"W{i}"], da = matmul.vjp(dproduct, params[f"W{i}"], before)
        if i > 1:
            (dz,) = relu.vjp(da, results[3 * i - 4], y=before)
    return {name: grads[name] for name in params}


def fit(
    x: Array,
    t: Array,
    layer_dims: Sequence[int],
    *,
    rng: np.random.Generator,
    optimizer: str | Optimizer = "sgd(lr=0.0075)",
    iterations: int = 3000,
    batch_size: int | None = None,
) -> tuple[dict[str, Array], list[float]]:
    """Train from random parameters; return them, and the cost before each update.

    Parameters
    ----------
    x, t : array (n_0, m), (n_L, m)
        Samples and targets in columns.
    layer_dims : sequence of int
        Units per layer, input first.
    rng : numpy.random.Generator
        Draws the parameters and shuffles the minibatches.
    optimizer : str or Optimizer
        Gradient descent with the sources' lr by default.
    iterations : int
        Epochs: each goes through all samples once.
    batch_size : int, optional
        Columns per update; all of them by default.

    Raises
    ------
    ShapeError
        If x and t are not (n_0, m) and (n_L, m).
    OptionError
        If iterations, batch_size or a number of units is no integer or too small.
    DtypeError
        If rng is no generator, or x or t is not float64.
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
    params = init(layer_dims, rng)
    _check_batch(params, x, t)
    m = x.shape[1]
    size = m if batch_size is None else checks.count("l_layer", "batch_size", batch_size, low=1)
    opt = from_spec(optimizer)
    state = opt.init(params)
    costs = []
    for _ in range(checks.count("l_layer", "iterations", iterations)):
        for index in minibatches(m, size, rng=None if batch_size is None else rng):
            columns, targets = x[:, index], t[:, index]
            costs.append(float(cost(params, columns, targets)))
            params, state = opt.update(params, gradients(params, columns, targets), state)
    return params, costs


def _forward(params: Params, x: Array) -> list[Array]:
    """Return x, and for each layer W a, W a + b and, but for the last, its activation."""
    results = [x]
    last = len(params) // 2
    for i in range(1, last + 1):
        product = matmul(params[f"W{i}"], results[-1])
        linear = add(product, params[f"b{i}"])
        results += [product, linear] if i == last else [product, linear, relu(linear)]
    return results


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
