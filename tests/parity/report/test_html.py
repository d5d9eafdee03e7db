"""The HTML report: whole, safe, the same bytes, and readable without JavaScript."""

from __future__ import annotations

import base64
import hashlib
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest

from parity.report.as_html import as_html
from parity.result import Status
from tests.sample_report import HOSTILE, hostile, report

LIMIT = 8_000_000  # bytes of the page of a whole run


def tree(page):
    """The page's elements; what HTML has and XML has not is taken out."""
    text = page.decode().strip()
    text = re.sub(r"(?s)<(script|style)>.*?</\1>", r"<\1></\1>", text)
    return ET.fromstring(text.removeprefix("<!DOCTYPE html>"))


def texts(element):
    return " ".join("".join(element.itertext()).split())


@pytest.fixture(scope="module")
def page():
    return as_html(report())


@pytest.fixture(scope="module")
def root(page):
    return tree(page)


def test_the_page_is_well_formed_and_its_ids_are_its_own(root):
    assert root.tag == "html"
    assert root.get("lang") == "en"
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    named = [e.get("aria-labelledby") for e in root.iter() if e.get("aria-labelledby")]
    links = [e.get("href")[1:] for e in root.iter("a") if e.get("href").startswith("#")]
    assert set(named) <= set(ids)
    assert set(links) <= set(ids)
    assert {e.get("for") for e in root.iter("label")} <= set(ids)


def test_the_same_results_give_the_same_bytes(page):
    assert as_html(report()) == page


@pytest.mark.parametrize("backends", [("torch",), ("torch", "jax")])
def test_every_result_is_in_the_page(backends):
    found = report(backends=backends)
    rows = [
        [texts(e) for e in row]
        for table in tree(as_html(found)).iter("table")
        if "cells" in table.get("class", "") and table.get("data-op")
        for row in table.find("tbody")
    ]
    several = len(backends) > 1
    shown = [(row[0], row[1], row[2 + several], row[2] if several else "torch") for row in rows]
    results = [*found.cells, *found.trainings]
    assert sorted(shown) == sorted((r.case, r.dtype, r.status.value, r.backend) for r in results)
    for row in rows:
        assert len(row) == 11 + several
    reasons = " ".join(row[-1] for row in rows)
    for r in results:
        assert r.reason in reasons


def test_what_is_not_a_pass_comes_first(page, root):
    text = page.decode()
    order = ['id="summary"', 'id="not-a-pass"', 'id="operations"', 'id="cells"', 'id="parts"']
    places = [text.index(mark) for mark in order]
    assert places == sorted(places)
    trouble = texts(root.find(".//section[@id='not-a-pass']"))
    for words in (
        "conv2d/wrong in float64", "parity repro conv2d/wrong --dtype float64", "xor/adam",
        "torch is first apart at step 2: m of fc1.w", "ValueError: in training",
        "nothing to compare with", "torch has no peepholes", "torch-relu-negative-zero",
        "no longer in the register",
    ):  # fmt: skip
        assert words in trouble
    parts = [e.get("id") for e in root.iter("section") if e.get("id", "").startswith("op-")]
    assert parts == ["op-conv2d", "op-lstm", "op-adam", "op-he_normal", "op-relu", "op-softmax"]
    for table in root.iter("table"):
        if table.get("data-op"):
            statuses = [row.get("class") for row in table.find("tbody")]
            passed = [s == "pass" for s in statuses]
            assert passed == sorted(passed)


def test_each_part_has_the_bound_with_its_source_and_a_picture(root):
    for name, source, words in (
        ("conv2d", "parity/bounds/convolution.py", "Higham 2002, eq. 3.5"),
        ("adam", "parity/bounds/adam.py", "Bound of Adam's updates"),
        ("he_normal", "parity/bounds/initializers.py", "Dvoretzky"),
    ):
        part = root.find(f".//section[@id='op-{name}']")
        text = texts(part)
        assert f"Stated in {source}" in text
        assert words in text
        assert part.find(".//svg[@role='img']").get("aria-label").startswith("Share of the bound")


