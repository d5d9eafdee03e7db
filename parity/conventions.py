"""``python -m parity.conventions``: where systems disagree, and by how much, as Markdown.

Every entry of ``rn.conventions`` is evaluated by refnet alone, so no framework is needed; parity's
cases prove that the fields mean what they say. Numbers are computed in float64, without a random
generator or a matrix product of the optimizers', and shown with two digits: the page is the same
on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from tabulate import tabulate

import refnet as rn
from parity.backends.base import Array
from parity.backends.refnet import OPTIMIZERS
from parity.inputs import normal, uniform
from refnet.systems import Convention

STEPS = 100
PARAMETERS = 60
# The rate falls, for its place in the momentum shows only then.
RATE = "step_decay(lr={lr}, every=25, factor=0.5)"
LR = {"adadelta": 1.0}
OTHER_LR = 0.05
SIZES = (1.0, 1e-6)
# What is left of a distance between equal formulas.
ROUNDING = 1e-10

# The inputs on which an operation is shown, made of the page's own numbers.
X = normal("conventions|x", (4, 6, 5, 3))
ROWS = normal("conventions|rows", (6, 5))
TARGETS = normal("conventions|targets", (6, 5))
PROBS = (uniform("conventions|probs", (6, 5)) + 0.05) / 4
LABELS = np.arange(6) % 5
GRADS = {"w": normal("conventions|gradients", (6, 5))}
WEIGHTS = {"w_x": (5, 9), "w_h": (3, 9), "b": (9,), "b_h": (9,)}

Evaluated = Callable[[Mapping[str, Any]], Any]


def _plain(name: str, *inputs: Any, **fixed: Any) -> Evaluated:
    """Return what evaluates an operation on inputs, in the fields that it has as options."""
    op = rn.ops()[name]

    def evaluate(fields: Mapping[str, Any]) -> Any:
        # The layout is where a number lies, not which it is.
        options = {k: v for k, v in fields.items() if k in op.options and k != "layout"}
        return op(*inputs, **{**options, **fixed})

    return evaluate


def _batch_norm(fields: Mapping[str, Any]) -> Any:
    statistics = np.zeros(3), np.ones(3)
    y, *running = _plain("batch_norm", X, None, None, *statistics)(fields)
    return np.concatenate([y.ravel(), *running])


def _dropout(fields: Mapping[str, Any]) -> Any:
    """Return the result in training, and the one at test time."""
    mask = np.arange(30).reshape(6, 5) % 2.0
    return np.stack(
        [
            _plain("dropout", ROWS, mask if training else None, rate=0.5, training=training)(fields)
            for training in (True, False)
        ]
    )


def _gru(fields: Mapping[str, Any]) -> Any:
    weights: list[Any] = [normal(f"conventions|{k}", shape) for k, shape in WEIGHTS.items()]
    if not fields["reset_after"]:
        weights[-1] = None  # one bias
    # The order of the gates is where a weight lies.
    after = {"reset_after": fields["reset_after"]}
    return _plain("gru", ROWS[:, None], np.zeros((1, 3)), *weights)(after)[0]


def _clip(fields: Mapping[str, Any]) -> Any:
    return rn.optimizers.ClipByGlobalNorm(1.0, **fields)(GRADS)["w"]


EVALUATED: Mapping[str, Evaluated] = {
    "avg_pool2d": _plain("avg_pool2d", X, kernel=3, stride=2, padding="SAME"),
    "batch_norm": _batch_norm,
    "clip_by_global_norm": _clip,
    "cross_entropy": _plain("cross_entropy", PROBS, LABELS),
    "dropout": _dropout,
    "group_norm": _plain("group_norm", X, groups=3),
    "gru": _gru,
    "hard_sigmoid": _plain("hard_sigmoid", ROWS),
    "huber": _plain("huber", ROWS, TARGETS),
    "l2_penalty": _plain("l2_penalty", ROWS),
    "layer_norm": _plain("layer_norm", ROWS),
    "leaky_relu": _plain("leaky_relu", ROWS),
    "mean_squared_error": _plain("mean_squared_error", ROWS, TARGETS),
    "softmax_cross_entropy": _plain("softmax_cross_entropy", ROWS, LABELS),
    "var": _plain("var", ROWS, axis=0),
}


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def main(out: Path | None) -> None:
    """Print where systems disagree, and by how much."""
    text = page()
    if out is None:
        click.echo(text)
    else:
        out.write_text(f"{text}\n", "utf-8")


def page() -> str:
    """Return the page."""
    names = list(dict.fromkeys(name for _, name in rn.conventions))
    optimizers = [name for name in names if name in OPTIMIZERS or name == "amsgrad"]
    others = [name for name in names if name not in optimizers]
    differing = [name for name in others if _differing(entries(name))]
    alike = [name for name in others if name not in differing]
    distances = {name: distances_of(name) for name in optimizers}
    parts = [
        "# Where systems disagree",
        INTRODUCTION.format(steps=STEPS, n=PARAMETERS, lr=OTHER_LR).strip(),
        "## Optimizers at a glance",
        GLANCE.format(steps=STEPS).strip(),
        _glance(distances),
        "## Optimizers",
        *(optimizer_section(name, distances[name]) for name in optimizers),
        "## Operations, losses and clipping",
        OPERATIONS.strip(),
        *(operation_section(name) for name in differing),
        "## One convention",
        "What one system alone has an entry for, or all that have one agree on.",
        table(["name", "systems", "fields"], [_alike(name) for name in alike]),
        "Written by `python -m parity.conventions --out FILE`.",
    ]
    return "\n\n".join(parts)


INTRODUCTION = """
What each system does by default, as fields of refnet's: `rn.conventions` as a page.
`rn.optimizers.Adam.like("keras", lr=0.001)` is one of the rows. A value in bold is not that of the
first row.

