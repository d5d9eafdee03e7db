"""What each system does by default, as fields of refnet's: the table of conventions.

``rn.conventions["keras", "adam"]`` is a :class:`Convention`: fields of ``rn.optimizers.Adam`` with
which it is Keras's Adam, and where that is documented. ``Adam.like("keras")`` is that optimizer.
The names are those of optimizer specs, of schedules' specs, of operations, and
``clip_by_global_norm``.

Formulas and defaults were read in the sources of tensorflow/python/training and
tensorflow/core/kernels/training_ops.cc (TensorFlow 1), keras/src/optimizers (Keras 3) and
optax/_src (optax), to which the pages named here link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, NamedTuple

from refnet import checks
from refnet.errors import OptionError
from refnet.optimizers import SGD, AdaDelta, AdaGrad, Adam, AdaMax, Nadam, RMSProp

SYSTEMS = (
    "torch",
    "tensorflow1",
    "keras",
    "optax",
    "feedforward",
    "scratch_notes",
    "numpy_dnn",
    "ann_box",
)


class Convention(NamedTuple):
    """What a system does by default, as fields of refnet's, and where that is documented.

    An optimizer's fields are complete, but for what the system leaves to its caller, lr above all;
    an operation's are those in which systems differ. ``source`` is a page, or a section of one of
    the sources.
    """

    fields: Mapping[str, Any]
    source: str


class Conventions(Mapping[tuple[str, str], Convention]):
    """The table: from (system, name of an optimizer, a schedule or an operation) to its convention.

    Looking up what is not there raises an OptionError that lists what there is.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.conventions["keras", "adagrad"].fields["initial_accumulator"]
    0.1
    >>> rn.conventions.systems("adamax")
    ('torch', 'keras', 'optax')
    >>> rn.conventions.names("numpy_dnn")
    ('sgd', 'momentum', 'dropout', 'l2_penalty')
    """

    def __init__(self, entries: Mapping[tuple[str, str], Convention]) -> None:
        self._entries: dict[tuple[str, str], Convention] = dict(entries)

    def __getitem__(self, key: tuple[str, str]) -> Convention:
        if not (isinstance(key, tuple) and len(key) == 2):
            raise OptionError(
                "conventions",
                got=f"the key {key!r}",
                needs="a system and a name, such as conventions['keras', 'adam']",
                cause=f"Systems: {', '.join(SYSTEMS)}.",
            )
        system, name = key
        checks.choice(f"conventions of {system}", "name", name, self.names(system))
        return self._entries[system, name]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the convention, or the default where there is none."""
        return self._entries.get(key, default)

    def systems(self, name: str) -> tuple[str, ...]:
        """Return the systems that have an optimizer, a schedule or an operation."""
        found = tuple(s for s in SYSTEMS if (s, name) in self._entries)
        if not found:
            known = tuple(dict.fromkeys(n for _, n in self._entries))
            checks.choice("conventions", "name", name, known)
        return found

    def names(self, system: str) -> tuple[str, ...]:
        """Return the names that a system has an entry for."""
        checks.choice("conventions", "system", system, SYSTEMS)
        return tuple(name for s, name in self._entries if s == system)

    def __repr__(self) -> str:
        return f"<conventions: {len(self)} of {len(SYSTEMS)} systems>"


TORCH = "https://docs.pytorch.org/docs/stable/generated/torch."
TF1 = "https://www.tensorflow.org/api_docs/python/tf/compat/v1/"
TF = "https://www.tensorflow.org/api_docs/python/tf/"
KERAS = "https://keras.io/api/"
OPTAX = "https://optax.readthedocs.io/en/latest/api/"

# The class whose fields an entry of this name has; what a preset sets or asks for is not among
# them, or differs from the class's default.
_CLASSES: Mapping[str, type[Any]] = {
    "sgd": SGD,
    "momentum": SGD,
    "nesterov": SGD,
    "adagrad": AdaGrad,
    "adadelta": AdaDelta,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": Adam,
    "amsgrad": Adam,
    "adamax": AdaMax,
    "nadam": Nadam,
}
_LEFT_OUT = {"momentum": {"momentum"}, "nesterov": {"momentum", "nesterov"}}
_SET: Mapping[str, Mapping[str, Any]] = {
    "adamw": {"decay_kind": "decoupled"},
    "amsgrad": {"amsgrad": True},
}


