from __future__ import annotations

import json
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from parity.trace import Recorder, Recording, compare
from parity.trace.compare import growth
from tests.parity.trace.runs import STEPS, at, run


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return run(tmp_path_factory.mktemp("plain") / "r")


def scaled(name, by):
    return lambda values: {n: (a * by).astype(a.dtype) if n == name else a
                           for n, a in values.items()}  # fmt: skip


def flip(mask):
    mask = mask.copy()
    mask[2, 3] ^= True
    return mask


PLANTED = {
    "a batch in another place": (at("batch", 7, lambda i: i - 2), 7, "batch/t"),
    "another mask": (at("mask", 3, flip), 3, "mask/drop"),
    "a gradient scaled": (
        at("gradients", 5, scaled("fc1.b", 2.0), later=True), 5, "gradient/fc1.b"),
    "a gradient scaled a little": (
        at("gradients", 5, scaled("fc2.w", 1.001), later=True), 5, "gradient/fc2.w"),
    "an initial value rounded": (
        at("parameters", 0, lambda p: {**p, "fc2.w": p["fc2.w"].round(3)}), 0, "parameter/fc2.w"),
    "the learning rate": (at("lr", 9, lambda lr: lr * 1.0001), 9, "option/lr/0"),
    "a slot": (at("slots", 4, scaled("fc1.w", 1.01)), 4, "slot/momentum_buffer/fc1.w"),
    "a parameter": (at("parameters", 6, scaled("fc2.b", 0.99)), 6, "parameter/fc2.b"),
    "a loss alone": (at("loss", 2, lambda v: v * 2), 2, "loss"),
    "NaN": (at("gradients", 8, scaled("fc2.b", math.nan)), 8, "gradient/fc2.b"),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_what_was_planted_is_found_where_it_was_planted(what, plain, tmp_path):
    change, step, tensor = PLANTED[what]
    other = run(tmp_path / "r", change)
    for found in (compare(plain, other), compare(other, plain)):
        assert found.parted
        assert (found.first_parted.step, found.first_parted.tensor) == (step, tensor)
        assert found.first_any == found.first_rounding == found.first_parted
        assert all(d == 0 for t, d in found.distances if t < step)


def test_a_recording_agrees_with_itself(plain):
    found = compare(plain, plain)
    assert not found.parted
    assert found.first_any is found.growth is None
    assert found.final == 0
    assert found.steps == STEPS + 1
    assert (found.first_step, found.last_step) == (0, STEPS)
    assert found.tensors == 18
    assert not found.only_a
    assert not found.only_b


def test_rounding_is_seen_and_no_parting(plain, tmp_path):
    """The same samples summed in another order."""
    found = compare(plain, run(tmp_path / "r", reverse=True))
    assert not found.parted
    assert found.first_any.distance < 1e-6
    assert 0 < found.final < 1e-6


@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_another_dtype_is_held_to_the_coarser_one(dtype, plain, tmp_path):
    found = compare(plain, run(tmp_path / "r", dtype=dtype))
    assert found.dtypes["parameter/fc1.w"] == ("float32", dtype)
    assert found.first_any.step == 0
    assert found.kinds.keys() <= {"branch", "loss", "gradient"}  # of float16, once a unit flips
    assert found.first_rounding is None or found.first_rounding.step > 0


def two(tmp_path, a, b):
    tmp_path.mkdir(exist_ok=True)
    made = []
    for name, steps in (("a", a), ("b", b)):
        with Recorder(tmp_path / name) as rec:
            for t, tensors in steps:
                rec.write(t, tensors)
        made.append(Recording(tmp_path / name))
    return made


def test_small_differences_are_shown_and_part_where_they_have_grown(tmp_path):
    w = np.ones(4, np.float32)
    drift = [0, *(1e-7 * 2.0**t for t in range(20))]
    a, b = two(
        tmp_path,
        [(t, {"parameter/w": w}) for t in range(21)],
        [(t, {"parameter/w": (w * (1 + d)).astype("f4")}) for t, d in enumerate(drift)],
    )
    found = compare(a, b)
    assert found.first_any.step == 1
    assert found.first_rounding.step == 5  # 16 u is 9.5e-7
    assert found.first_parted.step == 11
    assert found.growth.factor == pytest.approx(2, rel=0.02)
    assert found.growth.doubling == pytest.approx(1, rel=0.02)
    assert (found.growth.first, found.growth.last) == (1, 11)
    assert compare(a, b, threshold=0.01).first_parted.step == 18
    assert compare(a, b, threshold=0.01).threshold == 0.01
    assert compare(a, b, threshold=0).first_parted.step == 5  # never below rounding
    assert not compare(a, b, threshold=1).parted


def test_what_is_given_parts_beyond_rounding(tmp_path):
    x = np.linspace(1, 2, 9, dtype=np.float32)
    near = (x * (1 + 3e-6)).astype("f4")
    for name in ("batch/x", "mask/scale", "option/lr/0"):
        a, b = two(tmp_path / name.replace("/", "-"), [(3, {name: x})], [(3, {name: near})])
        assert compare(a, b).first_parted.tensor == name
    a, b = two(tmp_path / "0", [(0, {"parameter/w": x})], [(0, {"parameter/w": near})])
    assert compare(a, b).parted
    for name in ("gradient/w", "loss", "w"):
        a, b = two(tmp_path / name.replace("/", "-"), [(3, {name: x})], [(3, {name: near})])
        assert not compare(a, b).parted
        assert compare(a, b).first_rounding.tensor == name
    # Options are kept in float32 by some, so float64 ones are held to that.
    rate = {"option/lr/0": 0.1}, {"option/lr/0": np.float64(np.float32(0.1))}
    a, b = two(tmp_path / "lr", [(1, rate[0])], [(1, rate[1])])
    assert not compare(a, b).parted


def test_noise_beside_the_other_gradients_is_no_parting(tmp_path, rng):
    g = rng.standard_normal((20, 20)).astype("f4")
    noise = [(rng.standard_normal(20) * 1e-8).astype("f4") for _ in range(2)]
    steps = [[(1, {"gradient/w": g, "gradient/b": n, "slot/v/b": n, "slot/v/w": g})] for n in noise]
    found = compare(*two(tmp_path, *steps))
    assert not found.parted
    assert found.first_rounding.tensor == "gradient/b"
    assert found.first_rounding.distance > 0.5
    steps = [[(1, {"gradient/w": g, "gradient/b": n * 1000})] for n in noise]
    assert compare(*two(tmp_path / "more", *steps)).first_parted.tensor == "gradient/b"


def test_shapes_names_and_steps_that_differ(tmp_path):
    a, b = two(
        tmp_path,
        [(t, {"parameter/w": np.ones(3), "gradient/w": 1.0}) for t in range(4)],
        [(t, {"parameter/w": np.ones(4 if t == 2 else 3), "loss": 1.0}) for t in (0, 2, 3, 9)],
    )
    found = compare(a, b)
    assert (found.steps, found.steps_only_a, found.steps_only_b) == (3, 1, 1)
    assert found.only_a == {"gradient/w": 3}
    assert found.only_b == {"loss": 3}
    place = found.first_parted
    assert (place.step, place.tensor, place.distance) == (2, "parameter/w", math.inf)
    assert (place.a, place.b) == ("shape (3,)", "shape (4,)")


def test_a_tensor_that_one_lacks_at_some_steps_is_counted(tmp_path):
    a, b = two(
        tmp_path,
        [(t, {"parameter/w": 1.0, "gradient/w": 1.0}) for t in range(4)],
        [(t, {"parameter/w": 1.0, **({"gradient/w": 1.0} if t < 3 else {})}) for t in range(4)],
    )
    found = compare(a, b)
    assert found.only_a == {"gradient/w": 1}
    assert not found.parted


def test_nothing_in_common(tmp_path):
    a, b = two(tmp_path, [(1, {"a": 1.0})], [(2, {"a": 1.0})])
    found = compare(a, b)
    assert (found.steps, found.tensors, found.first_step, found.final) == (0, 0, None, None)
    a, b = two(tmp_path / "names", [(1, {"a": 1.0})], [(1, {"b": 1.0})])
    assert (compare(a, b).steps, compare(a, b).tensors) == (1, 0)


def test_a_torn_recording_is_compared_as_far_as_it_goes(plain, tmp_path):
    data = Path(plain.path).read_bytes()
    (tmp_path / "torn").write_bytes(data[:-1])
    found = compare(plain, Recording(tmp_path / "torn"))
    assert found.torn == (False, True)
    assert found.steps == STEPS
    assert found.steps_only_a == 1
    assert not found.parted


def test_the_distance_of_the_parameters(tmp_path):
    a, b = two(
        tmp_path,
        [(1, {"parameter/w": [3.0, 0.0], "parameter/b": 4.0, "gradient/w": [9.0, 9.0]})],
        [(1, {"parameter/w": [3.0, 1.0], "parameter/b": 4.0, "gradient/w": [0.0, 0.0]})],
    )
    assert compare(a, b).final == pytest.approx(1 / math.sqrt(26))
    a, b = two(tmp_path / "bare", [(1, {"w": 2.0, "loss": 1.0})], [(1, {"w": 1.0, "loss": 9.0})])
    assert compare(a, b).final == 0.5  # what has no kind stands in where there are no parameters
    a, b = two(tmp_path / "none", [(1, {"loss": 1.0})], [(1, {"loss": 2.0})])
    assert compare(a, b).distances == []


def test_growth():
    assert growth([], 1e-4) is growth([(1, 0.0), (2, 0.0)], 1e-4) is growth([(1, 0.1)], 1e-4)
    shrinking = growth([(t, 1e-5 * 0.5**t) for t in range(9)], 1e-4)
    assert shrinking.factor == pytest.approx(0.5)
    assert shrinking.doubling is None
    # Parted at once: up to saturation.
    found = growth([(t, min(1e-3 * 1.3**t, 0.1)) for t in range(60)], 1e-4)
    assert found.factor == pytest.approx(1.3, rel=1e-3)
    assert 14 <= found.last <= 18
    # Gaps in the steps count as they are.
    assert growth([(t, 1e-9 * 1.1**t) for t in (0, 5, 50)], 1e-4).factor == pytest.approx(1.1)


def test_json_is_strict(plain, tmp_path):
    found = compare(plain, run(tmp_path / "r", PLANTED["NaN"][0]))

    def refused(word):
        raise AssertionError(word)

    plain_data = json.loads(found.as_json(), parse_constant=refused)
    assert plain_data["first_parted"]["distance"] == "inf"
    assert plain_data["first_parted"]["tensor"] == "gradient/fc2.b"
    assert plain_data["distances"][0] == [0, 0.0]
    assert plain_data["distances"][-1][1] == "inf"


def test_a_long_comparison_needs_the_memory_of_one_step(tmp_path):
    mega = 1 << 20
    w = np.ones(mega // 8)
    for name in "ab":
        with Recorder(tmp_path / name) as rec:
            for t in range(30):
                rec.write(t, {"parameter/w": w, "gradient/w": w})
    tracemalloc.start()
    try:
        compare(Recording(tmp_path / "a"), Recording(tmp_path / "b"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 2 * mega + 4 * mega  # a step of each, and one tensor's arithmetic


def test_what_cancellation_leaves_of_gradients_does_not_part(tmp_path):
    """Near a minimum gradients are noise beside those of the steps before."""
    for name, noise in (("a", 1e-8), ("b", -1e-8), ("c", 1e-3)):
        with Recorder(tmp_path / name) as recorder:
            for size in (1.0, 0.0):
                recorder.step(**{"gradient/w": np.full(3, size + noise * (size == 0), np.float32)})
    a, b, c = (Recording(tmp_path / name) for name in "abc")
    assert not compare(a, b).parted
    assert compare(a, c).first_parted.step == 2
