"""The deep feedforward network on MNIST: its losses by number of updates, beside the printed ones.

The sources train on 20,000 of the 60,000 training images, drawn at random and without a seed. Where
those images are not at hand, what is at hand is drawn from in the same way, and what is left of the
difference is traced to the images: other starts and orders do not move the curve that far, other
images do.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from parity.backends.base import Array, Values
from parity.backends.refnet import RefnetAdapter
from parity.experiments import images, plots
from parity.experiments.command import backend_option, conclude, out_option
from parity.experiments.finding import Claim, Finding, picture, printed
from parity.experiments.images import Pool
from parity.experiments.sides import Model, classified, steps, versions
from parity.inputs import normal
from parity.report.tables import markdown_table
from parity.trajectory.data import Batches, Data

NAME = "mnist_dfn"
MODEL = Model("dfn", {"hidden": 200, "classes": 10}, "sgd", {"lr": 0.01})
GAIN, BATCH, IMAGES = 0.01, 64, 20_000
DTYPES = ("float32", "float64")
WITHIN = 0.12  # of each printed loss
ACCURACY = (0.89, 0.02)
DIGITS = 5e-4  # half of the last digit that is printed
IMAGES_EXPLAIN = (
    " A start or an order of another seed hardly moves the curve, nor does another draw from the "
    "same images. Which images there are does: the two halves of the set are unlike, and a mixture "
    "of them alone, with nothing else changed, brings the curve near to what is printed. So the "
    "image set is the reason for the rest."
)
SEEDS = 4
DRAWS = 3


class Curve(NamedTuple):
    """The mean loss of each printed epoch's updates, and the accuracy at their end."""

    losses: Array
    accuracy: float


class Variant(NamedTuple):
    """A run whose images, start or order are others."""

    what: str
    images: int
    curve: Curve


@click.command(NAME)
@click.option("--mnist", required=True, help="Folder or .npz file of MNIST.")
@backend_option
@out_option
def command(mnist: str, backend: str, out: Path) -> None:
    """MNIST by the deep feedforward network: the losses of 20 epochs and the accuracy (2 min)."""
    conclude(lambda: run(images.pool(mnist), backend), out, backend)


def run(pool: Pool, backend: str = "torch", per_epoch: int | None = None) -> Finding:
    """Train refnet and a backend, and refnet on other images, and compare with what is printed.

    ``per_epoch`` is how many updates an epoch has, by default as many as the sources'.
    """
    numbers = printed(NAME)
    wanted = np.array(numbers["epoch_loss"])
    length = per_epoch or numbers["epoch_updates"]
    n = min(IMAGES, pool.most)
    data = images.drawn(pool, n, f"{NAME}|0")
    curves = {
        (spec, dtype): _curve(spec, data, dtype, 0, length)
        for dtype in DTYPES
        for spec in ("refnet", backend)
    }
    mine, theirs = (curves[spec, "float32"] for spec in ("refnet", backend))
    variants = list(_variants(pool, n, mine, length))
    reasons = list(_reasons(variants, wanted))
    claims = [*_claims(curves, wanted, backend), *reasons]
    explained = len(reasons) == 3 and all(claim.holds for claim in reasons)
    epochs = range(1, len(wanted) + 1)
    lines = [
        plots.Line("printed", epochs, wanted, dots=True, style=4),
        plots.Line("refnet", epochs, mine.losses, style=0),
        plots.Line(backend, epochs, theirs.losses, style=1),
    ]
    ratios = [
        plots.Line("printed", epochs, np.ones(len(wanted)), style=4),
        *(
            plots.Line(v.what, epochs, v.curve.losses / wanted, style=i)
            for i, v in _shown(variants)
        ),
    ]
    body = [
        f"{pool.what}: {n:,} drawn at random to train on, {len(data.test_t):,} others to test on. "
        f"An epoch is {length} updates of {BATCH} images, as many as the sources' (20,000 images); "
        f"its loss is the mean over them. They drew 20,000 of the 60,000 training images.",
        picture(NAME, "The printed losses, and those of refnet and of the other side"),
        _table(curves, wanted, length, backend),
        "## What is left, and why",
        "The printed run was not seeded, and its images are not at hand. The ratio to the printed "
        "losses, averaged over the epochs, says how far a curve is from them; each row changes one "
        "thing of the first (refnet, float32). The accuracy is that on the images that are left, "
        "others in every row." + (IMAGES_EXPLAIN if explained else ""),
        _variants_table(variants, wanted),
        picture(f"{NAME}_images", "The ratio to the printed losses, by the images trained on"),
    ]
    curve = plots.Panel(
        "MNIST, 784-200-10", "epoch of 20,000 images", "mean loss", lines, low=0, whole=True
    )
    by_images = plots.Panel(
        "By the images trained on",
        "epoch of 20,000 images",
        "loss / printed loss",
        ratios,
        whole=True,
        beside=True,
    )
    return Finding(
        NAME,
        "MNIST by the deep feedforward network",
        claims,
        body,
        {NAME: plots.svg([curve]), f"{NAME}_images": plots.svg([by_images])},
        f"parity experiment {NAME} --mnist PATH --out reports",
        versions("refnet", backend),
    )


