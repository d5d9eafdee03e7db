"""The network that learns to add, against every number that the sources print of it.

They print two columns, one per library, which agree up to epoch 134 and part from 140 on. An
epoch is one update; epoch e is the state after update e, counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
import numpy as np

from parity.backends import adapter
from parity.backends.base import Array, Trainer, Values, cast_values
from parity.case import TrainingCase
from parity.experiments import plots
from parity.experiments.command import backend_option, conclude, out_option
from parity.experiments.finding import Claim, Finding, picture, printed
from parity.experiments.sides import steps, versions
from parity.explain import Explanation, explain, record
from parity.registry import select
from parity.report.tables import in_one_line, markdown_table
from parity.trace import Recording
from parity.trajectory.data import Batches, in_dtype, load
from parity.trajectory.free_running import (
    ENVELOPE,
    TWINS,
    relative_distance,
    relative_distances,
)
from parity.trajectory.run import trainer
from parity.trajectory.twins import Mover, twin_step
from refnet.data import from_bits

NAME = "rnn_binary_addition"
EPOCHS, FOLLOWED = 500, 160
BEGUN = 20  # steps by which it is plain that a run began elsewhere
DTYPES = ("float64", "float32")
DIGITS = 5e-4  # half of the last digit that is printed
SHOWN = (0, 20, 50, 100, 120, 130, 132, 134, 136, 138, 140, 142, 144, 146, 148, 150, 155, 159)
PLACES: Mapping[str, tuple[str, Any]] = {
    "W": ("rnn.w", slice(None)),
    "W_last_row": ("rnn.w", -1),
    "W_rows_4_to_9": ("rnn.w", slice(4, 10)),
    "b": ("rnn.b", slice(None)),
}


class Block(NamedTuple):
    """Numbers that are printed together: of an epoch, in a column if the two columns differ."""

    epoch: int
    name: str
    column: str
    values: Array

    def of(self, run: Sequence[Values]) -> Array:
        """Return what a run has in their place."""
        name, place = PLACES[self.name]
        return np.asarray(run[self.epoch][name][place], np.float64)

    def gap(self, run: Sequence[Values]) -> Array:
        """Return how far the printed numbers are from a run's."""
        return np.asarray(np.abs(self.of(run) - self.values))

    def spread(self, twins: Sequence[Sequence[Values]], run: Sequence[Values]) -> Array:
        """Return for each number how far the twins get from a run."""
        at = self.of(run)
        return np.asarray(np.max([np.abs(self.of(twin) - at) for twin in twins], axis=0))


class Run(NamedTuple):
    """A run's parameters after each update, with loss and accuracy of its batch there."""

    params: list[Values]
    losses: list[float]
    accuracies: list[float]


Runs = Mapping[tuple[str, str], Run]


@click.command(NAME)
@backend_option
@out_option
def command(backend: str, out: Path) -> None:
    """Binary addition by a recurrent network: every printed weight, and where two runs part."""
    conclude(lambda: run(backend), out, backend)


def run(backend: str = "torch", epochs: int = EPOCHS) -> Finding:
    """Train refnet and a backend from the printed initial values and compare with what is printed.

    ``epochs`` is at least 160.
    """
    sides = ("refnet", backend)
    runs = {(spec, dtype): trained(spec, dtype, epochs) for dtype in DTYPES for spec in sides}
    twins = {dtype: twins_of(dtype) for dtype in DTYPES}
    start = {name: np.round(p, 3) for name, p in _data_start().items()}
    rounded = trained("refnet", "float64", FOLLOWED, start)
    trails = _trails(runs, twins, rounded, backend)
    found = _explained(backend, _data_start())
    told = _explained("refnet", start, BEGUN)
    claims = [
        *_digits_claims(runs, twins, sides),
        _loss_claim(runs),
        *_parting_claims(runs, twins, rounded),
        *_explanation_claims(found, told),
        _learns_claim(runs),
    ]
    horizon = _horizon(trails["envelope", "float32"])
    body = [
        "The sources train 8 hidden units on 100 sums an update, from values that they print, and "
        "print the weights that two libraries come to. The columns agree up to epoch 134 and part "
        "from 140 on. Epoch e is the state after update e, counted from 0.",
        picture(NAME, "The distance of the runs by epoch, beside the twins' envelope"),
        f"d is the distance of the parameters of {backend} from refnet's, relative to their size; "
        f"the envelope E is the largest that any of {TWINS} twins has reached: refnet's own run "
        "with state, batch and every result moved by one unit in the last place at random. The "
        f"horizon is where E in float32 exceeds {ENVELOPE:g}"
        + ("." if horizon is None else f", epoch {horizon} (after {horizon + 1} updates).")
        + " The run from initial values rounded to 3 decimals, which the sources take for the "
        "cause, is another one from the first update on.",
        _distance_table(trails, backend),
        "## What explains it",
        f"What `parity explain {_case().id}` says of the run of {backend} in float32; it counts "
        "steps from 1:",
        f"> {in_one_line(found.verdict)}",
        _causes_table(found),
        "Of refnet's run in float32 from initial values rounded to 3 decimals it says:",
        f"> {in_one_line(told.verdict)}",
        "## What is printed before the parting",
        f"The largest difference from the printed numbers, whose last digit allows {DIGITS:g}; and "
        "how far the twins in float32 get from refnet there.",
        _digits_table(runs, twins),
        "## What is printed after it",
        f"Both columns, and how far they are from refnet in float64; the envelope of a number is "
        f"the largest distance of the {TWINS} twins in float32 from there. Share is how much of "
        "envelope and last digit is used, at most. The last columns have the distance of all the "
        "numbers of a row together, relative to their size: of what is printed, and of runs in "
        "float32.",
        _parted_table(runs, twins, sides),
        "## Losses and accuracies",
        _loss_table(runs),
    ]
    return Finding(
        NAME,
        "Binary addition by a recurrent network",
        claims,
        body,
        {NAME: plots.svg([_panel(trails, horizon, backend)])},
        f"parity experiment {NAME} --out reports",
        versions(*sides),
    )


