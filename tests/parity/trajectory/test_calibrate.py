from __future__ import annotations

from collections import Counter

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from parity.registry import select
from parity.result import Apart, Status
from parity.selftest.training import SLIPS, Caught
from parity.trajectory import calibrate
from parity.trajectory.calibrate import Measured, Run, exceeded_by_chance, measured, plan, report
from parity.trajectory.lockstep import LIMIT

CASES = select(["xor/sources", "mlp/adam"])


def test_every_combination_runs_and_every_seed_is_used():
    runs = plan(CASES, range(10, 17), 3)
    combinations = Counter((run.case.id, *run[1:4]) for run in runs)
    assert len(combinations) == 2 * 2 * 2 * 2  # cases, dtypes, rates, threads
    assert set(combinations.values()) == {3}
    assert {run.seed for run in runs} == set(range(10, 17))
    with pytest.raises(click.UsageError, match="16 runs cannot use 200 seeds"):
        plan(CASES, range(200), 1)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_correct_run_is_measured(threads):
    found = measured(Run(CASES[0], "float32", 3.0, threads, 5), 3)
    assert not found.diverged
    assert found.ratios.shape == (3 * (1 + 4 * 4),)
    assert 0 < found.ratios.max() < LIMIT
    assert " at step " in found.worst
    assert torch.get_num_threads() == 1


def test_threads_change_no_more_than_rounding():
    one, two = (measured(Run(calibrate.WIDE, "float32", 1.0, n, 0), 1) for n in (1, 2))
    assert max(one.ratios.max(), two.ratios.max()) < 4


def test_a_run_that_leaves_the_finite_numbers_says_so():
    found = measured(Run(CASES[1], "float32", 1e30, 1, 5), 9)
    assert found.diverged
    assert len(found.ratios) < 9 * 9


def test_rates_are_multiplied_in_numbers_and_in_schedules():
    assert calibrate._faster(0.5, 3.0) == 1.5
    scaled = calibrate._faster("cosine(lr=0.5, steps=7)", 3.0)
    assert scaled == "cosine(lr=1.5, steps=7, floor=0.0)"


def test_the_tail_of_a_power_law_is_recognised():
    u = (np.arange(50_000) + 0.5) / 50_000
    exponent, reached = exceeded_by_chance(list(u ** (-1 / 6)), 1e-12)
    assert exponent == pytest.approx(6, rel=0.15)
    assert reached == pytest.approx(100, rel=0.2)


def made(seed, ratio, rate=1.0, diverged=False):
    ratios = np.append(np.linspace(0.1, 1, 40), ratio)
    return Measured(Run(CASES[1], "float64", rate, 2, seed), ratios, f"tensor {ratio}", diverged)


def test_the_report_counts_what_is_above_the_limit():
    slip = SLIPS[0]
    bug = Caught(slip, "float32", Status.PASS, None, 3.5)
    apart = Apart(step=slip.step, tensor=slip.tensor, ratio=99.0)
    noticed = Caught(slip, "float64", Status.FAIL, apart, 99.0)
    held_out = [made(7, 2.5), made(8, 99.0, rate=3.0), made(9, np.inf, diverged=True)]
    text = report([made(1, 1.01), made(2, 1.02)], held_out, [bug, noticed], "the command")
    words = " ".join(text.split())
    assert "2 runs of 2 seeds (1 to 2), 82 comparisons" in words
    where = f"in {CASES[1].id} in float64, lr x 1, 2 threads, seed 2: tensor 1.02."
    assert f"The largest ratio is 1.02, {where}" in words
    assert f"The limit in force is {LIMIT:g}, which is above it." in words
    assert "3 runs of 3 seeds (7 to 9)" in words
    assert "**2 above the limit, in 2 runs.**" in words
    assert "2 runs of refnet with a bug" in words
    assert "1 were caught" in words
    assert "| adam: epsilon inside the root | float32 | nowhere | 3.5 |" in words
    assert f"`{slip.id}` is caught in 0 of 1 runs in float32 and 1 of 1 runs in float64." in words
    assert "`the command`" in words
    tall = report([made(i, 10.0 * i) for i in range(20)], held_out, [bug], "")
    assert "TOO LOW" in tall


@pytest.mark.parametrize("held_out", ["8:20", "1990:2001"])
def test_seeds_that_were_seen_cannot_be_held_out(held_out):
    run = CliRunner().invoke
    result = run(calibrate.main, ["xor", "--seeds", "1:9", "--held-out", held_out])
    assert result.exit_code == 2
    words = " ".join(result.output.split())
    assert "others than --seeds and 2000 to 2199, which are spent" in words
    assert run(calibrate.main, ["--seeds", "9:1"]).exit_code == 2
    assert run(calibrate.main, ["--seeds", "nine"]).exit_code == 2
