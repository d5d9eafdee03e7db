"""Who stands alone: the decision on made-up results, and whole runs with judges that are wrong."""

from __future__ import annotations

import importlib
import sys

import msgspec
import pytest

from parity import Request, backends, run
from parity.cells import side
from parity.compare import Deviation
from parity.outliers import Key, Pair, outliers, pairs
from parity.result import Apart, CellResult, Status, TrainingResult
from parity.selftest.bug import Bug
from parity.selftest.kill import injected

WITHIN = side(Deviation(ratio=0.5, elements=4))
OUTSIDE = side(Deviation(ratio=30.0, outside=2, elements=4, worst="y[1] = 3, expected 4"))


def cell(backend, other=WITHIN, actual=WITHIN, status=None, **more):
    parts = not (actual and other and actual.within and other.within)
    return CellResult(
        case="add/typical",
        op="add",
        regime="typical",
        dtype="float32",
        **{"subject": "refnet", **more},
        backend=backend,
        status=Status(status or ("fail" if parts else "pass")),
        actual=actual,
        other=other,
    )


def raised(backend):
    return cell(backend, actual=None, other=None, status="fail")


def between(one, other, status):
    return cell(other, subject=one, status=status, other=OUTSIDE)


def training(backend, ratio=1.0, subject=1.0, step=3):
    apart = Apart(step=step, tensor="fc1.w", ratio=ratio) if ratio > 16 else None
    return TrainingResult(
        case="xor/sources",
        op="xor",
        dtype="float32",
        subject="refnet",
        backend=backend,
        status=Status.PASS if max(ratio, subject) <= 16 else Status.FAIL,
        compared=9,
        subject_ratio=subject,
        backend_ratio=ratio,
        subject_apart=Apart(step=step, tensor="loss", ratio=subject) if subject > 16 else None,
        backend_apart=apart,
    )


@pytest.mark.parametrize(
    ("results", "measured", "outlier", "groups"),
    [
        # A judge parts from all others, whichever it is.
        (
            [cell("torch"), cell("tensorflow"), cell("jax", OUTSIDE)],
            [],
            "jax",
            [["refnet", "torch", "tensorflow"], ["jax"]],
        ),
        ([cell("torch", OUTSIDE), cell("jax")], [], "torch", [["refnet", "jax"], ["torch"]]),
        # refnet loses accuracy: every judge agrees with the oracle.
        (
            [cell("torch", actual=OUTSIDE), cell("jax", actual=OUTSIDE)],
            [],
            "refnet",
            [["torch", "jax"], ["refnet"]],
        ),
        # refnet is another function, and the oracle with it: the judges agree on something else.
        (
            [cell("torch", OUTSIDE), cell("jax", OUTSIDE)],
            [between("torch", "jax", "pass")],
            "refnet",
            [["refnet"], ["torch", "jax"]],
        ),
        (
            [cell("torch", OUTSIDE), cell("jax", OUTSIDE)],
            [between("torch", "jax", "fail")],
            "",
            [["refnet"], ["torch"], ["jax"]],
        ),
        # That two agree is to be shown, not assumed.
        ([cell("torch", OUTSIDE), cell("jax", OUTSIDE)], [], "", [["refnet"], ["torch"], ["jax"]]),
        # Two and two.
        (
            [cell("torch"), cell("tensorflow", OUTSIDE), cell("jax", OUTSIDE)],
            [between("tensorflow", "jax", "pass")],
            "",
            [["refnet", "torch"], ["tensorflow", "jax"]],
        ),
        # refnet outside, and a judge: they agree on something else than the other judges do.
        (
            [cell("torch", actual=OUTSIDE), cell("jax", OUTSIDE, OUTSIDE)],
            [between("refnet", "jax", "pass")],
            "torch",
            [["torch"], ["refnet", "jax"]],
        ),
        # One raises where the others compute; refnet where every judge computes.
        ([cell("torch"), raised("jax")], [], "jax", [["refnet", "torch"], ["jax"]]),
        ([raised("torch"), raised("jax")], [], "refnet", [["refnet"], ["torch", "jax"]]),
        (
            [cell("torch", OUTSIDE), raised("jax")],
            [],
            "",
            [["refnet"], ["torch"], ["jax"]],
        ),
        # Somebody's own subject; the oracle is refnet's, which is a side of its own then.
        (
            [
                cell("torch", OUTSIDE, OUTSIDE, subject="own"),
                cell("jax", OUTSIDE, OUTSIDE, subject="own"),
            ],
            [between(a, b, "pass") for a, b in (("own", "torch"), ("own", "jax"))]
            + [between("torch", "jax", "pass")],
            "refnet",
            [["refnet"], ["own", "torch", "jax"]],
        ),
        (
            [cell(b, actual=OUTSIDE, subject="own") for b in ("torch", "jax")],
            [],
            "own",
            [["refnet", "torch", "jax"], ["own"]],
        ),
        # Training runs, by the lockstep limit.
        ([training("torch"), training("jax", 20.0)], [], "jax", [["refnet", "torch"], ["jax"]]),
        (
            [training("torch", subject=99.0), training("jax", subject=99.0)],
            [],
            "refnet",
            [["torch", "jax"], ["refnet"]],
        ),
    ],
)
def test_the_side_that_stands_alone(results, measured, outlier, groups):
    (found,) = outliers(results, measured)
    assert (found.outlier, found.groups) == (outlier, groups)
    assert found.status is Status.FAIL
    assert sorted(name for group in groups for name in group) == sorted(
        {"refnet", results[0].subject, *(r.backend for r in results)}
    )


