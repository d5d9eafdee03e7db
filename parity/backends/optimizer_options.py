"""The options of every optimizer, with refnet's defaults, which are PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parity.errors import UnsupportedError

_SGD = {
    "momentum": 0.0,
    "dampening": 0.0,
    "nesterov": False,
    "lookahead": False,
    "lr_inside": False,
    "first_buffer": "gradient",
}
_ADAM = {
    "lr": 1e-3,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "amsgrad": False,
    "amsgrad_corrected": False,
    "bias_correction": True,
    "eps_root": 0.0,
    "eps_before_correction": False,
}
# Every option but those that all of them share, with its default.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "sgd": _SGD,
    "momentum": {**_SGD, "momentum": 0.9},
    "nesterov": {**_SGD, "momentum": 0.9, "nesterov": None},
    "adagrad": {
        "lr": 0.01,
        "eps": 1e-10,
        "eps_inside": False,
        "initial_accumulator": 0.0,
        "lr_decay": 0.0,
    },
    "adadelta": {"lr": 1.0, "rho": 0.9, "eps": 1e-6},
    "rmsprop": {
        "lr": 0.01,
        "rho": 0.99,
        "eps": 1e-8,
        "momentum": 0.0,
        "centered": False,
        "eps_inside": False,
        "lr_inside": False,
        "initial_accumulator": 0.0,
    },
    "adam": _ADAM,
    "adamw": {**_ADAM, "weight_decay": 0.01, "decay_kind": "decoupled"},
    "adamax": {
        "lr": 2e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "eps_in_maximum": True,
    },
    "nadam": {
        "lr": 2e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "schedule_decay": 0.004,
        "eps_before_correction": False,
    },
}


def known_options(framework: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option of an optimizer, those that are not given at their default.

    Raises
    ------
    UnsupportedError
        If the name, or an option, is none that is known here.
    """
    if name not in DEFAULTS:
        raise UnsupportedError(f"{framework} has no optimizer {name}")
    known = {"weight_decay": 0.0, "decay_kind": "l2", "clip": None, **DEFAULTS[name]}
    missing = [option for option in options if option not in known and option != "lr"]
    if missing:
        raise UnsupportedError(f"{framework}'s {name} has no option {', '.join(missing)}")
    every = {**known, **options}
    if every["decay_kind"] not in ("l2", "l1", "decoupled"):
        raise UnsupportedError(f"{framework} has no weight decay of kind {every['decay_kind']!r}")
    return every
