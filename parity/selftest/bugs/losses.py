"""Bugs of the losses."""

from __future__ import annotations

from parity.selftest.bug import Bug

CROSS = "refnet/losses/softmax_cross_entropy.py"
LABELS = "refnet/losses/class_labels.py"
BINARY = "refnet/losses/binary_cross_entropy.py"
COSINE = "refnet/losses/cosine.py"
HINGE = "refnet/losses/hinge.py"
HUBER = "refnet/losses/huber.py"
KL = "refnet/losses/kl_div.py"
L1 = "refnet/losses/l1.py"
PENALTIES = "refnet/losses/penalties.py"
REDUCING = "refnet/losses/reducing.py"
SQUARED = "refnet/losses/mean_squared_error.py"

BUGS = (
    Bug("nll", "loss negated", "refnet/losses/nll.py", "0 - (total", "0 + (total"),
    Bug("nll", "gradient without its sign", "refnet/losses/nll.py", "g = -dy / t", "g = dy / t"),
    Bug(
        "binary_cross_entropy_with_logits",
        "s + t",
        BINARY,
        "(probs - t)",
        "(probs + t)",
    ),
    Bug("mean_squared_error", "the 2 forgotten", SQUARED, "(g + g)", "g"),
    Bug(
        "mean_squared_error",
        "1/m for 1/2m",
        REDUCING,
        "return 2 * elements[0]",
        "return elements[0]",
    ),
    Bug("mean_squared_error", "halves the sum twice", REDUCING, "return 2\n", "return 4\n"),
    Bug(
        "softmax_cross_entropy",
        "p - 2 at the label",
        CROSS,
        "np.expm1(picked)",
        "np.exp(picked) - 2",
    ),
    Bug(
        "softmax_cross_entropy",
        "gradient times the batch",
        CROSS,
        "g = dy / target.total",
        "g = dy * target.total",
    ),
    Bug(
        "softmax_cross_entropy",
        "smoothing without 1 - e",
        CROSS,
        "np.full(labels.size, 1 - smoothing",
        "np.full(labels.size, 1 + smoothing",
    ),
    Bug("binary_cross_entropy", "1 + t", BINARY, "+ (1 - t) * log_q)", "+ (1 + t) * log_q)"),
    Bug(
        "binary_cross_entropy_with_logits",
        "classes swapped",
        BINARY,
        "np.where(right, 1 - t, t)",
        "np.where(right, t, 1 - t)",
    ),
    Bug(
        "binary_cross_entropy",
        "1 + t where p's limit acts",
        BINARY,
        "np.where(flat_q, 0, 1 - t)",
        "np.where(flat_q, 0, 1 + t)",
    ),
    Bug(
        "cross_entropy",
        "sum over rows",
        "refnet/losses/cross_entropy.py",
        "rows + eps)), axis=-1)",
        "rows + eps)), axis=0)",
    ),
    Bug(
        "softmax_cross_entropy",
        "smoothing over C - 1",
        CROSS,
        "q += (smoothing / n)",
        "q += (smoothing / (n - 1))",
    ),
    Bug(
        "nll",
        "mean over rows, not weights",
        LABELS,
        "else np.add.reduce(self.weight)",
        "else len(self.weight)",
    ),
    Bug(
        "cross_entropy",
        "mean over N - 1",
        REDUCING,
        "return math.prod(elements)\n",
        "return math.prod(elements) - 1\n",
    ),
    Bug(
        "cross_entropy",
        "epsilon outside the logarithm",
        "refnet/losses/cross_entropy.py",
        "np.log(target.picked(rows) + eps)",
        "np.log(target.picked(rows)) + eps",
    ),
    Bug(
        "cross_entropy",
        "epsilon lost in the gradient",
        "refnet/losses/cross_entropy.py",
        "-g / (target.picked(rows) + eps)",
        "-g / (target.picked(rows))",
    ),
    Bug(
        "binary_cross_entropy",
        "limit at 0",
        BINARY,
        "np.where(log_p.real <= log_min, log_min, log_p)",
        "np.where(log_p.real <= log_min, 0, log_p)",
    ),
    Bug(
        "binary_cross_entropy",
        "log(1 - p) instead of log1p(-p)",
        BINARY,
        "        return np.log(p), np.log1p(-q)",
        "        return np.log(p), np.log(1 - q)",
    ),
    Bug(
        "binary_cross_entropy",
        "the derivative where the limit acts",
        BINARY,
        "| (log_q.real <= log_min)",
        "",
    ),
    Bug("nll", "ignored labels looked up", LABELS, "np.where(counts, flat, 0)", "flat"),
    Bug(
        "cross_entropy",
        "0 log 0",
        "refnet/losses/cross_entropy.py",
        "np.log(np.where(target == 0, 1, rows + eps))",
        "np.log(rows + eps)",
    ),
    Bug(
        "cross_entropy",
        "the adapter's mean is a sum",
        "parity/backends/torch/operations/losses.py",
        "getattr(elements, reduction)()",
        "elements.sum()",
    ),
    Bug(
        "mean_squared_error",
        "the adapter's half",
        "parity/backends/torch/operations/losses.py",
        'reduction="sum") / 2\n',
        'reduction="sum")\n',
    ),
    Bug(
        "softmax_cross_entropy",
        "gradient left with the classes last",
        CROSS,
        "dlogits = classes_back(dlogits.reshape(shape), axis)",
        "dlogits = dlogits.reshape(logits.shape)",
    ),
    Bug(
        "nll",
        "classes taken for the last axis",
        LABELS,
        "return a if axis == -1 else np.moveaxis(a, axis, -1)",
        "return a.reshape(a.size // a.shape[axis], a.shape[axis])",
    ),
    Bug(
        "binary_cross_entropy_with_logits",
        "weight of the second class on both",
        BINARY,
        "(wt + (1 - t)) * tail",
        "_checked_pos_weight(pos_weight, x) * tail",
    ),
    Bug(
        "binary_cross_entropy_with_logits",
        "weight lost in the gradient",
        BINARY,
        "((w * t + (1 - t)) * probs",
        "(probs",
    ),
    Bug("hinge", "the boundary for the margin", HINGE, "float(margin) - t * y", "-t * y"),
    Bug("hinge", "slope 1 on the kink", HINGE, "gap <= 0)  #", "gap < 0)  #"),
    Bug("hinge", "the 2 of the square forgotten", HINGE, "(g + g) * gap", "g * gap"),
    Bug("huber", "no half in the linear part", HUBER, "size - capped / 2)), r", "size)), r"),
    Bug("huber", "not limited from below", HUBER, "gap.real <= -limit", "gap.real <= -np.inf"),
    Bug(
        "smooth_l1",
        "the Huber loss",
        HUBER,
        "size = capped / limit *",
        "size = capped *",
    ),
    Bug("smooth_l1", "slope of the Huber loss", HUBER, "limit) / limit if", "limit) if"),
    Bug("l1", "both cotangents of one sign", L1, "return dpredicted, -d", "return dpredicted, d"),
    Bug("l1", "slope 1 at 0", L1, "np.sign(y - t)", "np.where(y < t, -1, 1)"),
    Bug("kl_div", "the distributions exchanged", KL, "np.asarray(probs * gap)", "-probs * gap"),
    Bug("kl_div", "0 log 0", KL, "np.log(np.where(absent, 1, t))", "np.log(t)"),
    Bug("kl_div", "slope of log t forgotten", KL, "(gap + 1)", "gap"),
    Bug(
        "kl_div",
        "mean over elements for rows",
        REDUCING,
        "            return elements[0]\n",
        "            return math.prod(elements)\n",
    ),
    Bug("cosine", "the similarity", COSINE, "np.asarray(1 - cos)", "np.asarray(cos)"),
    Bug("cosine", "the projection forgotten", COSINE, "cos * own.direction", "0"),
    Bug(
        "cosine", "eps added to the norm", COSINE, "np.where(constant, least, norm)", "norm + least"
    ),
    Bug("cosine", "scale lost in the gradient", COSINE, "own.norm * own.scale", "own.norm"),
    Bug("l1_penalty", "the mean", PENALTIES, "np.add.reduce(np.abs(w)", "np.mean(np.abs(w)"),
    Bug("l1_penalty", "strength lost", PENALTIES, "float(strength) * np.sign(w)", "np.sign(w)"),
    Bug("l2_penalty", "half forgotten", PENALTIES, "total / 2 if half else total", "total"),
    Bug("l2_penalty", "half in the gradient", PENALTIES, "slope + slope", "slope"),
)
