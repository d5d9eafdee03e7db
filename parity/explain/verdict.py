"""An explanation in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from parity.explain.free import FORMULA, FreeRuns
from parity.explain.onset import Onset
from parity.explain.problem import Problem
from parity.explain.result import Cause
from parity.explain.stages import Stages

UNEXPLAINED = "None of these explains the difference."


def faults(stages: Stages, causes: Sequence[Cause]) -> list[tuple[bool, str]]:
    """Return what is wrong in each stage, in causal order: whether it is known how, and words."""
    by_stage: dict[str, list[Cause]] = {}
    for cause in causes:
        by_stage.setdefault(cause.stage, []).append(cause)
    found = []
    if not stages.starts_alike:
        (start,) = by_stage["start"]
        found.append((start.explains, f"It begins with {start.what}."))
    if stages.inputs.first is not None:
        (inputs,) = by_stage["inputs"]
        found.append((inputs.explains, f"{capital(inputs.what)}."))
    if not stages.gradients.agrees:
        found.append(_of_gradient(*by_stage["gradient"]))
    if not stages.update.agrees:
        found.append(of_update(*by_stage["update"]))
    return found


def _of_gradient(own: Cause, *others: Cause) -> tuple[bool, str]:
    how = f"; it is off as {listed([o.what for o in others])} are" if others else ""
    if own.systems:
        how = f": {own.note}, as {_have(own.systems)} it"
    return own.explains or bool(others), f"{capital(own.what)}{how}."


def of_update(own: Cause, *tried: Cause) -> tuple[bool, str]:
    """Return whether a change of the update rule explains a run, and which, in a sentence."""
    winner = next((c for c in tried if c.explains), None)
    if winner is None:
        last = f"of {len(tried)} changes that conventions know, none gives it"
        return False, f"{capital(own.what)}; {last}."
    return True, f"{capital(own.what)}; with {winner.what}, as {_have(winner.systems)} it, it is."


def rounding(
    problem: Problem, free: FreeRuns, grown: Onset | None, causes: Sequence[Cause]
) -> list[str]:
    """Say that rounding explains a run, from where on it is amplified, and what does not."""
    where = "throughout" if free.horizon is None else "up to the horizon"
    said = [
        f"Rounding in {problem.dtype} explains the difference: {where} the run is at most "
        f"{free.share(free.distances):.2g} times as far from refnet in {FORMULA} as the twins come "
        "apart."
    ]
    if grown is not None and free.horizon is not None:
        said.append(
            f"It is amplified from step {grown.step} on, {grown.after:.2f} times a step "
            f"({grown.before:.2f} before): from {free.distances[grown.step - 1]:.1e} of the "
            f"parameters there to {free.distances[free.horizon - 1]:.1e} at step {free.horizon}, "
            f"the horizon, and {free.distances[-1]:.1e} at the end."
        )
    if free.printed is not None:
        said.append(f"Parameters printed to 3 decimals show it from step {free.printed} on.")
    for other in causes:
        if other.what.startswith("initial values rounded") and other.note:
            said.append(f"{capital(other.what)} do not explain it: {other.note}.")
    order = next((c for c in causes if c.what.startswith("sums")), None)
    if order is not None and order.figure is not None:
        said.append(
            f"Another order of the sums alone makes {float(order.figure):.2g} times the envelope."
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


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    Examples
    --------
    >>> listed(["torch", "keras", "optax"])
    'torch, keras and optax'
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _have(systems: Sequence[str]) -> str:
    return f"{listed(systems)} {'has' if len(systems) == 1 else 'have'}"


def capital(words: str) -> str:
    """Return words with the first letter in upper case, the others as they are."""
    return words[:1].upper() + words[1:]
