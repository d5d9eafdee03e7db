from __future__ import annotations

import numpy as np
import pytest

from parity.backends.base import cast_values
from parity.case import TrainingCase
from parity.experiments import rnn_binary_addition as adder
from parity.experiments.finding import as_page
from parity.registry import select
from parity.trajectory.data import Batches, load
from parity.trajectory.run import batches_of, initial_params


@pytest.fixture(scope="module")
def found():
    return adder.run(epochs=180)


def test_everything_that_is_printed_comes_out(found):
    assert [claim.what for claim in found.claims if not claim.holds] == []
    assert len(found.claims) == 8
    first, second = found.claims[:2]
    assert first.found == second.found == "184 (refnet), 184 (torch)"
    assert "272 numbers" in found.claims[3].what


def test_the_page(found):
    page = as_page(found)
    assert "pictures/rnn_binary_addition.svg" in page
    assert "> Rounding in float32 explains the difference" in page
    assert "> It begins with initial values rounded to 3 decimals." in page
    assert "NO" not in page


def test_the_numbers_that_are_printed():
    before, after = (list(adder.blocks(p)) for p in ("printed", "after_divergence"))
    assert sum(b.values.size for b in before) == 184
    assert sum(b.values.size for b in after) == 272
    assert {b.epoch for b in before} == {132, 133, 134}
    assert {(b.epoch, b.column) for b in after} == {
        (epoch, column) for epoch in (148, 149) for column in ("left", "right")
    }


def test_another_run_is_not_taken_for_it():
    start = cast_values(adder._data_start(), "float64")
    start["rnn.w"][0, 0] += 1e-5
    run = adder.trained("refnet", "float64", 150, start)
    exact = adder.trained("refnet", "float64", 150)
    runs = {(spec, d): run for spec in ("refnet", "torch") for d in adder.DTYPES}
    twins = {"float32": [exact.params] * 2}
    digits = list(adder._digits_claims(runs, twins, ("refnet", "torch")))
    assert not digits[0].holds
    assert not digits[1].holds or float(digits[1].found.split()[0]) == 184
    envelope, rounded = adder._parting_claims({("refnet", "float64"): exact}, twins, exact)
    assert not envelope.holds  # twins that do not move leave no room
    assert not rounded.holds  # nor does a run that is the same one leave it
    assert not adder._loss_claim({("refnet", "float64"): exact._replace(losses=[1.0] * 150)}).holds
    assert not adder._learns_claim({("refnet", "float64"): exact}).holds  # not by epoch 149


def test_twins_part_and_the_horizon_is_where_they_are_far():
    twins = adder.twins_of("float32")
    assert (len(twins), len(twins[0])) == (5, 160)
    last = [twin[-1]["rnn.w"] for twin in twins]
    assert len({w.tobytes() for w in last}) == 5
    assert adder._horizon([1e-9, 2e-4, 1e-9]) == 1
    assert adder._horizon([1e-9]) is None


def test_the_case_reads_the_sums_of_the_sources_in_order():
    (case,) = select(["rnn_binary_addition/sources"])
    assert isinstance(case, TrainingCase)
    assert case.free_steps >= 160
    data = load(case.data)
    params = initial_params(case, data, "float32", seed=7)
    assert params["rnn.w"].dtype == np.float32
    np.testing.assert_array_equal(params["rnn.w"], np.float32(data.start["rnn.w"]))
    params["rnn.w"][:] = 0
    assert data.start["rnn.w"].any()
    one, other = batches_of(case, data, 0), Batches(data, 100, "another key")
    for done in (0, 3, 499, 500):
        for a, b in zip(one.at(done), other.at(done), strict=True):
            np.testing.assert_array_equal(a, b)
    x, t = one.at(1)
    np.testing.assert_array_equal(x, data.x[100:200])
    np.testing.assert_array_equal(t, data.t[100:200])