def _optimizer(name: str, source: str, **differing: Any) -> Convention:
    """Return a whole convention: what is not given is as in PyTorch, whose defaults refnet has."""
    left_out = {"lr", "clip", *_LEFT_OUT.get(name, ())}
    plain = {f.name: f.default for f in fields(_CLASSES[name]) if f.name not in left_out}
    return Convention(MappingProxyType({**plain, **_SET.get(name, {}), **differing}), source)


def _entry(source: str, **fields_: Any) -> Convention:
    return Convention(MappingProxyType(fields_), source)


def _torch() -> dict[str, Convention]:
    optim = TORCH + "optim."
    nn = TORCH + "nn."
    return {
        "sgd": _optimizer("sgd", optim + "SGD.html", lr=1e-3),
        "momentum": _optimizer("momentum", optim + "SGD.html", lr=1e-3),
        "nesterov": _optimizer("nesterov", optim + "SGD.html", lr=1e-3),
        "adagrad": _optimizer("adagrad", optim + "Adagrad.html", lr=1e-2),
        "adadelta": _optimizer("adadelta", optim + "Adadelta.html", lr=1.0),
        "rmsprop": _optimizer("rmsprop", optim + "RMSprop.html", lr=1e-2),
        "adam": _optimizer("adam", optim + "Adam.html", lr=1e-3),
        "adamw": _optimizer("adamw", optim + "AdamW.html", lr=1e-3, weight_decay=1e-2),
        "amsgrad": _optimizer("amsgrad", optim + "Adam.html", lr=1e-3),
        "adamax": _optimizer("adamax", optim + "Adamax.html", lr=2e-3),
        "nadam": _optimizer("nadam", optim + "NAdam.html", lr=2e-3),
        "step_decay": _entry(optim + "lr_scheduler.StepLR.html", factor=0.1),
        "exponential": _entry(optim + "lr_scheduler.ExponentialLR.html"),
        "clip_by_global_norm": _entry(nn + "utils.clip_grad_norm_.html", eps=1e-6),
        "avg_pool2d": _entry(nn + "AvgPool2d.html", count_include_pad=True, layout="NCHW"),
        "batch_norm": _entry(
            nn + "BatchNorm2d.html",
            momentum=0.1,
            momentum_of="new",
            unbiased=True,
            eps=1e-5,
            layout="NCHW",
        ),
        "binary_cross_entropy": _entry(nn + "BCELoss.html", reduction="mean", log_min=-100.0),
        "conv2d": _entry(nn + "Conv2d.html", layout="NCHW"),
        "cosine": _entry(nn + "functional.cosine_similarity.html", eps=1e-8),
        "dropout": _entry(nn + "Dropout.html", rate=0.5, scale="inverted"),
        "elu": _entry(nn + "ELU.html", alpha=1.0),
        "gelu": _entry(nn + "GELU.html", approximate="none"),
        "group_norm": _entry(nn + "GroupNorm.html", eps=1e-5, layout="NCHW"),
        "gru": _entry(nn + "GRU.html", gates="rzn", reset_after=True),
        "hard_sigmoid": _entry(nn + "Hardsigmoid.html", slope=1 / 6, offset=0.5),
        "huber": _entry(nn + "HuberLoss.html", delta=1.0, reduction="mean"),
        "kl_div": _entry(nn + "KLDivLoss.html", log_target=False, reduction="mean"),
        "layer_norm": _entry(nn + "LayerNorm.html", eps=1e-5),
        "leaky_relu": _entry(nn + "LeakyReLU.html", slope=0.01),
        "lstm": _entry(nn + "LSTM.html", gates="ifgo"),
        "max_pool2d": _entry(nn + "MaxPool2d.html", layout="NCHW"),
        "mean_squared_error": _entry(nn + "MSELoss.html", reduction="mean"),
        "softmax_cross_entropy": _entry(nn + "CrossEntropyLoss.html", reduction="mean"),
        "softplus": _entry(nn + "Softplus.html", beta=1.0),
        "var": _entry(TORCH + "var.html", ddof=1),
    }


