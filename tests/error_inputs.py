"""Calls that must be refused: their type, their words, and that nothing changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from refnet.errors import ExplainedError


class ErrorInput(NamedTuple):
    """A call with its inputs and options, the error that it raises and a pattern of its message."""

    name: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    error: type[ExplainedError]
    match: str


def refused(errors):
    """Parametrize a test over a list of ErrorInput."""
    return pytest.mark.parametrize("case", errors, ids=[e.name for e in errors])


def check_refused(function: Callable[..., Any], case: ErrorInput) -> None:
    """Assert the error's type, its four parts and its words, and that no argument changed."""
    before = [a.copy() if isinstance(a, np.ndarray) else a for a in case.args]
    with pytest.raises(case.error) as caught:
        function(*case.args, **case.options)
    error = caught.value
    for part in (error.operation, error.got, error.needs, error.cause):
        assert isinstance(part, str)
        assert part.strip(), f"a part of {error} is empty"
    assert re.search(case.match, str(error)), str(error)
    assert str(error).startswith(error.operation)
    for old, new in zip(before, case.args, strict=True):
        if isinstance(old, np.ndarray):
            np.testing.assert_array_equal(old, new)