@pytest.mark.parametrize(
    "results",
    [
        [cell("torch"), cell("jax")],  # all agree
        [cell("torch", OUTSIDE)],  # two sides: judge.py says which
        [cell("torch", OUTSIDE), cell("jax", None, None, status="unsupported")],
        [cell("torch", OUTSIDE), cell("jax", None, None, status="absent")],
        [cell("torch", OUTSIDE), cell("jax", None, None, status="error")],
        [cell("torch"), cell("jax", status="stale")],
        [training("torch"), training("jax", 16.0)],
    ],
)
def test_without_three_sides_or_a_difference_nobody_stands_alone(results):
    assert outliers(results, []) == []


def test_nan_stands_alone():
    nan = msgspec.structs.replace(WITHIN, ratio="nan")
    assert outliers([cell("torch"), cell("jax", nan)], [])[0].outlier == "jax"
    odd = msgspec.structs.replace(training("jax", 99.0), backend_ratio="nan")
    assert outliers([training("torch"), odd], [])[0].outlier == "jax"


def test_what_the_register_holds_is_known_with_its_entry():
    known = cell("jax", OUTSIDE, status="known")
    known = msgspec.structs.replace(known, deviation="jax-adds")
    stale = msgspec.structs.replace(cell("torch", status="stale"), deviation="torch-adds")
    (found,) = outliers([stale, known], [])
    assert (found.outlier, found.status, found.deviations) == ("jax", Status.KNOWN, ["jax-adds"])
    (found,) = outliers([cell("torch", OUTSIDE), known], [])
    assert (found.status, found.deviations) == (Status.FAIL, ["jax-adds"])


def test_only_sides_that_are_outside_are_measured_against_one_another():
    key = Key("add/typical", "float32")
    assert pairs([cell("torch"), cell("jax", OUTSIDE)]) == []
    assert pairs([cell("torch", OUTSIDE), raised("jax")]) == []
    assert pairs([cell("torch", OUTSIDE)]) == []
    three = [cell(name, OUTSIDE) for name in ("torch", "tensorflow", "jax")]
    assert pairs(three) == [
        Pair(key, "torch", "tensorflow"),
        Pair(key, "torch", "jax"),
        Pair(key, "tensorflow", "jax"),
    ]
    assert pairs([training("torch", 20.0), training("jax", 30.0)]) == [
        Pair(Key("xor/sources", "float32"), "torch", "jax", 3)
    ]
    assert pairs([training("torch", 20.0), training("jax", 30.0, step=4)]) == []


JUDGES = ("second", "third", "alike", "fourth", "raising")
MODULE = "tests.parity.own_judges"
SELECTORS = ("square/typical", "sgd/constant", "xor/sources")


def enter_judges(monkeypatch, built_in):
    for name in JUDGES:
        monkeypatch.setitem(built_in, name, f"{MODULE}:{name.title()}")


def report(*judges, selectors=SELECTORS, **more):
    asked = Request(selectors, ["float32"], ["torch", *judges], jobs=1, **more)
    return run(asked).report


