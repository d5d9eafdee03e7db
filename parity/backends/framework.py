"""What the adapters of frameworks share: operations and models that are handed the framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from parity.backends.base import Adapter, Functions, Trainer
from parity.backends.family import operations_of
from parity.backends.model import Model, models_of
from parity.case import DTYPES
from parity.floats import accumulation_dtype


class FrameworkAdapter(Adapter):
    """An adapter whose operations and models are functions of a framework's arrays.

    Parameters
    ----------
    framework
        What the functions are handed; an adapter's constructor imports it.
    operations, models : package
        Where the families of operations (see :mod:`parity.backends.family`) and the models are.
    """

    dtypes = DTYPES

    def __init__(self, framework: Any, operations: ModuleType, models: ModuleType) -> None:
        self._framework, self._models = framework, models
        self._operations, self._rounds_between = operations_of(operations, framework)

    def operations(self) -> Mapping[str, Functions]:
        """Return the operations, as functions of the framework's arrays; :meth:`run` converts."""
        return {name: Functions(forward) for name, forward in self._operations.items()}

    def has(self, name: str) -> bool:
        """Whether there is an operation, initializer, optimizer or model of this name."""
        return name in self._operations or super().has(name)

    def accumulation(self, op: str, dtype: str) -> str:
        """Return a half type itself for what the CPU composes from several kernels in it."""
        return dtype if op in self._rounds_between else accumulation_dtype(dtype)

    def trainers(self) -> Mapping[str, Callable[..., Trainer]]:
        """Return the models, of the framework's functions."""

        def trained(make: Callable[..., Model]) -> Callable[..., Trainer]:
            def trainer(
                model: Mapping[str, Any], optimizer: str, options: Mapping[str, Any]
            ) -> Trainer:
                return self._trainer(self._model(make, model), optimizer, options)

            return trainer

        return {name: trained(make) for name, make in models_of(self._models).items()}

    def _model(self, make: Callable[..., Model], options: Mapping[str, Any]) -> Any:
        """Return a model for :meth:`_trainer`."""
        return make(self._framework, **options)

    def _trainer(self, model: Any, optimizer: str, options: Mapping[str, Any]) -> Trainer:
        """Return a trainer of a model."""
        raise NotImplementedError
