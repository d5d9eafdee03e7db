"""TensorFlow 1's optimizers: refnet's, with the fields that ``rn.conventions`` has for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from refnet import optimizers as _optimizers
from refnet.errors import ArgumentError, OptionError
from refnet.graph import (
    Apply,
    Node,
    Variable,
    apply_gradients,
    compute_gradients,
    gradients,
    updates_of,
)
from refnet.optimizers.base import Elementwise
from refnet.tf1.values import value


class Optimizer:
    """An optimizer of variables: ``minimize(loss)`` is the operation of one training step.

    The learning rate may be a number, a node or a function that returns either. Minimising a loss
    of several values minimises their sum. The steps that one optimizer makes share its slots.
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2
    # TensorFlow's names for the slots, by refnet's.
    slots: ClassVar[Mapping[str, str]] = {}
    # Whether an update depends on how many were done before it.
    counted: ClassVar[bool] = False
    # Whether rows that no embedding_lookup took stay as they are; they would move by a momentum.
    by_rows: ClassVar[bool] = False

    def __init__(self, made: Elementwise[Any], learning_rate: Any, name: str) -> None:
        rate = learning_rate() if callable(learning_rate) else learning_rate
        self._rate: Node | None = value(rate) if isinstance(rate, Node) else None
        self._optimizer = made
        self._name = name
        self._updates: list[Apply] = []

    def get_name(self) -> str:
        """Return the name."""
        return self._name

    def minimize(
        self,
        loss: Node,
        global_step: Variable | None = None,
        var_list: Sequence[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Node:
        """Return the operation of one training step on the trainable variables, or on some."""
        pairs = self.compute_gradients(loss, var_list, grad_loss=grad_loss)
        made = self.apply_gradients(pairs, global_step, name)
        self._updates[-1].loss = loss
        return made

    def compute_gradients(
        self,
        loss: Node,
        var_list: Sequence[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Variable]]:
        """Return the pairs of a gradient, None where there is none, and its variable."""
        if not isinstance(loss, Node):
            raise ArgumentError(
                f"{self._name}.minimize",
                got=f"a loss of type {type(loss).__name__}",
                needs="a node",
                cause="Is it a function, as eager TensorFlow has it, or a value?",
            )
        variables = [var_list] if isinstance(var_list, Variable) else var_list
        if grad_loss is None:
            return list(compute_gradients(loss, variables))
        if variables is None:
            variables = [v for v in loss.graph.variables if v.trainable]
        found = gradients(loss, list(variables), grad_loss, unconnected="none")
        return list(zip(found, variables, strict=True))

    def apply_gradients(
        self,
        grads_and_vars: Any,
        global_step: Variable | None = None,
        name: str | None = None,
    ) -> Node:
        """Return the operation that moves variables by gradients."""
        pairs = list(grads_and_vars)
        made = apply_gradients(
            self._optimizer,
            [(None if g is None else value(g), v) for g, v in pairs],
            lr=self._rate,
            global_step=global_step,
            slot_names=self._slot_names(),
            counted=self.counted,
            by_rows=self.by_rows,
            earlier=self._updates,
            name=name or self._name,
        )
        self._updates.extend(updates_of([made]))
        return made

    def _slot_names(self) -> dict[str, str]:
        """Return the names of the slots' variables; a number tells apart those of one name."""
        return dict.fromkeys(self.slots, self._name)

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        """Return the variable of a slot by TensorFlow's name for it, or None."""
        theirs = {tf: ours for ours, tf in self.slots.items()}
        for update in self._updates:
            found = update.slots.get(theirs.get(name, name), {}).get(var)
            if found is not None:
                return found
        return None

    def get_slot_names(self) -> list[str]:
        """Return TensorFlow's names of the slots that there are."""
        made = {slot for update in self._updates for slot in update.slots}
        return sorted(self.slots.get(slot, slot) for slot in made)

    def variables(self) -> list[Variable]:
        """Return the optimizer's own variables."""
        slots = [v for u in self._updates for slot in u.slots.values() for v in slot.values()]
        counts = [u.updates for u in self._updates if self.counted]
        return list(dict.fromkeys([*counts, *slots]))  # updates share them


def _lr(learning_rate: Any) -> float:
    """Return a number for the optimizer; a rate that is computed takes its place in each step."""
    rate = learning_rate() if callable(learning_rate) else learning_rate
    return 0.0 if isinstance(rate, Node) else _single(rate)


def _single(number: Any) -> float:
    """Return a number as float32 has it: TensorFlow's optimizers hold theirs as such.

    So 1 - beta2 is 1 - float32(0.999), which differs from 0.001 by 1.3e-5 of it.
    """
    if isinstance(number, Node):
        raise OptionError(
            "optimizer",
            got=f"the node {number.name!r} for a number",
            needs="a number for every field but the learning rate",
            cause="Is it a momentum that is fed? One optimizer for each of its values does that.",
        )
    return float(np.float32(number))


class GradientDescentOptimizer(Optimizer):
    """Gradient descent: w <- w - lr g."""

    def __init__(
        self,
        learning_rate: Any,
        use_locking: bool = False,
        name: str = "GradientDescent",
    ) -> None:
        made = _optimizers.SGD.like("tensorflow1", lr=_lr(learning_rate))
        super().__init__(made, learning_rate, name)


class MomentumOptimizer(Optimizer):
    """Momentum: v <- momentum v + g; w <- w - lr v, or with Nesterov w - lr (g + momentum v)."""

    slots: ClassVar = {"momentum_buffer": "momentum"}
    by_rows = True

    def __init__(
        self,
        learning_rate: Any,
        momentum: float,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        preset: Any = _optimizers.Nesterov if use_nesterov else _optimizers.Momentum
        made = preset.like("tensorflow1", lr=_lr(learning_rate), momentum=_single(momentum))
        super().__init__(made, learning_rate, name)


class AdagradOptimizer(Optimizer):
    """AdaGrad, whose accumulator starts at 0.1: s <- s + g^2; w <- w - lr g / sqrt(s)."""

    slots: ClassVar = {"sum": "accumulator"}

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        made = _optimizers.AdaGrad.like(
            "tensorflow1",
            lr=_lr(learning_rate),
            initial_accumulator=float(initial_accumulator_value),
        )
        super().__init__(made, learning_rate, name)


class AdadeltaOptimizer(Optimizer):
    """AdaDelta (Zeiler 2012), times a learning rate of 0.001 by default."""

    slots: ClassVar = {"square_avg": "accum", "acc_delta": "accum_update"}
    by_rows = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ) -> None:
        made = _optimizers.AdaDelta.like(
            "tensorflow1", lr=_lr(learning_rate), rho=_single(rho), eps=_single(epsilon)
        )
        super().__init__(made, learning_rate, name)


class RMSPropOptimizer(Optimizer):
    """RMSProp, epsilon inside the root, the rate inside the momentum; its mean starts at 1."""

    slots: ClassVar = {"square_avg": "rms", "grad_avg": "mg", "momentum_buffer": "momentum"}
    by_rows = True

    def __init__(
        self,
        learning_rate: Any,
        decay: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        made = _optimizers.RMSProp.like(
            "tensorflow1",
            lr=_lr(learning_rate),
            rho=_single(decay),
            momentum=_single(momentum),
            eps=_single(epsilon),
            centered=centered,
        )
        super().__init__(made, learning_rate, name)
        self._centered = bool(centered)

    def _slot_names(self) -> dict[str, str]:
        """Return names by which the mean of the gradients comes before the momentum."""
        names = {"grad_avg": f"{self._name}_1"} if self._centered else {}
        names["momentum_buffer"] = f"{self._name}_{len(names) + 1}"
        return {"square_avg": self._name, **names}


class AdamOptimizer(Optimizer):
    """Adam (Kingma & Ba 2015, the form before Alg. 1's end: epsilon is their epsilon-hat)."""

    slots: ClassVar = {"exp_avg": "m", "exp_avg_sq": "v"}
    counted = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        made = _optimizers.Adam.like(
            "tensorflow1",
            lr=_lr(learning_rate),
            beta1=_single(beta1),
            beta2=_single(beta2),
            eps=_single(epsilon),
        )
        super().__init__(made, learning_rate, name)
