from __future__ import annotations

import os
from dataclasses import replace

import pytest

from parity import Adapter, Functions
from parity.registry import select
from parity.result import Status
from parity.runner import Task, effort, run_all
from parity.trajectory import run as training

HERE = "tests.parity.test_runner"


class Dying(Adapter):
    """A subject whose softmax takes its process down."""

    name = "dying"

    def operations(self):
        return {"softmax": Functions(lambda x, axis=-1: os._exit(7)), "identity": Functions(copied)}


def copied(x):
    return x.copy()


def tasks(selectors, subject="refnet", dtypes=("float32",), backend="torch"):
    return [
        Task(case, dtype, subject, backend, 0, ())
        for case in select(selectors)
        for dtype in case.dtypes
        if dtype in dtypes
    ]


def test_results_are_in_the_order_of_the_tasks_whatever_the_jobs_are():
    (xor,) = select(["xor/sources"])
    short = replace(xor, steps=3, free_steps=6)
    todo = [Task(short, "float32", "refnet", "torch", 0, ()), *tasks(["tanh", "sgd"])]
    counted = {1: 0, 3: 0}

    def count(jobs):
        def progress(n):
            counted[jobs] += n

        return progress

    one, three = (run_all(todo, jobs, count(jobs)) for jobs in (1, 3))
    assert [t.result for t in one] == [t.result for t in three]
    assert [t.result.case for t in one] == [t.case.id for t in todo]
    assert counted[1] == counted[3] == sum(map(effort, todo)) == 9 + len(todo) - 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_dies_takes_one_cell_with_it(jobs):
    todo = tasks(["softmax/typical", "identity", "softmax/huge"], f"{HERE}:Dying")
    results = [t.result for t in run_all(todo, jobs)]
    for r in results:
        assert r.status is (Status.ERROR if r.op == "softmax" else Status.PASS), r.case
    died = [r for r in results if r.op == "softmax"]
    assert {(r.reason, r.subject) for r in died} == {("the worker process died", "dying")}


def test_workers_that_all_die_are_given_up():
    todo = tasks(["softmax"], f"{HERE}:Dying")
    assert len(todo) > 10
    results = [t.result for t in run_all(todo, 2)]
    assert {r.status for r in results} == {Status.ERROR}


def test_a_backend_that_is_not_installed_is_absent(monkeypatch):
    from parity import backends

    monkeypatch.setitem(backends.BUILT_IN, "gone", "no_such_module_here:Adapter")
    (timed,) = run_all(tasks(["relu/typical"], backend="gone"), 1)
    assert timed.result.status is Status.ABSENT
    assert "no_such_module_here" in timed.result.reason


def test_one_thread_in_this_process():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    seen = []

    def look(*args):
        seen.extend(pool["num_threads"] for pool in threadpoolctl.threadpool_info())
        return original(*args)

    original = training.run_training
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("parity.runner.run_training", look)
        (xor,) = select(["xor/sources"])
        run_all([Task(replace(xor, steps=1, free_steps=1), "float32", "refnet", "torch", 0, ())], 1)
    assert seen
    assert set(seen) == {1}
