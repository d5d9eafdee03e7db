"""A program's start: ``tf.app``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from refnet.tf1 import flags
from refnet.tf1.missing import missing

__all__ = ["flags", "run"]


def run(main: Callable[[list[str]], Any] | None = None, argv: list[str] | None = None) -> None:
    """Read the flags, call ``main(argv)``, by default the program's, and exit with its result."""
    rest = flags.FLAGS.parse(list(sys.argv if argv is None else argv))
    called = main or sys.modules["__main__"].main
    sys.exit(called(rest))


__getattr__ = missing("tf.app", __all__)
