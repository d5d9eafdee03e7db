from __future__ import annotations

import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from parity.errors import NotARecordingError, RecordingError, UnrecordableError
from parity.trace import Recorder, Recording, named
from parity.trace.arrays import DTYPES

ROOT = Path(__file__).resolve().parents[3]


def written(path, *steps, **info):
    with Recorder(path, **info) as rec:
        for number, tensors in steps:
            rec.write(number, tensors)
    return Recording(path)


def same(a, b):
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_comes_back(dtype, tmp_path, rng):
    raw = rng.integers(0, 120, (4, 3, 2))
    full = (raw % 2 if dtype == "bool" else raw).astype(DTYPES[dtype])
    if full.dtype.kind == "f" and dtype != "bfloat16":
        full[0, 0] = [np.nan, -np.inf]
        full[0, 1, 0] = -0.0
        full[0, 1, 1] = full.dtype.type(1) / 3
    tensors = {
        "whole": full,
        "number": full[1, 2, 1],
        "no axes": np.asarray(full[1, 2, 1]),
        "empty": full[:0],
        "empty inside": full[:, :, :0],
        "transposed": full.T,
        "strided": full[::2, ::-1],
        "broadcast": np.broadcast_to(full[0], (5, 3, 2)),
        "fortran": np.asfortranarray(full),
    }
    full.flags.writeable = False
    if dtype != "bfloat16":
        tensors["big-endian"] = full.astype(full.dtype.newbyteorder(">"))
    (step,) = written(tmp_path / "r", (3, tensors))
    assert step.step == 3
    assert list(step.tensors) == list(tensors)
    for name, a in tensors.items():
        same(step.tensors[name], np.asarray(a).astype(DTYPES[dtype]))
        assert step.tensors[name].flags.writeable
        if full.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(step.tensors[name]), np.signbit(a))


@given(
    st.dictionaries(
        st.text("abc/. 0é", min_size=1, max_size=9),
        arrays.arrays(
            st.sampled_from([d for n, d in DTYPES.items() if n != "bfloat16"]),
            arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        ),
        max_size=5,
    ),
    st.lists(st.integers(0, 2**63 - 1), unique=True, max_size=4).map(sorted),
)
def test_whatever_is_written_is_read(tmp_path_factory, tensors, steps):
    recording = written(tmp_path_factory.mktemp("r") / "r", *((s, tensors) for s in steps))
    assert recording.steps == steps
    assert not recording.torn
    for step in recording:
        assert list(step.tensors) == list(tensors)
        for name, a in tensors.items():
            same(step.tensors[name], a)


def test_the_same_steps_give_the_same_bytes(tmp_path):
    for name in "ab":
        written(tmp_path / name, (0, {"w": np.arange(3)}), (1, {"w": np.ones(3)}), lr=0.1)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_steps_count_from_one_or_from_the_last(tmp_path):
    with Recorder(tmp_path / "a") as rec:
        rec.step(loss=1.0)
        rec.step(loss=0.5, **{"parameter/fc1.w": np.ones(2)})
        rec.write(7, {})
        rec.step()
    assert Recording(tmp_path / "a").steps == [1, 2, 7, 8]
    with Recorder(tmp_path / "b") as rec:
        rec.write(0, {"parameter/w": 1.0})
        rec.step(loss=1.0)
    assert Recording(tmp_path / "b").steps == [0, 1]


def test_info(tmp_path):
    info = {"lr": np.float32(0.5), "betas": (0.9, 0.99), "n": np.int8(3), "k": {"a": None}}
    with Recorder(tmp_path / "r", **info) as rec:
        rec.write(1, {}, {"epoch": 2})
    recording = Recording(tmp_path / "r")
    assert recording.info == {"lr": 0.5, "betas": [0.9, 0.99], "n": 3, "k": {"a": None}}
    assert recording.at(1).info == {"epoch": 2}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), np.ones(2), {1: 2}, [{"a": {2: 1}}], object(), 1j]
)
def test_info_that_json_does_not_hold(value, tmp_path):
    with pytest.raises(UnrecordableError, match="JSON does not hold"):
        Recorder(tmp_path / "r", x=value)
    assert not (tmp_path / "r").exists()
    with Recorder(tmp_path / "r") as rec:
        before = (tmp_path / "r").read_bytes()
        with pytest.raises(UnrecordableError, match="JSON does not hold"):
            rec.write(1, {}, {"x": value})
        assert (tmp_path / "r").read_bytes() == before


