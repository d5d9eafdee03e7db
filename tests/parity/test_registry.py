"""The registry, and a lint of every registered case: none of them may be unable to fail."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.backends import adapter
from parity.backends.base import results
from parity.case import (
    DTYPES,
    KINDS,
    REGIMES,
    ArraySpec,
    Case,
    InitializerCase,
    OptimizerCase,
    TrainingCase,
)
from parity.errors import CaseError, SelectionError
from parity.inputs import arrays, cotangents, resolved
from parity.registry import all_cases, register, select

CASES = all_cases()
OPERATIONS = [c for c in CASES if isinstance(c, Case)]
# The regimes in which every function but a step has a slope somewhere.
SLOPED = ("typical", "tiny", "cancelling", "kinks", "layouts")
# Inputs that are square by nature: the weights from a state to the next.
SQUARE = {("rnn", 3), ("rnn_cell", 3)}


def test_all_cases_are_in_order_and_unique():
    ids = [c.id for c in CASES]
    assert ids == sorted(set(ids))
    assert all_cases() == CASES


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        (["dense"], {"dense"}),
        (["*cross_entropy"], {"binary_cross_entropy", "cross_entropy", "softmax_cross_entropy"}),
        (["tanh", "relu/kinks"], {"relu", "tanh"}),
        (["sgd", "xor"], {"sgd", "xor"}),
    ],
)
def test_select(selectors, expected):
    found = select(selectors)
    assert {c.op for c in found} == expected
    assert [c.id for c in found] == sorted(c.id for c in found)


def test_select_by_case_and_by_pattern():
    assert [c.id for c in select(["relu/kinks"])] == ["relu/kinks"]
    assert {c.id for c in select(["softmax/m*"])} >= {"softmax/many-classes", "softmax/masked"}
    assert select([]) == CASES
    assert len(select(["relu", "relu/kinks"])) == len(select(["relu"]))


def test_select_by_kind():
    assert select(["operations"]) == OPERATIONS
    assert sorted(c.id for kind in KINDS for c in select([kind])) == [c.id for c in CASES]
    assert not KINDS.keys() & {c.op for c in CASES}
    assert {c.op for c in select(["initializers", "xor/sources"])} >= {"he_normal", "xor"}


def test_a_selector_that_names_nothing_is_refused():
    with pytest.raises(SelectionError, match=r"'dens', which names nothing.*dense"):
        select(["relu", "dens"])
    with pytest.raises(SelectionError):
        select([""])


@pytest.mark.parametrize(
    ("case", "match"),
    [
        (OPERATIONS[0], "second case"),
        (Case("add", "new", "typcal", ()), "typcal"),
        (Case("add", "new", "typical", (), dtypes=("float8",)), "float8"),
    ],
)
def test_register_refuses(case, match):
    with pytest.raises(CaseError, match=match):
        register(case)
    assert all_cases() == CASES


def test_everything_of_refnet_has_cases():
    by_kind = {
        kind: {c.op for c in CASES if isinstance(c, kind)}
        for kind in (Case, InitializerCase, OptimizerCase, TrainingCase)
    }
    assert by_kind[Case] == set(rn.ops())
    initializers = set(rn.initializers.__all__) - {"Initializer", "from_spec"}
    assert by_kind[InitializerCase] == initializers
    assert by_kind[OptimizerCase] == set(adapter("refnet").optimizers())
    assert by_kind[TrainingCase] == set(adapter("refnet").trainers())


def test_every_differentiable_operation_is_declared_in_every_regime_that_concerns_it():
    regimes = {op: {c.regime for c in OPERATIONS if c.op == op} for op in rn.ops()}
    for op, found in regimes.items():
        # Integers are neither tiny nor NaN.
        values = set() if op == "one_hot" else {"tiny", "special"}
        assert {"typical", "edge shapes", "layouts"} | values <= found, op
        assert found <= REGIMES.keys()


def test_every_operation_is_declared_in_every_dtype():
    for op in rn.ops():
        assert {d for c in OPERATIONS if c.op == op for d in c.dtypes} == set(DTYPES), op


def test_cases_hold_no_arrays():
    for case in OPERATIONS:
        assert all(s is None or isinstance(s, ArraySpec) for s in case.inputs), case.id
        assert not any(isinstance(v, np.ndarray) for v in case.options.values()), case.id


@pytest.mark.parametrize("op", rn.ops())
def test_dimensions_of_a_typical_case_are_distinct(op):
    """An axis that is taken for another one of the same length would not be noticed."""
    for case in OPERATIONS:
        if case.op != op or case.regime != "typical":
            continue
        for seed in range(20 if case.dims else 1):
            for k, spec in enumerate(resolved(case, seed).inputs):
                if (op, k) in SQUARE:
                    continue
                sizes = [n for n in spec.shape if n != 1] if spec is not None else []
                assert len(set(sizes)) == len(sizes), case.id


@pytest.mark.parametrize("op", rn.ops())
def test_no_case_is_vacuous(op):
    """Cotangents vary, and what is compared does not vanish: a zero agrees with every bug."""
    for case in OPERATIONS:
        drawn = resolved(case, 0)
        if case.op != op or any(s is not None and 0 in s.shape for s in drawn.inputs):
            continue
        dtype = "float64" if "float64" in case.dtypes else case.dtypes[-1]
        inputs, options = arrays(case, dtype, 0)
        with np.errstate(all="ignore"):
            y = rn.ops()[op](*inputs, **options)
            shape = [v.shape for v in y] if isinstance(y, tuple) else y.shape
            dys = cotangents(case, shape, dtype, 0) if case.vjp else []
            grads = [g for dy in dys for g in rn.ops()[op].vjp(dy, *inputs, **options)]
        assert all(np.unique(d).size == d.size for dy in dys for d in results(dy)), case.id
        assert len(dys) == (3 if case.vjp else 0)
        largest = max((_largest(g) for g in grads if g is not None), default=0.0)
        ys = results(y)
        alone = all(v.size == 1 for v in ys) or case.name == "one-class"
        assert alone or max(map(_largest, ys)) > 0 or largest > 0, case.id
        # A step's derivative is zero; that of a saturated function may be.
        if op != "step" and case.vjp and case.regime in SLOPED:
            assert largest > (1e-6 if case.regime == "typical" else 0), case.id


def test_every_ignored_label_occurs():
    for case in OPERATIONS:
        ignored = case.options.get("ignore_index")
        if ignored is not None:
            inputs, _ = arrays(case, "float32", 0)
            assert 0 < (inputs[1] == ignored).sum() < inputs[1].size, case.id


def _largest(a):
    return np.abs(np.nan_to_num(a, nan=1, posinf=1, neginf=1)).max(initial=0)