def test_training_runs_show_their_distances_against_the_twins(root):
    part = root.find(".//section[@id='run-xor']")
    curves = [e.get("class") for e in part.iter("path") if "curve" in e.get("class", "")]
    assert curves == ["curve ten", "curve twins", "curve side1"] * 3  # one run raised
    text = texts(part)
    assert "Horizon 21 (the twins are apart)" in text
    assert "Horizon beyond 30" in text
    marks = [a for a in part.iter("article") if a.find("svg/path[@class='limit']") is not None]
    assert len(marks) == 2


def test_hostile_texts_stay_texts():
    page = as_html(report(more=hostile()))
    text = page.decode()
    assert text.count("<script>") == 1
    assert "javascript:alert(2)" in text
    assert 'href="javascript' not in text
    assert "{{ 7 * 7 }}" in text
    assert "\x00" not in text
    assert "\u202e" not in text
    root = tree(page)
    assert not [e for e in root.iter() if any(name.startswith("on") for name in e.attrib)]
    shown = HOSTILE.replace("\x00", "?").replace("\u202e", "?")
    assert shown in texts(root)


def test_a_hostile_link_in_the_register_is_no_link(monkeypatch):
    from parity.report import as_html as module

    row = ["id", "kind", "limits", "reason", "example", "javascript:alert(3)"]
    monkeypatch.setattr(module, "known_rows", lambda _: [row])
    links = [e.get("href") for e in tree(as_html(report())).iter("a")]
    assert all(link.startswith(("#", "https://")) for link in links)


def test_nothing_is_loaded_and_only_our_script_runs(page, root):
    text = page.decode()
    script = re.search(r"(?s)<script>(.*?)</script>", text).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = (e.get("content") for e in root.iter("meta") if e.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert not [e for e in root.iter() if e.get("src")]
    assert [e.get("href") for e in root.iter("link")] == ["data:,"]
    style = re.search(r"(?s)<style>(.*?)</style>", text).group(1)
    assert "url(" not in style
    assert "@import" not in style


def test_tables_have_captions_and_headings(root):
    for table in root.iter("table"):
        assert texts(table.find("caption"))
        assert all(th.get("scope") == "col" for th in table.iter("th") if th.get("scope") != "row")
        for row in table.find("tbody"):
            assert row[0].get("scope") == "row"


def test_a_report_of_which_everything_passes(page):
    found = report()
    passing = [c for c in found.cells if c.status is Status.PASS]
    good = msgspec.structs.replace(
        found, cells=passing, trainings=[], exit_code=0, verdict="all agree"
    )
    text = texts(tree(as_html(good)))
    assert "Every cell passes." in text
    assert "All agree. Exit code 0." in text
    assert "Training runs" not in text


def test_a_report_without_anything_compared():
    found = report(passing=0)
    absent = [c for c in found.cells if c.status is Status.ABSENT]
    nothing = msgspec.structs.replace(
        found, cells=absent, trainings=[], exit_code=5, verdict="nothing was compared"
    )
    assert "Nothing was compared. Exit code 5." in texts(tree(as_html(nothing)))


def test_many_failures_are_cut_short_above_and_whole_below():
    found = report(passing=0, more=[
        msgspec.structs.replace(hostile()[0], case=f"add/{i}", reason="r") for i in range(250)
    ])  # fmt: skip
    root = tree(as_html(found))
    # Three more differ: of conv2d two, of xor one.
    assert "And 53 more, in the tables below." in texts(root)
    (table,) = (t for t in root.iter("table") if t.get("data-op") == "add")
    assert len(table.find("tbody")) == 250


def test_the_page_of_a_whole_run_is_not_too_large():
    assert len(as_html(report(passing=9471))) < LIMIT / 2
