"""A run that is cut off goes on from its checkpoint, and ends as if it had never been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from parity import Adapter, Request, run
from parity.backends import adapter
from parity.errors import CheckpointError
from parity.registry import select
from parity.report.as_json import as_json
from parity.result import Status
from parity.trajectory import run_training
from parity.trajectory.checkpoint import Checkpoint, Checkpoints, Reached
from parity.trajectory.free_running import Running
from parity.trajectory.lockstep import Ratio, State

REFNET = adapter("refnet")
CASE = replace(select(["xor/momentum"])[0], steps=6, free_steps=9)
ROOT = Path(__file__).parents[3]


class Other(Adapter):
    """refnet under another name; ``change`` sees every step before it is returned."""

    name = "other"

    def __init__(self, change=lambda step: step):
        self.change = change

    def trainers(self):
        def make(*args):
            made = REFNET.trainers()["xor"](*args)
            inner = made.step
            made.step = lambda *step: self.change(inner(*step))
            return made

        return {"xor": make}


def checkpoint(folder, case=CASE, dtype="float64", seed=0, every=2, backend="other", **what):
    made_by = Checkpoints(str(folder), every, {"version of numpy": "1", **what})
    return Checkpoint(made_by, case, dtype, "refnet", backend, seed)


def trained(kept=None, case=CASE, backend=None, subject=REFNET, tick=lambda: None):
    return run_training(case, "float64", subject, backend or Other(), 0, tick, kept)


class Cut(BaseException):
    pass


def cut_after(ticks):
    left = [ticks]

    def tick():
        left[0] -= 1
        if left[0] < 0:
            raise Cut

    return tick


DRIFTING = Other(lambda s: s._replace(params={n: p * (1 + 1e-12) for n, p in s.params.items()}))
DRIFTING.name = "refnet"


@cache
def uninterrupted(subject):
    return trained(subject=subject)


@pytest.mark.parametrize("ticks", [0, 3, 6, 7, 14])
@pytest.mark.parametrize("who", [REFNET, DRIFTING], ids=["refnet", "another"])
def test_a_run_that_is_cut_off_anywhere_ends_as_if_it_had_not_been(tmp_path, ticks, who):
    expected = uninterrupted(who)
    with pytest.raises(Cut):
        trained(checkpoint(tmp_path), subject=who, tick=cut_after(ticks))
    heard = []
    found = trained(checkpoint(tmp_path), subject=who, tick=lambda: heard.append(1))
    assert found == expected
    assert len(heard) == CASE.steps + CASE.free_steps
    assert [p.name for p in tmp_path.iterdir()] == ["xor.momentum.float64.refnet.other.json"]


def test_a_run_goes_on_and_is_not_begun_anew(tmp_path):
    with pytest.raises(Cut):
        trained(checkpoint(tmp_path), tick=cut_after(12))
    found = checkpoint(tmp_path).load()
    assert found.state.done == 6
    assert len(found.running.losses) == 6
    assert {r.step for r in found.ratios} == set(range(7))
    taken = []
    trained(checkpoint(tmp_path), backend=Other(lambda step: taken.append(1) or step))
    assert len(taken) == 1 + 3  # the first step is tried again


def test_what_is_finished_is_not_run_again(tmp_path):
    expected = trained(checkpoint(tmp_path))

    def never(step):
        raise AssertionError("it was run")

    assert trained(checkpoint(tmp_path), backend=Other(never)) == expected


def test_what_could_not_be_compared_is_not_kept_as_finished(tmp_path):
    def failing(step):
        raise OSError("no room")

    other = Other(failing)
    result = run_training(CASE, "float64", other, Other(failing), 0, kept=checkpoint(tmp_path))
    assert result.status is Status.ERROR
    assert trained(checkpoint(tmp_path)).status is Status.PASS


def reached():
    state = State(
        {"w": np.array([1.5, -0.0, np.nan], np.float32), "a.b|c": np.zeros((0, 2))},
        {"exp_avg": {"w": np.arange(3.0)[::-1]}, "empty": {}},
        4,
    )
    twin = state._replace(params={"w": np.array(2.0)})
    running = Running(
        {"plain": state, "backend": twin}, [twin], [(0.1, np.inf)], [], 3, "it parted"
    )
    return Reached(state, [Ratio("loss", 1, 0.1, np.inf), Ratio("w", 2, 5e-324, 1 / 3)], running)


def same(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, Running):
        return all(same(getattr(a, k), getattr(b, k)) for k in Running.__slots__)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("whole", [True, False])
def test_everything_comes_back_to_the_bit(tmp_path, whole):
    given = reached() if whole else reached()._replace(running=None)
    kept = checkpoint(tmp_path)
    for _ in range(3):
        kept.save(given)
        assert same(checkpoint(tmp_path).load(), given)
    assert checkpoint(tmp_path / "elsewhere").load() is None


def test_the_last_checkpoint_stays_until_the_next_is_whole(tmp_path, monkeypatch):
    first = reached()
    kept = checkpoint(tmp_path)
    kept.save(first)

    def cut(self, other):
        raise Cut

    monkeypatch.setattr(Path, "replace", cut)
    for _ in range(2):
        with pytest.raises(Cut):
            kept.save(first._replace(ratios=[]))
        assert same(checkpoint(tmp_path).load(), first)


def flipped(data):
    return data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]


@pytest.mark.parametrize("suffix", [".json", ".npz"])
@pytest.mark.parametrize(
    "damage", [lambda data: data[:-40], lambda data: b"", flipped, lambda data: data + b" x"]
)
def test_a_damaged_file_is_named_and_nothing_is_made_of_it(tmp_path, suffix, damage):
    checkpoint(tmp_path).save(reached())
    (file,) = [p for p in tmp_path.iterdir() if p.suffix == suffix]
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(CheckpointError, match="whole checkpoint") as error:
        checkpoint(tmp_path).load()
    assert str(file) in str(error.value)
    result = trained(checkpoint(tmp_path))
    assert result.status is Status.ERROR
    assert str(file) in result.reason


def test_arrays_that_are_gone_are_named(tmp_path):
    checkpoint(tmp_path).save(reached())
    (file,) = tmp_path.glob("*.npz")
    file.unlink()
    with pytest.raises(CheckpointError, match=r"other\.a\.npz, which cannot be read"):
        checkpoint(tmp_path).load()


@pytest.mark.parametrize("apart", [False, True])
def test_a_checkpoint_that_cannot_be_written_is_an_error(tmp_path, apart):
    (tmp_path / "file").touch()
    kept = checkpoint(tmp_path / "file" / "folder")
    other = Other(lambda step: step._replace(loss=step.loss * 2)) if apart else Other()
    result = trained(kept, backend=other)
    assert result.status is Status.ERROR
    assert "cannot be written" in result.reason


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"seed": 7}, r"configuration: seed was 0 and is 7;"),
        (
            {"case": replace(CASE, optimizer_options={"lr": 0.2, "momentum": 0.7})},
            r"case.optimizer_options.momentum was 0.8 and is 0.7;",
        ),
        ({"case": replace(CASE, free_steps=10)}, "case.free_steps was 9 and is 10;"),
        ({"version of numpy": "2"}, "version of numpy was 1 and is 2;"),
        ({"code of mine": "ab"}, "code of mine was not there and is ab;"),
    ],
)
def test_a_checkpoint_of_another_configuration_is_refused(tmp_path, change, match):
    for write in (lambda c: c.save(reached()), lambda c: c.finish(trained())):
        write(checkpoint(tmp_path))
        with pytest.raises(CheckpointError, match=match):
            checkpoint(tmp_path, **change).load()
        assert checkpoint(tmp_path).load() is not None


def test_other_contents_of_the_data_are_another_configuration(tmp_path, monkeypatch):
    data = [np.arange(4.0) + i for i in range(4)]
    monkeypatch.setattr("parity.trajectory.checkpoint.load", lambda name: data)
    case = replace(CASE, data="mnist:somewhere")
    checkpoint(tmp_path, case).save(reached())
    assert checkpoint(tmp_path, case).load()
    data[2][1] = 7
    with pytest.raises(CheckpointError, match="contents of the data was"):
        checkpoint(tmp_path, case).load()


MODULE = """
import os, signal
from pathlib import Path
from parity import Adapter
from parity.backends import adapter

