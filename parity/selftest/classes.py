"""The classes of injected bugs, and the operations that each applies to.

A class is a kind of slip that people make; it applies to every operation that has what it needs:
an axis, an epsilon, a window, two betas. Where that can be read off the operation it is a rule
here, so that a new operation without the bug fails a test; elsewhere the operations are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import refnet as rn
from parity.backends.refnet import RefnetAdapter
from parity.case import Case, OptimizerCase
from parity.registry import all_cases

Rule = Callable[[], Iterable[str]]

WITHOUT_FLOATS = frozenset({"one_hot"})  # among the inputs
BACKWARD_ONLY = frozenset({"embedding"})  # whose options only the VJP knows
FLAT = frozenset({"step"})  # whose derivative is 0 everywhere, and whose values are 0 and 1


class BugClass(NamedTuple):
    """One class: its name, what goes wrong, the operations it applies to.

    ``rule`` gives operations and optimizers, ``also`` names further ones, models and initializers
    among them. ``shared`` says that an oracle with the bug computes the same other function, so
    that only the other side can tell. A bug that is not shared costs accuracy, or changes an
    argument or a dtype: then refnet itself is outside its bound. Where NaN is swallowed there is no
    bound to be inside of, for either side.
    """

    name: str
    what: str
    rule: Rule
    also: str = ""
    shared: bool = True

    @property
    def operations(self) -> frozenset[str]:
        """Every operation, optimizer, model and initializer that the class applies to."""
        return frozenset(self.rule()) | frozenset(self.also.split())


def operations() -> list[str]:
    """Return the operations that have cases."""
    return sorted({c.op for c in all_cases() if isinstance(c, Case)})


def optimizers() -> list[str]:
    """Return the optimizers that have cases."""
    return sorted({c.op for c in all_cases() if isinstance(c, OptimizerCase)})


def of_floats() -> list[str]:
    """Return the operations of float inputs, and the optimizers."""
    return [op for op in (*operations(), *optimizers()) if op not in WITHOUT_FLOATS]


def sloped() -> list[str]:
    """Return those of :func:`of_floats` whose results and cotangents are not all round numbers."""
    return [op for op in of_floats() if op not in FLAT]


def with_defaults() -> list[str]:
    """Return the operations whose result depends on options that have defaults."""
    return [op for op in operations() if rn.ops()[op].options and op not in BACKWARD_ONLY]


def with_special_cases() -> list[str]:
    """Return the operations that have cases with NaN and infinities among the inputs."""
    return sorted({c.op for c in all_cases() if isinstance(c, Case) and c.regime == "special"})


def _option(*names: str) -> Rule:
    """Return the rule of operations that have one of the options."""
    return lambda: [op for op in operations() for name in names if name in options_of(op)]


def options_of(op: str) -> tuple[str, ...]:
    """Return the names of an operation's options."""
    found = rn.ops()[op]
    return (*found.required_options, *found.options)


def _field(name: str) -> Rule:
    """Return the rule of optimizers that have a field."""
    return lambda: [
        op for op in optimizers() if name in RefnetAdapter.optimizer_fields(op, {"lr": 0.1})[1]
    ]


def _either(*rules: Rule) -> Rule:
    return lambda: [op for rule in rules for op in rule()]


def of(names: str) -> Rule:
    """Return the rule of operations that are named."""
    return lambda: names.split()


_of_losses = _option("reduction")
_of_betas = _field("beta2")

