"""What explains the difference of two recordings of any loops: the second from the first.

There is no model to run here. What is known is what was recorded, and, where the first recording
says which optimizer it is of, its update rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from parity.cells import number
from parity.explain import causes
from parity.explain.beside import Beside, Rates
from parity.explain.changes import Change, changes, differing
from parity.explain.described import optimizer_of
from parity.explain.onset import Onset, onset
from parity.explain.reading import read
from parity.explain.result import CUT, Cause, Explanation
from parity.explain.updates import Replay, rules_tried
from parity.explain.verdict import UNEXPLAINED, of_update
from parity.explain.words import listed
from parity.trace import Recording
from parity.trace.align import Alignment, paired
from parity.trace.compare import compare
from parity.trajectory.lockstep import LIMIT
from refnet.optimizers import Optimizer


def explain_pair(
    a: Recording,
    b: Recording,
    optimizer: str | None = None,
    rename: Mapping[str, str] | None = None,
) -> Explanation:
    """Return what explains the difference of recording b from recording a.

    Learning rates that were recorded, such as :func:`parity.trace.attach` does, are each
    recording's own. The optimizer counts only if it gives a's own updates.

    Parameters
    ----------
    a, b : Recording
        Of the same training, with the parameters of step 0 and of every step after it. Weights of
        the other order of axes are put in order.
    optimizer : str, optional
        What a used, as a spec such as "adam(lr=0.001)"; by default what its info says.
    rename : mapping, optional
        What a calls ``old``, b calls ``new``; see ``parity trace compare``.

    Returns
    -------
    Explanation
        Without distances if the two have no parameter in common: then nothing was compared.

    Raises
    ------
    OptionError
        If the spec names no optimizer.
    SelectionError
        If a recording does not hold the parameters of every step from 0 on, or a renaming names
        nothing.
    """
    rule = optimizer_of(a, optimizer)
    beside = Beside(a)
    with np.errstate(all="ignore"):
        ends = [read(recording) for recording in (a, b)]
        for mine, theirs in paired(a, b, Alignment(a, rename)):
            beside(mine, theirs)
        tried, sentence = _of_update(beside, rule, a, b) if beside.distances else ([], None)
    tried = [*beside.causes(), *tried]
    found = [*beside.faults, *([sentence] if sentence else [])]
    distances = [d for _, d in beside.distances]
    grown = onset(distances, first=beside.distances[0][0]) if distances else None
    differs = bool(found) or compare(a, b, rename=rename).parted
    explained, sentences = all(known for known, _ in found), [s for _, s in found]
    if not found:
        explained, sentences = _only_grown(beside, grown, differs)
    if ends[0] != ends[1]:
        sentences = [*sentences, f"Of steps, the first has {ends[0]}, and the second {ends[1]}."]
    return Explanation(
        what=f"{b.path}{b.torn * CUT} beside {a.path}{a.torn * CUT}",
        steps=min(ends),
        verdict=" ".join([*sentences, *[UNEXPLAINED] * (bool(found) and not explained)]),
        differs=differs,
        explained=explained,
        causes=tried,
        horizon=None,
        onset=None if grown is None else grown.step,
        growth=[] if grown is None else [number(grown.before), number(grown.after)],
        first_flip=beside.first_flip,
        flip=beside.flip,
        printed=beside.printed,
        distances=[[t, number(d)] for t, d in beside.distances],
    )


def _of_update(
    beside: Beside, rule: Optimizer | None, a: Recording, b: Recording
) -> tuple[list[Cause], tuple[bool, str] | None]:
    """Return what was tried of b's update rule, and what is wrong with it, if anything."""
    if rule is None:
        what = "no optimizer is known: hand over --optimizer"
        return [Cause(stage="update", what=what, explains=False)], None
    first, second = beside.rates
    own = Replay(_with_rates(rule, first), beside.dtypes[0], LIMIT)
    read(a, own)
    if not own.agrees:
        what = f"{rule!r} does not give the first recording's own updates, from step {own.first} on"
        note = "so those of the second were not checked"
        return [Cause(stage="update", what=what, explains=False, note=note)], None
    update = Replay(_with_rates(rule, second or first), beside.dtypes[1], LIMIT)
    read(b, update)
    said = _said(b, update.optimizer, second)
    tried = causes.of_update(update, rules_tried(update, b, beside.dtypes[1], said), ())
    return tried, None if update.agrees else of_update(*tried)


def _said(b: Recording, rule: Any, rates: Rates) -> list[Change]:
    """Return the optimizer that b's info names as a change of a's, unless some system has it."""
    said = optimizer_of(b)
    if said is None:
        return []
    said = _with_rates(said, rates)
    if type(said) is not type(rule):
        return [Change(repr(said), (), said)]
    fields = differing(said, rule)
    known = any(change.optimizer == said for change in changes(rule))
    what = ", ".join(f"{name}={value!r}" for name, value in fields.items())
    return [Change(what, (), said)] if fields and not known else []


def _with_rates(rule: Any, rates: Rates) -> Any:
    """Return an optimizer with the learning rates that were recorded, if they were."""
    return replace(rule, lr=rates) if rates else rule


def _only_grown(beside: Beside, grown: Onset | None, differs: bool) -> tuple[bool, list[str]]:
    """Say what is known where no stage differs."""
    if not beside.distances:
        return False, [
            "Nothing was compared: the recordings have no parameter in common. Are they named "
            "otherwise? Then hand over --rename."
        ]
    if not differs:
        if beside.uncompared:
            left = f"no stage differs in what both have, so without {listed(beside.uncompared)}"
            return True, [f"The recordings agree: {left}."]
        return True, ["The recordings agree: no stage differs."]
    how = ""
    if grown is not None:
        how = (
            f"; the distance grows from step {grown.step} on, {grown.after:.2f} times a step "
            f"({grown.before:.2f} before), to {beside.distances[-1][1]:.1e}"
        )
    if beside.first_flip is not None:
        how += f"; {beside.flip} differs first at step {beside.first_flip}"
    return False, [
        f"No stage differs by itself{how}. Whether that is rounding, only twins can tell: "
        "`parity explain CASE` has them, for a training case."
    ]
