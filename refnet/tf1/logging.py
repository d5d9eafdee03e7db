"""Messages of a program, to the logger "tensorflow" of Python's own: ``tf.logging``."""

from __future__ import annotations

import logging
from typing import Any

from refnet.tf1.missing import missing

__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "WARNING",
    "debug",
    "error",
    "fatal",
    "get_verbosity",
    "info",
    "set_verbosity",
    "warn",
    "warning",
]

_logger = logging.getLogger("tensorflow")
DEBUG, INFO, WARN, WARNING = logging.DEBUG, logging.INFO, logging.WARNING, logging.WARNING
ERROR, FATAL = logging.ERROR, logging.CRITICAL
debug, info, warning, warn = _logger.debug, _logger.info, _logger.warning, _logger.warning
error, fatal, get_verbosity = _logger.error, _logger.critical, _logger.getEffectiveLevel


def set_verbosity(v: Any) -> None:
    """Let messages of this level and above through."""
    _logger.setLevel(v)


__getattr__ = missing("tf.logging", __all__)
