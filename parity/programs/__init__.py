"""Programs of TensorFlow 1, run on refnet and on TensorFlow as they stand, and compared."""

from parity.programs.judging import judged
from parity.programs.program import Program

__all__ = ["Program", "judged"]
