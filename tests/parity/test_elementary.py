"""The elementary functions at the numbers of the half types: the exact values, and a sample."""

from __future__ import annotations

import sys

import ml_dtypes
import mpmath
import numpy as np
import pytest
from click.testing import CliRunner

import refnet as rn
from parity.elementary.__main__ import chosen, main
from parity.elementary.functions import FUNCTIONS
from parity.elementary.measure import COUNT, Task, compared, evaluated, measure, numbers, widened
from parity.elementary.report import LIMIT, failures, registered, report
from parity.elementary.rounding import Format, Placed, exactly, place
from parity.errors import SelectionError
from parity.floats import HALVES

EVERY = 61
# Their derivatives come from their results: next to 1, nothing of the derivative is left.
CANCELLING = {"sigmoid", "tanh"}
PERIODIC = {"sin", "cos"}
HALF = mpmath.mpf(0.5)
POINTS = (-12.25, -8.5, -2.75, -0.8125, -(2.0**-20), 2.0**-130, 0.4375, 2.75, 9.5, 88.0)

# The formulas as they are published, which cancel; at 400 digits that does not matter.
PUBLISHED = {
    "abs": lambda x: mpmath.sqrt(x**2),
    "affine slope=-2.0 intercept=0.3125": lambda x: HALF * 5 / 8 - 2 * x,
    "clip low=-0.75 high=0.5": lambda x: min(max(x, mpmath.mpf(-0.75)), HALF),
    "cos": lambda x: (mpmath.expj(x) + mpmath.expj(-x)).real / 2,
    "elu": lambda x: x if x > 0 else mpmath.exp(x) - 1,
    "exp": lambda x: mpmath.e**x,
    "gelu": lambda x: x * (1 + mpmath.erf(x / mpmath.sqrt(2))) / 2,
    "gelu approximate=tanh": lambda x: (
        x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)))
    ),
    "hard_sigmoid": lambda x: min(max(x / 6 + HALF, mpmath.mpf(0)), mpmath.mpf(1)),
    "hard_tanh": lambda x: min(max(x, mpmath.mpf(-1)), mpmath.mpf(1)),
    "hard_tanh low=0.0 high=6.0": lambda x: min(max(x, mpmath.mpf(0)), mpmath.mpf(6)),
    "identity": lambda x: x,
    "leaky_relu": lambda x: max(x, mpmath.mpf(0)) + mpmath.mpf(0.01) * min(x, mpmath.mpf(0)),
    "log": mpmath.log,
    "mish": lambda x: x * mpmath.tanh(mpmath.log(1 + mpmath.exp(x))),
    "relu": lambda x: (x + abs(x)) / 2,
    "selu": lambda x: (
        mpmath.mpf("1.0507009873554804934193349852946")
        * (x if x > 0 else mpmath.mpf("1.6732632423543772848170429916717") * (mpmath.exp(x) - 1))
    ),
    "sigmoid": lambda x: mpmath.exp(x) / (mpmath.exp(x) + 1),
    "silu": lambda x: x * mpmath.exp(x) / (mpmath.exp(x) + 1),
    "sin": lambda x: mpmath.expj(x).imag,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "sqrt": mpmath.sqrt,
    "square": lambda x: x**2,
    "step": lambda x: (1 + mpmath.sign(x)) / 2,
    "tanh": lambda x: (mpmath.exp(2 * x) - 1) / (mpmath.exp(2 * x) + 1),
}