def _tensorflow1() -> dict[str, Convention]:
    train = TF1 + "train/"
    root = {"eps_inside": True, "lr_inside": True, "initial_accumulator": 1.0}
    momentum = train + "MomentumOptimizer"
    return {
        "sgd": _optimizer("sgd", train + "GradientDescentOptimizer"),
        "momentum": _optimizer("momentum", momentum, first_buffer="zeros"),
        "nesterov": _optimizer("nesterov", momentum, first_buffer="zeros"),
        "adagrad": _optimizer(
            "adagrad", train + "AdagradOptimizer", initial_accumulator=0.1, eps=0.0
        ),
        "adadelta": _optimizer(
            "adadelta", train + "AdadeltaOptimizer", lr=1e-3, rho=0.95, eps=1e-8
        ),
        "rmsprop": _optimizer("rmsprop", train + "RMSPropOptimizer", rho=0.9, eps=1e-10, **root),
        "adam": _optimizer("adam", train + "AdamOptimizer", lr=1e-3, eps_before_correction=True),
        "exponential": _entry(train + "exponential_decay"),
        "time_decay": _entry(train + "inverse_time_decay"),
        "clip_by_global_norm": _entry(TF + "clip_by_global_norm", eps=0.0),
        "avg_pool2d": _entry(TF1 + "nn/avg_pool", count_include_pad=False, layout="NHWC"),
        # unbiased: the fused kernel's, which the layer takes for images.
        "batch_norm": _entry(
            TF1 + "layers/batch_normalization",
            momentum=0.99,
            momentum_of="old",
            unbiased=True,
            eps=1e-3,
            layout="NHWC",
        ),
        "conv2d": _entry(TF1 + "nn/conv2d", layout="NHWC"),
        "dropout": _entry(TF1 + "nn/dropout", scale="inverted"),
        "elu": _entry(TF + "nn/elu", alpha=1.0),
        "gru": _entry(TF1 + "nn/rnn_cell/GRUCell", gates="rzn", reset_after=False),
        "hard_sigmoid": _entry(
            "https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/keras/activations/"
            "hard_sigmoid",
            slope=0.2,
            offset=0.5,
        ),
        "huber": _entry(TF1 + "losses/huber_loss", delta=1.0, reduction="mean"),
        "l2_penalty": _entry(TF + "nn/l2_loss", strength=1.0, half=True),
        "leaky_relu": _entry(TF1 + "nn/leaky_relu", slope=0.2),
        "max_pool2d": _entry(TF1 + "nn/max_pool", layout="NHWC"),
        "mean_squared_error": _entry(TF1 + "losses/mean_squared_error", reduction="mean"),
        "softmax_cross_entropy": _entry(
            TF1 + "nn/softmax_cross_entropy_with_logits", reduction="none"
        ),
        "var": _entry(TF + "math/reduce_variance", ddof=0),
    }


