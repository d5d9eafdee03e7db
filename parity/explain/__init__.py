"""Why a training run differs from refnet's: every stage of a step, and counterfactual runs."""

from parity.explain.explanation import explain
from parity.explain.result import Cause, Explanation
from parity.explain.runs import record

__all__ = ["Cause", "Explanation", "explain", "record"]
