"""Pictures as SVG: curves in panels, the same bytes for the same numbers.

Text is drawn as paths of matplotlib's own font, on white, so that a picture looks the same
everywhere and can be read on a dark page. Lines differ in style and in colour (of Okabe and Ito
2008, which colour-blind readers tell apart).
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from refnet.errors import MissingDependencyError

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
STYLES = ("-", "--", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), "-", (0, (6, 2)))
POINTS = 400  # of a line, at most: more cannot be seen
_SETTINGS = {
    "svg.hashsalt": "parity",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "path.simplify": True,
}


Values: TypeAlias = Sequence[float] | NDArray[Any]


class Line(NamedTuple):
    """A curve with its label; with ``dots`` its points are marked and not joined.

    ``style`` picks colour and dashes, by default those of the line's place in the panel.
    """

    label: str
    x: Values
    y: Values
    dots: bool = False
    style: int | None = None


class Panel(NamedTuple):
    """Lines over common axes.

    ``log`` makes the vertical axis logarithmic; ``marks`` are vertical lines with a word each;
    ``low`` and ``high`` end the vertical axis; with ``whole`` the horizontal one counts something.
    ``beside`` puts the legend beside the lines, where they leave no room for it.
    """

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    log: bool = False
    marks: Sequence[tuple[float, str]] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = False
    beside: bool = False


def require() -> None:
    """Refuse to go on without matplotlib.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            "pictures",
            got="no matplotlib",
            needs="matplotlib, which draws them",
            cause='Install it with: pip install "refnet[plots]"',
        ) from error


def svg(panels: Sequence[Panel]) -> str:
    """Return panels beside each other as one SVG picture.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    stream = io.StringIO()
    _save(panels, stream, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def thinned(x: Values, y: Values) -> tuple[list[float], list[float]]:
    """Return at most POINTS points of a curve, to 4 digits: ends, and means of stretches between.

    Examples
    --------
    >>> x, y = thinned(range(4000), [1 / 3] * 4000)
    >>> len(x), x[0], x[-1], set(y)
    (400, 0.0, 3999.0, {0.3333})
    """
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if len(xs) > POINTS:
        parts = np.array_split(np.arange(1, len(xs) - 1), POINTS - 2)
        xs, ys = (np.array([a[0], *(a[p].mean() for p in parts), a[-1]]) for a in (xs, ys))
    return [float(f"{v:.6g}") for v in xs], [float(f"{v:.4g}") for v in ys]


def _save(panels: Sequence[Panel], stream: Any, **options: Any) -> None:
    require()
    from matplotlib import style
    from matplotlib.figure import Figure

    with style.context(["default", _SETTINGS]):
        width = max(6.0, 4.2 * len(panels)) + 2.4 * sum(panel.beside for panel in panels)
        figure = Figure(figsize=(width, 3.6), layout="constrained")
        figure.set_facecolor("white")
        for axes, panel in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            _draw(axes, panel)
        figure.savefig(stream, **options)


def _draw(axes: Any, panel: Panel) -> None:
    axes.set_facecolor("white")
    for i, line in enumerate(panel.lines):
        place = (i if line.style is None else line.style) % len(COLOURS)
        x, y = thinned(line.x, line.y)
        if panel.log:
            y = [v if v > 0 else math.nan for v in y]
        look: dict[str, Any] = {"linestyle": STYLES[place], "linewidth": 1.6}
        if line.dots:
            look = {"linestyle": "none", "marker": "o", "markersize": 4, "markerfacecolor": "none"}
        axes.plot(x, y, label=line.label, color=COLOURS[place], **look)
    for at, word in panel.marks:
        axes.axvline(at, color="#666666", linewidth=1.0, linestyle=":")
        axes.annotate(
            word,
            xy=(at, 0.5),
            xycoords=("data", "axes fraction"),
            xytext=(3, 0),
            textcoords="offset points",
            rotation=90,
            verticalalignment="center",
            color="#444444",
        )
    axes.set(title=panel.title, xlabel=panel.x_label, ylabel=panel.y_label)
    if panel.log:
        axes.set_yscale("log")
    axes.set_ylim(panel.low, panel.high)
    axes.locator_params(axis="x", integer=panel.whole)
    if len(panel.lines) > 1:
        axes.legend(
            **({"loc": "center left", "bbox_to_anchor": (1.0, 0.5)} if panel.beside else {})
        )
