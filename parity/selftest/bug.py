"""What an injected bug is: a small slip that people make, as data."""

from __future__ import annotations

from typing import NamedTuple


class Bug(NamedTuple):
    """One slip in one file.

    ``op`` is the operation, optimizer or model that a failing run has to name; the cells that are
    run are its own, or those of ``selector``, in ``dtypes``.
    """

    op: str
    what: str
    file: str
    old: str
    new: str
    selector: str = ""
    dtypes: tuple[str, ...] = ("float32", "float64")

    @property
    def id(self) -> str:
        """A name for reports and tests."""
        return f"{self.op}: {self.what}"
