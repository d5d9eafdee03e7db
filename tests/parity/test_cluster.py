"""Cells on a Dask cluster: the same report, also where a worker is lost."""

from __future__ import annotations

import os
import signal

import pytest

from parity.errors import SelectionError
from parity.registry import select
from parity.report.as_json import as_json
from parity.run import Request, run
from parity.runner import CHUNK, Task, chunks, effort

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")

REQUEST = Request(("relu", "softmax", "sgd"), ("float32",), jobs=1)


@pytest.mark.filterwarnings("ignore")  # of the cluster's own, where a worker dies
def test_the_same_bytes_also_where_a_worker_is_killed():
    plain = run(REQUEST)
    killed = []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        pids = [worker.process.pid for worker in cluster.workers.values()]

        def kill_one(done):
            if not killed:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        again = run(REQUEST._replace(scheduler=cluster.scheduler_address), progress=kill_one)
    assert killed
    assert as_json(again.report) == as_json(plain.report)


def test_chunks_have_every_task_once():
    tasks = {
        i: Task(case, case.dtypes[-1], "refnet", "torch", 0, ())
        for i, case in enumerate(select(["relu", "conv2d", "xor"]))
    }
    found = chunks(tasks)
    assert sorted(i for chunk in found for i, _ in chunk) == list(tasks)
    for chunk in found:
        assert len(chunk) == 1 or sum(effort(task) for _, task in chunk) <= CHUNK
    assert found[0][0][1].case.op == "xor"


def test_nobody_at_the_address():
    with pytest.raises(SelectionError, match="nonsense"):
        run(REQUEST._replace(scheduler="nonsense://there"))
