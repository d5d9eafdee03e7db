"""An explanation in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from parity.explain.free import FORMULA, FreeRuns
from parity.explain.onset import Onset
from parity.explain.problem import Problem
from parity.explain.result import Cause
from parity.explain.stages import Stages
from parity.explain.words import capital, have, listed

UNEXPLAINED = "None of these explains the difference."


def faults(stages: Stages, causes: Sequence[Cause]) -> list[tuple[bool, str]]:
    """Return what is wrong in each stage, in causal order: whether it is known how, and words."""
    by_stage: dict[str, list[Cause]] = {}
    for cause in causes:
        by_stage.setdefault(cause.stage, []).append(cause)
    found = []
    if stages.start != "":
        (start,) = by_stage["start"]
        found.append((start.explains, f"It begins with {start.what}."))
    if stages.inputs.first is not None:
        (inputs,) = by_stage["inputs"]
        found.append((inputs.explains, f"{capital(inputs.what)}."))
    if stages.frozen or not stages.gradients.agrees:
        found.append(_of_gradient(*by_stage["gradient"]))
    if not stages.update.agrees:
        found.append(of_update(*by_stage["update"]))
    return found


def _of_gradient(own: Cause, *others: Cause) -> tuple[bool, str]:
    how = f"; it is off as {others[0].what} are" if others else ""
    if own.systems:
        how = f": {own.note}, as {have(own.systems)} it"
    return own.explains or bool(others), f"{capital(own.what)}{how}."


def of_update(own: Cause, *tried: Cause) -> tuple[bool, str]:
    """Return whether a change of the update rule explains a run, and which, in a sentence."""
    fitting = [c for c in tried if c.explains]
    if not fitting:
        last = f"of {len(tried)} changes that conventions know, none gives it"
        return False, f"{capital(own.what)}; {last}."
    changed = {c.what: set(c.what.split(", ")) for c in fitting}
    # One that changes more fits as well where the rest does nothing that shows.
    least = [c for c in fitting if not any(w < changed[c.what] for w in changed.values())]
    others = [f"with {_as_in(c)}" for c in least[1:]]
    end = f", and so it is {listed(others)}: this run does not tell them apart" if others else ""
    return True, f"{capital(own.what)}; with {_as_in(least[0])}, it is{end}."


def _as_in(change: Cause) -> str:
    source = f"as {have(change.systems)} it" if change.systems else "as its own info says"
    return f"{change.what}, {source}"


def rounding(
    problem: Problem, free: FreeRuns, grown: Onset | None, causes: Sequence[Cause]
) -> list[str]:
    """Say that rounding explains a run, from where on it is amplified, and what does not."""
    if not free.window:
        return [
            f"Every stage of each step agrees up to rounding in {problem.dtype}. The horizon is at "
            "step 1 already: of the run as a whole nothing can be said."
        ]
    where = "at every step" if free.horizon is None else "before the horizon"
    said = [
        f"Rounding in {problem.dtype} explains the difference: {where} the run's distance from "
        f"refnet in {FORMULA} is at most {free.share(free.distances):.2g} times the twins' "
        "envelope."
    ]
    if grown is not None and free.horizon is not None:
        said.append(
            f"It is amplified from step {grown.step} on, {grown.after:.2f} times a step "
            f"({grown.before:.2f} before): from {free.distances[grown.step - 1]:.1e} of the "
            f"parameters there to {free.distances[free.horizon - 1]:.1e} at step {free.horizon}, "
            f"the horizon, and {free.distances[-1]:.1e} at the end."
        )
    if free.printed is not None:
        said.append(f"Parameters printed to 3 decimals differ from step {free.printed} on.")
    for other in causes:
        if other.what.startswith("initial values rounded") and other.note:
            said.append(f"{capital(other.what)} do not explain it: {other.note}.")
    order = next((c for c in causes if c.what.startswith("sums")), None)
    if order is not None and order.figure is not None:
        said.append(
            "Summing each batch in reverse order alone makes a difference of "
            f"{float(order.figure):.2g} envelopes."
        )
    return said


def parted(problem: Problem, free: FreeRuns) -> tuple[bool, list[str]]:
    """Say where runs parted that agree in every stage: at a branch, or for no reason known."""
    left = free.leaves(free.plain.trail)
    if free.first_flip is not None and left is not None and free.first_flip <= left:
        return True, [
            f"Every stage agrees up to rounding in {problem.dtype}; {free.flip} differs first at "
            f"step {free.first_flip}, and the runs part at step {left}."
        ]
    return False, [f"Every stage agrees, and yet the runs part at step {left}."]
