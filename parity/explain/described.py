"""The optimizer that a recording says it is of, as refnet's."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import refnet as rn
from parity.trace import Recording
from refnet.errors import RefnetError
from refnet.optimizers import Optimizer

# PyTorch's names for the fields, by its classes; betas are taken apart below.
_COMMON = {"lr": "lr", "weight_decay": "weight_decay", "eps": "eps"}
_TORCH: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "SGD": (
        "sgd",
        {"momentum": "momentum", "dampening": "dampening", "nesterov": "nesterov"},
    ),
    "Adagrad": (
        "adagrad",
        {"lr_decay": "lr_decay", "initial_accumulator_value": "initial_accumulator"},
    ),
    "Adadelta": ("adadelta", {"rho": "rho"}),
    "RMSprop": ("rmsprop", {"alpha": "rho", "momentum": "momentum", "centered": "centered"}),
    "Adam": ("adam", {"amsgrad": "amsgrad"}),
    "AdamW": ("adamw", {"amsgrad": "amsgrad"}),
    "Adamax": ("adamax", {}),
    "NAdam": ("nadam", {"momentum_decay": "schedule_decay"}),
}


def optimizer_of(recording: Recording, spec: str | None = None) -> Optimizer | None:
    """Return the optimizer that a spec, or else a recording's info, describes; None if neither.

    The info is that of parity's own recordings (``optimizer`` and ``options``), a spec such as
    "adam(lr=0.001)" under ``optimizer``, or what :func:`parity.trace.attach` writes of PyTorch's
    optimizers. Parameter groups with options of their own are not one optimizer: None.

    Raises
    ------
    OptionError
        If ``spec`` names no optimizer of refnet's.
    """
    if spec is not None:
        return rn.optimizers.from_spec(spec)
    said = recording.info.get("optimizer")
    if said is None and 0 in recording.steps:
        said = recording.at(0).info.get("optimizer")
    if isinstance(said, str):
        with suppress(RefnetError):  # somebody's own name for something
            return rn.optimizers.from_spec(_spec(said, recording.info.get("options", {})))
    if isinstance(said, Mapping):
        return _torchs(said)
    return None


def _spec(name: str, options: Any) -> str:
    known = options if isinstance(options, Mapping) else {}
    given = ", ".join(f"{k}={v!r}" for k, v in known.items())
    return f"{name}({given})" if given and "(" not in name else name


def _torchs(said: Mapping[str, Any]) -> Optimizer | None:
    name, groups = said.get("name"), said.get("groups") or []
    if name not in _TORCH or not groups:
        return None
    first, *others = ({k: v for k, v in g.items() if k != "params"} for g in groups)
    if any(g != first for g in others) or first.get("maximize"):
        return None
    spec, own = _TORCH[str(name)]
    options = {mine: first[k] for k, mine in {**_COMMON, **own}.items() if k in first}
    if "betas" in first:
        options |= dict(zip(("beta1", "beta2"), first["betas"], strict=True))
    if first.get("decoupled_weight_decay"):
        options["decay_kind"] = "decoupled"
    with suppress(RefnetError):  # what refnet's has not
        return rn.optimizers.from_spec(_spec(spec, options))
    return None
