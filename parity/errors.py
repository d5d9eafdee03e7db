"""The errors that parity raises on purpose, each in four parts like refnet's."""

from __future__ import annotations

from refnet.errors import ExplainedError


class ParityError(ExplainedError):
    """Base of the errors that parity raises on purpose; the command exits 2 on them."""


class SelectionError(ParityError, LookupError):
    """A selection that names nothing, or a dtype, backend or subject that is unknown."""


class RegisterError(ParityError, ValueError):
    """An entry of the register of deviations that is malformed or matches no case."""


class CaseError(ParityError, ValueError):
    """A case that is malformed, registered twice, or has no bound."""


class BaselineError(ParityError, ValueError):
    """A baseline that is missing, damaged, of another schema, or may not be written."""


class ReportError(ParityError, ValueError):
    """A JSON report that is missing or damaged."""


class JournalError(ParityError, ValueError):
    """A journal that is damaged, of another run, or cannot be read or written."""


class OutputError(ParityError, OSError):
    """A file that cannot be written."""


class ReproError(ParityError, ValueError):
    """A cell that cannot be written as a script of its own."""


class CheckpointError(ParityError, ValueError):
    """A checkpoint that is damaged, or made by another configuration."""


class AdapterError(ParityError, TypeError):
    """A function of an adapter that does not return what the interface asks for."""


class SidesError(ParityError, RuntimeError):
    """One of subject and backend raised where the other computed: a difference like any other."""


class RecordingError(ParityError, OSError):
    """A recording of a run that is missing, or cannot be read or written."""


class NotARecordingError(RecordingError):
    """A file of another format."""


class NewerRecordingError(RecordingError):
    """A recording that a later version of parity wrote."""


class DamagedRecordingError(RecordingError):
    """A recording whose bytes are not those that were written; one that ends early is not this."""


class UnrecordableError(ParityError, ValueError):
    """A name, a value, a dtype or a step that a recording does not take."""


class UnsupportedError(ParityError, NotImplementedError):
    """What an adapter raises for an operation, option or dtype that it does not have."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "adapter",
            got="a case it does not support",
            needs="an implementation",
            cause=reason,
        )
        self.reason = reason

    def __reduce__(self) -> tuple[type[UnsupportedError], tuple[str]]:
        return type(self), (self.reason,)
