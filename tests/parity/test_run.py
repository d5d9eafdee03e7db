from __future__ import annotations

import sys

import numpy as np
import pytest

from parity import Request, SelectionError, run
from parity.result import Status
from parity.run import plan
from refnet.errors import DataFileError


def test_a_small_run():
    heard = []
    finished = run(
        Request(selectors=["tanh"], dtypes=["float32", "float64"], jobs=1),
        started=lambda n: heard.append(n),
        progress=lambda n: heard.append(-n),
    )
    report = finished.report
    assert report.exit_code == 0
    assert report.coverage.compared == report.coverage.declared == len(report.cells)
    assert report.coverage.unsupported == 0
    assert {c.dtype for c in report.cells} == {"float32", "float64"}
    assert sum(heard) == 0
    assert finished.jobs == 1
    assert len(finished.timed) == len(report.cells)
    h = report.header
    assert (h.seed, h.threads, h.subject, h.backends) == (0, 1, "refnet", ["torch"])
    assert {"python", "numpy", "refnet", "torch"} <= h.versions.keys()


def test_the_seed_changes_the_inputs():
    one, two, again = (
        run(Request(selectors=["softmax/typical"], seed=s, jobs=1)).report for s in (0, 1, 0)
    )
    assert one == again
    assert one.cells != two.cells


def test_refnet_beside_itself_proves_nothing():
    report = run(Request(selectors=["dense", "sgd", "xor"], backends=["refnet"], jobs=1)).report
    assert report.exit_code == 5
    assert {r.status for r in (*report.cells, *report.trainings)} == {Status.ABSENT}


def test_two_backends_are_two_cells_of_each_case():
    report = run(Request(selectors=["relu/typical"], backends=["torch", "refnet"], jobs=1)).report
    assert [c.backend for c in report.cells[:2]] == ["torch", "refnet"]
    assert report.coverage.declared == 8
    assert report.exit_code == 3  # nothing was compared with refnet itself


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"selectors": ["rleu"]}, SelectionError, "Did you mean 'relu'"),
        ({"dtypes": ["float31"]}, SelectionError, "'float31'"),
        ({"dtypes": ["bfloat8"]}, SelectionError, "bfloat8"),
        ({"backends": ["torhc"]}, SelectionError, "torhc"),
        ({"subject": "nowhere:Adapter"}, SelectionError, "nowhere"),
        ({"selectors": ["xor"], "dtypes": ["float16"]}, SelectionError, "without a case"),
        ({"mnist": "/no/such/folder"}, DataFileError, "no/such/folder"),
    ],
)
def test_mistakes_are_refused_before_anything_runs(change, error, match):
    request = Request(**{"selectors": ["relu"], **change})
    with pytest.raises(error, match=match):
        run(request, started=lambda n: pytest.fail("it ran"))


def test_an_entry_of_the_register_for_other_versions_does_not_hold(monkeypatch):
    from parity import deviations

    load = deviations.load

    def older(*args, **kwargs):
        import msgspec

        return [msgspec.structs.replace(e, versions="<2.4") for e in load(*args, **kwargs)]

    assert run(Request(selectors=["relu/kinks"], jobs=1)).report.exit_code == 0
    monkeypatch.setattr(deviations, "load", older)
    report = run(Request(selectors=["relu/kinks"], jobs=1)).report
    assert report.exit_code == 1
    assert {c.status for c in report.cells} == {Status.FAIL}


@pytest.fixture
def small_mnist(tmp_path, rng):
    """An .npz of MNIST's layout with images that can be told apart."""
    labels = rng.integers(0, 10, 400).astype(np.uint8)
    images = rng.integers(0, 60, (400, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label : 2 * label + 2] += 190
    path = tmp_path / "mnist.npz"
    np.savez(
        path, x_train=images[:300], y_train=labels[:300], x_test=images[300:], y_test=labels[300:]
    )
    return path


def test_mnist_is_one_training_run(small_mnist, monkeypatch):
    monkeypatch.setattr(sys.modules["parity.run"], "MNIST_UPDATES", 100)
    request = Request(dtypes=["float32"], mnist=str(small_mnist), jobs=1)
    report = run(request).report
    assert report.exit_code == 0
    (training,) = report.trainings
    assert training.case == "dfn/mnist"
    assert training.status is Status.PASS
    assert report.cells == []
    assert report.header.mnist == str(small_mnist)
    assert report.header.dtypes == ["float32"]
    assert training.free_steps == 100
    assert training.losses[-1][1] < training.losses[0][1]
    assert len(training.accuracies) == 2
    with_more = plan(request._replace(selectors=["relu/typical"])).tasks
    assert [t.case.id for t in with_more] == ["dfn/mnist", "relu/typical"]
