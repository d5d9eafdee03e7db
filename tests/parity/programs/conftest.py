"""TensorFlow, where it is installed."""

from __future__ import annotations

import pytest

from parity.backends import AbsentError, adapter


@pytest.fixture(scope="session")
def tensorflow():
    try:
        return adapter("tensorflow")
    except AbsentError as error:
        pytest.skip(str(error))