def trained(spec: str, dtype: str, epochs: int, start: Values | None = None) -> Run:
    """Return a side's run in a dtype, from the printed initial values or others."""
    side, batches = _on(spec), _batches()
    found = Run([], [], [])
    for step in islice(steps(side, start or _data_start(), batches.at, dtype), epochs):
        x, t = in_dtype(batches.at(len(found.params)), dtype)
        y = side.predict(step.params, x)
        found.params.append(step.params)
        found.losses.append(float(np.mean((y.astype(np.float64) - t) ** 2)))
        found.accuracies.append(float(np.mean(from_bits(y) == from_bits(t))))
    return found


def twins_of(dtype: str) -> list[list[Values]]:
    """Return the parameters of refnet's twins after each update, as `parity run` moves them."""
    side, batches = _on("refnet"), _batches()
    params = {name: p.astype(dtype) for name, p in _data_start().items()}
    states = [(params, side.slots(params))] * TWINS
    found: list[list[Values]] = [[] for _ in range(TWINS)]
    for done in range(FOLLOWED):
        batch = in_dtype(batches.at(done), dtype)
        mover = Mover(f"0|{NAME}/sources|{dtype}|free twins|step {done}")
        taken = [twin_step(side, mover, *state, done, batch) for state in states]
        states = [(step.params, step.slots) for step in taken]
        for twin, step in zip(found, taken, strict=True):
            twin.append(step.params)
    return found


def blocks(part: str) -> Iterator[Block]:
    """Yield the numbers that are ``printed``, or printed ``after_divergence``."""
    for epoch, values in printed(NAME)[part].items():
        for key, numbers in values.items():
            name, column = key, ""
            if key.endswith(("_left", "_right")):
                name, _, column = key.rpartition("_")
            if name in PLACES:
                yield Block(int(epoch), name, column, np.array(numbers))


@cache
def _case() -> TrainingCase:
    (found,) = (c for c in select([f"{NAME}/sources"]) if isinstance(c, TrainingCase))
    return found


def _on(spec: str) -> Trainer:
    return trainer(_case(), adapter(spec))


def _data_start() -> Values:
    start = load(_case().data).start
    assert start is not None
    return dict(start)


def _batches() -> Batches:
    return Batches(load(_case().data), _case().batch_size, NAME)


def _digits_claims(
    runs: Runs, twins: Mapping[str, list[list[Values]]], sides: Sequence[str]
) -> Iterator[Claim]:
    every = list(blocks("printed"))
    total = sum(block.values.size for block in every)
    right = {
        spec: sum(
            int((np.round(b.of(runs[spec, "float64"].params), 3) == b.values).sum()) for b in every
        )
        for spec in sides
    }
    yield Claim(
        f"all {total} numbers of epochs 132 to 134 come out in float64 when rounded to 3 decimals",
        ", ".join(f"{n} ({spec})" for spec, n in right.items()),
        all(n == total for n in right.values()),
    )
    plain = runs["refnet", "float32"].params
    gaps = {
        spec: [
            b.gap(runs[spec, "float32"].params) - DIGITS - b.spread(twins["float32"], plain)
            for b in every
        ]
        for spec in sides
    }
    within = {spec: sum(int((gap <= 0).sum()) for gap in found) for spec, found in gaps.items()}
    yield Claim(
        f"all of them come out in float32 within {DIGITS:g} and the twins' spread",
        ", ".join(f"{n} ({spec})" for spec, n in within.items()),
        all(n == total for n in within.values()),
    )


