"""Training runs: in lockstep, which blocks, and free-running, which informs."""

from parity.trajectory.run import run_training

__all__ = ["run_training"]
