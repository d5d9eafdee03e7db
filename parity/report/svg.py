"""Pictures of ratios as SVG: dots and curves over logarithmic axes, as text.

The same numbers give the same bytes. Lines have classes (``side0``, ``side1``, ...), which the page
that shows a picture gives its colours, or :data:`STYLE` where it stands alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from parity.report.tables import printable

LOWEST = -4  # the decade below which a share of a bound is shown as none
HIGHEST = 3  # and the one beyond which it is only said to be more
WIDTH = 360  # of a picture on a page; one that stands alone has room for more
_TALL = 12  # strips above which there is an axis at the top too
_SPACING = 11  # of the lines of dots of a strip
_BELOW, _BEYOND = 26, 56  # room beside the axis for what is below and above it

# Blue and vermilion, as Okabe and Ito have them, light and dark; with at least 4.5 of contrast.
STYLE = """\
svg { background: #fff; color: #1b1f24; font: 13px system-ui, sans-serif }
text { fill: currentColor }
.grid { stroke: #c9d1d9; stroke-width: 1 }
.limit { stroke: #b3131c; stroke-width: 1.5 }
.dots { fill: none; stroke-width: 4.5; stroke-opacity: 0.75; stroke-linecap: round }
.odd { stroke-linecap: square; stroke-width: 4 }
.side0 { stroke: #0b62a8 } .side1 { stroke: #b34700 }
.side2 { stroke: #00744f } .side3 { stroke: #8a3d78 }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; color: #e6edf3 }
  .grid { stroke: #3d444d } .limit { stroke: #ff8f88 }
  .side0 { stroke: #6cb6ff } .side1 { stroke: #ffa657 }
  .side2 { stroke: #4fd1a5 } .side3 { stroke: #e3a0d0 }
}
"""


class Strip(NamedTuple):
    """A line of dots for each side, with a word to their left: what share of its limit each uses.

    A share beyond the axis, NaN or infinity is a dot beside it.
    """

    label: str
    shares: Sequence[Sequence[float]]


class Curve(NamedTuple):
    """Points joined by a line of the class ``look``; points at zero lie on the lower edge."""

    look: str
    points: Sequence[tuple[float, float]]


def strips(
    found: Sequence[Strip],
    sides: Sequence[str],
    label: str,
    *,
    left: int = 68,
    width: int = WIDTH,
) -> str:
    """Return strips over one logarithmic axis, with a line at 1, where the limit is.

    ``label`` is the text alternative; ``left`` the room for the strips' words out of ``width``.
    """
    highest, beyond = _decades(s for strip in found for side in strip.shares for s in side)
    low, high = left + _BELOW, width - (_BEYOND if beyond else 12)
    unit = (high - low) / (highest - LOWEST)
    each = math.ceil(48 / unit)  # decades from one label to the next
    tall = len(found) > _TALL
    top, step = 48 if tall else 30, _SPACING * len(sides) + 7
    bottom = top + step * len(found)

    def at(share: float) -> float:
        if not share < 10.0**HIGHEST:  # NaN too
            return width - 14
        return (
            low - _BELOW + 8 if share < 10.0**LOWEST else low + unit * (math.log10(share) - LOWEST)
        )

    parts = [_legend(sides, left)]
    words: list[tuple[str, float, str]] = [("0", low - _BELOW + 8, "middle")]
    for decade in range(LOWEST, highest + 1):
        x = low + unit * (decade - LOWEST)
        parts.append(_line("limit" if decade == 0 else "grid", x, top - 4, x, bottom))
        if decade % each == 0 and decade > LOWEST:  # there it says 0
            words.append((f"{10.0**decade:g}", x, "middle"))
    if beyond:
        words.append(("more", width - 2, "end"))
    for y in (top - 10, bottom + 15) if tall else (bottom + 15,):
        parts += [_text(text, x, y, anchor) for text, x, anchor in words]
    for i, strip in enumerate(found):
        y = top + step * i
        parts.append(_text(strip.label, left - 8, y + step / 2 + 1, "end"))
        for k, shares in enumerate(strip.shares):
            middle = y + _SPACING * (k + 0.5)
            places = [
                f"M{at(s):.1f} {middle + (n * 5 % 7 - 3) * 0.5:.1f}h0" for n, s in enumerate(shares)
            ]
            if places:
                # Where values are the same there are as many dots as can be told apart.
                dots = "".join(dict.fromkeys(places))
                parts.append(f'<path class="{_dots(k)}" d="{dots}"/>')
    return _svg(width, bottom + 22, label, parts)


def span(shares: Sequence[Sequence[float]]) -> str:
    """Return a small picture for a table: for each side from its median to its largest share.

    The axis goes from 0.001 to 10, and the line is at 1.
    """
    low, high, unit = 6, 114, 27

    def at(share: float) -> float:
        if not share < 10:  # NaN too
            return high
        return low + unit * (3 + math.log10(share)) if share > 1e-3 else low

    parts = [_line("limit", at(1), 0, at(1), 6 * len(shares) + 6)]
    for k, values in enumerate(shares):
        if values:
            y, ordered = 6 * k + 6, sorted(v if v == v else math.inf for v in values)
            median, most = at(ordered[len(ordered) // 2]), at(ordered[-1])
            parts.append(_line(f"span side{k % 4}", median, y, most, y))
            parts.append(f'<path class="{_dots(k)}" d="M{most:.1f} {y}h0"/>')
    return _svg(low + high, 6 * len(shares) + 6, "", parts)


def curves(found: Sequence[Curve], label: str, x_label: str, mark: float | None = None) -> str:
    """Return curves over a logarithmic vertical axis; ``mark`` is where a vertical line is."""
    width, height, left, top = 300, 170, 52, 10
    right, bottom = width - 12, height - 32
    known = [y for curve in found for _, y in curve.points if 0 < y < math.inf]
    low = math.floor(math.log10(min(known))) if known else -1
    high = max(math.ceil(math.log10(max(known))), low + 1) if known else 0
    ends = [x for curve in found for x, _ in curve.points] + ([] if mark is None else [mark])
    first, last = min(ends, default=0), max(ends, default=1)
    across, up = (right - left) / max(last - first, 1), (bottom - top) / (high - low)

    def point(x: float, y: float) -> str:
        decade = math.log10(y) if y > 0 else low
        return f"{left + across * (x - first):.1f} {bottom - up * (decade - low):.1f}"

    parts = []
    for decade in range(low, high + 1, -(-(high - low) // 4)):
        y = bottom - up * (decade - low)
        parts.append(_line("grid", left, y, right, y))
        parts.append(_text(f"{10.0**decade:g}", left - 6, y + 4, "end"))
    if mark is not None:
        x = left + across * (mark - first)
        parts.append(_line("limit", x, top, x, bottom))
    for curve in found:
        points = " L".join(point(x, y) for x, y in curve.points if y < math.inf)
        if points:
            parts.append(f'<path class="curve {curve.look}" d="M{points}"/>')
    parts.append(_text(f"{first:g}", left, bottom + 15, "middle"))
    parts.append(_text(f"{last:g}", right, bottom + 15, "end"))
    parts.append(_text(x_label, (left + right) / 2, bottom + 28, "middle"))
    return _svg(width, height, label, parts)


def alone(picture: str) -> bytes:
    """Return a picture as a file of its own."""
    head, end, body = picture.partition(">")
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
    return f"{head}{end}\n<style>{STYLE}</style>\n{body}\n".encode()


def _decades(shares: Iterable[float]) -> tuple[int, bool]:
    """Return where the axis ends, and whether a share is beyond the highest decade there is."""
    values = list(shares)
    finite = [s for s in values if s < 10.0**HIGHEST]
    most = max(finite, default=1.0)
    return (max(1, math.ceil(math.log10(most))) if most > 0 else 1), len(finite) < len(values)


def _legend(sides: Sequence[str], x: float) -> str:
    parts = []
    for k, name in enumerate(sides):
        parts.append(f'<path class="{_dots(k)}" d="M{x + 4:.1f} 10h0"/>{_text(name, x + 12, 14)}')
        x += 32 + 7.5 * len(name)
    return "".join(parts)


def _dots(k: int) -> str:
    return f"dots side{k % 4}{' odd' if k % 2 else ''}"


def _line(look: str, x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path class="{look}" d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}"/>'


def _text(words: str, x: float, y: float, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}"{where}>{escape(printable(words))}</text>'


def _svg(width: float, height: float, label: str, parts: Sequence[str]) -> str:
    said = f'role="img" aria-label="{escape(printable(label))}"' if label else 'aria-hidden="true"'
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    return f"<svg {size} {said}>{''.join(parts)}</svg>"
