"""``parity trace``: what is in a recording, and where two of them part."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import click
from tabulate import tabulate

from parity import gate
from parity.report.rows import short
from parity.trace.compare import THRESHOLD, Parting, Place, compare
from parity.trace.distance import ROUNDINGS
from parity.trace.names import parts
from parity.trace.recording import Recording

POINTS = 12  # rows of the table of distances
LISTED = 6  # names in a sentence


@click.group("trace")
def trace() -> None:
    """Look into recordings of training runs, and compare them."""


@trace.command("compare")
@click.argument("a", type=click.Path())
@click.argument("b", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option(
    "--rename",
    multiple=True,
    metavar="OLD=NEW",
    help="What A calls OLD, B calls NEW: a parameter, a whole name, or, as in .weight=.w, the end "
    "of one; repeat.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0),
    callback=lambda _, __, value: _number(value),
    default=THRESHOLD,
    show_default=True,
    help="Relative distance beyond which a computed tensor parts.",
)
def compare_command(a: str, b: str, as_json: bool, rename: Sequence[str], threshold: float) -> None:
    """Find the first step, and in it the first tensor, at which recordings A and B part.

    Exits 0 if they do not, 1 if they do, 2 if a file cannot be read, 5 if they have no tensor in
    common.
    """
    found = compare(Recording(a), Recording(b), rename=renames(rename), threshold=threshold)
    click.echo(found.as_json().decode() if as_json else as_text(found), nl=not as_json)
    sys.exit(exit_code(found))


@trace.command("show")
@click.argument("recording", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def show_command(recording: str, as_json: bool) -> None:
    """Show a recording's info, steps and tensors, and whether its end was cut off."""
    r = Recording(recording)
    if as_json:
        tensors = {n: {"dtype": t.dtype, "shape": t.shape, "steps": t.steps, "varies": t.varies}
                   for n, t in r.names.items()}  # fmt: skip
        plain = {"info": r.info, "steps": r.steps, "torn": r.torn, "tensors": tensors}
        click.echo(json.dumps(plain, indent=1))
        return
    for name, value in r.info.items():
        click.echo(f"{_safe(name)}: {_safe(value)}")
    click.echo(f"{_steps(r.steps)}{', cut off within the next' if r.torn else ''}\n")
    rows = [
        [n, t.dtype + " ..." * t.varies, str(t.shape), f"{t.steps:,}"] for n, t in r.names.items()
    ]
    names = ["tensor", "dtype", "shape", "steps"]
    click.echo(tabulate(rows, headers=names, tablefmt="simple", disable_numparse=True))


def exit_code(found: Parting) -> int:
    """Return the gate's code for a comparison."""
    if not found.steps or not found.tensors:
        return gate.NOTHING
    return gate.DIFFERS if found.parted else gate.AGREES


def as_text(found: Parting) -> str:
    """Return a comparison as tables, the verdict last."""
    blocks = ["\n".join(_scope(found))]
    stages = [
        ("any difference", found.first_any),
        (f"beyond rounding ({ROUNDINGS} u)", found.first_rounding),
        ("parting", found.first_parted),
    ]
    rows = [[what, *_cells(place)] for what, place in stages if place is not None]
    rows += [
        [f"first {kind} to part", *_cells(place)]
        for kind, place in sorted(found.kinds.items(), key=lambda item: item[1].step)
        if place is not found.first_parted
    ]
    if rows:
        names = ["first", "step", "tensor", "distance", "farthest element", "A", "B"]
        blocks.append(tabulate(rows, headers=names, tablefmt="simple", disable_numparse=True))
    points = _points(found.distances)
    if any(d for _, d in points):
        table = [[str(t), short(d)] for t, d in points]
        names = ["step", "distance of the parameters"]
        blocks.append(tabulate(table, headers=names, tablefmt="simple", disable_numparse=True))
    g = found.growth
    if g is not None:
        doubling = f", doubling in {short(g.doubling)} steps" if g.doubling else ""
        blocks.append(
            f"from step {g.first} to {g.last} the distance changes by a factor of "
            f"{g.factor:.4g} a step{doubling}"
        )
    return "\n\n".join([*blocks, verdict(found)])