def _printed_losses() -> Iterator[tuple[int, float, float]]:
    for part in ("printed", "after_divergence"):
        for epoch, values in printed(NAME)[part].items():
            if "mean_loss" in values:
                yield int(epoch), values["mean_loss"], values["acc"]


def _loss_claim(runs: Runs) -> Claim:
    epochs = [epoch for epoch, *_ in _printed_losses()]
    wrong = [
        f"epoch {epoch} ({spec}, {dtype})"
        for epoch, loss, accuracy in _printed_losses()
        for (spec, dtype), r in runs.items()
        if (round(r.losses[epoch], 2), round(r.accuracies[epoch], 2)) != (loss, accuracy)
    ]
    return Claim(
        f"the losses and accuracies that are printed come out (epochs {_listed(epochs)})",
        f"not in {_listed(wrong)}" if wrong else "every one, to the 2 decimals that are printed",
        not wrong,
    )


def _share(block: Block, run: Sequence[Values], twins: Sequence[Sequence[Values]]) -> float:
    """Return the largest share of envelope and last digit that printed numbers use."""
    return float((block.gap(run) / (DIGITS + block.spread(twins, run))).max())


def _parting_claims(
    runs: Runs, twins: Mapping[str, list[list[Values]]], rounded: Run
) -> Iterator[Claim]:
    exact = runs["refnet", "float64"].params
    after = list(blocks("after_divergence"))
    shares = [_share(block, exact, twins["float32"]) for block in after]
    total = sum(block.values.size for block in after)
    yield Claim(
        f"all {total} numbers of epochs 148 and 149, of both columns, lie inside the envelope of "
        "the twins in float32 around refnet in float64, each number in its own",
        f"at most {max(shares):.2f} of envelope and last digit",
        max(shares) <= 1,
    )
    last = next(b for b in after if b.epoch == 149)
    allowed = last.spread(twins["float32"], exact) + DIGITS
    outside = int((np.abs(last.of(rounded.params) - last.of(exact)) > allowed).sum())
    at_once = relative_distance(rounded.params[0], exact[0])
    yield Claim(
        "the run from initial values rounded to 3 decimals does not, and is another from the start",
        f"{outside} of {last.values.size} are outside at epoch 149; d is {at_once:.1e} at epoch 0",
        outside > 0 and at_once > ENVELOPE,
    )


def _explained(spec: str, start: Values, steps: int = FOLLOWED) -> Explanation:
    """Return what `parity explain` says of a side's run in float32 from initial values."""
    begun = cast_values(start, "float32")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.trace"
        record(_case(), adapter(spec), "float32", path, steps=steps, start=begun)
        return explain(Recording(path))


def _explanation_claims(found: Explanation, told: Explanation) -> Iterator[Claim]:
    explains = {cause.what: cause.explains for cause in found.causes}
    names = [what for what, yes in explains.items() if yes]
    yield Claim(
        "`parity explain` names rounding in float32 for the parting, and not the initial values "
        "rounded to 3 decimals",
        f"it names {_listed(names)}; horizon at step {found.horizon}" if names else "it names none",
        found.explained and not found.differs and names == ["rounding in float32"],
    )
    yield Claim(
        "of a run that does begin with such values it says so",
        next((cause.what for cause in told.causes if cause.stage == "start"), "nothing"),
        told.differs and told.explained and "rounded to 3 decimals" in told.verdict,
    )


def _causes_table(found: Explanation) -> str:
    rows = [
        [
            cause.what,
            "" if cause.figure is None else f"{float(cause.figure):.2g}",
            "" if cause.limit is None else f"{cause.limit:g}",
            "yes" if cause.explains else "no",
            cause.note,
        ]
        for cause in found.causes
    ]
    return markdown_table(rows, ["tried", "distance", "allowed", "explains", "note"])


def _learns_claim(runs: Runs) -> Claim:
    reached = {
        key: next((e for e, a in enumerate(r.accuracies) if a == 1), None)
        for key, r in runs.items()
    }
    stays = {
        key: 1 + max((e for e, a in enumerate(r.accuracies) if a < 1), default=-1)
        for key, r in runs.items()
    }
    return Claim(
        "the adder comes to 100 %, and stays there",
        ", ".join(
            f"epoch {reached[key]}, for good from {stays[key]} ({', '.join(key)})" for key in runs
        ),
        all(stays[key] < len(r.accuracies) for key, r in runs.items()),
    )


