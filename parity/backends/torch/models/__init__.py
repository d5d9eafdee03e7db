"""The models, of torch's functions; each file has ``model(torch, **options)``.

Torch is handed in, so that it is imported by the adapter alone.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from parity.backends.torch.models.base import Branches, Model

MODELS: dict[str, Callable[..., Model]] = {
    module.name: import_module(f"{__name__}.{module.name}").model
    for module in iter_modules(__path__)
    if module.name != "base"
}

__all__ = ["MODELS", "Branches", "Model"]
