"""The multilayer perceptron on MNIST: the first accuracies of two libraries, digit by digit.

The sources print the accuracies after the first ten updates, the same in two libraries. Their start
and their batches are not given, so the list is a picture of agreement and not digits to reproduce;
the same agreement is shown here, from one start on the same batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

import refnet as rn
from parity.backends.base import Values
from parity.experiments import images, plots
from parity.experiments.command import backend_option, conclude, out_option
from parity.experiments.finding import Claim, Finding, picture, printed
from parity.experiments.images import Pool
from parity.experiments.sides import Model, classified, steps, versions
from parity.report.tables import markdown_table
from parity.trajectory.data import Batches, Data

NAME = "mnist_mlp"
IMAGES, BATCH = 50_000, 256
UPDATES = 390  # the sources' two epochs
EVERY = 10  # updates between two evaluations, after the first ten
DTYPES = ("float32", "float64")
INIT = "truncated_normal(std=0.1)"


class Form(NamedTuple):
    """One of the sources' programs."""

    title: str
    model: Mapping[str, Any]
    optimizer: Mapping[str, float]
    output_init: str

    def on(self, spec: str) -> Any:
        """Return its trainer."""
        return Model("mlp", self.model, "sgd", self.optimizer).on(spec)

    def start(self, features: int) -> Values:
        """Return where every side starts."""
        network = rn.models.MLP(**self.model, init=INIT, output_init=self.output_init)
        return network.layers.init((features,), np.random.default_rng(0), np.float64)


_ONE = {"hidden": None, "classes": 10}
_TWO = {"hidden": 300, "classes": 10}
FORMS = {
    "sgd": Form("784-10, gradient descent, lr 1e-3", _ONE, {"lr": 1e-3}, INIT),
    "momentum": Form("784-10, momentum 0.9, lr 1e-3", _ONE, {"lr": 1e-3, "momentum": 0.9}, INIT),
    "hidden": Form(
        "784-300-10, momentum 0.9, lr 2e-4", _TWO, {"lr": 2e-4, "momentum": 0.9}, "zeros"
    ),
    "squared error": Form(
        "784-300-10, squared error, gradient descent, lr 0.04",
        {**_TWO, "loss": "mean_squared_error"},
        {"lr": 0.04},
        INIT,
    ),
}


class Run(NamedTuple):
    """Losses by update, per image where they are sums, and accuracies by the updates done."""

    losses: list[float]
    accuracies: dict[int, float]

    @property
    def first(self) -> list[str]:
        """The accuracies after the first ten updates, to 4 decimals."""
        return [f"{self.accuracies[n]:.4f}" for n in range(1, 11)]


@click.command(NAME)
@click.option("--mnist", required=True, help="Folder or .npz file of MNIST.")
@backend_option
@out_option
def command(mnist: str, backend: str, out: Path) -> None:
    """MNIST by the multilayer perceptron: the first accuracies, SGD against momentum (1 min)."""
    conclude(lambda: run(images.pool(mnist), backend), out, backend)


def run(pool: Pool, backend: str = "torch", updates: int = UPDATES) -> Finding:
    """Train every form on both sides in either dtype, and compare the accuracies.

    In float32 all ``updates`` are done, in float64 ten.
    """
    sides = ("refnet", backend)
    data = positive(images.drawn(pool, min(IMAGES, pool.most), NAME))
    runs = {
        (name, spec, dtype): trained(form, spec, data, dtype, updates if dtype == DTYPES[0] else 10)
        for name, form in FORMS.items()
        for dtype in DTYPES
        for spec in sides
    }
    numbers = printed(NAME)
    body = [
        f"{pool.what}: {len(data.t):,} drawn at random to train on, {len(data.test_t):,} others to "
        f"test on; pixels from 0 to 1, batches of {BATCH}. The cross-entropy is summed over the "
        "batch, as in the sources. Both sides start from the same values (truncated normal, "
        "deviation 0.1; the second layer at zero where it has a softmax) and read the same "
        "batches. With the squared error a ReLU makes the scores, and a class whose ReLU is off "
        "for every image stays off.",
        "The printed list is from another start, other batches and other images.",
    ]
    for name, form in FORMS.items():
        wanted = numbers["test_accuracy_first_ten"] if name == "sgd" else None
        body += [f"## {form.title}", _table(name, runs, sides, wanted)]
    body += [
        "## SGD against momentum",
        picture(NAME, "Loss and accuracy by number of updates, with and without momentum"),
        _ends(runs, sides, updates, numbers["final_accuracy_two_layers"]),
    ]
    return Finding(
        NAME,
        "MNIST by the multilayer perceptron",
        [_claim(name, runs, sides) for name in FORMS],
        body,
        {NAME: plots.svg(list(panels(runs, sides)))},
        f"parity experiment {NAME} --mnist PATH --out reports",
        versions(*sides),
    )