def _keras() -> dict[str, Convention]:
    page = KERAS + "optimizers/"
    layers = KERAS + "layers/"
    decay = {"decay_kind": "decoupled"}
    buffer = {"lr_inside": True, "first_buffer": "zeros", **decay}
    adam = {"eps": 1e-7, "eps_before_correction": True, "decay_kind": "decoupled"}
    return {
        "sgd": _optimizer("sgd", page + "sgd/", lr=1e-2, **buffer),
        "momentum": _optimizer("momentum", page + "sgd/", lr=1e-2, **buffer),
        "nesterov": _optimizer("nesterov", page + "sgd/", lr=1e-2, **buffer),
        "adagrad": _optimizer(
            "adagrad",
            page + "adagrad/",
            lr=1e-3,
            initial_accumulator=0.1,
            eps=1e-7,
            eps_inside=True,
            **decay,
        ),
        "adadelta": _optimizer(
            "adadelta", page + "adadelta/", lr=1e-3, rho=0.95, eps=1e-7, **decay
        ),
        "rmsprop": _optimizer(
            "rmsprop",
            page + "rmsprop/",
            lr=1e-3,
            rho=0.9,
            eps=1e-7,
            eps_inside=True,
            lr_inside=True,
            **decay,
        ),
        "adam": _optimizer("adam", page + "adam/", lr=1e-3, **adam),
        "adamw": _optimizer("adamw", page + "adamw/", lr=1e-3, weight_decay=4e-3, **adam),
        "amsgrad": _optimizer("amsgrad", page + "adam/", lr=1e-3, **adam),
        "adamax": _optimizer(
            "adamax", page + "adamax/", lr=1e-3, eps=1e-7, eps_in_maximum=False, **decay
        ),
        "nadam": _optimizer(
            "nadam", page + "Nadam/", lr=1e-3, eps=1e-7, schedule_decay=1.0, **decay
        ),
        "exponential": _entry(page + "learning_rate_schedules/exponential_decay/"),
        "time_decay": _entry(page + "learning_rate_schedules/inverse_time_decay/"),
        "clip_by_global_norm": _entry(page, eps=0.0),
        "avg_pool2d": _entry(
            layers + "pooling_layers/average_pooling2d/", count_include_pad=False, layout="NHWC"
        ),
        "batch_norm": _entry(
            layers + "normalization_layers/batch_normalization/",
            momentum=0.99,
            momentum_of="old",
            unbiased=False,
            eps=1e-3,
            layout="NHWC",
        ),
        "conv2d": _entry(layers + "convolution_layers/convolution2d/", layout="NHWC"),
        "dropout": _entry(layers + "regularization_layers/dropout/", scale="inverted"),
        "elu": _entry(layers + "activations/", alpha=1.0),
        "gelu": _entry(layers + "activations/", approximate="none"),
        "group_norm": _entry(
            layers + "normalization_layers/group_normalization/", groups=32, eps=1e-3, layout="NHWC"
        ),
        "gru": _entry(layers + "recurrent_layers/gru/", gates="zrn", reset_after=True),
        "hard_sigmoid": _entry(layers + "activations/", slope=1 / 6, offset=0.5),
        "huber": _entry(
            KERAS + "losses/regression_losses/#huber-class", delta=1.0, reduction="mean"
        ),
        "l1_penalty": _entry(layers + "regularizers/#l1-class", strength=0.01),
        "l2_penalty": _entry(layers + "regularizers/#l2-class", strength=0.01, half=False),
        "layer_norm": _entry(layers + "normalization_layers/layer_normalization/", eps=1e-3),
        "leaky_relu": _entry(layers + "activations/", slope=0.2),
        "lstm": _entry(layers + "recurrent_layers/lstm/", gates="ifgo"),
        "max_pool2d": _entry(layers + "pooling_layers/max_pooling2d/", layout="NHWC"),
        "mean_squared_error": _entry(
            KERAS + "losses/regression_losses/#meansquarederror-class", reduction="mean"
        ),
        "softmax_cross_entropy": _entry(
            KERAS + "losses/probabilistic_losses/#categoricalcrossentropy-class", reduction="mean"
        ),
        "softplus": _entry(layers + "activations/", beta=1.0),
        "var": _entry(KERAS + "ops/numpy/#var-function", ddof=0),
    }


def _optax() -> dict[str, Convention]:
    page = OPTAX + "optimizers.html#optax."
    losses = OPTAX + "losses.html#optax.losses."
    return {
        "sgd": _optimizer("sgd", page + "sgd", first_buffer="zeros"),
        "momentum": _optimizer("momentum", page + "sgd", first_buffer="zeros"),
        "nesterov": _optimizer("nesterov", page + "sgd", first_buffer="zeros"),
        "adagrad": _optimizer(
            "adagrad", page + "adagrad", initial_accumulator=0.1, eps=1e-7, eps_inside=True
        ),
        "adadelta": _optimizer("adadelta", page + "adadelta", rho=0.9, eps=1e-6),
        "rmsprop": _optimizer(
            "rmsprop", page + "rmsprop", rho=0.9, eps=1e-8, eps_inside=True, lr_inside=True
        ),
        "adam": _optimizer("adam", page + "adam"),
        "adamw": _optimizer("adamw", page + "adamw", weight_decay=1e-4),
        "amsgrad": _optimizer("amsgrad", page + "amsgrad", amsgrad_corrected=True),
        "adamax": _optimizer("adamax", page + "adamax"),
        "nadam": _optimizer("nadam", page + "nadam", schedule_decay=None),
        "exponential": _entry(OPTAX + "optimizer_schedules.html#optax.schedules.exponential_decay"),
        "clip_by_global_norm": _entry(
            OPTAX + "transformations.html#optax.clip_by_global_norm", eps=0.0
        ),
        "huber": _entry(losses + "huber_loss", delta=1.0, reduction="none"),
        "mean_squared_error": _entry(losses + "squared_error", reduction="none"),
        "softmax_cross_entropy": _entry(losses + "softmax_cross_entropy", reduction="none"),
    }