@pytest.fixture
def judges(monkeypatch):
    enter_judges(monkeypatch, backends.BUILT_IN)


def test_a_judge_with_one_wrong_operation_is_the_outlier(judges):
    found = report("second", "third")
    assert found.exit_code == 1
    assert {(o.case, o.outlier) for o in found.outliers} == {(s, "third") for s in SELECTORS}
    assert {tuple(o.groups[0]) for o in found.outliers} == {("refnet", "torch", "second")}
    assert all(o.worst.startswith("third: ") for o in found.outliers)
    assert found.outliers[0].between == []


def test_two_wrong_judges_are_no_single_outlier(judges):
    found = report("third", "fourth")
    assert {o.case: o.outlier for o in found.outliers} == dict.fromkeys(SELECTORS, "")
    assert {tuple(map(tuple, o.groups)) for o in found.outliers} == {
        (("refnet", "torch"), ("third",), ("fourth",))
    }
    assert all(not pair.alike for o in found.outliers for pair in o.between)


def test_two_judges_that_are_wrong_alike_are_no_single_outlier_either(judges):
    found = report("third", "alike")
    assert {tuple(map(tuple, o.groups)) for o in found.outliers} == {
        (("refnet", "torch"), ("third", "alike"))
    }
    assert {(o.outlier, len(o.between)) for o in found.outliers} == {("", 1)}
    assert all(o.between[0].alike and o.between[0].ratio == 0 for o in found.outliers)


def test_a_judge_that_raises_is_the_outlier(judges):
    (found,) = report("second", "raising", selectors=["square/typical"]).outliers
    assert found.outlier == "raising"
    assert "OSError" in found.worst


@pytest.mark.parametrize(
    ("bug", "selector"),
    [
        (
            Bug(
                "square",
                "power lost",
                "a cube",
                "refnet/ops/arithmetic.py",
                "return x * x",
                "return x * x * x",
            ),
            "square/typical",
        ),
        (
            Bug(
                "softmax",
                "wrong scaling",
                "as of 2 x",
                "refnet/ops/softmax.py",
                "exp(y, out",
                "exp(y + y, out",
            ),
            "softmax/typical",
        ),
        (
            Bug(
                "adam",
                "epsilon in or out",
                "eps inside the root",
                "refnet/optimizers/adam.py",
                "r + eps_root if eps_root else r, eps, t",
                "r + eps_root, eps, t, inside=True",
            ),
            "adam/eps",
        ),
        (
            Bug(
                "xor",
                "wrong reduction",
                "another loss",
                "refnet/models/xor.py",
                'reduction="half_mean_rows"',
                'reduction="mean"',
            ),
            "xor/sources",
        ),
    ],
    ids=lambda v: getattr(v, "id", v),
)
def test_a_bug_in_refnet_names_refnet(bug, selector, monkeypatch):
    """Though the oracle has it too, and refnet is within its bound."""
    with injected(bug):
        monkeypatch.delitem(sys.modules, MODULE, raising=False)
        enter_judges(monkeypatch, importlib.import_module("parity.backends").BUILT_IN)
        anew = importlib.import_module("parity")
        asked = anew.Request([selector], ["float32"], ["torch", "second"], jobs=1)
        found = anew.run(asked).report
        sys.modules.pop(MODULE, None)
    (outlier,) = found.outliers
    assert outlier.outlier == "refnet"
    assert outlier.groups == [["refnet"], ["torch", "second"]]
    assert [pair.sides for pair in outlier.between if pair.alike] == [("torch", "second")]


def test_one_backend_has_no_outliers(judges):
    found = report(selectors=["square/typical"])
    assert (found.judges, found.outliers) == ([], [])


def test_pairs_are_measured_the_same_in_processes_of_their_own(judges):
    """Adapters named by their modules run there."""
    asked = Request(["square/typical"], ["float32"], [f"{MODULE}:Third", f"{MODULE}:Alike"], jobs=1)
    (theirs,) = run(asked).report.outliers
    (here,) = run(asked._replace(backends=["third", "alike"])).report.outliers
    assert theirs == here
    assert theirs.groups == [["refnet"], ["third", "alike"]]
    assert theirs.outlier == "refnet"  # two against one; that they are right is not said
