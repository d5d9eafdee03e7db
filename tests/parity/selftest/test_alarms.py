"""Random correct cells are drawn, judged and counted; a false alarm among them would be seen."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from parity.case import ArraySpec, Case
from parity.registry import select
from parity.selftest import alarms
from parity.selftest.alarms import (
    KNOWN,
    Drawn,
    drawn,
    judged,
    off_centre,
    one_column,
    report,
    resized,
    rows_of_blocks,
)


def test_no_false_alarm_in_a_few_cells():
    found = judged(range(300, 420), 7)
    assert sum(seen.cells for seen in found.values()) == 120
    assert sum(seen.resized for seen in found.values()) > 10
    assert not [alarm for seen in found.values() for alarm in seen.alarms]
    assert all(max(seen.refnet, seen.torch) <= 1 for seen in found.values())


def test_cells_belong_to_their_numbers_and_go_through_every_operation():
    every = [drawn(k, 3) for k in range(150)]
    assert every[7] == drawn(7, 3)
    assert every[7] != drawn(7, 4)
    ops = {d.case.op for d in every}
    assert {"relu", "conv2d", "adam", "he_normal", "where"} <= ops
    assert not {"dfn", "xor"} & ops
    assert len({d.dtype for d in every}) == 4


def test_initializers_come_up_rarely():
    assert sum(drawn(k, 3).case.op == "he_normal" for k in range(500)) == 1


def test_equal_sizes_stay_equal():
    x, w, b = ArraySpec((5, 7)), ArraySpec((7, 3)), ArraySpec((3,))
    case = Case("dense", "some", "typical", (x, w, b), {"unused": ArraySpec((5,), high=7)})
    sizes = set()
    for key in "abc":
        other = resized(case, key)
        (n, c), (same, k), (last,) = (spec.shape for spec in other.inputs)
        assert (same, last) == (c, k)
        assert other.options["unused"] == ArraySpec((n,), high=c)
        sizes.add((n, c, k))
    assert len(sizes) == 3


def test_sizes_that_are_named_large_or_single_stay():
    case = Case("relu", "some", "typical", (ArraySpec((1, "n", 400, 0)),))
    assert resized(case, "a") == case


def test_sizes_that_do_not_fit_are_not_taken():
    (case,) = select(["lstm_cell/typical"])
    assert not alarms._is_valid(resized(case, "a"), "float64", 0)  # 4H is no longer that of H
    assert alarms._is_valid(case, "float64", 0)


@pytest.mark.parametrize(
    ("size", "stride", "dtype", "expected"),
    [
        (6, 2, "float16", True),
        (6, (1, 2), "bfloat16", True),
        (6, (2, 1), "float16", False),
        (7, 2, "float16", False),
        (6, 2, "float32", False),
    ],
)
def test_one_column(size, stride, dtype, expected):
    specs = ArraySpec((2, 9, size, 3)), ArraySpec((4, 5, 3, 7)), None
    options = {"stride": stride}
    assert one_column(Case("conv2d", "some", "typical", specs, options), dtype, 0) is expected
    first = ArraySpec((2, 3, 9, size)), ArraySpec((7, 3, 4, 5)), None
    options |= {"layout": "NCHW"}
    assert one_column(Case("conv2d", "some", "typical", first, options), dtype, 0) is expected


@pytest.mark.parametrize(
    ("op", "w", "layout", "dtype", "expected"),
    [
        ("conv2d", (3, 8, 12, 5), "NHWC", "float16", True),
        ("conv2d", (5, 12, 3, 8), "NCHW", "bfloat16", True),
        ("conv2d", (3, 8, 12, 5), "NHWC", "float32", False),
        ("conv2d", (3, 32, 3, 5), "NHWC", "float16", False),
        ("conv2d", (3, 5, 12, 8), "NHWC", "float16", False),
        ("conv1d", (8, 12, 5), "NWC", "float16", True),
        ("conv1d", (5, 12, 8), "NCW", "float16", True),
        ("conv2d_transpose", (3, 8, 12, 5), "NHWC", "float16", True),
        ("dense", (8, 12), "NHWC", "float16", False),
    ],
)
def test_rows_of_blocks(op, w, layout, dtype, expected):
    case = Case(op, "some", "typical", (None, ArraySpec(w), None), {"layout": layout})
    assert rows_of_blocks(case, dtype, 0) is expected


def test_off_centre():
    far = Case("var", "far", "offset", (ArraySpec((4, 9), "offset"),), {"axis": 1})
    assert off_centre(far, "float64", 0)
    assert not off_centre(far, "float32", 0)
    near = Case("var", "near", "typical", (ArraySpec((2, 900)),), {"axis": 1})
    assert not off_centre(near, "float64", 0)


def test_what_is_known_of_other_sizes_is_known_of_no_others():
    spec = ArraySpec((12, 3, 2), "offset")
    far = Drawn(Case("var", "far", "offset", (spec,), {"axis": -1}), "float64", 0, resized=True)
    (entry,) = alarms._of_sizes(far)
    assert entry.covers("var/far", "float64", "torch")
    assert not entry.covers("var/far", "float32", "torch")
    assert entry.reason == KNOWN[entry.id].reason
    assert not alarms._of_sizes(far._replace(resized=False))


def test_a_false_alarm_is_counted(monkeypatch):
    def out(*args):
        raise ValueError("no")

    monkeypatch.setattr(alarms, "run_operation", out)
    found = judged(range(3), 7)
    assert sum(len(seen.alarms) for seen in found.values()) >= 1
    text = report(found, 7)
    assert text.startswith(f"# False alarms: {sum(len(s.alarms) for s in found.values())} in 3")


def test_the_command_says_what_it_found(monkeypatch, tmp_path):
    class Here:
        def __init__(self, *args, **options):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *args):
            pass

        def map(self, function, every):
            return map(function, every)

    monkeypatch.setattr(alarms, "ProcessPoolExecutor", Here)
    out = tmp_path / "alarms.md"
    done = CliRunner().invoke(alarms.main, ["--cells", "30", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "0 false alarms in 30 cells" in done.output
    assert out.read_text().startswith("# False alarms: 0 in 30 correct cells")
