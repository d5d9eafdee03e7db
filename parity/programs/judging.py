"""A program run on both sides, compared in lockstep and left to itself, and judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np

from parity.backends import AbsentError, adapter
from parity.backends.base import Array, Values
from parity.backends.tensorflow.programs import Drawn, Start, Taken, watched
from parity.bounds.base import arithmetic, oracle_dtype
from parity.cells import number, raised_alone
from parity.errors import SidesError
from parity.judge import Verdict, judge
from parity.programs.own import (
    UPDATES,
    Before,
    Own,
    before_of,
    by_gradient_name,
    computed,
    loss_name,
    record,
)
from parity.programs.program import Enough, Program
from parity.programs.rounded import REASON, rounded
from parity.result import Apart, Number, Status, Tensor
from parity.runner import single_threaded
from parity.trace import Place, RecordedStep, Recorder, Recording
from parity.trace import compare as compare_recordings
from parity.trace.names import named
from parity.trajectory.free_running import relative_distance
from parity.trajectory.lockstep import LIMIT, TWINS, Ratio, compare, missed
from parity.trajectory.summary import apart, by_tensor, deviation
from parity.trajectory.twins import Mover
from refnet.graph import Node

STEPS = 100
SUSPECT = LIMIT / 8  # from there on a step is compared with what optimizers round, too
MODULES = {"tensorflow": "tensorflow.compat.v1"}
_ACCURACY = re.compile(r"\bacc[a-z]*[\s:=]*(\d*\.?\d+(?:e-?\d+)?%?)", re.IGNORECASE)


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """Where a side is farthest from the oracle, on the scale of twins."""

    step: int
    tensor: str
    ratio: Number


class ProgramResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a program on refnet and on a backend.

    ``parted`` is where the recordings of both runs by themselves part, as ``parity trace compare``
    sees it; ``printed`` how many of the lines that they printed are the same, and of how many.
    """

    program: str
    backend: str
    status: Status
    reason: str = ""
    dtype: str = ""
    steps: int = 0  # in lockstep
    compared: int = 0  # tensors times steps
    subject_worst: Worst | None = None
    backend_worst: Worst | None = None
    subject_apart: Apart | None = None
    backend_apart: Apart | None = None
    tensors: list[Tensor] = []
    started: list[str] = []  # variables that the sides draw differently
    alone: list[str] = []  # variables that the backend alone has: only their effects are compared
    free_steps: int = 0
    distance: Number | None = None  # of the backend's parameters from refnet's, at the end
    parted: Place | None = None
    accuracies: list[str] = []  # the last that each side printed: refnet, backend
    printed: tuple[int, int] = (0, 0)


def judged(
    program: Program,
    *,
    backend: str = "tensorflow",
    steps: int = STEPS,
    out: Path | None = None,
    free: bool = True,
) -> ProgramResult:
    """Run a program on refnet and on a backend, and return what the comparison says.

    refnet runs it to its end, and records its first ``steps`` training steps. The backend runs it
    twice. In lockstep it starts each of these steps from refnet's state, and what it computes is
    held to the limit of training runs: loss, gradients, slots and parameters may be 16 times as
    far from the step in float64 as refnet's own step and four twins of it are. Then it runs to the
    end by itself, from refnet's first state, which informs.

    Parameters
    ----------
    program : Program
        The file and its arguments.
    backend : str
        What it is run on beside refnet.
    steps : int
        Training steps in lockstep.
    out : path, optional
        A folder that the recordings are left in: refnet.trace, and the backend's in lockstep and
        left to itself.
    free : bool
        Whether the backend also runs it by itself.

    Raises
    ------
    SelectionError
        If the file is no program of TensorFlow's.
    AbsentError
        If the backend is not installed.
    """
    program.code(MODULES[backend])
    side: Any = adapter(backend)
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(single_threaded())
        judging = _Judging(program, side, steps, folder)
        try:
            return judging.result(free=free)
        except SidesError as error:
            return judging.failed(Status.FAIL, str(error))
        except (Exception, SystemExit) as error:  # a program may raise whatever it likes
            return judging.failed(Status.ERROR, f"{type(error).__name__}: {error}")