def verdict(found: Parting) -> str:
    """Return the outcome in a sentence."""
    if not found.steps:
        return "nothing was compared: the recordings have no step in common"
    if not found.tensors:
        return "nothing was compared: the recordings have no tensor in common; see --rename"
    first = found.first_parted
    if first is not None:
        return f"they part at step {first.step}, first in {first.tensor}"
    if found.first_any is None:
        return "every value agrees"
    if found.first_rounding is None:
        return "they agree within rounding at every step"
    end = "" if found.final is None else f"; the parameters end {short(found.final)} apart"
    return f"they do not part by more than {short(found.threshold)}{end}"


def _scope(found: Parting) -> Iterable[str]:
    span = f"{found.first_step} to {found.last_step}" if found.steps else "none"
    tensors = _counted(found.tensors, "tensor")
    yield f"compared: {_counted(found.steps, 'step')} ({span}), {tensors}"
    for side, steps, names, torn in (
        ("A", found.steps_only_a, found.only_a, found.torn[0]),
        ("B", found.steps_only_b, found.only_b, found.torn[1]),
    ):
        if torn:
            yield f"{side} was cut off within a step"
        if steps:
            yield f"only in {side}: {_counted(steps, 'step')}"
        if names:
            yield f"only in {side}: {_listed(_grouped(names))}"
    if found.transposed:
        weights = {n: o for n, o in found.transposed.items() if parts(n)[0] in ("parameter", "")}
        orders = [f"{parts(n)[1]} {tuple(o)}" for n, o in (weights or found.transposed).items()]
        yield f"B's axes in another order: {_listed(orders)}"
    if found.dtypes:
        kinds = dict.fromkeys(f"{a} and {b}" for a, b in found.dtypes.values())
        yield f"dtypes differ: {_listed(list(kinds))}"


def _grouped(names: Mapping[str, int]) -> list[str]:
    """Return names with the number of steps, several of a kind together."""
    groups: dict[tuple[str, int], list[str]] = {}
    for name, steps in names.items():
        groups.setdefault((parts(name)[0] or name, steps), []).append(name)
    return [
        f"{found[0] if len(found) == 1 else f'{len(found)} of {group}'} ({_counted(steps, 'step')})"
        for (group, steps), found in groups.items()
    ]


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - LISTED} more" if len(words) > LISTED else ""
    return f"{', '.join(words[:LISTED])}{more}"


def _cells(place: Place) -> list[str]:
    several = len(place.element) > 0
    element = f"[{', '.join(map(str, place.element))}]" if several else ""
    return [str(place.step), place.tensor, short(place.distance), element, place.a, place.b]


def _points(distances: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return up to POINTS of the distances, evenly, the first and the last among them."""
    n = len(distances)
    if n <= POINTS:
        return list(distances)
    return [distances[round(i * (n - 1) / (POINTS - 1))] for i in range(POINTS)]


def _steps(steps: Sequence[int]) -> str:
    if not steps:
        return "no steps"
    return f"{_counted(len(steps), 'step')}, {steps[0]} to {steps[-1]}"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _number(value: float) -> float:
    if value != value:
        raise click.BadParameter("nan is no limit")
    return value


def renames(pairs: Sequence[str]) -> dict[str, str]:
    """Return what options OLD=NEW say."""
    found = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (old and equals and new):
            raise click.BadParameter(f"{pair!r} is not OLD=NEW", param_hint="--rename")
        found[old] = new
    return found


def _safe(value: object) -> str:
    """Return what a file says as text that does nothing to a terminal."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text.isprintable() else json.dumps(text)
