"""How to read a report: the explanations that every report has the same."""

from __future__ import annotations

from parity.trajectory.free_running import POINTS
from parity.trajectory.lockstep import LIMIT, TWINS

READING = """\
Each cell evaluates one case three times: by the subject and by the backend in the dtype shown, and
by the oracle, which is refnet in higher precision (float64, or longdouble for float64). Subject and
backend are both judged by the oracle, element by element, forward and for three random cotangents,
and may differ from it by no more than a bound derived from the arithmetic of the operation
(parity/bounds/, each with its source). In the half types that arithmetic accumulates in float32; an
implementation that is composed of several kernels may round to the half type between them, and
those that do are named. (PyTorch's recurrent kernels in the half types round at every step and are
not compared: its adapter computes those operations, and batch norm with running statistics, in
float32.) A *cotangent* is what a gradient is multiplied by: each input's gradient is
compared through its vector-Jacobian product (VJP).
"""

COLUMNS = (
    (
        "max abs, max rel, max ULP",
        "the subject's largest error against the oracle: absolute, relative, and in units in the "
        "last place",
    ),
    (
        "bound used",
        "the largest error as a share of its bound: up to 1 is rounding; above 1, or inf, is "
        "another function",
    ),
    (
        "rtol to pass",
        "the least rtol with which a plain comparison of subject and backend (atol = 0) would "
        "pass; inf where a zero or an infinity is missed",
    ),
    (
        "cases",
        "how many cases of the regime the row sums up; the numbers are the largest of them",
    ),
    (
        "status",
        "pass; known: a difference that the register of deviations holds, with its limits; fail; "
        "stale: an entry of the register that no longer holds; unsupported: the implementation "
        "says that it lacks this; absent: nothing to compare with; error: an exception. (2 of 3): "
        "of so many cases of the row; (forward only): one side has no VJP",
    ),
)

TRAINING = """\
In lockstep, which decides, every step starts both sides from the same state. The *ratio* of a
tensor is its distance from the oracle over the largest of refnet's own step and of {twins} twins,
in which state, batch and every intermediate result are moved by one unit in the last place at
random: 1 is what rounding does, {limit:g} the limit. Compared are the loss, every gradient, every
parameter and every optimizer slot at every step, and the slots before the first; the columns of
these, and the first table, have the larger ratio of the two sides. Running free, which informs,
each side follows its own state: the *distance* is that of its parameters from refnet's, the
*horizon* the first step at which the twins are more than 1e-4 apart or a branch (the sign of a
ReLU, the class of a sample) differs; *beyond N* says that it was not met in the N steps for which
twins were run. Both distances are those at the last step before it, growth is the twins' from step
to step, *compared* counts tensors times steps, and mean losses are those of {points} stretches of
the run.
"""
TRAINING_WORDS = TRAINING.format(twins=TWINS, limit=LIMIT, points=POINTS).strip()

JUDGES = """\
Every case is run with every judge. What one says that it lacks is unsupported, and not declared;
a cell that is declared and not compared counts against coverage.
"""

OUTLIERS = """\
Where not all sides agree: sides within their bounds agree with the oracle, and so with one another;
those outside agree if they are as close to one another as the bounds of both together allow (up to
1, at the values of the first of the two). A side that parts from all others, while these agree, is
the *outlier*; refnet is where the judges agree on something else than the oracle, which is refnet
too. *bound used* is the largest share of a bound, or of the lockstep limit, of those outside.
"""


KNOWN = "From the register, parity/deviations.toml. An entry that no longer holds fails the run."
