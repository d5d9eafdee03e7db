"""The JUnit report: a test case for each cell, as CI servers read it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from parity.report.rows import again, short
from parity.report.tables import printable
from parity.result import AnyResult, CellResult, Report, Status

FAILED = (Status.FAIL, Status.STALE)
SKIPPED = (Status.UNSUPPORTED, Status.ABSENT)


def as_junit(report: Report) -> bytes:
    """Return the report as JUnit XML: a suite for each operation, a case for each cell.

    What differs is a failure with the command that runs it again, an exception is an error, and
    what is unsupported or absent is skipped with its reason. How long a cell took is left out, so
    that the same results give the same bytes.
    """
    suites: dict[str, list[AnyResult]] = {}
    both: list[AnyResult] = [*report.cells, *report.trainings]
    for r in both:
        suites.setdefault(r.op, []).append(r)
    root = ET.Element("testsuites", {"name": "parity", **_counts(both)})
    for op, results in sorted(suites.items()):
        suite = ET.SubElement(root, "testsuite", {"name": op, **_counts(results)})
        for r in results:
            _add(suite, r, again(report, r))
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _counts(results: Sequence[AnyResult]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(r.status in FAILED for r in results)),
        "errors": str(sum(r.status is Status.ERROR for r in results)),
        "skipped": str(sum(r.status in SKIPPED for r in results)),
    }


def _add(suite: ET.Element, r: AnyResult, command: str) -> None:
    name = f"{r.case.partition('/')[2]}[{r.dtype}-{r.backend}]"
    case = ET.SubElement(suite, "testcase", classname=f"parity.{r.op}", name=name)
    reason = printable(r.reason)
    if r.status in FAILED:
        failure = ET.SubElement(case, "failure", type=r.status.value, message=reason)
        failure.text = printable(f"{_numbers(r)}\n{command}\n")
    elif r.status is Status.ERROR:
        ET.SubElement(case, "error", type="error", message=reason).text = f"{command}\n"
    elif r.status in SKIPPED:
        ET.SubElement(case, "skipped", message=f"{r.status.value}: {reason}")
    elif r.status is Status.KNOWN and isinstance(r, CellResult):
        ET.SubElement(case, "system-out").text = f"known: {r.deviation}: {reason}"


def _numbers(r: AnyResult) -> str:
    if isinstance(r, CellResult):
        sides = ((r.subject, r.actual), (r.backend, r.other))
        return "\n".join(
            f"{name}: bound used {short(side.ratio)}, worst {side.worst}"
            for name, side in sides
            if side is not None
        )
    return (
        f"worst lockstep ratio: {r.subject} {short(r.subject_ratio)}, "
        f"{r.backend} {short(r.backend_ratio)}, in {r.worst}"
    )
