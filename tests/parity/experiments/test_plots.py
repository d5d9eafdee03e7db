from __future__ import annotations

import io
import re
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from parity.experiments import plots
from parity.experiments.plots import Line, Panel, svg, thinned
from refnet.errors import MissingDependencyError

X = np.arange(1.0, 900.0)
PANELS = [
    Panel(
        "falling",
        "update",
        "cost <of> a & b",
        [Line("a", X, np.exp(-X / 100)), Line("b", X, np.exp(-X / 50), dots=True)],
        log=True,
        marks=[(300.0, "horizon")],
        beside=True,
    ),
    Panel("alone", "x", "y", [Line("c", [0, 1], [2, 3])], low=0, high=4, whole=True),
]


def test_the_same_numbers_are_the_same_bytes(monkeypatch):
    import matplotlib as mpl

    one = svg(PANELS)
    monkeypatch.setitem(mpl.rcParams, "lines.linewidth", 9.0)  # a user's own settings
    monkeypatch.setitem(mpl.rcParams, "svg.hashsalt", "another")
    assert one == svg(PANELS)
    ET.fromstring(one)
    assert "<dc:date>" not in one
    assert len(one) < 100_000
    assert not re.search(r"[ \t]+\n", one)


def test_lines_are_thinned_to_what_can_be_seen():
    x, y = thinned(X, X**2)
    assert len(x) == len(y) == plots.POINTS
    assert (x[0], x[-1], y[0], y[-1]) == (1, 899, 1, pytest.approx(899**2, rel=1e-3))
    assert (np.diff(x) > 0).all()
    assert thinned([1, 2], [1 / 3, 2 / 3]) == ([1, 2], [0.3333, 0.6667])


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show():
    values = np.array([1.0, 0.0, -1.0, 10.0])
    stream = io.BytesIO()
    plots._save([Panel("t", "x", "y", [Line("a", range(4), values)], log=True)], stream)
    assert stream.getvalue().startswith(b"\x89PNG")


def test_without_matplotlib_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match=r"refnet\[plots\]"):
        svg(PANELS)
