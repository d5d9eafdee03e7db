"""Updates of an optimizer as text: a state, gradients and one step after another.

``found`` is the parameter, the slot or the gradient's point in question after the last of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from numpy.typing import NDArray

import refnet as rn
from parity.backends import BUILT_IN, adapter
from parity.backends.base import Values
from parity.backends.optimizer_options import known_options
from parity.backends.torch.composed import Composed
from parity.backends.torch.optimizers import TorchOptimizer
from parity.errors import ReproError
from parity.repro.calls import Text, ml_dtypes_import, numpy_name
from parity.repro.literals import INLINE, array, numbers, option, packed
from parity.repro.source import source_of_function
from refnet.specs import from_spec

Array = NDArray[Any]
POINT = "gradient point"


class Updates(NamedTuple):
    """An optimizer with its options, the state that it starts from, and gradients.

    ``slot`` is empty where the parameter ``name`` itself is in question.
    """

    optimizer: str
    options: Mapping[str, Any]
    dtype: str
    params: Values
    slots: Mapping[str, Values]
    done: int
    grads: Sequence[Values]
    slot: str
    name: str


def text_of(updates: Updates, spec: str) -> Text:
    """Return the updates as text, for torch or for refnet.

    Raises
    ------
    ReproError
        If the spec names something else.
    """
    clip = updates.options.get("clip")
    if clip is None or "global" not in clip:  # the others have no part in it
        updates = updates._replace(
            params=_alone(updates.params, updates.name),
            slots={slot: _alone(values, updates.name) for slot, values in updates.slots.items()},
            grads=[_alone(g, updates.name) for g in updates.grads],
        )
    if spec == "torch":
        return _torch(updates)
    if spec == "refnet":
        return _refnet(updates)
    what = f"{spec}'s optimizers" if spec in BUILT_IN else spec
    raise ReproError(
        "repro",
        got=f"updates of {what}",
        needs="torch or refnet",
        cause="Scripts are written of those alone; without --script the cell is run again.",
    )


def _alone(values: Values, name: str) -> Values:
    return {name: values[name]}


def _torch(u: Updates) -> Text:
    backend: Any = adapter("torch")
    opt = TorchOptimizer(backend.torch, u.optimizer, u.options)
    tensors = {n: backend.tensor(a) for n, a in u.params.items()}
    made = opt.over(tensors, {s: _tensors(backend, v) for s, v in u.slots.items()}, u.done)
    recipe, inner = opt.recipe, made.inner
    before, called = "", ""
    if isinstance(inner, Composed):
        composed = import_module("parity.backends.torch.composed")
        rule = inner.rule.__qualname__.partition(".")[0]
        before = f"{source_of_function(composed, rule)}\n\n\n"
        before = f"{source_of_function(composed, 'Composed')}\n\n\n{before}"
        every = known_options("torch", u.optimizer, u.options)
        called = f"Composed(params.values(), {inner.param_groups[0]['lr']!r}, {rule}({every!r}))"
    else:
        known = inspect.signature(type(inner).__init__).parameters
        given = {
            k: v for k, v in inner.defaults.items() if k in known and known[k].default != v
        } | {"lr": inner.defaults["lr"]}
        words = ", ".join(f"{k}={v!r}" for k, v in given.items())
        called = f"torch.optim.{type(inner).__name__}(params.values(), {words})"
    lines = [
        f"params = {_table(u.params, _tensor)}",
        f"gradients = [\n{''.join(f'{_table(g, _tensor)},{chr(10)}' for g in u.grads)}]",
        f"opt = {called}",
    ]
    lines += [
        f"opt.state[params[{name!r}]] = {_state(backend, inner.state[tensors[name]])}"
        for name in u.params
        if inner.state.get(tensors[name])
    ]
    rates = [opt.rate(u.done + k) for k in range(len(u.grads) + 1)]
    lines.append(f"for lr, gradient in zip({rates[:-1]!r}, gradients):")
    lines.append("    for name, p in params.items():\n        p.grad = gradient[name]")
    lines += [f"    {line}" for line in _clip_lines(u.options.get("clip"))]
    if opt.weight_decay and not made.native:
        lines.append("    for p in params.values():")
        lines.append(f"        {_DECAYS[opt.decay_kind].format(weight=opt.weight_decay)}")
    if recipe.lr_inside:
        lines.append("    for p in params.values():\n        p.grad.mul_(lr)")
    else:
        lines.append('    opt.param_groups[0]["lr"] = lr')
    lines.append("    opt.step()")
    state = f"opt.state[params[{u.name!r}]]"
    if u.slot == POINT:
        lr = 1.0 if recipe.lr_inside else rates[-1]
        lines.append(f"step = {recipe.lookahead * lr!r}")
        lines.append(f'found = params[{u.name!r}] - {state}["momentum_buffer"] * step')
    elif u.slot:
        lines.append(f"found = {state}[{u.slot!r}]")
    else:
        lines.append(f"found = params[{u.name!r}]")
    wide = ".float()" if u.dtype == "bfloat16" else ""
    lines.append(f"kind, found = str(found.dtype), found{wide}.numpy()")
    return Text("import torch", f"torch.set_num_threads(1)\n\n{before}" + "\n".join(lines))


_DECAYS = {
    "l2": "p.grad.add_(p, alpha={weight!r})",
    "l1": "p.grad.add_(p.sign(), alpha={weight!r})",
    "decoupled": "p.mul_(1 - lr * {weight!r})",
}


def _clip_lines(spec: str | None) -> list[str]:
    """Return the lines that clip the gradients, as the adapter does."""

    def by_value(limit: float) -> list[str]:
        clip = f"torch.nn.utils.clip_grad_value_(params.values(), {limit!r}, foreach=False)"
        return [clip]

    def by_global_norm(limit: float, eps: float = 0.0) -> list[str]:
        if eps == 1e-6:  # torch's own
            return [f"torch.nn.utils.clip_grad_norm_(params.values(), {limit!r}, foreach=False)"]
        return [
            "norm = torch.linalg.vector_norm",
            "total = norm(torch.stack([norm(p.grad) for p in params.values()]))",
            "for p in params.values():",
            f"    p.grad.mul_(({limit!r} / (total + {eps!r})).clamp(max=1.0))",
        ]

    if spec is None:
        return []
    return from_spec("clip", spec, {"by_value": by_value, "by_global_norm": by_global_norm})


def _tensors(backend: Any, values: Values) -> dict[str, Any]:
    return {n: backend.tensor(a) for n, a in values.items()}


def _state(backend: Any, state: Mapping[str, Any]) -> str:
    return _entries({k: _tensor(backend.array(v)) for k, v in state.items()})


def _tensor(a: Array) -> str:
    if a.size > INLINE:
        return f"torch.from_numpy({packed(a)}.copy()).to(torch.{a.dtype.name})"
    return f"torch.tensor({numbers(a)}, dtype=torch.{a.dtype.name})"


def _array(a: Array) -> str:
    return array(a, numpy_name(a))


def _table(values: Values, text: Any) -> str:
    return _entries({n: text(a) for n, a in values.items()})


def _entries(texts: Mapping[str, str]) -> str:
    inside = "".join(f"    {name!r}: {text},\n" for name, text in texts.items())
    return f"{{\n{inside}}}"


def _refnet(u: Updates) -> Text:
    made = next(n for n in rn.optimizers.__all__ if n.lower() == u.optimizer)
    words = ", ".join(f"{k}={option(v)}" for k, v in u.options.items())
    start = f"state = opt.init(params)._replace(step={u.done}"
    start += "".join(f", {slot}={_table(v, _array)}" for slot, v in u.slots.items()) + ")"
    lines = [
        f"params = {_table(u.params, _array)}",
        f"gradients = [\n{''.join(f'{_table(g, _array)},{chr(10)}' for g in u.grads)}]",
        f"opt = rn.optimizers.{made}({words})",
        start if u.done else "state = opt.init(params)",
        "for gradient in gradients:",
        "    params, state = opt.update(params, gradient, state)",
    ]
    if u.slot == POINT:
        lines.append(f"found = opt.gradient_point(params, state)[{u.name!r}]")
    elif u.slot:
        lines.append(f"found = state.{u.slot}[{u.name!r}]")
    else:
        lines.append(f"found = params[{u.name!r}]")
    lines.append("kind = str(found.dtype)")
    return Text(f"{ml_dtypes_import(u.dtype)}import refnet as rn", "\n".join(lines))