def _trails(
    runs: Runs, twins: Mapping[str, list[list[Values]]], rounded: Run, backend: str
) -> dict[tuple[str, str], list[float]]:
    """Return distances from refnet's run by epoch."""
    found: dict[tuple[str, str], list[float]] = {}
    for dtype in DTYPES:
        plain = runs["refnet", dtype].params[:FOLLOWED]
        other = runs[backend, dtype].params
        reached = [
            max(relative_distances([twin[e] for twin in twins[dtype]], at))
            for e, at in enumerate(plain)
        ]
        found["envelope", dtype] = [float(v) for v in np.maximum.accumulate(reached)]
        found[backend, dtype] = [relative_distance(other[e], at) for e, at in enumerate(plain)]
    exact = runs["refnet", "float64"].params[:FOLLOWED]
    single = runs["refnet", "float32"].params
    found["refnet", "float32"] = [relative_distance(single[e], at) for e, at in enumerate(exact)]
    found["rounded", "float64"] = [
        relative_distance(rounded.params[e], at) for e, at in enumerate(exact)
    ]
    return found


def _horizon(envelope: Sequence[float]) -> int | None:
    """Return the first epoch whose envelope is beyond what is called the horizon."""
    return next((e for e, v in enumerate(envelope) if v > ENVELOPE), None)


def _panel(
    trails: Mapping[tuple[str, str], list[float]], horizon: int | None, backend: str
) -> plots.Panel:
    epochs = range(FOLLOWED)
    lines = [
        plots.Line("initial values rounded to 3 decimals", epochs, trails["rounded", "float64"]),
        plots.Line("E, float32", epochs, trails["envelope", "float32"], style=4),
        plots.Line(f"d of {backend}, float32", epochs, trails[backend, "float32"], style=1),
        plots.Line("E, float64", epochs, trails["envelope", "float64"], style=3),
        plots.Line(f"d of {backend}, float64", epochs, trails[backend, "float64"], style=2),
    ]
    return plots.Panel(
        "How far two runs are apart",
        "epoch",
        "distance / size of the parameters",
        lines,
        log=True,
        marks=[] if horizon is None else [(horizon, "horizon")],
        whole=True,
        beside=True,
    )


def _distance_table(trails: Mapping[tuple[str, str], list[float]], backend: str) -> str:
    columns = {
        f"{backend}, float32": (backend, "float32"),
        "E, float32": ("envelope", "float32"),
        "refnet in float32 from float64": ("refnet", "float32"),
        "rounded initial values": ("rounded", "float64"),
        f"{backend}, float64": (backend, "float64"),
        "E, float64": ("envelope", "float64"),
    }
    rows = [
        [str(epoch), *(f"{trails[key][epoch]:.1e}" for key in columns.values())] for epoch in SHOWN
    ]
    return markdown_table(rows, ["epoch", *columns])


def _digits_table(runs: Runs, twins: Mapping[str, list[list[Values]]]) -> str:
    rows = [
        [
            str(b.epoch),
            b.name,
            str(b.values.size),
            *(f"{b.gap(r.params).max():.2e}" for r in runs.values()),
            f"{b.spread(twins['float32'], runs['refnet', 'float32'].params).max():.1e}",
        ]
        for b in sorted(blocks("printed"), key=lambda b: b.epoch)
    ]
    names = ["epoch", "what", "numbers", *(f"{spec}, {dtype}" for spec, dtype in runs)]
    return markdown_table(rows, [*names, "twins' spread"])


def _parted_table(runs: Runs, twins: Mapping[str, list[list[Values]]], sides: Sequence[str]) -> str:
    exact = runs["refnet", "float64"].params
    rows = [
        [
            str(b.epoch),
            b.name,
            b.column,
            str(b.values.size),
            f"{b.gap(exact).max():.1e}",
            f"{b.spread(twins['float32'], exact).max():.1e}",
            f"{_share(b, exact, twins['float32']):.2f}",
            *(
                f"{float(np.linalg.norm(values - b.of(exact)) / np.linalg.norm(b.of(exact))):.1e}"
                for values in (b.values, *(b.of(runs[spec, "float32"].params) for spec in sides))
            ),
        ]
        for b in blocks("after_divergence")
    ]
    names = ["epoch", "what", "column", "numbers", "largest distance", "largest envelope", "share"]
    return markdown_table(rows, [*names, "d of what is printed", *(f"d of {s}" for s in sides)])


def _loss_table(runs: Runs) -> str:
    rows = [
        [
            str(epoch),
            f"{loss:.2f}, {accuracy:.2f}",
            *(f"{r.losses[epoch]:.4f}, {r.accuracies[epoch]:.2f}" for r in runs.values()),
        ]
        for epoch, loss, accuracy in _printed_losses()
    ]
    return markdown_table(rows, ["epoch", "printed", *(f"{spec}, {dtype}" for spec, dtype in runs)])


def _listed(words: Sequence[Any]) -> str:
    *most, last = map(str, words)
    return f"{', '.join(most)} and {last}" if most else last