Distances are between parameters after {steps} updates from one start, each system following its own
parameters, in float64: |p - p'| / |p'| with p' those of the first row, and p at 0 before the first
update. The problem is {n} numbers with a bowl each, of curvatures from 1 down to 1/100, whose
gradients carry noise of half their size, the same for all. All have one rate, whatever their own
default: {lr} (1 in AdaDelta), halved after every 25 updates. Momentum is 0.9 where it is left to
the caller, and everything else is the system's default. In the last column all gradients are 10^-6
of that, where epsilons weigh most. *same* says that nothing but rounding is between the two.
"""
GLANCE = """
The distance from the first system that has an entry, after {steps} updates with gradients of size
1 and, behind the bar, of size 10^-6.
"""
OPERATIONS = """
The last column is the largest difference from the first row on a standard input, as a share of the
first row's largest value. *layout* and the order of *gates* say where numbers lie in memory, not
which they are; they are left out of it.
"""


def entries(name: str) -> dict[str, Convention]:
    """Return the conventions of a name by system."""
    return {system: rn.conventions[system, name] for system in rn.conventions.systems(name)}


def distances_of(name: str) -> dict[str, list[float]]:
    """Return how far each system's parameters are from the first one's, for each size."""
    ends = {
        system: [trained(name, c, size) for size in SIZES] for system, c in entries(name).items()
    }
    first, *_ = ends.values()
    return {
        system: [_norm(p - q) / _norm(q) for p, q in zip(end, first, strict=True)]
        for system, end in ends.items()
    }


def trained(name: str, convention: Convention, size: float) -> Array:
    """Return the parameters after :data:`STEPS` updates, with gradients of a size."""
    make = OPTIMIZERS["adam" if name == "amsgrad" else name]
    lr = RATE.format(lr=LR.get(name, OTHER_LR))
    opt = make(**{**convention.fields, "lr": lr})
    curvature = 1 / np.linspace(1, 100, PARAMETERS)
    centre = normal("conventions|centre", (PARAMETERS,))
    params: Mapping[str, Array] = {"p": np.zeros(PARAMETERS)}
    state = opt.init(params)
    for t in range(STEPS):
        p = opt.gradient_point(params, state)["p"]
        noise = 0.5 * normal(f"conventions|noise {t}", (PARAMETERS,))
        g = size * curvature * (p - centre + noise)
        params, state = opt.update(params, {"p": g}, state)
    return params["p"]


def optimizer_section(name: str, distances: Mapping[str, Sequence[float]]) -> str:
    """Return the table of an optimizer: systems, the fields that differ, distances."""
    found = entries(name)
    fields = _differing(found)
    headers = ["system", *(f"`{f}`" for f in fields), *_of_sizes()]
    rows = [
        [*row, *map(shown, distances[system])]
        for system, row in zip(found, _rows(found, fields), strict=True)
    ]
    same = {k: v for k, v in next(iter(found.values())).fields.items() if k not in fields}
    return f"### {name}\n\n{table(headers, rows)}\n\n{_in_common(same)}"


def operation_section(name: str) -> str:
    """Return the table of an operation: systems, the fields that differ, the largest difference."""
    found = entries(name)
    fields = _differing(found)
    headers = ["system", *(f"`{f}`" for f in fields)]
    rows = _rows(found, fields)
    if name in EVALUATED:
        headers.append("largest difference")
        results = [np.asarray(EVALUATED[name](c.fields)) for c in found.values()]
        rows = [[*r, difference(y, results[0])] for r, y in zip(rows, results, strict=True)]
    return f"### {name}\n\n{table(headers, rows)}"


def difference(y: Array, first: Array) -> str:
    """Return the largest difference as a share of the largest value, in words."""
    if y.shape != first.shape:
        return f"of shape {y.shape}"
    return shown(float(np.abs(y - first).max() / np.abs(first).max()))


def shown(distance: float) -> str:
    """Return a distance with two digits, or *same*."""
    return "same" if distance < ROUNDING else f"{distance:.2g}"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    names = [h.replace("|", "\\|") for h in headers]
    return str(tabulate(cells, headers=names, tablefmt="github", disable_numparse=True))


def _of_sizes() -> list[str]:
    return [f"distance, gradients of size {s:g}" for s in SIZES]


def _glance(distances: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    systems = [s for s in rn.systems.SYSTEMS if any(s in row for row in distances.values())]
    rows = []
    for name, row in distances.items():
        first = next(iter(row))
        cells = [
            "" if s not in row else "first" if s == first else " | ".join(map(shown, row[s]))
            for s in systems
        ]
        rows.append([name, *cells])
    return table(["optimizer", *systems], rows)


def _differing(found: Mapping[str, Convention]) -> list[str]:
    """Return the fields in which systems differ, in order."""
    every = dict.fromkeys(k for c in found.values() for k in c.fields)
    return [k for k in every if len({_value(c, k) for c in found.values()}) > 1]


def _rows(found: Mapping[str, Convention], fields: Sequence[str]) -> list[list[str]]:
    """Return each system with its values, those in bold that are not the first one's."""
    first = next(iter(found.values()))
    return [
        [_linked(system, c), *(_marked(_value(c, f), _value(first, f)) for f in fields)]
        for system, c in found.items()
    ]


def _marked(value: str, first: str) -> str:
    return value if value == first else f"**{value}**"


def _value(convention: Convention, field: str) -> str:
    """Return a field's value as it is written; what the system leaves to its caller is a dash."""
    if field not in convention.fields:
        return "-"
    value = convention.fields[field]
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _linked(system: str, convention: Convention) -> str:
    source = convention.source
    return f"[{system}]({source})" if source.startswith("http") else f"{system} ({source})"


def _in_common(fields: Mapping[str, Any]) -> str:
    listed = ", ".join(f"`{k}={v!r}`" for k, v in fields.items())
    return f"In common: {listed}." if listed else "Nothing in common."


def _alike(name: str) -> list[str]:
    found = entries(name)
    first = next(iter(found.values()))
    systems = ", ".join(_linked(s, c) for s, c in found.items())
    return [name, systems, ", ".join(f"`{k}={_value(first, k)}`" for k in first.fields)]


def _norm(a: Array) -> float:
    return float(np.sqrt(np.sum(a * a)))


if __name__ == "__main__":
    main()
