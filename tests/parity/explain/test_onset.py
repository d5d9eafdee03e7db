from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.explain.onset import onset


@given(cut=st.integers(8, 60), slow=st.floats(1.0, 1.05), fast=st.floats(1.3, 3.0))
def test_the_break_between_two_slopes_is_found(cut, slow, fast):
    steps = np.arange(cut + 12)
    logs = steps * math.log(slow) + np.maximum(steps - cut, 0) * math.log(fast / slow)
    found = onset(list(1e-9 * np.exp(logs)), first=5)
    assert found.step == cut + 5
    assert found.before == pytest.approx(slow, rel=1e-6)
    assert found.after == pytest.approx(fast, rel=1e-6)


def test_too_little_to_tell():
    assert onset([]) is None
    assert onset([1e-9] * 7) is None
    assert onset([0.0] * 50 + [1e-9, math.inf, math.nan]) is None


def test_zeros_at_the_beginning_are_left_out():
    found = onset([0.0] * 10 + [1e-9 * 2**t for t in range(20)])
    assert found.after == pytest.approx(2)
    assert 10 <= found.step < 30