class Killing(Adapter):
    name = "killing"
    taken = 0

    def trainers(self):
        def make(*args):
            made = adapter("refnet").trainers()["xor"](*args)
            inner = made.step
            def step(*args):
                Killing.taken += 1
                if Killing.taken == 157 and not Path("killed").exists():
                    Path("killed").touch()
                    os.kill(os.getppid(), signal.SIGKILL)
                    os.kill(os.getpid(), signal.SIGKILL)
                return inner(*args)
            made.step = step
            return made
        return {"xor": make}
"""


def test_a_process_that_is_killed_loses_nothing(tmp_path, monkeypatch):
    (tmp_path / "killing_backend.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    options = {"backends": ["killing_backend:Killing"], "dtypes": ["float32"], "jobs": 1}
    request = Request(selectors=["xor/momentum"], **options)
    command = [sys.executable, "-m", "parity", "run", "xor/momentum", "--dtype", "float32"]
    command += ["--backend", "killing_backend:Killing", "--checkpoints", "kept", "--jobs", "1"]
    paths = os.pathsep.join([str(ROOT), str(tmp_path)])
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert Path("killed").exists()
    whole = as_json(run(request).report)
    (json,) = Path("kept").glob("*.json")
    assert json.with_suffix(".a.npz").exists() or json.with_suffix(".b.npz").exists()
    resumed = run(request._replace(checkpoints="kept"))
    assert as_json(resumed.report) == whole
    assert resumed.report.trainings[0].status is Status.PASS
    with pytest.raises(CheckpointError, match="cannot be made"):
        run(request._replace(checkpoints="killed/kept"))
    for change in ({"seed": 1}, {}):
        if not change:
            json.write_bytes(json.read_bytes()[:-9])
        with pytest.raises(CheckpointError):
            run(request._replace(checkpoints="kept", **change))