@pytest.mark.parametrize("step", [4, 5, -1, 2**63, 6.0, True, "6", None])
def test_steps_go_forward(step, tmp_path):
    with Recorder(tmp_path / "r") as rec:
        rec.write(5, {"a": 1})
        with pytest.raises(UnrecordableError, match="at least 6"):
            rec.write(step, {"a": 1})
        rec.write(np.int64(6), {"a": 1})
    assert Recording(tmp_path / "r").steps == [5, 6]


def test_what_is_refused_leaves_the_file_as_it_was(tmp_path):
    with Recorder(tmp_path / "r") as rec:
        rec.step(a=1)
        before = (tmp_path / "r").read_bytes()
        for tensors in ({"a": 1, "b\n": 2}, {"a": 1, "b": object()}, {"a": 1, 3: 2}):
            with pytest.raises(UnrecordableError):
                rec.write(2, tensors)
        assert (tmp_path / "r").read_bytes() == before
        assert rec.last == 1


def test_a_file_that_is_there_is_kept(tmp_path):
    written(tmp_path / "r", (1, {"a": 1}))
    with pytest.raises(RecordingError, match="resume=True to go on, overwrite=True to replace"):
        Recorder(tmp_path / "r")
    assert Recording(tmp_path / "r").steps == [1]
    with Recorder(tmp_path / "r", overwrite=True) as rec:
        rec.write(9, {})
    assert Recording(tmp_path / "r").steps == [9]
    with pytest.raises(UnrecordableError, match="one of them"):
        Recorder(tmp_path / "r", overwrite=True, resume=True)


def test_paths_that_cannot_be_written(tmp_path):
    for path in (tmp_path, tmp_path / "nothing" / "r"):
        with pytest.raises(RecordingError, match="cannot be written"):
            Recorder(path, overwrite=True)
    (tmp_path / "text").write_text("no recording")
    with pytest.raises(NotARecordingError):
        Recorder(tmp_path / "text", resume=True)
    assert (tmp_path / "text").read_text() == "no recording"


def test_a_closed_recorder(tmp_path):
    with Recorder(tmp_path / "r") as rec:
        pass
    with pytest.raises(RecordingError, match="which is closed"):
        rec.step(a=1)
    rec.close()


STEPS = [(t, {"parameter/w": np.full((2, 3), t, np.float32), "loss": t / 3}) for t in range(4)]


def test_cut_at_every_byte_it_is_read_and_resumed(tmp_path):
    whole = written(tmp_path / "whole", *STEPS, lr=0.5)
    data = (tmp_path / "whole").read_bytes()
    ends = [whole.scan.starts[0], *whole.scan.ends]  # of what is before step 0, and of each step
    assert ends[-1] == len(data)
    path = tmp_path / "cut"
    for n in range(len(data)):
        path.write_bytes(data[:n])
        found = Recording(path)
        kept = max(sum(end <= n for end in ends) - 1, 0)
        assert found.steps == [t for t, _ in STEPS[:kept]]
        assert found.torn == (n not in ends)
        assert [s.step for s in found] == found.steps
        with Recorder(path, resume=True, lr=0.5) as rec:
            assert rec.last == (kept - 1 if kept else None)
            for step, tensors in STEPS[kept:]:
                rec.write(step, tensors)
        assert path.read_bytes() == data


def test_resuming_from_an_earlier_step_cuts_the_later_ones_off(tmp_path):
    for keep, left in ((2, [0, 1, 2]), (0, [0]), (99, [0, 1, 2, 3]), (-1, [])):
        written(tmp_path / f"{keep}", *STEPS)
        with Recorder(tmp_path / f"{keep}", resume=keep) as rec:
            assert rec.last == (left[-1] if left else None)
            rec.write(50, {"loss": 7})
        recording = Recording(tmp_path / f"{keep}")
        assert recording.steps == [*left, 50]
        assert recording.at(50).loss == 7


def test_resuming_without_a_file_begins_one_and_info_is_added(tmp_path):
    with Recorder(tmp_path / "r", resume=True, lr=0.5, host="a") as rec:
        rec.step(loss=1)
    size = (tmp_path / "r").stat().st_size
    with Recorder(tmp_path / "r", resume=True, lr=0.5):
        pass
    assert (tmp_path / "r").stat().st_size == size
    with Recorder(tmp_path / "r", resume=True, lr=0.5, host="b") as rec:
        rec.step(loss=2)
    recording = Recording(tmp_path / "r")
    assert recording.info == {"lr": 0.5, "host": "b"}
    assert recording.steps == [1, 2]