def _start(seed: int) -> Values:
    shapes = RefnetAdapter.parameter_shapes(MODEL.name, MODEL.options, (784,))
    return {
        name: np.zeros(shape)
        if name.endswith(".b")
        else GAIN * normal(f"{NAME}|{seed}|{name}", shape)
        for name, shape in shapes.items()
    }


def _curve(spec: str, data: Data, dtype: str, seed: int, length: int) -> Curve:
    """Train one side; the seed gives its start and the order of its batches."""
    trainer = MODEL.on(spec)
    batches = Batches(data, BATCH, f"{NAME}|{seed}")
    epochs = len(printed(NAME)["epoch_loss"])
    losses, params = [], _start(seed)
    for step in islice(steps(trainer, params, batches.at, dtype), epochs * length):
        losses.append(float(step.loss))
        params = step.params
    means = np.array(losses).reshape(epochs, length).mean(axis=1)
    return Curve(means, classified(trainer, params, data.test_x, data.test_t))


def _variants(pool: Pool, n: int, first: Curve, length: int) -> Iterator[Variant]:
    """Yield the run itself and those that change one thing of it; the last by what they show."""
    half = min(n, len(pool.x) // 2)

    def made(what: str, data: Data, seed: int = 0) -> Variant:
        return Variant(what, len(data.x), _curve("refnet", data, "float32", seed, length))

    yield Variant("drawn at random", n, first)
    for seed in range(1, SEEDS):
        yield made(f"start and order {seed + 1}", images.drawn(pool, n, f"{NAME}|0"), seed)
    for draw in range(1, DRAWS):
        yield made(f"draw {draw + 1}", images.drawn(pool, n, f"{NAME}|{draw}"))
    yield made("the first images in the set", images.taken(pool, np.arange(n)))
    yield made("a quarter as many", images.drawn(pool, max(1, n // 4), f"{NAME}|0"))
    mixed = made("drawn, as many as in a half", images.drawn(pool, half, f"{NAME}|0", 0.5))
    first_half = made("the first half", images.drawn(pool, half, f"{NAME}|0", 1.0))
    second_half = made("the second half", images.drawn(pool, half, f"{NAME}|0", 0.0))
    yield from (mixed, first_half, second_half)
    wanted = np.array(printed(NAME)["epoch_loss"])
    middle, *ends = (np.log(_mean_ratio(v, wanted)) for v in (mixed, first_half, second_half))
    end, share = (ends[0], 1.0) if (ends[0] - middle) * middle < 0 else (ends[1], 0.0)
    if (end < 0) != (middle < 0):
        # Where a straight line from the mixture of both halves to the one beyond meets a ratio of 1
        share = round(0.5 + (share - 0.5) * float(middle / (middle - end)), 2)
        what = f"{share:.0%} of the first half, the rest of the second"
        yield made(what, images.drawn(pool, half, f"{NAME}|0", share))


def _mean_ratio(variant: Variant, wanted: Array) -> float:
    return float(np.exp(np.log(variant.curve.losses / wanted).mean()))


def _gap(losses: Array, wanted: Array) -> float:
    """Return the largest difference from what is printed, as a share of it."""
    return float(np.abs(losses / wanted - 1).max())


def _claims(curves: dict[tuple[str, str], Curve], wanted: Array, backend: str) -> Iterator[Claim]:
    gaps = {key: _gap(curve.losses, wanted) for key, curve in curves.items()}
    worst = ", ".join(f"{gaps[spec, 'float32']:.1%} ({spec})" for spec in ("refnet", backend))
    yield Claim(
        f"each of the {len(wanted)} losses is within {WITHIN:.0%} of the printed one",
        f"at most {worst} off",
        all(gap <= WITHIN for gap in gaps.values()),
    )
    middle, around = ACCURACY
    reached = [curves[spec, "float32"].accuracy for spec in ("refnet", backend)]
    yield Claim(
        f"the accuracy is {middle:g} ± {around:g} ({printed(NAME)['test_accuracy']:g} is printed)",
        f"{reached[0]:.4f} (refnet), {reached[1]:.4f} ({backend})",
        all(abs(curve.accuracy - middle) <= around for curve in curves.values()),
    )
    for dtype in DTYPES:
        a, b = (curves[spec, dtype] for spec in ("refnet", backend))
        apart = float(np.abs(a.losses - b.losses).max())
        yield Claim(
            f"refnet and {backend} agree in every digit that is printed ({dtype})",
            f"losses at most {apart:.0e} apart" if apart else "the same losses",
            apart <= DIGITS,
        )


def _moved(variants: list[Variant], wanted: Array) -> tuple[float, float]:
    """Return how far the run is from what is printed, and how far seeds and draws move it."""
    by_chance = [v for v in variants if v.what.startswith(("drawn at", "start", "draw "))]
    ratios = [_mean_ratio(v, wanted) for v in by_chance]
    return abs(ratios[0] - 1), max(ratios) - min(ratios)


def _left(variants: list[Variant], wanted: Array) -> bool:
    """Whether more is left than seeds and draws make."""
    gap, spread = _moved(variants, wanted)
    return gap > 2 * spread


def _reasons(variants: list[Variant], wanted: Array) -> Iterator[Claim]:
    """Yield what says whether the images explain what is left."""
    gap, spread = _moved(variants, wanted)
    found = f"they move the mean ratio by {spread:.1%}, and {gap:.1%} is left"
    if not _left(variants, wanted):
        yield Claim("no more is left than start, order and draw make", found, True)
        return
    yield Claim("start, order and draw do not explain what is left", found, True)
    ratios = {v.what: _mean_ratio(v, wanted) for v in variants}
    low, high = sorted((ratios["the first half"], ratios["the second half"]))
    yield Claim(
        "other images do: the two halves lie on either side of what is printed",
        f"their mean ratios are {low:.3f} and {high:.3f}",
        low < 1 < high,
    )
    last = variants[-1]
    if "rest of the second" in last.what:
        reached, before = (_gap(v.curve.losses, wanted) for v in (last, variants[0]))
        yield Claim(
            "a mixture of the halves follows the printed curve",
            f"with {last.what} each loss is within {reached:.1%}, {before:.1%} before",
            reached < before / 2,
        )


def _table(curves: dict[tuple[str, str], Curve], wanted: Array, length: int, backend: str) -> str:
    names = ["epoch", "updates", "printed"]
    columns = [curves[spec, "float32"].losses for spec in ("refnet", backend)]
    names += [*("refnet", backend), *(f"{spec} / printed" for spec in ("refnet", backend))]
    rows = [
        [
            str(i + 1),
            f"{(i + 1) * length:,}",
            f"{loss:.3f}",
            *(f"{column[i]:.3f}" for column in columns),
            *(f"{column[i] / loss:.3f}" for column in columns),
        ]
        for i, loss in enumerate(wanted)
    ]
    return markdown_table(rows, names)


def _variants_table(variants: list[Variant], wanted: Array) -> str:
    rows = [
        [
            v.what,
            f"{v.images:,}",
            f"{v.curve.losses[-1]:.3f}",
            f"{_mean_ratio(v, wanted):.3f}",
            f"{_gap(v.curve.losses, wanted):.1%}",
            f"{v.curve.accuracy:.3f}",
        ]
        for v in variants
    ]
    names = ["images", "how many", "last loss", "mean ratio", "largest gap", "accuracy on the rest"]
    return markdown_table(rows, names)


def _shown(variants: list[Variant]) -> list[tuple[int, Variant]]:
    """Return the variants that the picture shows, with their styles."""
    plain, *others = variants
    shown = [
        plain,
        *(v for v in others if v.what in ("start and order 2", "draw 2")),
        *(v for v in others if "half" in v.what and not v.what.startswith("drawn")),
    ]
    return list(zip((0, 1, 2, 3, 5, 6), shown, strict=False))
