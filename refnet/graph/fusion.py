"""Products with their bias: written as two operations, computed as the one that refnet has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from refnet.arrays import is_half
from refnet.graph.applied import Applied, Part, Pulled
from refnet.graph.node import Node
from refnet.ops.arithmetic import add
from refnet.ops.dense import bias_add
from refnet.ops.matmul import matmul


class Product(NamedTuple):
    """``x @ w + b``, of which nothing else uses ``x @ w``."""

    product: Applied
    sum: Applied
    bias: int  # which input of the sum
    sum_vjp: Pulled | None
    product_vjp: Pulled | None

    @property
    def inputs(self) -> list[Node]:
        """The nodes x, w and b."""
        return [*self.product.inputs, self.sum.inputs[self.bias]]

    @property
    def wrt(self) -> tuple[str, ...]:
        """Those of refnet's names for them whose cotangents are wanted."""
        found: list[str] = []
        if self.product_vjp is not None:
            names = dict(zip(self.product.called.inputs, ("x", "w"), strict=True))
            found += [names[name] for name in self.product_vjp.wrt]
        if self.sum_vjp is not None and self.sum.called.inputs[self.bias] in self.sum_vjp.wrt:
            found.append("b")
        return tuple(found)


def products(
    order: Sequence[Node], fetches: Collection[Node], feeds: Collection[Node]
) -> list[Product]:
    """Return what among nodes in order is a matrix product and its bias, to be computed as one.

    The value is the same to the bit: the half types, where ``dense`` rounds once rather than twice,
    are left as they are. So are products that are fetched, fed or used elsewhere.
    """
    consumers: dict[Node, list[Node]] = {}
    pulled: dict[Applied, list[Pulled]] = {}
    for node in order:
        if node in feeds:
            continue
        for n in dict.fromkeys(node.inputs):
            consumers.setdefault(n, []).append(node)
        if isinstance(node, Pulled):
            pulled.setdefault(node.of, []).append(node)
    found = [_product(node, consumers, pulled) for node in order if node not in feeds]
    apart = {*fetches, *feeds}
    return [p for p in found if p and p.product not in apart and _is_whole(p, feeds)]


def _product(
    node: Node, consumers: dict[Node, list[Node]], pulled: dict[Applied, list[Pulled]]
) -> Product | None:
    """Return what a node is the sum of, if it is the sum of a product and a bias."""
    if not isinstance(node, Applied) or node.called not in (add, bias_add):
        return None
    for bias, product in ((1, node.inputs[0]), (0, node.inputs[1])):
        if not isinstance(product, Applied) or product.called is not matmul:
            continue
        x, w = product.inputs
        if x.dims is None or w.dims is None or not len(x.dims) == len(w.dims) == 2:
            continue
        if None in w.dims or node.inputs[bias].dims != w.dims[1:]:
            continue
        sums, shares = pulled.get(node, []), pulled.get(product, [])
        if len(sums) > 1 or len(shares) > 1 or (shares and not sums):
            continue
        if all(n in (node, *sums, *shares) for n in consumers[product]):
            sum_vjp, product_vjp = next(iter(sums), None), next(iter(shares), None)
            return Product(product, node, bias, sum_vjp, product_vjp)
    return None


def _is_whole(p: Product, feeds: Collection[Node]) -> bool:
    """Return whether the product's cotangent is the sum's, and nothing of it is given."""
    if p.sum.dtype is None or is_half(p.sum.dtype):
        return False
    if p.product_vjp is None:
        return True
    dy = p.product_vjp.inputs[0]
    return isinstance(dy, Part) and dy.inputs[0] is p.sum_vjp and dy not in feeds
