"""TensorFlow's names of errors, for ``except`` clauses: refnet's own errors."""

from refnet.errors import DataFileError as NotFoundError
from refnet.errors import FeedError as InvalidArgumentError
from refnet.errors import RefnetError as OpError
from refnet.errors import UninitializedError as FailedPreconditionError
from refnet.tf1.missing import missing

__all__ = ["FailedPreconditionError", "InvalidArgumentError", "NotFoundError", "OpError"]

__getattr__ = missing("tf.errors", __all__)