KILLED = """
import os, signal, sys
import numpy as np
from parity.trace import Recorder

class Half:
    def __init__(self, file):
        self.file = file
    def __getattr__(self, name):
        return getattr(self.file, name)
    def write(self, data):
        self.file.write(bytes(data)[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

with Recorder(sys.argv[1]) as rec:
    for t in range(3):
        rec.write(t, {"parameter/w": np.full(100, t)})
    rec._file = Half(rec._file)
    rec.write(3, {"parameter/w": np.full(100, 3)})
"""


def test_a_process_killed_while_it_writes(tmp_path):
    path = tmp_path / "r"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    recording = Recording(path)
    assert recording.torn
    assert [(s.step, s.parameters["w"][0]) for s in recording] == [(0, 0), (1, 1), (2, 2)]
    with Recorder(path, resume=True) as rec:
        rec.step(**{"parameter/w": np.full(100, 3)})
    assert not Recording(path).torn
    assert len(Recording(path)) == 4


FULL = """
import resource, sys
import numpy as np
from parity.errors import RecordingError
from parity.trace import Recorder

with Recorder(sys.argv[1]) as rec:
    rec.step(a=np.ones(1000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
    try:
        rec.step(a=np.ones(int(sys.argv[3])))
    except RecordingError as error:
        print("disk full" in str(error), rec.last)
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    rec.step(a=np.ones(10))
"""


@pytest.mark.parametrize("elements", [2000, 200_000])  # written in one piece, and in several
def test_a_full_disk_loses_the_step_alone(tmp_path, elements):
    pytest.importorskip("resource")
    args = [str(tmp_path / "r"), "10000", str(elements)]
    done = subprocess.run(
        [sys.executable, "-c", FULL, *args], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True 1\n"
    recording = Recording(tmp_path / "r")
    assert recording.steps == [1, 2]
    assert not recording.torn
    assert recording.at(2).tensors["a"].size == 10


class Interrupted:
    """A file whose writing is interrupted, and perhaps can no longer be cut."""

    def __init__(self, file, cut):
        self.file, self.cut = file, cut

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, data):
        self.file.write(bytes(data)[:20])
        raise KeyboardInterrupt

    def truncate(self):
        if not self.cut:
            raise OSError
        self.file.truncate()


@pytest.mark.parametrize("cut", [True, False])
def test_an_interrupt_while_writing(tmp_path, cut):
    with Recorder(tmp_path / "r") as rec:
        rec.step(a=1)
        file = rec._file
        rec._file = Interrupted(file, cut)
        with pytest.raises(KeyboardInterrupt):
            rec.step(a=2)
        if cut:
            rec._file = file
            rec.step(a=3)
        else:  # nothing may come behind the torn frame
            with pytest.raises(RecordingError, match="closed"):
                rec.step(a=3)
    recording = Recording(tmp_path / "r")
    assert recording.steps == ([1, 2] if cut else [1])
    assert recording.torn == (not cut)


def test_a_long_run_needs_the_memory_of_one_step(tmp_path):
    mega = 1 << 20
    values = np.ones(mega // 8)
    with Recorder(tmp_path / "r") as rec:
        tracemalloc.start()
        try:
            for t in range(200):
                values[0] = t
                rec.write(t, {"parameter/w": values})
            _, peak = tracemalloc.get_traced_memory()
            assert peak < mega  # not even a copy
            tracemalloc.reset_peak()
            seen = sum(s.parameters["w"][0] for s in Recording(tmp_path / "r"))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert seen == 199 * 200 / 2
    assert peak < 2.5 * mega


def test_steps_of_a_harness_of_one_s_own(tmp_path):
    with Recorder(tmp_path / "r") as rec:
        rec.write(1, named(loss=1.0, slots={"v": {"w": 2.0}}, masks={"d": np.array([True])}))
    (step,) = Recording(tmp_path / "r")
    assert step.loss == 1
    assert step.slots == {"v": {"w": 2.0}}
    assert step.masks["d"].dtype == bool
    assert step.gradients == step.batch == step.branches == {}