class _Judging:
    """One program, on its way to a result."""

    def __init__(self, program: Program, side: Any, steps: int, folder: Path) -> None:
        self.program, self.side, self.steps = program, side, steps
        self.module = MODULES[side.name]
        self.paths = {
            name: folder / f"{name}.trace" for name in ("refnet", side.name, f"{side.name}-free")
        }

    def failed(self, status: Status, reason: str) -> ProgramResult:
        return ProgramResult(
            program=self.program.name, backend=self.side.name, status=status, reason=reason
        )

    def result(self, *, free: bool) -> ProgramResult:
        recording = self.paths["refnet"]
        with Recorder(recording, overwrite=True, program=self.program.name) as recorder:
            own = record(self.program, recorder, self.steps)
        if not own.plans:
            return self.failed(Status.ERROR, "it takes no training step through an optimizer")
        lockstep = _Lockstep(own, Recording(recording), self.program.name)
        self._run(lockstep, self.side.name)
        lockstep.finish()
        ratios = lockstep.ratios
        mine, theirs = (deviation(ratios, i) for i in (0, 1))
        verdict = judge("refnet", self.side.name, mine, theirs)
        as_held = deviation(lockstep.rounded, 1)
        if mine.within and as_held.within and not theirs.within:
            worst = LIMIT * as_held.ratio
            verdict = Verdict(
                Status.KNOWN,
                f"{REASON}. With the same in refnet's, its worst is {worst:.3g}, not "
                f"{LIMIT * theirs.ratio:.3g}",
            )
        result = ProgramResult(
            program=self.program.name,
            backend=self.side.name,
            status=verdict.status,
            reason=verdict.reason,
            dtype=lockstep.dtype,
            steps=len(own.plans),
            compared=len(ratios),
            subject_worst=_worst(ratios, 0),
            backend_worst=_worst(ratios, 1),
            subject_apart=apart(ratios, 0),
            backend_apart=apart(ratios, 1),
            tensors=by_tensor(ratios),
            started=lockstep.started,
            alone=sorted(lockstep.alone),
        )
        return self._freely(result, own) if free else result

    def _freely(self, result: ProgramResult, own: Own) -> ProgramResult:
        """Return the result with what the run left to itself shows."""
        name = f"{self.side.name}-free"
        watcher = _Free(own, Recording(self.paths["refnet"]))
        printed = self._run(watcher, name)
        parting = compare_recordings(Recording(self.paths["refnet"]), Recording(self.paths[name]))
        lines = [text.splitlines() for text in (own.printed, printed)]
        alike = sum(a == b for a, b in zip(*lines, strict=False))
        found = [_ACCURACY.findall(text) for text in (own.printed, printed)]
        return msgspec.structs.replace(
            result,
            free_steps=watcher.steps,
            distance=number(relative_distance(watcher.final, own.final)),
            parted=parting.first_parted,
            accuracies=[each[-1] for each in found] if all(found) else [],
            printed=(alike, max(map(len, lines))),
        )

    def _run(self, watcher: _Lockstep | _Free, name: str) -> str:
        """Run the program on the backend and return what it printed."""
        options = self.side.sessions.in_this_thread
        info: dict[str, Any] = {"program": self.program.name, "framework": name}
        with Recorder(self.paths[name], overwrite=True, **info) as recorder:
            watcher.recorder = recorder
            with watched(self.side.tf, options, watcher):
                try:
                    return self.program.run(self.module)
                except SidesError:
                    raise
                except (Exception, SystemExit) as error:
                    raise raised_alone(self.side.name, error) from error


class _Follower:
    """Follows the backend's run of a program along refnet's recording of its own."""

    recorder: Recorder

    def __init__(self, own: Own, recording: Recording) -> None:
        self.own = own
        self.steps = 0
        self.alone: set[str] = set()
        self._recorded = iter(recording)
        self.last = self.now = next(self._recorded)

    def advance(self) -> RecordedStep | None:
        """Go on to the next step and return it; None after the last that is recorded."""
        self.steps += 1
        if self.steps > len(self.own.plans):
            return None
        self.last, self.now = self.now, next(self._recorded)
        return self.now

    def start(self) -> Start:
        """Return what refnet's step started from."""
        plan = self.own.plans[self.steps - 1]
        before = before_of(plan, self.last, self.now)
        masks = {n for n, node in plan.draws.items() if node.kind == "dropout_mask"}
        draws = {n: Drawn(a, n in masks) for n, a in before.draws.items()}
        return Start(before.state, draws, plan.powers(before.state))

    def tensors(self, taken: Taken) -> Values:
        """Return what the backend computed, by the names of refnet's recording."""
        plan = self.own.plans[self.steps - 1]
        found: Values = {}
        for i, loss in enumerate(taken.losses):
            name = loss_name(i, len(taken.losses))
            if loss is not None and name in plan.losses:  # refnet knows no loss by other names
                found[name] = loss
        found |= by_gradient_name(taken.gradients)
        known = taken.variables.keys() & plan.tensors.keys()
        self.alone |= taken.variables.keys() - known
        return found | {plan.tensors[name]: taken.variables[name] for name in known}


