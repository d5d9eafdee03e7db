"""Every class of bugs is tried on every operation that it applies to."""

from __future__ import annotations

from collections import defaultdict

import pytest

from parity.case import AnyCase
from parity.registry import all_cases
from parity.selftest.bugs import BUGS
from parity.selftest.classes import CLASSES, class_of, options_of
from parity.selftest.defects import DEFECTS

TRIED = defaultdict(set)
for _bug in BUGS:
    TRIED[_bug.cls].add(_bug.op)


@pytest.mark.parametrize("bug_class", CLASSES, ids=lambda c: c.name)
def test_a_class_is_tried_on_what_it_applies_to(bug_class):
    assert bug_class.operations
    assert TRIED[bug_class.name] == bug_class.operations


def test_classes_are_many_distinct_and_of_what_has_cases():
    assert len(CLASSES) >= 40
    assert len({c.name for c in CLASSES}) == len(CLASSES)
    assert {b.cls for b in BUGS} == {c.name for c in CLASSES}
    known = {case.op for case in all_cases()}
    assert set().union(*(c.operations for c in CLASSES)) <= known
    assert class_of("N - 1").name == "N - 1"


def test_every_option_is_once_ignored():
    ignored = {(b.op, b.what.removesuffix(" ignored")) for b in BUGS if b.cls == "option ignored"}
    assert ("conv2d", "dilation") in ignored
    assert {name for op, name in ignored if op == "batch_norm"} == {*options_of("batch_norm")}


def test_every_published_defect_has_a_bug_or_says_why_not():
    repeated = {b.defect for b in BUGS if b.defect}
    assert repeated <= DEFECTS.keys()
    for key, defect in DEFECTS.items():
        assert (key in repeated) == (not defect.instead), key


def test_every_kind_of_case_says_where_it_is_vacuous():
    for case in all_cases():
        assert isinstance(case, AnyCase)
        assert all(part and len(reason) > 8 for part, reason in case.vacuous.items()), case.id
