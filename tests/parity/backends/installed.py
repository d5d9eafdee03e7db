"""Adapters of frameworks that may not be installed."""

import pytest

from parity.backends import AbsentError, adapter


def installed(name):
    """Return a built-in adapter; without its framework the module that asks is skipped.

    It is the adapter that imports the framework, with the settings that it wants.
    """
    try:
        return adapter(name)
    except AbsentError as error:
        pytest.skip(f"{error}, an extra", allow_module_level=True)
