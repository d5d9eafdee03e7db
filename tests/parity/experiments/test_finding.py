from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from parity.experiments import finding
from parity.experiments.finding import Claim, Finding, as_page, picture, printed, write

PRINTED = sorted((Path(finding.__file__).parent / "printed").glob("*.json"))


def made(*holds):
    claims = [Claim(f"claim {i}", "1 | 2", h) for i, h in enumerate(holds)]
    body = ["Text.", picture("curve", "A curve")]
    return Finding(
        "name", "Title", claims, body, {"curve": "<svg/>\n"}, "parity x", {"refnet": "1"}
    )


def test_a_page():
    page = as_page(made(True, False))
    assert page.startswith("# Title\n\n| what ")
    assert "| claim 0 | 1 \\| 2  | yes     |" in page
    assert "| claim 1 | 1 \\| 2  | NO      |" in page
    assert "![A curve](pictures/curve.svg)" in page
    assert page.endswith("Written by `parity x` with refnet 1.\n")


def test_every_claim_has_to_hold_and_there_has_to_be_one():
    assert made(True, True).holds
    assert not made(True, False).holds
    assert not made().holds


def test_writing(tmp_path):
    paths = write(made(True), tmp_path / "out")
    assert {p.relative_to(tmp_path / "out").as_posix() for p in paths} == {
        "pictures/curve.svg",
        "name.md",
    }
    assert paths[0].read_bytes() == b"<svg/>\n"
    assert b"\r" not in paths[1].read_bytes()


@pytest.mark.parametrize("path", PRINTED, ids=lambda p: p.stem)
def test_what_is_printed_is_at_hand(path):
    found = printed(path.stem)
    assert found == json.loads(path.read_text("utf-8"))
    assert found["source"].endswith(tuple("0123456789"))


def test_the_printed_curves():
    losses = printed("mnist_dfn")["epoch_loss"]
    assert len(losses) == 20
    assert (np.diff(losses) < 0).all()
    assert len(printed("mnist_mlp")["test_accuracy_first_ten"]) == 10
