"""What an injected bug is: a small slip that people make, as data."""

from __future__ import annotations

from typing import NamedTuple


class Bug(NamedTuple):
    """One slip in one file.

    ``op`` is the operation, optimizer or model that a failing run has to name; the cells that are
    run are its own, or those of ``selector``, one or several, in ``dtypes``. ``cls`` is its class,
    one of :data:`parity.selftest.classes.CLASSES`; ``defect`` the key of the published one that it
    is, in :data:`parity.selftest.defects.DEFECTS`.
    """

    op: str
    cls: str
    what: str
    file: str
    old: str
    new: str
    selector: str = ""
    dtypes: tuple[str, ...] = ("float32", "float64")
    defect: str = ""

    @property
    def id(self) -> str:
        """A name for reports and tests."""
        return f"{self.op}: {self.what}"

    @property
    def in_refnet(self) -> bool:
        """Whether it is in refnet or its adapter, where the oracle may have it too."""
        return self.file.startswith(("refnet/", "parity/backends/refnet"))