def test_every_function_has_its_published_formula():
    assert set(PUBLISHED) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_definitions_are_the_published_formulas(name):
    f = FUNCTIONS[name]
    points = [x for x in POINTS if x > 0 or f.op not in ("log", "sqrt")]
    with mpmath.workdps(400):
        for x in map(mpmath.mpf, points):
            exact = PUBLISHED[name](x)
            slope = mpmath.diff(PUBLISHED[name], x, h=mpmath.mpf(10) ** -150)
            with mpmath.workprec(100):
                found = [g.formula(mpmath.mp, x) for g in (f.value, f.derivative)]
            assert abs(found[0] - exact) <= abs(exact) / 2**80
            assert abs(found[1] - slope) <= abs(slope) / 2**80 + mpmath.mpf(10) ** -150


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_values_at_infinities_are_limits(name):
    f = FUNCTIONS[name]
    for function in (f.value, f.derivative):
        for end, sign in zip(function.ends, (-1, 1), strict=True):
            near = function.formula(mpmath.mp, mpmath.mpf(sign) * 2**301)
            if f.op in PERIODIC:  # there is no limit
                assert np.isnan(end)
                continue
            near = float(near) if mpmath.isfinite(near) else float("nan")
            if np.isinf(end):
                assert np.sign(near) == np.sign(end)
                assert abs(near) > 200
            else:
                assert near == pytest.approx(end, rel=1e-15, abs=1e-40, nan_ok=True)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_kinks_are_those_of_the_operation(name):
    f = FUNCTIONS[name]
    x = np.array([-3.0, -1.0, -0.75, 0.0, 0.5, 1.0, 3.0, 6.0])
    x = x[x > 0] if f.op in ("log", "sqrt") else x
    (dx,) = rn.ops()[f.op].vjp(np.ones_like(x), x, **f.options)
    wanted = [float(f.derivative.formula(mpmath.mp, mpmath.mpf(v))) for v in x]
    np.testing.assert_allclose(dx, wanted, rtol=1e-10)


def test_the_formats():
    assert Format.of("float16") == (11, -24, 65504.0)
    assert Format.of("bfloat16") == (8, -133, float(ml_dtypes.finfo("bfloat16").max))


def test_places_round_as_the_hardware_does(rng):
    form = Format.of("float16")
    values = np.ldexp(rng.uniform(-2, 2, 3000), rng.integers(-30, 20, 3000))
    ties = widened(numbers("float16", 97))
    ties = ties[np.isfinite(ties)] * (1 + 2.0**-11)
    ends = np.array([65519.99, 65520.0, -65520.0, 2.0**-25, 2.0**-25 * (1 + 2.0**-52), 1e-9])
    for v in (*values, *ties, *ends):
        with np.errstate(over="ignore"):
            assert place(mpmath.mpf(v), form)[0].rounded == np.float16(v)


def test_places_in_bfloat16_round_as_the_hardware_does(rng):
    form = Format.of("bfloat16")
    values = np.ldexp(rng.uniform(-2, 2, 2000), rng.integers(-140, 127, 2000)).astype(np.float32)
    for v in (*values, np.float32(3.3961e38), np.float32(3.3962e38)):
        with np.errstate(over="ignore"):
            wanted = v.astype(ml_dtypes.bfloat16)
        assert place(mpmath.mpf(float(v)), form)[0].rounded == float(wanted)


def test_ties_in_appearance_are_seen_through():
    smallest = 2.0**-133
    found = exactly(FUNCTIONS["silu"].value, [smallest, -smallest], "bfloat16")
    assert found.rounded.tolist() == [smallest, 0]  # x / 2 + x^2 / 4: above the tie, and below
    square = exactly(FUNCTIONS["square"].value, [1 + 2.0**-7, 1 + 2.0**-4], "bfloat16")
    assert square.rest.tolist() == [2.0**-7, 0.5]
    assert square.floor.tolist() == [130, 144]
    assert square.rounded.tolist() == [130 / 128, 144 / 128]


def test_errors_are_in_ulp_of_the_exact_value():
    near = np.array([1.0, 1 + 2.0**-10, 1 - 2.0**-11, 1 + 2.0**-9, np.inf])
    placed = Placed(*(np.full(5, v) for v in place(mpmath.mpf(1), Format.of("float16"))[0]))
    np.testing.assert_array_equal(placed.error(near), [0, 1, 0.5, 2, np.nan])
    third = place(mpmath.mpf(1) / 3 * 2**-14, Format.of("float16"))[0]  # subnormal: ulp 2^-24
    assert third.floor == 341
    assert third.rest == pytest.approx(1 / 3)
    assert third.ulp == 2.0**-24


def test_what_is_wrong_is_noticed():
    x = numbers("float16", EVERY)
    wide = widened(x)
    task = Task("identity", "float16", every=EVERY)
    exact = exactly(FUNCTIONS["identity"].value, wide.tolist(), "float16")
    good = evaluated("refnet", task, x)
    assert compared(wide, exact, good, good)[:3] == (0, wide[0], len(x))
    for at, value, kinds in (
        (5, np.nextafter(x[5], np.float16(np.inf)), 0),
        (5, np.nan, 1),
        (5, np.inf, 1),
        (np.flatnonzero(np.isinf(wide))[0], -wide[np.isinf(wide)][0], 1),
        (np.flatnonzero(np.isinf(wide))[0], 65504, 1),
        (np.flatnonzero(np.isnan(wide))[0], 1, 1),
    ):
        bad = good.copy()
        bad[at] = value
        side = compared(wide, exact, bad, good)
        assert side.differing == kinds
        assert side.right == len(x) - 1
        assert kinds or side.worst == 1
        assert kinds or side.at == wide[at]
        row = measure(task)
        assert not failures([row])
        assert failures([row._replace(sides={**row.sides, "refnet": side})])


