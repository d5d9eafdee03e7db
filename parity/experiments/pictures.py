"""The sources' pictures: cost curves, gradient descent against momentum, steps and towers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

import refnet as rn
from parity.backends.base import Array
from parity.case import TrainingCase
from parity.experiments import mnist_mlp, plots
from parity.experiments.command import backend_option, conclude, out_option
from parity.experiments.finding import Claim, Finding, picture
from parity.experiments.sides import Model, steps, versions
from parity.trajectory.data import load
from parity.trajectory.run import batches_of, initial_params
from refnet.models import towers

NAME = "pictures"
AGREE = 5e-4  # of two cost curves, which a picture does not show
STEEPNESS = 30.0
TOWERS = (10, 50)
DESCENT = 200  # updates of gradient descent and of momentum


class Drawn(NamedTuple):
    """A picture with what is to be seen in it, and what it claims."""

    stem: str
    words: str
    panels: Sequence[plots.Panel]
    claim: Claim


class Costs(NamedTuple):
    """Training runs whose costs are drawn, by what sets them apart."""

    data: str
    model: str
    optimizer: Mapping[str, float]
    gain: float
    batch_size: int
    updates: int
    variants: Mapping[str, Mapping[str, Any]]

    def of(self, what: str, spec: str) -> Array:
        """Return the cost of each update of a side, in float32."""
        options = self.variants[what]
        case = TrainingCase(
            self.model,
            what,
            options,
            "sgd",
            self.optimizer,
            self.data,
            self.gain,
            self.batch_size,
        )
        data = load(self.data)
        params = initial_params(case, data, "float32", 0)
        trainer = Model(self.model, options, "sgd", self.optimizer).on(spec)
        run = steps(trainer, params, batches_of(case, data, 0).at, "float32")
        return np.array([float(step.loss) for step in islice(run, self.updates)])


_UNITS = {"hidden": (11, 7), "outputs": 2}
L_LAYER = Costs(
    "digits columns",
    "l_layer",
    {"lr": 0.04},
    0.4,
    0,
    800,
    {
        "plain": _UNITS,
        "L2 penalty": {**_UNITS, "l2": 5.0},
        "dropout, keep_prob 0.9": {**_UNITS, "keep_prob": 0.9},
    },
)
DFN = Costs(
    "digits", "dfn", {"lr": 0.2}, 0.01, 64, 30 * 23, {"64-30-10": {"hidden": 30, "classes": 10}}
)


@click.command(NAME)
@backend_option
@out_option
def command(backend: str, out: Path) -> None:
    """Draw the sources' pictures, on scikit-learn's digits where they need data."""
    conclude(lambda: run(backend), out, backend)


def run(backend: str = "torch") -> Finding:
    """Draw every picture."""
    drawn = [
        _costs("cost_l_layer", "The L-layer network on digits", L_LAYER, backend, 20),
        _costs("cost_dfn", "The deep feedforward network on digits", DFN, backend, 23),
        _descent(backend),
        _step_and_sigmoid(),
        _tower(),
        _towers(),
    ]
    return Finding(
        NAME,
        "Pictures",
        [d.claim for d in drawn],
        [block for d in drawn for block in (d.words, picture(d.stem, d.words))],
        {d.stem: plots.svg(d.panels) for d in drawn},
        f"parity experiment {NAME} --out reports",
        versions("refnet", backend),
    )


def _costs(stem: str, title: str, costs: Costs, backend: str, every: int) -> Drawn:
    """Draw costs as means over ``every`` updates: refnet's as lines, the backend's as dots."""
    lines, apart = [], 0.0
    ends = range(every, costs.updates + 1, every)
    for style, what in enumerate(costs.variants):
        mine, theirs = (costs.of(what, spec) for spec in ("refnet", backend))
        apart = max(apart, float(np.abs(mine - theirs).max()))
        for spec, values in (("refnet", mine), (backend, theirs)):
            means = values.reshape(-1, every).mean(axis=1)
            dots = spec != "refnet"
            lines.append(plots.Line(f"{what}, {spec}", ends, means, dots, style))
    rate = costs.optimizer["lr"]
    return Drawn(
        stem,
        f"{title}: cost by update, mean of {every}, gradient descent with lr {rate:g}.",
        [plots.Panel(title, "update", "cost", lines, low=0)],
        Claim(
            f"{title}: refnet and {backend} have the same costs",
            f"at most {apart:.0e} apart" if apart else "the same numbers",
            apart <= AGREE,
        ),
    )


def _descent(backend: str) -> Drawn:
    data = mnist_mlp.positive(load("digits"))
    sides, updates = ("refnet", backend), DESCENT
    runs = {
        (name, spec, "float32"): mnist_mlp.trained(
            mnist_mlp.FORMS[name], spec, data, "float32", updates
        )
        for name in ("sgd", "momentum")
        for spec in sides
    }
    last = {
        name: [float(np.mean(runs[name, s, "float32"].losses[-10:])) for s in sides]
        for name in ("sgd", "momentum")
    }
    return Drawn(
        "sgd_and_momentum",
        "Gradient descent against momentum 0.9 with the same learning rate, a single layer with "
        "the softmax on digits.",
        list(mnist_mlp.panels(runs, sides)),
        Claim(
            f"momentum is ahead of gradient descent after {updates} updates",
            f"loss {last['momentum'][0]:.3f} against {last['sgd'][0]:.3f}",
            all(a < b for a, b in zip(last["momentum"], last["sgd"], strict=True)),
        ),
    )


def _step_and_sigmoid() -> Drawn:
    x = np.linspace(-6, 6, 241)
    far = np.abs(x) >= 0.5
    gaps = {k: float(np.abs(rn.sigmoid(k * x) - rn.step(x))[far].max()) for k in (1, 4)}
    lines = [
        plots.Line("step", x, rn.step(x), style=4),
        plots.Line("sigmoid(x)", x, rn.sigmoid(x), style=0),
        plots.Line("sigmoid(4 x)", x, rn.sigmoid(4 * x), style=1),
    ]
    return Drawn(
        "step_and_sigmoid",
        "The step and the sigmoid, which comes nearer to it the steeper it is.",
        [plots.Panel("Step and sigmoid", "x", "y", lines)],
        Claim(
            "the steeper sigmoid is nearer to the step, where x is at least 0.5 from 0",
            f"at most {gaps[4]:.2f} from it against {gaps[1]:.2f}",
            gaps[4] < gaps[1],
        ),
    )


def _tower() -> Drawn:
    x = np.linspace(-0.2, 1.2, 281)
    left, right = (rn.sigmoid(STEEPNESS * (x - at)) for at in (0.3, 0.7))
    tower = towers.tower(x, 0.3, 0.7, steepness=STEEPNESS)
    lines = [
        plots.Line("sigmoid at 0.3", x, left),
        plots.Line("sigmoid at 0.7", x, right),
        plots.Line("their difference: a tower", x, tower, style=4),
    ]
    middle, outside = (
        float(tower[np.abs(x - 0.5) < 0.01].min()),
        float(tower[np.abs(x) < 0.01].max()),
    )
    return Drawn(
        "tower",
        "Two sigmoids make a tower.",
        [plots.Panel("One tower from two sigmoids", "x", "y", lines)],
        Claim(
            "the tower is 1 in its middle and 0 outside, nearly",
            f"{middle:.3f} at 0.5, {outside:.4f} at 0",
            middle > 0.99 and outside < 0.01,
        ),
    )


def _wavy(x: Array) -> Array:
    return np.asarray(0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x))


def _towers() -> Drawn:
    x = np.linspace(0.02, 0.98, 385)
    found = {n: towers.approximation(_wavy, 0.0, 1.0, n)(x) for n in TOWERS}
    gaps = [float(np.abs(found[n] - _wavy(x)).max()) for n in TOWERS]
    panels = [
        plots.Panel(
            f"{n} towers, {2 * n} sigmoids",
            "x",
            "y",
            [
                plots.Line("function", x, _wavy(x)),
                plots.Line("towers", x, found[n]),
            ],
        )
        for n in TOWERS
    ]
    return Drawn(
        "towers",
        "Towers side by side approximate a function, the better the more of them there are.",
        panels,
        Claim(
            f"{TOWERS[1]} towers are nearer to the function than {TOWERS[0]}",
            f"at most {gaps[1]:.3f} from it against {gaps[0]:.3f}",
            gaps[1] < gaps[0] / 2,
        ),
    )
