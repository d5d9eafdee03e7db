"""The HTML report in a browser: what a reader sees, and can do with keys alone."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.sample_report import hostile, report

CONTRAST = Path(__file__).with_name("contrast.js").read_text("utf-8")
FOUND = report(passing=300, more=hostile())
CELLS = len(FOUND.cells) + len(FOUND.trainings)
OPEN = "document.querySelectorAll('details').forEach(d => { d.open = true })"
CHOOSE = """
const [id, value] = arguments, e = document.getElementById(id);
e.value = value;
e.dispatchEvent(new Event('input', { bubbles: true }));
"""


def keys(page, *pressed):
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(page.driver).send_keys(*pressed).perform()


def count(page):
    """How many cells the page says were found."""
    found, total = re.match(r"([\d,]+) of ([\d,]+) cells found", page.text("#count")).groups()
    assert total == f"{CELLS:,}"
    return int(found.replace(",", ""))


def test_the_page_loads_without_a_word_on_the_console(page):
    page.driver.get_log("browser")
    page.open()
    assert page.driver.get_log("browser") == []
    assert page.driver.title == "Differs: parity of refnet with torch"
    assert page.eval("return window.performance.getEntriesByType('resource').length") == 0
    assert page.eval("return document.querySelectorAll('script').length") == 1


def test_a_filter_narrows_the_rows_and_says_how_many_there_are(page):
    page.open()
    assert count(page) == CELLS
    assert page.text("#count").endswith("100 of them shown.")
    assert (
        page.eval("return document.getElementById('count').getAttribute('aria-live')") == "polite"
    )
    page.eval("document.getElementById('text').focus()")
    keys(page, "conv2d case-1")
    wanted = [c for c in FOUND.cells if c.op == "conv2d" and c.case.startswith("conv2d/case-1")]
    assert count(page) == len(wanted) < 100
    assert sorted(page.texts("#explorer tbody th")) == sorted(c.case for c in wanted)
    page.eval(CHOOSE, "dtype", "float16")
    assert count(page) == sum(c.dtype == "float16" for c in wanted)
    page.eval("document.querySelector('#filter button').click()")
    page.eval(CHOOSE, "status", "known")
    assert page.texts("#explorer tbody th") == ["relu/kinks", "softmax/forgotten"]
    page.eval(CHOOSE, "op", "relu")
    assert page.texts("#explorer tbody th") == ["relu/kinks"]
    page.eval(CHOOSE, "text", "there is no such cell")
    assert count(page) == 0
    assert page.texts("#explorer tbody th") == []


def test_a_status_in_the_summary_shows_its_cells(page):
    page.open().eval("document.querySelector('a[data-status=stale]').click()")
    assert count(page) == 1
    assert page.texts("#explorer tbody th") == ["conv2d/stale"]


def test_more_rows_are_shown_on_request(page):
    page.open()
    shown = [len(page.texts("#explorer tbody tr"))]
    while not page.eval("return document.getElementById('more').hidden"):
        page.eval("document.getElementById('more').click()")
        shown.append(len(page.texts("#explorer tbody tr")))
    assert shown == [100, 200, 300, CELLS]


@pytest.mark.parametrize(
    ("table", "heading", "first"),
    [
        ("#explorer", "torch: bound used", "descending"),
        ("#op-conv2d table.cells", "refnet: bound used", "descending"),
        ("#operations table", "name", "ascending"),
    ],
)
def test_tables_are_sorted_by_keyboard(page, table, heading, first):
    page.open().eval(OPEN)
    heads = page.texts(f"{table} thead th")
    column = heads.index(heading) + 1
    page.eval(
        "document.querySelector(arguments[0]).focus()", f"{table} th:nth-child({column}) button"
    )
    column_of = f"{table} tbody tr > :nth-child({column})"
    for direction, key in (
        (first, "\ue007"),
        ("ascending" if first == "descending" else "descending", " "),
    ):
        keys(page, key)  # Enter, then the space bar
        sort = "return document.querySelector(arguments[0]).getAttribute('aria-sort')"
        assert page.eval(sort, f"{table} th:nth-child({column})") == direction
        values = page.texts(column_of)
        if heading != "name":
            values = [float(v) for v in values if v not in ("", "nan")]
        assert len(values) > 5
        assert values == sorted(values, reverse=direction == "descending")


def test_without_javascript_everything_is_there(page):
    page.open(script=False)
    assert len(page.texts("table.cells[data-op] tbody tr")) == CELLS
    assert page.eval("return document.getElementById('filter').getClientRects().length") == 0
    assert page.texts("thead button") == []
    assert page.eval("return document.querySelector('noscript').innerText").startswith("Filtering")
    page.driver.find_element("css selector", "#op-relu summary").click()
    assert page.driver.find_element("css selector", "#op-relu table.cells").is_displayed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_lines_have_contrast(page, scheme):
    page.open(scheme=scheme).eval(OPEN)
    dark = page.eval("return getComputedStyle(document.documentElement).backgroundColor")
    assert dark == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]
    looked, bad = page.eval(CONTRAST)
    assert looked > 3000
    assert bad == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_is_never_wider_than_the_window(page, width):
    page.open(width=width).eval(OPEN)
    assert page.eval("return document.documentElement.scrollWidth") <= width
    # What is wider scrolls in a box of its own, which the keyboard reaches.
    boxes = (
        "return [...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth)"
    )
    wide = page.eval(f"{boxes}.map(e => [e.tabIndex, e.getAttribute('role'), e.ariaLabel])")
    assert wide or width == 1280
    assert all(index == 0 and role == "region" and label for index, role, label in wide)


def test_headings_are_in_order_and_controls_have_names(page):
    page.open()
    levels = page.eval(
        "return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    unnamed = """
    return [...document.querySelectorAll('input, select, button, a, summary')].filter(e =>
      !(e.labels && e.labels.length) && !e.textContent.trim()).map(e => e.outerHTML)
    """
    assert page.eval(unnamed) == []
    pictures = (
        "return [...document.querySelectorAll('svg')].every(e => e.ariaHidden || e.ariaLabel)"
    )
    assert page.eval(pictures)
    assert page.eval("return document.querySelectorAll('main, header, footer, nav').length") == 4


def test_the_keyboard_skips_to_the_report_and_sees_where_it_is(page):
    page.open()
    keys(page, "\ue004")  # Tab
    assert page.eval("return document.activeElement.className") == "skip"
    assert page.eval("return document.activeElement.getBoundingClientRect().top >= 0")
    keys(page, "\ue007")
    assert page.eval("return document.activeElement.id") == "main"
    for _ in range(9):
        keys(page, "\ue004")
        outline = "const s = getComputedStyle(document.activeElement); return s.outlineStyle"
        assert page.eval(outline) == "solid"


def test_a_link_to_an_operation_opens_it(page):
    page.open()
    assert not page.eval("return document.querySelector('#op-lstm details').open")
    page.eval("document.querySelector('#operations a[href=\"#op-lstm\"]').click()")
    place = "return Math.abs(document.getElementById('op-lstm').getBoundingClientRect().top)"
    page.eval("return new Promise(done => setTimeout(done, 100))")
    assert page.eval("return document.querySelector('#op-lstm details').open")
    assert page.eval(place) < 100


def test_on_paper_there_are_no_controls(page):
    page.open(media="print")
    assert page.eval("return document.getElementById('cells').getClientRects().length") == 0
    assert page.eval("return document.getElementById('not-a-pass').getClientRects().length") == 1
