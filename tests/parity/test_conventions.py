"""The page of conventions: complete, reproducible, and right where it can be worked out by hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import refnet as rn
from parity import conventions
from parity.backends.refnet import OPTIMIZERS
from refnet.systems import Convention

REPORT = Path(__file__).parents[2] / "reports" / "conventions.md"
NAMES = sorted({name for _, name in rn.conventions})


@pytest.fixture(scope="module")
def text():
    return conventions.page()


def rows(text, heading):
    """Return the cells of the table under a heading."""
    section = text.split(f"### {heading}\n")[1].split("\n### ")[0].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_the_committed_page_is_what_the_command_writes(text, tmp_path):
    assert REPORT.read_text("utf-8") == f"{text}\n"
    out = tmp_path / "page.md"
    assert CliRunner().invoke(conventions.main, ["--out", str(out)]).exit_code == 0
    assert out.read_bytes() == REPORT.read_bytes()


def test_everything_is_on_the_page(text):
    for system, name in rn.conventions:
        source = rn.conventions[system, name].source
        assert (f"]({source})" if source.startswith("http") else f"({source})") in text
        assert f"### {name}\n" in text or f"| {name} " in text
    assert set(OPTIMIZERS) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_systems_that_differ_are_shown_by_how_much(name):
    """All but optimizers, and what differs in where numbers lie in memory alone."""
    fields = set(conventions._differing(conventions.entries(name)))
    optimizer = name in OPTIMIZERS or name == "amsgrad"
    assert optimizer or fields <= {"layout"} or name in conventions.EVALUATED


def test_what_differs_is_in_bold(text):
    header, first, *others = rows(text, "adagrad")
    column = header.index("`initial_accumulator`")
    assert first[column] == "0"
    assert {row[column] for row in others} == {"**0.1**", "0"}
    assert "`weight_decay=0.0`" in text
    for row in rows(text, "var")[1:]:
        assert row[2] == ("same" if "torch" in row[0] else "0.17")  # 5 / 6


def test_distances_show_epsilons(text):
    found = {row[0].partition("]")[0].strip("["): row[-2:] for row in rows(text, "adam")[1:]}
    assert found["torch"] == ["same", "same"]
    assert found["optax"] == ["same", "same"]
    typical, tiny = map(float, found["tensorflow1"])
    assert typical < 1e-4 < 0.1 < tiny


def test_a_distance_by_hand():
    """Without momentum, plain gradient descent is a loop of three lines."""
    p = np.zeros(conventions.PARAMETERS)
    curvature = 1 / np.linspace(1, 100, p.size)
    centre = conventions.normal("conventions|centre", p.shape)
    for t in range(conventions.STEPS):
        noise = conventions.normal(f"conventions|noise {t}", p.shape)
        lr = conventions.OTHER_LR * 0.5 ** (t // 25)
        p = p - lr * curvature * (p - centre + 0.5 * noise)
    np.testing.assert_allclose(
        conventions.trained("sgd", rn.conventions["torch", "sgd"], 1.0), p, rtol=1e-12
    )


def test_differences_in_words():
    first = np.array([1.0, -4.0])
    assert conventions.difference(first, first) == "same"
    assert conventions.difference(first + 1e-13, first) == "same"
    assert conventions.difference(np.array([1.0, -3.0]), first) == "0.25"
    assert conventions.difference(np.ones(3), first) == "of shape (3,)"


def test_cells_cannot_break_a_table():
    assert "\\|" in conventions.table(["a|b"], [["c|d"]])
    found = {"torch": Convention({"eps": 1e-8}, "https://a"), "x": Convention({}, "x.txt")}
    assert conventions._differing(found) == ["eps"]
    assert conventions._rows(found, ["eps"]) == [
        ["[torch](https://a)", "1e-08"],
        ["x (x.txt)", "**-**"],
    ]