Runs = Mapping[tuple[str, str, str], Run]


def positive(data: Data) -> Data:
    """Return images with pixels from 0 to 1."""
    return data._replace(x=(data.x + 1) / 2, test_x=(data.test_x + 1) / 2)


def trained(form: Form, spec: str, data: Data, dtype: str, updates: int) -> Run:
    """Train one side on data; a loss that is summed is taken per image."""
    trainer, batches = form.on(spec), Batches(data, BATCH, NAME)
    summed = form.model.get("loss") is None
    found = Run([], {})
    for done, step in enumerate(
        islice(steps(trainer, form.start(data.x.shape[1]), batches.at, dtype), updates), start=1
    ):
        size = len(batches.at(done - 1)[0]) if summed else 1
        found.losses.append(float(step.loss) / size)
        if done <= 10 or done % EVERY == 0:
            found.accuracies[done] = classified(trainer, step.params, data.test_x, data.test_t)
    return found


def _claim(name: str, runs: Runs, sides: Sequence[str]) -> Claim:
    same = {
        dtype: sum(
            a == b for a, b in zip(*(runs[name, spec, dtype].first for spec in sides), strict=True)
        )
        for dtype in DTYPES
    }
    return Claim(
        f"the first ten accuracies agree to 4 decimals: {FORMS[name].title}",
        ", ".join(f"{n} of 10 ({dtype})" for dtype, n in same.items()),
        all(n == 10 for n in same.values()),
    )


def _table(name: str, runs: Runs, sides: Sequence[str], wanted: Sequence[float] | None) -> str:
    columns = {f"{s}, {dtype}": runs[name, s, dtype].first for dtype in DTYPES for s in sides}
    if wanted is not None:
        columns["printed"] = [f"{v:.4f}" for v in wanted]
    agree = [
        all(runs[name, sides[0], d].first[i] == runs[name, sides[1], d].first[i] for d in DTYPES)
        for i in range(10)
    ]
    rows = [
        [str(i + 1), *(column[i] for column in columns.values()), "yes" if agree[i] else "NO"]
        for i in range(10)
    ]
    return markdown_table(rows, ["update", *columns, "sides agree"])


def _ends(runs: Runs, sides: Sequence[str], updates: int, wanted: float) -> str:
    rows = [
        [
            form.title,
            *(f"{np.mean(runs[name, spec, 'float32'].losses[-EVERY:]):.4f}" for spec in sides),
            *(f"{runs[name, spec, 'float32'].accuracies[updates]:.4f}" for spec in sides),
            f"{wanted:.2f}" if name == "hidden" else "",
        ]
        for name, form in FORMS.items()
    ]
    names = [f"after {updates} updates", *(f"loss, {s}" for s in sides)]
    return markdown_table(rows, [*names, *(f"accuracy, {s}" for s in sides), "printed"])


def panels(runs: Runs, sides: Sequence[str]) -> Iterator[plots.Panel]:
    """Yield loss and accuracy of the single layer with and without momentum."""
    losses, accuracies = [], []
    for style, (name, words) in enumerate((("sgd", "gradient descent"), ("momentum", "momentum"))):
        for spec in sides:
            r, dots = runs[name, spec, "float32"], spec != "refnet"
            whole = len(r.losses) // EVERY * EVERY
            means = np.reshape(r.losses[:whole], (-1, EVERY)).mean(axis=1)
            ends = range(EVERY, whole + 1, EVERY)
            losses.append(plots.Line(f"{words}, {spec}", ends, means, dots, style))
            done = [n for n in r.accuracies if not dots or n % EVERY == 0]
            reached = [r.accuracies[n] for n in done]
            accuracies.append(plots.Line(f"{words}, {spec}", done, reached, dots, style))
    title = f"Loss per image, mean of {EVERY} updates"
    yield plots.Panel(title, "update", "loss", losses, low=0)
    yield plots.Panel("Accuracy on the test images", "update", "accuracy", accuracies, high=1)