def _feedforward() -> dict[str, Convention]:
    text = "feedforward.txt, class "
    return {
        "sgd": _optimizer("sgd", text + "SGD", lr=0.01),
        "cross_entropy": _entry(text + "CrossEntropy", eps=2.0**-52, reduction="mean"),
        "mean_squared_error": _entry(text + "SquaredError", reduction="half_mean_rows"),
    }


def _scratch_notes() -> dict[str, Convention]:
    text = "scratch_notes.txt, "
    momentum = {"momentum": 0.9, "lr_inside": True, "first_buffer": "zeros"}
    return {
        "sgd": _optimizer("sgd", text + "class SGD", lr=0.01),
        "momentum": _optimizer("momentum", text + "class Momentum", lr=0.01, **momentum),
        "adagrad": _optimizer("adagrad", text + "class AdaGrad", lr=0.01, eps=1e-7),
        "conv2d": _entry(text + "convolution", layout="NCHW"),
        "cross_entropy": _entry(text + "cross_entropy_error", eps=1e-7, reduction="mean"),
        "dropout": _entry(text + "class Dropout", rate=0.5, scale="at_test"),
        "max_pool2d": _entry(text + "pooling", layout="NCHW"),
        "mean_squared_error": _entry(text + "mean_squared_error", reduction="half_sum"),
    }


def _numpy_dnn() -> dict[str, Convention]:
    text = "numpy_dnn.txt, "
    average = {"dampening": "momentum", "first_buffer": "zeros"}
    return {
        "sgd": _optimizer("sgd", text + "L_layer_model", lr=0.0075),
        "momentum": _optimizer("momentum", text + "momentum_gradient_descent", **average),
        "dropout": _entry(text + "forward_propagation_with_dropout", rate=0.5, scale="inverted"),
        "l2_penalty": _entry(text + "compute_cost_with_regularization", half=True),
    }


def _ann_box() -> dict[str, Convention]:
    text = "ann_box.txt, section "
    buffer = {"lr_inside": True, "first_buffer": "zeros"}
    return {
        "sgd": _optimizer("sgd", text + "3.1", lr=0.01),
        "momentum": _optimizer("momentum", text + "3.2", lr=0.01, momentum=0.9, **buffer),
        "nesterov": _optimizer("nesterov", text + "3.3", lookahead=True, **buffer),
        "adagrad": _optimizer("adagrad", text + "3.4", lr=1e-3, initial_accumulator=0.1, eps=0.0),
        "adadelta": _optimizer("adadelta", text + "3.5", lr=1e-3, rho=0.95, eps=1e-8),
        "avg_pool2d": _entry(text + "5.4", count_include_pad=True, layout="NHWC"),
        "conv2d": _entry(text + "5.1", layout="NHWC"),
        "max_pool2d": _entry(text + "5.3", layout="NHWC"),
        "mean_squared_error": _entry(text + "1.6", reduction="sum_rows"),
    }


_TABLES = {
    "torch": _torch,
    "tensorflow1": _tensorflow1,
    "keras": _keras,
    "optax": _optax,
    "feedforward": _feedforward,
    "scratch_notes": _scratch_notes,
    "numpy_dnn": _numpy_dnn,
    "ann_box": _ann_box,
}

conventions = Conventions(
    {(system, name): c for system in SYSTEMS for name, c in _TABLES[system]().items()}
)