CLASSES: tuple[BugClass, ...] = (
    # Every operation.
    BugClass("mutated input", "an argument is changed in place", of_floats, "relu", shared=False),
    BugClass("shared state", "what one call left changes another", sloped, "l_layer", shared=False),
    BugClass("float32 accumulation in float64", "float32 on the way", sloped, shared=False),
    BugClass("wrong sign", "plus for minus, uphill for downhill", sloped),
    BugClass("swallowed NaN", "a number for NaN", with_special_cases, shared=False),
    BugClass("option ignored", "the default, whatever is asked for", with_defaults),
    # What has an axis, a reduction, an epsilon, windows, a layout, gates, a mask.
    BugClass("wrong axis", "along another axis", _option("axis"), "pad"),
    BugClass("wrong reduction", "the sum for the mean", _of_losses, "l1_penalty mlp xor"),
    BugClass(
        "N - 1",
        "divided by one less, or not by one less",
        _of_losses,
        "mean var layer_norm group_norm batch_norm avg_pool2d global_avg_pool2d he_normal",
    ),
    BugClass(
        "epsilon in or out", "inside the root for outside", _either(_option("eps"), _field("eps"))
    ),
    BugClass("pad off by one", "pads elsewhere", _option("padding", "pads"), "small_alexnet"),
    BugClass("window from the wrong end", "windows placed otherwise", _option("padding")),
    BugClass("stride or dilation lost", "windows too dense", _option("padding"), "slice"),
    BugClass("layout confused", "one axis taken for another", _option("layout")),
    BugClass("gate order", "another gate's block", _option("gates")),
    BugClass("reset placement", "the reset before for after the product", _option("reset_after")),
    BugClass(
        "mask ignored",
        "what is masked counts",
        _option("lengths", "ignore_index", "padding_idx"),
        "dropout where prelu slice hard_sigmoid binary_cross_entropy "
        "binary_cross_entropy_with_logits",
    ),
    BugClass(
        "broadcast cotangent not summed",
        "the first of the stretched alone",
        of(
            "add subtract multiply divide power maximum minimum where bias_add dense prelu matmul "
            "layer_norm group_norm"
        ),
    ),
    # Gradients.
    BugClass(
        "dropped term",
        "a summand forgotten",
        of(
            "conv2d_transpose cosine dense elu huber kl_div log_softmax lstm lstm_cell "
            "nesterov silu softplus"
        ),
    ),
    BugClass("extra term", "a summand too many", of("dfn mish softmax_cross_entropy")),
    BugClass(
        "missing factor",
        "a factor forgotten",
        of(
            "binary_cross_entropy_with_logits cosine elu gelu hinge l1_penalty l2_penalty "
            "layer_norm mean_squared_error sentiment smooth_l1 softplus"
        ),
    ),
    BugClass(
        "power lost", "x for its square or root", of("adagrad batch_norm gelu lstm mish softsign")
    ),
    BugClass("diagonal Jacobian", "each element by itself", of("softmax log_softmax")),
    BugClass(
        "statistics held constant",
        "no path through mean or variance",
        of("batch_norm group_norm layer_norm var"),
    ),
    BugClass(
        "wrong kink",
        "the other side's derivative at a kink",
        of(
            "abs clip elu hard_sigmoid hard_tanh hinge l1 l1_penalty leaky_relu prelu relu rnn "
            "rnn_cell selu smooth_l1 step"
        ),
    ),
    BugClass(
        "wrong tie",
        "ties shared otherwise",
        of("global_max_pool2d max max_pool2d maximum min minimum"),
    ),
    BugClass(
        "overwritten gradient", "= for +=", of("avg_pool2d embedding l_layer max_pool2d pad tile")
    ),
    BugClass(
        "cotangent lost",
        "one of several is 0",
        of("gru gru_cell l_layer lstm lstm_cell rnn rnn_cell square unstack xor"),
    ),
    BugClass(
        "cotangent of another",
        "that of another input or channel",
        of("avg_pool2d batch_norm dense matmul"),
    ),
    BugClass(
        "first for all",
        "the first of several for each",
        of("concat conv1d conv2d conv2d_transpose unstack"),
    ),
    BugClass(
        "transpose",
        "a matrix untransposed, a kernel not flipped",
        of(
            "conv1d conv2d conv2d_transpose dense gru gru_cell lstm lstm_cell matmul rnn "
            "rnn_binary_addition rnn_cell transpose"
        ),
    ),
    # Values.
    BugClass(
        "another function",
        "its neighbour's value",
        of(
            "abs cos cosine dfn exp global_max_pool2d kl_div log maximum mean min relu sentiment "
            "sin smooth_l1"
        ),
    ),
    BugClass(
        "wrong operand",
        "one variable for another",
        of(
            "adadelta affine dense divide dropout exp log lstm lstm_cell mlp multiply power rnn "
            "sqrt step tile truncated_normal"
        ),
    ),
    BugClass(
        "alternatives exchanged",
        "the one for the other",
        of(
            "batch_norm binary_cross_entropy_with_logits gelu gru gru_cell hard_tanh leaky_relu "
            "minimum silu where"
        ),
    ),
    BugClass(
        "wrong order",
        "the right values in other places",
        of("concat pad reshape rnn_binary_addition slice split tile"),
    ),
    BugClass(
        "wrong scaling",
        "a factor too many, or another",
        of(
            "adam batch_norm conv2d dense global_avg_pool2d glorot_normal glorot_uniform he_normal "
            "identity l2_penalty l_layer mean mean_squared_error nadam sgd softmax_cross_entropy "
            "std_normal sum"
        ),
    ),
    BugClass(
        "wrong constant",
        "a number that is not the one",
        of("constant gelu hard_sigmoid he_uniform hinge selu zeros"),
    ),
    BugClass("wrong default", "another system's, or none's", of("adam adamw momentum nadam sgd")),
    BugClass(
        "one end lost",
        "limited on one side alone",
        of("adadelta clip hard_tanh huber log_softmax truncated_normal"),
    ),
    BugClass("wrong fan", "units of the other side", of("glorot_normal he_uniform")),
    BugClass("wrong pad value", "zeros, or not the value", of("max_pool2d pad")),
    BugClass("pads counted", "pads and overhang among the cells", of("avg_pool2d")),
    BugClass("dropout not scaled", "kept values as they are", of("dropout small_alexnet")),
    BugClass("wrong convention", "another system's", of("batch_norm")),
    BugClass("stale running statistics", "those of another batch", of("batch_norm")),
    BugClass(
        "unfinished code",
        "it fails at the first call",
        of("adagrad concat dense l_layer relu square tanh unstack"),
    ),
    # Arithmetic: the formula is right, and the other side need not part from it.
    BugClass(
        "unshifted softmax",
        "exp of what is not shifted",
        of("log_softmax softmax softmax_cross_entropy"),
        shared=False,
    ),
    BugClass(
        "one-pass variance",
        "E[x^2] - E[x]^2",
        of("batch_norm group_norm layer_norm var"),
        shared=False,
    ),
    BugClass(
        "overflow on the way",
        "infinity between finite numbers",
        of("binary_cross_entropy_with_logits divide gru_cell lstm_cell mish sigmoid silu softplus"),
        shared=False,
    ),
    BugClass(
        "cancellation",
        "digits lost to a difference",
        of("binary_cross_entropy binary_cross_entropy_with_logits elu selu softplus"),
        shared=False,
    ),
    BugClass(
        "too few digits", "an approximation cut short", of("dense gelu sin sqrt"), shared=False
    ),
    BugClass(
        "NaN out of nothing",
        "0 times infinity, 0 log 0",
        of("binary_cross_entropy cross_entropy kl_div nll power rmsprop where"),
    ),
    BugClass("wrong dtype", "a result in another dtype", of("relu sgd one_hot"), shared=False),
    # Optimizers.
    BugClass("betas swapped", "one average's for the other's", _of_betas),
    BugClass("missing bias correction", "dropped, or one of two", _of_betas),
    BugClass("correction off by one", "of the next update", _of_betas),
    BugClass("epsilon and correction", "before for after the correction", of("adam nadam")),
    BugClass("epsilon lost", "left out", of("adadelta adamax cross_entropy momentum nadam")),
    BugClass("weight decay misplaced", "coupled for decoupled, twice, or wrong", optimizers),
    BugClass("schedule off by one", "the rate of another update", optimizers),
    BugClass("clipping misplaced", "each tensor by itself, or after the decay", optimizers),
    BugClass(
        "Nesterov's form", "look-ahead and reformulated confused", of("momentum nadam nesterov sgd")
    ),
    BugClass("dampening", "on for off, subtracted for added", of("sgd")),
    BugClass("rate inside or out", "of the accumulator", of("adadelta adagrad rmsprop sgd")),
    BugClass("wrong start", "another initial accumulator", of("adagrad rmsprop sgd")),
    BugClass(
        "variant not taken",
        "amsgrad, centring and the like left out",
        of("adagrad adam adamax adamw nadam rmsprop sgd"),
    ),
    BugClass(
        "state not advanced", "a counter or slot stands still", of("adamax sgd"), shared=False
    ),
)
_BY_NAME = {c.name: c for c in CLASSES}


def class_of(name: str) -> BugClass:
    """Return the class of that name."""
    return _BY_NAME[name]