class _Lockstep(_Follower):
    """Starts every step from refnet's state, and compares all that it computes."""

    def __init__(self, own: Own, recording: Recording, key: str) -> None:
        super().__init__(own, recording)
        self.key = key
        self.ratios: list[Ratio] = []
        self.rounded: list[Ratio] = []  # with optimizers that hold what TensorFlow's do
        self.started: list[str] = []
        self.dtype = _coarsest(self.last.tensors)
        wide = oracle_dtype(self.dtype)
        if wide is None:
            raise AbsentError(f"longdouble is no wider than {self.dtype} here")
        self.wide = wide

    def before(self, own: Callable[[], Values]) -> Start:
        """Start from refnet's state; before the first step, compare the slots with refnet's."""
        if self.advance() is None:
            raise Enough
        start = self.start()
        if self.steps == 1:
            self._compare_start(own(), start.variables)
        return start

    def after(self, taken: Taken) -> None:
        """Compare what the step read and computed."""
        plan = self.own.plans[self.steps - 1]
        before = before_of(plan, self.last, self.now)
        self._compare_feeds(taken.feeds, before.feeds)
        tensors = self.tensors(taken)
        self.recorder.write(self.steps, {**named(batch=taken.feeds), **tensors})
        plain = computed(self.now.tensors)
        found = self._compared(before, plain, tensors)
        self.ratios += found
        if any(r.backend > SUSPECT for r in found):
            with rounded(plan, before) as fed:
                found = self._compared(before, computed(plan.step(before, more=fed)), tensors, fed)
        self.rounded += found

    def _compared(
        self,
        before: Before,
        plain: Values,
        tensors: Values,
        fed: Mapping[Node, Array] | None = None,
    ) -> list[Ratio]:
        """Return the ratios of refnet's plain step and the backend's."""
        plan = self.own.plans[self.steps - 1]
        oracle = computed(plan.step(before, self.wide, fed))
        mover = Mover(f"{self.key}|twins|step {self.steps}")
        twins = [computed(plan.twin(mover, before, fed)) for _ in range(TWINS)]
        u = arithmetic(self.dtype).u
        return compare(self.steps, u, oracle, [plain, *twins], (plain, tensors))

    def finish(self) -> None:
        """Refuse a backend that took fewer steps."""
        if self.steps < len(self.own.plans):
            raise SidesError(
                "program",
                got=f"{self.steps} training steps on the backend",
                needs=f"{len(self.own.plans)}, as on refnet",
                cause="Does the program stop by a value that differs?",
            )

    def _compare_start(self, found: Values, wanted: Mapping[str, Array]) -> None:
        """Compare the state before the first step: slots are equal, parameters may be drawn."""
        state = {}
        for name, tensor in self.own.plans[0].tensors.items():
            if tensor.startswith(UPDATES) or name not in wanted:
                continue
            slot = tensor.startswith("slot/")
            ratio = missed(found.get(name), wanted[name])
            if slot:
                self.ratios.append(Ratio(tensor, 0, 0.0, ratio))
                self.rounded.append(self.ratios[-1])
            elif ratio:
                self.started.append(name)
            state[tensor] = found[name] if slot and name in found else wanted[name]
        self.recorder.write(0, state)

    def _compare_feeds(self, found: Values, wanted: Values) -> None:
        for name in sorted({*found, *wanted}):
            a, b = found.get(name), wanted.get(name)
            if a is None or b is None or not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
                raise SidesError(
                    "program",
                    got=f"another feed of {name} on the backend, at step {self.steps}",
                    needs="the same feeds on both sides",
                    cause="Is it drawn without a seed, or made of what a session returned?",
                )


class _Free(_Follower):
    """Starts the first step from refnet's state, and leaves the others to the backend."""

    def __init__(self, own: Own, recording: Recording) -> None:
        super().__init__(own, recording)
        self.final: Values = {}

    def before(self, own: Callable[[], Values]) -> Start:  # noqa: ARG002
        """Start from refnet's state once; draw what refnet drew as long as it is known."""
        if self.advance() is None:
            return Start()
        start = self.start()
        if self.steps > 1:
            return Start(draws=start.draws)
        self.recorder.write(0, computed(self.last.tensors))
        return start

    def after(self, taken: Taken) -> None:
        """Keep what the last step leaves."""
        self.final = {n: a for n, a in taken.variables.items() if n in self.own.final}
        if self.steps <= len(self.own.plans):
            self.recorder.write(self.steps, {**named(batch=taken.feeds), **self.tensors(taken)})


def _worst(ratios: Sequence[Ratio], side: int) -> Worst:
    """Return a side's worst ratio and where it is."""
    found = max(ratios, key=lambda r: r[2:][side])
    return Worst(step=found.step, tensor=found.tensor, ratio=number(found[2:][side]))


def _coarsest(tensors: Values) -> str:
    """Return the coarsest dtype of floats among the parameters."""
    floats = {a.dtype for a in tensors.values() if a.dtype.kind == "f"}
    return min(floats, key=lambda d: np.finfo(d).bits).name