def test_zeros_of_another_sign_are_equal_and_named():
    row = measure(Task("relu", "bfloat16", every=EVERY))
    torch = row.sides["torch"]
    assert torch.right == row.inputs
    assert [(d.exact, d.got, d.inputs) for d in torch.zeros] == [("0", "-0", 1)]


@pytest.mark.parametrize("dtype", HALVES)
def test_all_numbers_are_evaluated(dtype):
    everything = numbers(dtype)
    assert len(set(everything.view(np.uint16).tolist())) == len(everything) == COUNT == 65_536
    row = measure(Task("relu", dtype))
    assert row.inputs == COUNT
    assert [s.right for s in row.sides.values()] == [COUNT, COUNT]
    nans = int(np.isnan(widened(everything)).sum())
    assert nans == {"float16": 2046, "bfloat16": 254}[dtype]
    assert measure(Task("relu", dtype, derivative=True)).inputs == COUNT - nans


def test_a_sample_has_the_special_numbers():
    sample = widened(numbers("float16", 10_000))
    assert np.isnan(sample).any()
    assert {-np.inf, np.inf} <= set(sample)
    assert sorted(np.signbit(sample[sample == 0])) == [False, True]


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_refnet_rounds_once(name, dtype):
    row = measure(Task(name, dtype, every=EVERY))
    refnet = row.sides["refnet"]
    assert refnet.worst < LIMIT
    assert refnet.kinds == refnet.zeros == ()
    assert not failures([row])
    derivative = measure(Task(name, dtype, derivative=True, every=EVERY))
    assert derivative.sides["refnet"].kinds == ()
    assert name in CANCELLING or derivative.sides["refnet"].worst < 0.6
    for r in (row, derivative):
        if r.sides["torch"].kinds or r.sides["torch"].zeros:
            assert registered(r.task)


def test_every_elementwise_operation_has_a_row():
    x = np.array([[0.3, 1.2, 2.0], [1.5, 0.4, 0.9]])
    found = set()
    for name, op in rn.ops().items():
        if op.variadic or op.required != 1 or op.required_options:
            continue
        try:
            y = op(x)
            alone = [op(v.reshape(1, 1)) for v in x.ravel()]
        except rn.errors.RefnetError:
            continue  # it asks for more dimensions, or for an option
        same = isinstance(y, np.ndarray) and y.shape == x.shape
        if same and np.array_equal(y.ravel(), np.concatenate(alone).ravel()):
            found.add(name)
    assert len(found) > 15
    assert found <= {f.op for f in FUNCTIONS.values()}


def test_the_command_writes_the_table(tmp_path):
    out = tmp_path / "elementary.md"
    done = CliRunner().invoke(
        main, ["relu", "silu", "--every", "997", "--jobs", "1", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    text = out.read_text("utf-8")
    assert "every 997th number" in text
    assert text.count("\n| silu ") == 6  # value and derivative in two dtypes; the value at -inf
    assert text.count("\n| silu, derivative ") == 4  # at -inf and inf
    assert "torch-silu-infinities" in text
    assert "torch-relu-negative-zero" in text


def test_an_unknown_operation_is_refused():
    with pytest.raises(SelectionError, match=r"'sily'; needs one of abs, affine, .*silu"):
        chosen(["sily"])
    done = CliRunner().invoke(main, ["sily"])
    assert done.exit_code == 2


def test_without_mpmath_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpmath", None)
    with pytest.raises(rn.errors.MissingDependencyError, match="needs it, for the exact values"):
        exactly(FUNCTIONS["exp"].value, [1.0], "float16")


def test_the_report_is_the_same_every_time():
    rows = [measure(t) for t in chosen(["step"], 997)]
    assert report(rows, {"torch": "1"}) == report(
        [measure(t) for t in chosen(["step"], 997)], {"torch": "1"}
    )
