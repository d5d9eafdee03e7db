"""A check that cannot fail is found, of each kind; and there is none among the cases.

Here every twelfth case; ``parity selftest`` looks at all of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from parity.case import ArraySpec, Case, InitializerCase, OptimizerCase, TrainingCase
from parity.errors import CaseError
from parity.registry import all_cases, excuse, select
from parity.selftest import vacuity
from parity.selftest.vacuity import Kind, Linted, Part, findings_of, lint, linted, needless


def found(case, dtype="float64", seed=0):
    return {(f.kind, f.part) for f in findings_of(case, dtype, seed)}


def bare(case_id):
    (case,) = select([case_id])
    return replace(case, vacuous={})


def test_no_case_is_vacuous_unless_it_says_why():
    result = linted(4, 12)
    assert not result.findings
    assert result.excused
    assert result.cells > 700


def test_constant_cotangents_are_found(monkeypatch):
    case = Case("softmax", "as of a sum", "typical", (ArraySpec((6, 5)),))
    assert not found(case)

    def ones(case, shape, dtype, seed):
        return [np.ones(shape, dtype)] * 3

    monkeypatch.setattr(vacuity, "cotangents", ones)
    # The gradient of softmax's sum is 0 whatever the code does: both are found.
    assert found(case) == {(Kind.COTANGENT, "dy"), (Kind.GRADIENT, "dx")}


def test_cotangents_that_are_the_same_each_time_are_found():
    dy = np.array([1.0, -2.0])
    assert not [*vacuity.constant([dy, dy + 1])]
    assert [kind for kind, *_ in vacuity.constant([dy, dy])] == [Kind.COTANGENT]
    pairs = [(dy, np.array(0.5)), (dy + 1, np.array(0.5))]
    assert [part for _, part, _ in vacuity.constant(pairs)] == ["dy[1]"]


@pytest.mark.parametrize(
    ("shapes", "part"),
    [(((5, 5), (5, 3)), "x"), (((4, 5), (5, 4)), "y"), (((3, 5), (5, 5)), "w")],
)
def test_coinciding_dimensions_are_found(shapes, part):
    case = Case("dense", "square", "typical", (*map(ArraySpec, shapes), None))
    assert (Kind.DIMENSIONS, part) in found(case)
    assert not found(
        Case("dense", "plain", "typical", (ArraySpec((4, 5)), ArraySpec((5, 3)), None))
    )


def test_an_axis_of_one_place_coincides_with_none():
    assert not found(Case("relu", "ones", "typical", (ArraySpec((1, 1, 4)),)))


@pytest.mark.parametrize(
    ("case_id", "kind", "part"),
    [
        ("tanh/huge", Kind.GRADIENT, "dx"),
        ("step/typical", Kind.GRADIENT, "dx"),
        ("square/tiny", Kind.BOUND, "y"),
        ("rnn_cell/typical", Kind.DIMENSIONS, "w_h"),
        ("sgd/lr-0", Kind.BOUND, "step of w"),
        ("adam/nothing", Kind.GRADIENT, "w"),
    ],
)
def test_what_cases_say_of_themselves_is_so(case_id, kind, part):
    (case,) = select([case_id])
    assert part in case.vacuous
    assert (kind, part) in found(bare(case_id))
    assert not lint([case]).findings
    assert lint([bare(case_id)]).findings


def test_a_gradient_below_its_limit_is_all_but_zero():
    noise = Part("dx", np.array([1e-17, -1e-17]), np.array([1e-16, 1e-16]))
    heard = Part("dx", np.array([1e-17, -1e-15]), np.array([1e-16, 1e-16]))
    assert [kind for kind, *_ in vacuity.silent([noise, noise])] == [Kind.GRADIENT]
    assert not [*vacuity.silent([noise, heard])]
    assert not [*vacuity.silent([noise._replace(value=np.array([np.nan, 0]))])]


def test_initializers_optimizers_and_trainings_are_looked_at():
    few = InitializerCase("he_normal", "few", (2, 3))
    assert found(few) == {(Kind.BOUND, "sample")}
    assert found(replace(few, shape=(3, 3), draws=3)) >= {(Kind.DIMENSIONS, "shape")}
    still = OptimizerCase("momentum", "still", {"lr": 0.0}, {"w": (4, 4)})
    assert found(still) == {
        (Kind.DIMENSIONS, "w"),
        (Kind.BOUND, "step of w"),
    }
    (xor,) = select(["xor/sources"])
    assert isinstance(xor, TrainingCase)
    assert found(xor) == {(Kind.DIMENSIONS, "fc1.w")}
    stopped = replace(xor, optimizer_options={"lr": 0.0})
    assert {part for kind, part in found(stopped) if kind is Kind.BOUND} == {
        "step of fc1.w",
        "step of fc1.b",
        "step of fc2.w",
        "step of fc2.b",
    }


def test_an_excuse_that_no_case_needs_is_found():
    case = replace(bare("relu/typical"), vacuous={"dx": "for no reason"})
    result = Linted.joined([lint([case])], [case])
    assert [(f.kind, f.part) for f in result.findings] == [(Kind.NEEDLESS, "dx")]
    # One of those that share it needs it.
    other = replace(bare("tanh/huge"), op="relu", vacuous={"dx": "for no reason"})
    f = vacuity.Finding(other.id, "float64", Kind.GRADIENT, "dx", "")
    assert needless([case, other], [(f, "for no reason")]) == []


def test_an_excuse_for_no_case_is_refused():
    with pytest.raises(CaseError, match="no case"):
        excuse("relu", "no-such-case", "dx", "for no reason")


def test_without_elements_shapes_are_compared():
    assert not found(bare("dense/no-samples"))


def test_every_operation_has_a_case_without_an_excuse():
    whole = {c.op for c in all_cases() if not c.vacuous}
    excused = {"step", "conv2d", "conv2d_transpose", "conv1d", "avg_pool2d", "max_pool2d"}
    assert {c.op for c in all_cases()} - whole <= excused | {"rnn", "rnn_cell", "small_alexnet"}
