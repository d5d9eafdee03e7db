"""Pictures as text: where dots and lines lie, and what is said of them."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.report.as_svg import as_svg
from parity.report.svg import Curve, Strip, curves, span, strips
from tests.sample_report import HOSTILE, hostile, report

NUMBERS = st.floats(min_value=0) | st.just(math.nan)


def places(picture, look):
    """The dots of a class."""
    _, path = (
        e for e in ET.fromstring(picture).iter("path") if look in e.get("class").split()
    )  # the first is the legend's
    return [
        tuple(map(float, place)) for place in re.findall(r"M([-\d.]+) ([-\d.]+)h0", path.get("d"))
    ]


def limit(picture):
    (path,) = (e for e in ET.fromstring(picture).iter("path") if e.get("class") == "limit")
    return float(re.match(r"M([-\d.]+)", path.get("d")).group(1))


def test_a_dot_is_beyond_the_line_where_the_share_is_above_1():
    picture = strips([Strip("float32", [[0.25, 1.0, 4.0], [0.0]])], ["a", "b"], "label")
    xs = [x for x, _ in places(picture, "side0")]
    assert xs == sorted(xs)
    assert xs[1] == pytest.approx(limit(picture))
    assert xs[2] - xs[1] == pytest.approx(xs[1] - xs[0], abs=0.11)  # logarithmic
    assert places(picture, "side1")[0][0] < xs[0]


@given(st.lists(NUMBERS, min_size=1, max_size=9), st.lists(NUMBERS, max_size=9))
def test_every_share_has_its_place_in_the_picture(mine, theirs):
    found = [Strip("row", [mine, theirs])]
    picture = strips(found, ["a", "b"], "label")
    assert picture == strips(found, ["a", "b"], "label")
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', picture).groups())
    dots = re.findall(r"M([-\d.]+) ([-\d.]+)h0", picture)
    assert len(dots) >= 2  # the legend's
    assert all(0 < float(x) < width and 0 < float(y) < height for x, y in dots)
    ET.fromstring(span([mine, theirs]))


def test_curves_are_logarithmic_and_zero_lies_on_the_edge():
    points = [(1, 1e-8), (2, 1e-7), (3, 1e-6), (4, 0.0)]
    root = ET.fromstring(curves([Curve("twins", points)], "label", "updates", mark=5))
    (path,) = (e for e in root.iter("path") if e.get("class") == "curve twins")
    (x, y), (x2, y2), (_, y3), (_, edge) = (
        tuple(map(float, p.split())) for p in path.get("d")[1:].split(" L")
    )
    assert y - y2 == pytest.approx(y2 - y3, abs=0.11)
    assert edge == pytest.approx(y)  # the lowest decade
    assert x2 > x
    assert root.get("role") == "img"
    assert root.get("aria-label") == "label"


def test_curves_of_nothing():
    ET.fromstring(curves([Curve("twins", [])], "", "updates"))
    ET.fromstring(curves([Curve("twins", [(1, 0.0)])], "", "updates"))


def test_the_picture_of_a_report_stands_alone():
    found = report(more=hostile())
    picture = as_svg(found)
    assert picture == as_svg(found)
    root = ET.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = {e.text for e in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"conv2d", "relu", "training xor", "refnet", "torch"} <= words
    assert b"<script" not in picture
    assert HOSTILE.encode() not in picture
    assert b"prefers-color-scheme: dark" in picture
    assert b"http" not in picture.replace(b"http://www.w3.org/2000/svg", b"")
