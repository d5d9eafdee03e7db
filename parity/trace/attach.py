"""Record a loop of PyTorch's through the hooks of its modules and optimizers.

PyTorch is not imported: what is attached to brings its hooks along.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from parity.errors import AdapterError
from parity.trace.arrays import Array, as_plain
from parity.trace.names import named
from parity.trace.recorder import Recorder


def attach(
    module: Any,
    optimizer: Any,
    recorder: Recorder,
    *,
    outputs: bool = False,
    branches: bool = False,
) -> Attached:
    """Record what a torch module and its optimizer do: one step of the recording per update.

    Each ``optimizer.step()`` writes the gradients before it, and the parameters, buffers and every
    slot of the optimizer's state after it, under the module's names for its parameters, and each
    group's learning rate as ``option/lr/0``. If nothing has been recorded yet, the state as it is
    becomes step 0, with the optimizer's options in its info; else the steps are counted on from the
    recording's last. A parameter without a gradient has none in that step.

    The loss, the batch, masks and whatever else belong to the next step are noted beforehand::

        with Recorder("run.trace") as recorder, attach(model, optimizer, recorder) as run:
            for x, t in batches:
                optimizer.zero_grad()
                run.loss = loss = loss_of(model(x), t)
                run.note({"batch/x": x, "batch/t": t})
                loss.backward()
                optimizer.step()

    With a closure, loss and gradients are those of its first evaluation in the step, the one at the
    parameters that the step starts from.

    Parameters
    ----------
    module : torch.nn.Module
        Whose parameters are recorded.
    optimizer : torch.optim.Optimizer
        Of some of them.
    recorder : Recorder
        Where to; closing it is left to the caller.
    outputs : bool
        Record the result of every module without children, in training, as ``output/NAME``; of
        further calls in the same step as ``output/NAME/call 2``.
    branches : bool
        Record which units of each ReLU module are active, as ``branch/NAME``.

    Returns
    -------
    Attached
        Ends with its ``with`` block or by ``remove()``.

    Raises
    ------
    AdapterError
        If module or optimizer lack the hooks and names of PyTorch's, or the optimizer has a
        parameter that the module has not.
    """
    return Attached(module, optimizer, recorder, outputs=outputs, branches=branches)


class Attached:
    """The hooks of :func:`attach`, and what has been noted for the next step."""

    def __init__(
        self, module: Any, optimizer: Any, recorder: Recorder, *, outputs: bool, branches: bool
    ) -> None:
        needed = (
            (module, "module", ("named_parameters", "named_buffers", "named_modules")),
            (
                optimizer,
                "optimizer",
                ("param_groups", "state", "register_step_pre_hook", "register_step_post_hook"),
            ),
        )
        for value, what, attributes in needed:
            missing = [a for a in attributes if not hasattr(value, a)]
            if missing:
                raise AdapterError(
                    "attach",
                    got=f"{what} of type {type(value).__name__} without {', '.join(missing)}",
                    needs="a torch.nn.Module and a torch.optim.Optimizer",
                    cause="Is the order another? A network of refnet's goes to attach_network.",
                )
        self._module, self._optimizer, self._recorder = module, optimizer, recorder
        self._names = {id(p): name for name, p in module.named_parameters()}
        for i, group in enumerate(optimizer.param_groups):
            for p in group["params"]:
                if id(p) not in self._names:
                    raise AdapterError(
                        "attach",
                        got=f"an optimizer whose group {i} has a parameter of {tuple(p.shape)} "
                        "that the module has not",
                        needs="an optimizer of the module's parameters",
                        cause="Was it made for another copy of the module?",
                    )
        self._loss: Array | None = None
        self._noted: dict[str, Array] = {}
        self._gradients: dict[str, Array] | None = None
        if recorder.last is None:
            recorder.write(0, self._state(), {"optimizer": self._described()})
        self._hooks = [
            optimizer.register_step_pre_hook(self._before),
            optimizer.register_step_post_hook(self._after),
        ]
        for name, part in module.named_modules():
            if any(True for _ in part.children()):
                continue
            if outputs:
                self._hooks.append(part.register_forward_hook(self._noting(name, "output")))
            if branches and type(part).__name__ == "ReLU":
                self._hooks.append(part.register_forward_hook(self._noting(name, "branch")))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    @property
    def loss(self) -> Array | None:
        """The next step's loss; set it to a tensor or a number."""
        return self._loss

    @loss.setter
    def loss(self, value: Any) -> None:
        self._loss = as_plain("loss", value).copy()  # the tensor would keep its graph alive

    def note(self, tensors: Mapping[str, Any]) -> None:
        """Keep copies of tensors for the next step; a name noted twice has the later value."""
        self._noted |= {name: as_plain(name, value).copy() for name, value in tensors.items()}

    def remove(self) -> None:
        """Take the hooks away; what was noted for a step that did not come is dropped."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _before(self, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._gradients = None
        closure = kwargs.get("closure", args[1] if len(args) > 1 else None)
        if closure is None:
            self._take_gradients()
            return None

        def first_noted() -> Any:
            loss = closure()
            if self._gradients is None:
                self._take_gradients()
                if self._loss is None and loss is not None:
                    self.loss = loss
            return loss

        if "closure" in kwargs:
            return args, {**kwargs, "closure": first_noted}
        return (args[0], first_noted, *args[2:]), kwargs

    def _after(self, *_: Any) -> None:
        rates = [group["lr"] for group in self._optimizer.param_groups if "lr" in group]
        step = named(loss=self._loss, gradients=self._gradients, options={"lr": rates})
        noted = self._noted
        self._loss, self._noted, self._gradients = None, {}, None
        self._recorder.step(**{**noted, **step, **self._state()})

    def _take_gradients(self) -> None:
        self._gradients = {
            name: as_plain(name, p.grad).copy()  # some optimizers change them in place
            for name, p in self._module.named_parameters()
            if p.grad is not None
        }

    def _state(self) -> dict[str, Any]:
        parameters = dict(self._module.named_parameters())
        slots: dict[str, dict[str, Any]] = {}
        for name, p in parameters.items():
            for slot, value in self._optimizer.state.get(p, {}).items():
                if hasattr(value, "detach") or isinstance(value, bool | int | float):
                    slots.setdefault(slot, {})[name] = value
        buffers = dict(self._module.named_buffers())
        return named(buffers=buffers, slots=slots, parameters=parameters)

    def _described(self) -> dict[str, Any]:
        groups = [
            {option: _words(value) for option, value in group.items() if option != "params"}
            | {"params": [self._names[id(p)] for p in group["params"]]}
            for group in self._optimizer.param_groups
        ]
        return {"name": type(self._optimizer).__name__, "groups": groups}

    def _noting(self, name: str, kind: str) -> Any:
        def hook(part: Any, _: Any, result: Any) -> None:
            if not part.training:
                return
            several = isinstance(result, tuple | list)
            for i, value in enumerate(result if several else [result]):
                if not hasattr(value, "detach"):
                    continue
                own = "/".join([kind, *[name] * bool(name), *[str(i)] * several])
                free, call = own, 1
                while free in self._noted:
                    call += 1
                    free = f"{own}/call {call}"
                self.note({free: value > 0 if kind == "branch" else value})

        return hook


def _words(value: Any) -> Any:
    """Return an option as JSON holds it: what is no finite number or text, in Python's words."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a tensor of one number
        value = value.item()
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and abs(value) < float("inf"):
        return value
    return [_words(v) for v in value] if isinstance(value, tuple | list) else repr(value)
