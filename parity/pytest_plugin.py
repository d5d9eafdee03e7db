"""The pytest plugin: ``pytest --parity`` turns each cell into a test.

Installed with parity, it does nothing without ``--parity``. Under pytest-xdist every worker
collects the same cells and runs some; the controller puts the results together and counts that
every cell was reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from parity.run import Planned
    from parity.runner import Timed

KEY = "parity"  # of the property of a report that holds its cell
INCOMPLETE = 3  # the exit code where a cell was not reported

MARKERS = (
    "parity: a cell of parity: one case in one dtype, refnet beside a backend",
    "parity_op(name): the operation of a cell",
    "parity_dtype(name): the dtype of a cell",
    "parity_regime(name): the kind of inputs of a cell",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line."""
    group = parser.getgroup("parity", "parity: operations beside another implementation")
    group.addoption("--parity", action="store_true", help="Run parity's cells as tests.")
    group.addoption(
        "--parity-select",
        action="append",
        default=[],
        metavar="SELECTOR",
        help="Only cells of this operation, case id, pattern or kind; repeat.",
    )
    group.addoption(
        "--parity-dtype", action="append", default=[], metavar="DTYPE", help="Only this dtype."
    )
    group.addoption(
        "--parity-backend", action="append", default=[], metavar="NAME", help="The judge: torch."
    )
    group.addoption("--parity-subject", default="refnet", help="Who is judged.")
    group.addoption("--parity-seed", type=int, default=0, help="The seed of all inputs.")
    group.addoption("--parity-out", metavar="DIR", help="Write parity.json and parity.md there.")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and with --parity the cells."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if config.getoption("--parity"):
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args = []  # the cells alone, not the tests that are here as well
        config.pluginmanager.register(Cells(config), "parity-cells")


class Cells:
    """The cells of a session, planned once, and their results."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.planned: Planned | None = None
        self.found: dict[str, Timed] = {}
        self.ended = False

    def plan(self) -> Planned:
        """Return the tasks that the options ask for; a mistake in them is one of usage."""
        from parity.errors import ParityError
        from parity.run import Request, plan

        if self.planned is None:
            option = self.config.getoption
            try:
                self.planned = plan(
                    Request(
                        selectors=tuple(option("--parity-select")),
                        dtypes=tuple(option("--parity-dtype")),
                        backends=tuple(option("--parity-backend")) or ("torch",),
                        subject=option("--parity-subject"),
                        seed=option("--parity-seed"),
                    )
                )
            except ParityError as error:
                raise pytest.UsageError(f"parity: {error}") from error
        return self.planned

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Add the cells to the tests that were collected."""
        found = [
            *CellCollector.from_parent(
                session, name="parity", nodeid="parity", cells=self
            ).collect()
        ]
        items.extend(found)
        keywords, expression = config.getoption("keyword"), config.getoption("markexpr")
        if keywords or expression:  # the selection was made before the cells were there
            from _pytest.mark import deselect_by_keyword, deselect_by_mark

            deselect_by_keyword(items, config)
            deselect_by_mark(items, config)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in a cell's result, here or from a worker."""
        import msgspec

        from parity.journal import Entry
        from parity.runner import Timed

        for name, value in report.user_properties:
            if name == KEY and report.when == "call":
                entry = msgspec.json.decode(str(value), type=Entry)
                result = entry.cell or entry.training
                if result is not None:
                    self.found[entry.key] = Timed(result, entry.seconds)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Count the cells on the controller, and write the reports once all are there."""
        if hasattr(self.config, "workerinput") or self.config.getoption("collectonly"):
            return
        from parity.run import key_of

        self.ended = True
        if session.exitstatus in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED):
            return
        tasks = self.plan().tasks
        chosen = self.config.getoption("keyword") or self.config.getoption("markexpr")
        self.missing = [] if chosen else [t for t in tasks if key_of(t) not in self.found]
        if self.missing and not session.shouldfail and not session.shouldstop:
            session.exitstatus = INCOMPLETE
        out = self.config.getoption("--parity-out")
        if out and not self.missing and not chosen:
            self._write(Path(out))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was compared, and what was not reported."""
        if not self.ended or not self.found:
            return
        from parity.gate import gate
        from parity.run import key_of

        terminalreporter.section("parity")
        terminalreporter.line(gate([t.result for t in self.found.values()]).sentence)
        if self.missing:
            terminalreporter.line(
                f"{len(self.missing):,} cells were not reported, such as {key_of(self.missing[0])}"
            )

    def _write(self, out: Path) -> None:
        from parity.files import write_whole
        from parity.report.as_json import as_json
        from parity.report.as_markdown import as_markdown
        from parity.run import finish, key_of

        planned = self.plan()
        timed = [self.found[key_of(task)] for task in planned.tasks]
        report = finish(planned, timed, 1).report
        write_whole(out / "parity.json", as_json(report))
        write_whole(out / "parity.md", as_markdown(report))


class CellCollector(pytest.Collector):
    """All cells of the session."""

    def __init__(self, *, cells: Cells, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cells = cells

    def collect(self) -> Iterator[pytest.Item]:
        """Return a test for each cell: "parity::conv2d/same[float32-torch]"."""
        from parity.backends import name_of

        for task in self.cells.plan().tasks:
            name = f"{task.case.id}[{task.dtype}-{name_of(task.backend)}]"
            yield CellItem.from_parent(self, name=name, task=task)


class CellItem(pytest.Item):
    """One cell as a test."""

    def __init__(self, *, task: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.task = task
        self.add_marker(pytest.mark.parity)
        self.add_marker(pytest.mark.parity_op(task.case.op))
        self.add_marker(pytest.mark.parity_dtype(task.dtype))
        self.add_marker(pytest.mark.parity_regime(task.case.regime))
        self.extra_keyword_matches.update((task.case.op, task.dtype, task.case.regime))

    def runtest(self) -> None:
        """Run the cell, keep its result as text, and fail where it differs."""
        import msgspec

        from parity.result import Status
        from parity.run import entry_of
        from parity.runner import single_threaded, timed

        for variable in _THREADS:
            os.environ.setdefault(variable, "1")
        with single_threaded():
            found = timed(self.task, lambda: None)
        # As text: whatever else is in the properties of a report can stop an xdist worker.
        entry = msgspec.json.encode(entry_of(self.task, found)).decode()
        self.user_properties.append((KEY, entry))
        result = found.result
        if result.status in (Status.UNSUPPORTED, Status.ABSENT):
            pytest.skip(f"{result.status.value}: {result.reason}")
        if result.status not in (Status.PASS, Status.KNOWN):
            raise DifferenceError(result, self.task)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:  # noqa: ARG002
        """Return what differs and the command that runs the cell again."""
        if isinstance(excinfo.value, DifferenceError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return where the test is: in no file."""
        return self.path, None, self.nodeid


class DifferenceError(Exception):
    """A cell that differs, in words."""

    def __init__(self, result: Any, task: Any) -> None:
        from parity.report.rows import repro_command

        worst = getattr(result.other, "worst", "") if hasattr(result, "other") else result.worst
        sides = task.backend, task.subject
        again = repro_command(result.case, result.dtype, *sides, task.seed)
        super().__init__(f"{result.status.value}: {result.reason}\n{worst}\n{again}")


_THREADS: Sequence[str] = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
