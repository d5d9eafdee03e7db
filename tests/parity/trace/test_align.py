from __future__ import annotations

import numpy as np
import pytest

from parity.errors import SelectionError
from parity.trace import Alignment, Recorder, Recording, compare, paired


def recorded(path, *steps):
    with Recorder(path) as rec:
        for t, tensors in steps:
            rec.write(t, tensors)
    return Recording(path)


@pytest.fixture
def both(tmp_path):
    def make(a, b):
        return recorded(tmp_path / "a", *a), recorded(tmp_path / "b", *b)

    return make


def test_renamings(both):
    names = ["parameter/0.weight", "parameter/0.bias", "slot/exp_avg/0.weight", "batch/x", "it.w"]
    a, _ = both([(0, {n: i for i, n in enumerate(names)})], [])
    rename = {"0.weight": "fc.w", ".bias": ".b", "it.w": "that", "batch/x": "batch/images"}
    found = [Alignment(a, rename).name(n) for n in names]
    assert found == ["parameter/fc.w", "parameter/0.b", "slot/exp_avg/fc.w", "batch/images", "that"]
    assert [Alignment(a).name(n) for n in names] == names


def test_renamings_of_nothing_or_onto_another(both):
    a, b = both([(0, {"parameter/fc1.weight": 1, "parameter/fc2.w": 2})], [(0, {})])
    with pytest.raises(SelectionError, match=r"Did you mean 'fc1\.weight'"):
        Alignment(a, {"fc1.wieght": "fc1.w"})
    with pytest.raises(SelectionError, match=r"parameter/fc2\.w stands for several"):
        compare(a, b, rename={"fc1.weight": "fc2.w"})


def test_common_steps_and_names(both):
    a, b = both(
        [(t, {"parameter/w": t}) for t in (0, 1, 2, 5, 6, 9)],
        [(t, {"parameter/v": t}) for t in (1, 3, 5, 7, 9, 11)],
    )
    steps = list(paired(a, b, Alignment(a, {"w": "v"})))
    assert [(x.step, y.step) for x, y in steps] == [(1, 1), (5, 5), (9, 9)]
    assert [(x.parameters["v"], y.parameters["v"]) for x, y in steps] == [(1, 1), (5, 5), (9, 9)]
    assert list(paired(a, recorded(a.path + "-none"))) == []


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((3, 4), (1, 0)), ((4, 4), (1, 0)), ((5, 3, 2), (2, 1, 0)), ((6, 5, 3, 3), (2, 3, 1, 0))],
)
def test_axes_in_another_order_are_found_and_kept(shape, axes, both, rng):
    w = rng.standard_normal(shape)
    back = np.argsort(axes)
    steps = [
        {"parameter/w": w * (t + 1), "gradient/w": w + t, "slot/v/w": w * 0.0, "slot/step/w": t}
        for t in range(3)
    ]
    a, b = both(
        list(enumerate(steps)),
        [(t, {n: np.transpose(x, back) if np.ndim(x) else x for n, x in s.items()})
         for t, s in enumerate(steps)],
    )  # fmt: skip
    for x, y in paired(b, a):
        for name in x.tensors:
            np.testing.assert_array_equal(x.tensors[name], y.tensors[name])
    found = compare(b, a)
    assert found.first_any is None
    assert found.transposed == {n: list(back) for n in ("parameter/w", "gradient/w", "slot/v/w")}
    assert compare(a, a).transposed == {}


def test_a_gradient_follows_its_parameter_even_where_it_is_transposed_by_mistake(both, rng):
    w, g = rng.standard_normal((2, 4, 4))
    a, b = both(
        [(0, {"parameter/w": w}), (1, {"gradient/w": g})],
        [(0, {"parameter/w": w}), (1, {"gradient/w": g.T})],
    )
    found = compare(a, b)
    assert found.transposed == {}
    assert found.first_parted.tensor == "gradient/w"


def test_zeros_are_asked_again(both, rng):
    w = rng.standard_normal((3, 3))
    a, b = both(
        [(0, {"parameter/w": 0 * w}), (1, {"parameter/w": w})],
        [(0, {"parameter/w": 0 * w}), (1, {"parameter/w": w.T})],
    )
    found = compare(a, b)
    assert found.first_any is None
    assert found.transposed == {"parameter/w": [1, 0]}


def test_rounded_weights_are_still_recognised(both, rng):
    w = rng.standard_normal((4, 4))
    a, b = both([(0, {"parameter/w": w})], [(0, {"parameter/w": w.T.round(3)})])
    found = compare(a, b)
    assert found.transposed == {"parameter/w": [1, 0]}
    assert found.first_parted.tensor == "parameter/w"
    assert found.first_parted.distance < 1e-3


def test_other_values_are_no_other_order(both, rng):
    a, b = both(
        [(0, {"parameter/w": rng.standard_normal((4, 4)), "parameter/v": np.ones((2, 3))})],
        [(0, {"parameter/w": rng.standard_normal((4, 4)), "parameter/v": np.ones((2, 4))})],
    )
    found = compare(a, b)
    assert found.transposed == {}
    assert found.kinds["parameter"].distance > 0.5
