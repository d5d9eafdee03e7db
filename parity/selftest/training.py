"""``python -m parity.selftest.training``: bugs in training, caught where they first act.

The subject is refnet with one slip in its optimizer, or around its trainer, beside PyTorch without
it, in a few steps of lockstep. A slip counts as caught if the run fails and names the step and the
tensor in which it acts first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
from tabulate import tabulate

from parity.backends import adapter
from parity.backends.base import Adapter, Array, Step, Trainer, Values
from parity.backends.refnet import RefnetAdapter
from parity.case import TrainingCase
from parity.result import Apart, Number, Status, TrainingResult
from parity.runner import single_threaded
from parity.trajectory import run_training

CHANGE = 5  # updates before the schedule's rate changes
STEPS = CHANGE + 1


class Passing:
    """A trainer that passes everything on."""

    def __init__(self, inner: Trainer) -> None:
        self.inner = inner

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        return self.inner.slots(params)

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,
    ) -> Step:
        """Return one step from a state after ``done`` updates, on the batch x, t."""
        return self.inner.step(params, slots, done, x, t, masks)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the model's result for samples x."""
        return self.inner.predict(params, x)


class OneAhead(Passing):
    """Counts one update more than were done."""

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,
    ) -> Step:
        """Return the step of a state after one more update."""
        return self.inner.step(params, slots, done + 1, x, t, masks)


