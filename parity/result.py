"""What a run leaves behind: results of cells and of training runs, as plain data.

These structures are the JSON report; their fields and order are its schema.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

SCHEMA_VERSION = 1
MNIST_CASE = "dfn/mnist"  # the run that --mnist asks for


class Status(StrEnum):
    """What became of a cell."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    KNOWN = "known"  # a difference that the register holds
    STALE = "stale"  # an entry of the register that no longer holds
    UNSUPPORTED = "unsupported"  # subject or backend says that it lacks this
    ABSENT = "absent"  # nothing independent to compare with
    ERROR = "error"  # an exception


# Numbers in JSON are finite; infinities and NaN are these words.
Number = float | str


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One implementation's deviation from the oracle in one cell."""

    max_abs: Number
    max_rel: Number
    max_ulp: Number
    ratio: Number
    outside: int
    mismatches: int
    worst: str

    @property
    def within(self) -> bool:
        """Whether every element is within its limit and matches in kind."""
        return self.outside == 0 and self.mismatches == 0 and float(self.ratio) <= 1


class CellResult(msgspec.Struct, frozen=True, kw_only=True):
    """One cell: a case in a dtype, subject against backend, both judged by the oracle."""

    case: str
    op: str
    regime: str
    dtype: str
    subject: str
    backend: str
    status: Status
    reason: str = ""
    deviation: str = ""  # id of the register's entry
    elements: int = 0
    forward_only: bool = False
    actual: Side | None = None
    other: Side | None = None
    rtol: Number | None = None  # the least that assert_allclose(subject, backend) would need
    rounds_between: list[str] = []  # sides that round to a half type between kernels


class Tensor(msgspec.Struct, frozen=True, kw_only=True):
    """The worst step of one tensor in a lockstep run."""

    name: str
    step: int
    subject_ratio: Number
    backend_ratio: Number


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """The first tensor of a lockstep run, in the order of computation, beyond the limit."""

    step: int
    tensor: str
    ratio: Number


class TrainingResult(msgspec.Struct, frozen=True, kw_only=True):
    """One training run in one dtype: lockstep, which blocks, and free-running, which informs."""

    case: str
    op: str
    dtype: str
    subject: str
    backend: str
    status: Status
    reason: str = ""
    data: str = ""
    steps: int = 0
    compared: int = 0  # tensors times steps
    subject_ratio: Number = 0.0
    backend_ratio: Number = 0.0
    subject_apart: Apart | None = None
    backend_apart: Apart | None = None
    worst: str = ""
    tensors: list[Tensor] = []
    free_steps: int = 0
    followed: int = 0  # steps for which twins were run
    horizon: int | None = None
    horizon_reason: str = ""
    growth: Number | None = None
    distance: Number | None = None  # of the backend's parameters, at the last step before it
    envelope: Number | None = None  # of the twins', there
    losses: list[tuple[int, Number, Number]] = []  # updates, subject, backend
    accuracies: list[Number] = []  # subject, backend
    # Updates, the backend's distance and the twins' envelope: points on the way to the horizon.
    trail: list[tuple[int, Number, Number]] = []


AnyResult: TypeAlias = CellResult | TrainingResult


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Under which circumstances the numbers hold."""

    versions: dict[str, str]
    platform: str
    cpu_features: list[str]
    threads: int
    seed: int
    subject: str  # its name; the spec that names its adapter follows
    subject_spec: str
    backends: list[str]  # their names, in the order asked for
    backend_specs: dict[str, str]  # what names their adapters, by name
    dtypes: list[str]
    selectors: list[str]
    mnist: str | None = None  # the path that was given


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the declared cells were compared; unsupported ones are not declared."""

    compared: int
    declared: int
    unsupported: int


class Judge(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the cells of one backend out of several."""

    name: str
    cells: int
    declared: int
    compared: int
    unsupported: int
    absent: int
    error: int


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """How far two sides, both outside their bounds, are from one another."""

    sides: tuple[str, str]
    alike: bool  # whether they are as close as both bounds together allow
    ratio: Number | None  # of their distance to that; None where it was not measured
    words: str  # the worst element, or why it was not measured


class Outlier(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a dtype in which not every side agrees, and the side that stands alone."""

    case: str
    op: str
    dtype: str
    outlier: str  # empty where there is no single one
    groups: list[list[str]]  # the sides that agree with one another
    status: Status  # known where the register holds every difference
    deviations: list[str]  # ids of the register's entries
    ratio: Number  # the largest share of a bound, or of the lockstep limit, of those outside
    worst: str
    between: list[Between]


# Fields that were added since version 1 was fixed have defaults, which are left out: a report with
# one backend is what it was.
class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a run found. The same seed on the same machine gives the same bytes."""

    schema_version: int
    header: Header
    coverage: Coverage
    exit_code: int
    verdict: str
    cells: list[CellResult]
    trainings: list[TrainingResult]
    judges: list[Judge] = []  # of several backends
    outliers: list[Outlier] = []  # of at least three sides
    again: list[str] = []  # for each cell that differs, the command that runs it again
