"""Recordings of training runs, from any loop, and their comparison."""

from parity.trace.align import Alignment, paired
from parity.trace.attach import Attached, attach
from parity.trace.compare import Growth, Parting, Place, compare
from parity.trace.names import KINDS, named
from parity.trace.network import attach_network
from parity.trace.recorder import Recorder
from parity.trace.recording import RecordedStep, Recording

__all__ = [
    "KINDS",
    "Alignment",
    "Attached",
    "Growth",
    "Parting",
    "Place",
    "RecordedStep",
    "Recorder",
    "Recording",
    "attach",
    "attach_network",
    "compare",
    "named",
    "paired",
]