class Doubled(Passing):
    """Multiplies the loss's gradients by 2."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        right = inner.model.loss_and_grads

        def doubled(*args: Any) -> tuple[Array, Values]:
            loss, grads = right(*args)
            return loss, {name: 2 * g for name, g in grads.items()}

        inner.model.loss_and_grads = doubled


class DoubledUnseen(Doubled):
    """Hands the optimizer twice the gradients that it shows."""

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,
    ) -> Step:
        """Return a step whose gradients look right."""
        taken = super().step(params, slots, done, x, t, masks)
        return taken._replace(grads={name: g / 2 for name, g in taken.grads.items()})


class Slip(NamedTuple):
    """A slip, and where it acts first: at which step, in which tensor.

    ``wrong`` are the options that the subject has otherwise (``optimizer`` among them), ``around``
    what it does around its trainer.
    """

    what: str
    optimizer: str
    options: Mapping[str, Any]
    wrong: Mapping[str, Any]
    step: int
    tensor: str
    around: Callable[[Any], Trainer] = Passing
    dtypes: tuple[str, ...] = ("float32", "float64")

    @property
    def id(self) -> str:
        """A name for reports and tests."""
        return f"{self.optimizer}: {self.what}"


W, EXP_AVG, BUFFER = (f"{slot}fc1.w" for slot in ("", "exp_avg of ", "momentum_buffer of "))
ADAM = {"lr": 0.01}
ADAM_WITHOUT_EPS = {"lr": 0.01, "eps": 1e-30}
AMSGRAD = {"lr": 0.01, "amsgrad": True}
MOMENTUM = {"lr": 0.1, "momentum": 0.9}
DAMPED = {**MOMENTUM, "dampening": 0.1}
CLIPPED = {"lr": 0.1, "clip": "by_global_norm(limit=0.5)"}
RATES = {"lr": f"step_decay(lr=0.1, every={CHANGE}, factor=0.5)"}
SLIPS = (
    Slip("epsilon inside the root", "adam", ADAM, {"eps": 0.0, "eps_root": 1e-8}, 1, W),
    Slip("epsilon before the correction", "adam", ADAM, {"eps_before_correction": True}, 1, W),
    Slip("epsilon of 1e-7", "adam", ADAM, {"eps": 1e-7}, 1, W),
    Slip("epsilon inside the root", "rmsprop", ADAM, {"eps_inside": True}, 1, W),
    Slip("epsilon inside the root", "adagrad", ADAM, {"eps_inside": True}, 1, W),
    Slip("epsilon of 1e-7", "adadelta", {"lr": 1.0}, {"eps": 1e-7}, 1, "acc_delta of fc1.w"),
    Slip(
        "epsilon outside the maximum",
        "adamax",
        ADAM,
        {"eps_in_maximum": False},
        1,
        "exp_inf of fc1.w",
        dtypes=("float64",),  # 1e-8 beside gradients of 0.01 is within float32's rounding
    ),
    Slip("bias correction dropped", "adam", ADAM, {"bias_correction": False}, 1, W),
    Slip("bias correction off by one", "adam", ADAM, {}, 1, W, OneAhead),
    Slip("bias correction off by one", "adamax", ADAM, {}, 1, W, OneAhead),
    Slip("bias correction off by one", "nadam", ADAM, {}, 1, W, OneAhead),
    Slip("beta1 and beta2 swapped", "adam", ADAM, {"beta1": 0.999, "beta2": 0.9}, 1, EXP_AVG),
    Slip(
        "the largest mean corrected",
        "adam",
        AMSGRAD,
        {"amsgrad_corrected": True},
        1,
        "max_exp_avg_sq of fc1.w",
    ),
    Slip("no schedule of the momentum", "nadam", ADAM, {"schedule_decay": None}, 1, W),
    Slip("dampening on", "sgd", MOMENTUM, {"dampening": 0.9}, 2, BUFFER),
    Slip("first buffer damped", "sgd", DAMPED, {"first_buffer": "zeros"}, 1, BUFFER),
    Slip("rate inside the buffer", "sgd", MOMENTUM, {"lr_inside": True}, 1, BUFFER),
    Slip("Nesterov off", "nesterov", {"lr": 0.1}, {"optimizer": "momentum"}, 1, W),
    Slip("look-ahead", "nesterov", {"lr": 0.1}, {"lookahead": True}, 1, W),
    Slip(
        "centring dropped",
        "rmsprop",
        {**ADAM, "centered": True},
        {"centered": False},
        0,
        "grad_avg of fc1.w",
    ),
    Slip(
        "weight decay coupled",
        "adamw",
        ADAM,
        {"optimizer": "adam", "weight_decay": 0.01},
        1,
        EXP_AVG,
    ),
    Slip("weight decay dropped", "adamw", ADAM, {"weight_decay": 0.0}, 1, W),
    Slip("gradient doubled", "adam", ADAM_WITHOUT_EPS, {}, 1, "gradient of fc2.b", Doubled),
    Slip("gradient doubled unseen", "adam", ADAM_WITHOUT_EPS, {}, 1, EXP_AVG, DoubledUnseen),
    Slip("clipping dropped", "momentum", CLIPPED, {"clip": None}, 1, BUFFER),
    Slip(
        "accumulator starts at 0.1",
        "adagrad",
        ADAM,
        {"initial_accumulator": 0.1},
        0,
        "sum of fc1.w",
    ),
    Slip(
        "accumulator starts at 1",
        "rmsprop",
        ADAM,
        {"initial_accumulator": 1.0},
        0,
        "square_avg of fc1.w",
    ),
    Slip("schedule off by one", "momentum", RATES, {}, CHANGE, W, OneAhead),
    Slip("schedule left out", "momentum", RATES, {"lr": 0.1}, CHANGE + 1, W),
)


class Caught(NamedTuple):
    """What a run with a slip said: its status, and where it says that the two are first apart."""

    slip: Slip
    dtype: str
    status: Status
    apart: Apart | None
    worst: Number

    @property
    def place(self) -> str:
        """Where the two are first apart, in words."""
        return f"step {self.apart.step}: {self.apart.tensor}" if self.apart else "nowhere"

    @property
    def there(self) -> bool:
        """Whether the run failed and named the step and the tensor in which the slip acts first."""
        where = self.apart and (self.apart.step, self.apart.tensor)
        return self.status is Status.FAIL and where == (self.slip.step, self.slip.tensor)


class Slipped(Adapter):
    """refnet with a slip in its training."""

    name = "slipped"

    def __init__(self, slip: Slip) -> None:
        self.slip = slip

    def trainers(self) -> Mapping[str, Callable[..., Trainer]]:
        """Return the model dfn under the optimizer with the slip."""

        def make(model: Any, optimizer: str, options: Mapping[str, Any]) -> Trainer:
            wrong = {"optimizer": optimizer, **options, **self.slip.wrong}
            name = wrong.pop("optimizer")
            return self.slip.around(RefnetAdapter().trainers()["dfn"](model, name, wrong))

        return {"dfn": make}


def trained(slip: Slip, dtype: str, seed: int = 0, steps: int = STEPS) -> TrainingResult:
    """Return what a run with a slip in the subject shows."""
    case = TrainingCase(
        "dfn",
        slip.id,
        model={"hidden": 30, "classes": 10},
        optimizer=slip.optimizer,
        optimizer_options=slip.options,
        data="digits",
        gain=0.2,
        batch_size=50,
        steps=steps,
        free_steps=0,
    )
    return run_training(case, dtype, Slipped(slip), adapter("torch"), seed)


def caught(slip: Slip, dtype: str, seed: int = 0) -> Caught:
    """Return where a slip is noticed."""
    found = trained(slip, dtype, seed)
    return Caught(slip, dtype, found.status, found.subject_apart, found.subject_ratio)


def table(every: list[Caught]) -> str:
    """Return where each slip was noticed, as Markdown, those that were not first."""
    rows = [
        [
            c.slip.optimizer,
            c.slip.what,
            c.dtype,
            f"step {c.slip.step}: {c.slip.tensor}",
            c.place,
            f"{float(c.apart.ratio):.3g}" if c.apart else "",
            "caught" if c.there else "MISSED",
        ]
        for c in sorted(every, key=lambda c: c.there)
    ]
    names = [
        "optimizer",
        "bug",
        "dtype",
        "acts first at",
        "first apart at",
        "ratio there",
        "verdict",
    ]
    return str(tabulate(rows, headers=names, tablefmt="github", disable_numparse=True))


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--seed", type=click.IntRange(0), default=0)
def main(out: Path | None, seed: int) -> None:
    """Run every bug of training and see whether it is caught where it first acts."""
    with single_threaded():
        every = [caught(slip, dtype, seed) for slip in SLIPS for dtype in slip.dtypes]
    missed = sum(not c.there for c in every)
    text = f"""\
# Bugs in training: {len(every) - missed} of {len(every)} caught where they first act

refnet with the bug beside PyTorch without it, {STEPS} steps of `dfn` on digits in lockstep. Within
a step tensors come in the order of their computation: loss, gradients, slots, parameters.

{table(every)}

Written by `python -m parity.selftest.training --out FILE`."""
    if out is None:
        click.echo(text)
    else:
        out.write_text(f"{text}\n", "utf-8")
    click.echo(f"{len(every) - missed} of {len(every)} bugs caught", err=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
