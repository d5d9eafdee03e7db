"""The windows of pooling along each spatial axis, as the frameworks' documentation counts them."""

from __future__ import annotations

from typing import Any, NamedTuple


class Axis(NamedTuple):
    """One spatial axis: the kernel and its steps, the pads, and how many windows there are."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    out: int

    @property
    def span(self) -> int:
        """The cells from a window's first to its last, both included."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def of_torch(self) -> bool:
        """Whether PyTorch pools with these pads: alike, and at most half the kernel.

        A dilated window may lie in such pads with all its cells: then its index is none.
        """
        alike = self.before == self.after <= self.kernel // 2
        return alike and (self.dilation == 1 or not self.before)


def axes(
    sizes: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> list[Axis]:
    """Return rows and columns as PyTorch's documentation counts windows, SAME as TensorFlow's."""
    pairs = [(v, v) if isinstance(v, int) else v for v in (kernel, stride or kernel, dilation)]
    found = []
    for i, size in enumerate(sizes):
        k, s, d = (p[i] for p in pairs)
        span = (k - 1) * d + 1
        if padding == "SAME":
            out = -(-size // s)
            pads = max((out - 1) * s + span - size, 0)
            before, after = pads // 2, pads - pads // 2
        else:
            none = 0 if padding == "VALID" else padding
            before, after = (none, none) if isinstance(none, int) else none[i]
            room = size + before + after - span
            out = -(-room // s) + 1 if ceil_mode else room // s + 1
            if ceil_mode and (out - 1) * s >= size + before:
                out -= 1
        found.append(Axis(size, k, s, d, before, after, out))
    return found
