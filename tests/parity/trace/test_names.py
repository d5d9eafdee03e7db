from __future__ import annotations

import pytest

from parity.errors import UnrecordableError
from parity.trace.names import KINDS, checked, kind_of, named, parts, rank


def test_every_part_has_its_name():
    found = named(
        batch={"x": 1},
        masks={"drop": 2},
        outputs={"fc1": 3},
        branches={"relu 0": 4},
        buffers={"norm.mean": 5},
        loss=6,
        gradients={"w": 7},
        options={"lr": [0.1, 0.2]},
        slots={"exp_avg": {"w": 8}},
        parameters={"w": 9},
    )
    assert found == {
        "batch/x": 1,
        "mask/drop": 2,
        "output/fc1": 3,
        "branch/relu 0": 4,
        "buffer/norm.mean": 5,
        "loss": 6,
        "gradient/w": 7,
        "option/lr/0": 0.1,
        "option/lr/1": 0.2,
        "slot/exp_avg/w": 8,
        "parameter/w": 9,
    }
    assert list(dict.fromkeys(map(kind_of, found))) == list(KINDS)
    assert [rank(n) for n in found] == sorted(rank(n) for n in found)
    assert named() == {}


def test_a_cause_stands_before_its_effects():
    order = ["mask/d", "branch/relu 0", "loss", "gradient/w", "slot/v/w", "parameter/w", "mine"]
    ranks = [rank(name) for name in order]
    assert ranks == sorted(set(ranks))
    assert rank("output/a") == rank("branch/a")  # in the order in which layers were called


@pytest.mark.parametrize(
    ("name", "kind", "split"),
    [
        ("parameter/a/b", "parameter", ("parameter", "a/b")),
        ("slot/exp_avg/a/b", "slot", ("slot/exp_avg", "a/b")),
        ("slot/x", "slot", ("slot", "x")),
        ("option/lr/0", "option", ("option/lr", "0")),
        ("loss", "loss", ("", "loss")),
        ("loss/validation", "loss", ("loss", "validation")),
        ("losses/a", "", ("", "losses/a")),
        ("fc1.w", "", ("", "fc1.w")),
    ],
)
def test_kinds_and_parts(name, kind, split):
    assert kind_of(name) == kind
    assert parts(name) == split


@pytest.mark.parametrize(
    "name", ["", "a\0b", "a\nb", "\x1b[2J", "\ud800", "x" * 4097, "é" * 2049, 7, None, b"w"]
)
def test_names_that_no_recording_takes(name):
    with pytest.raises(UnrecordableError, match="without control characters"):
        checked(name)


def test_names_that_it_takes():
    for name in ("w", "relu 0", "层.w", "x" * 4096, "é" * 2048, " "):
        assert checked(name) == name
