"""The JSON report: strict, versioned, the same bytes for the same results."""

from __future__ import annotations

import msgspec

from parity.result import Report


def as_json(report: Report) -> bytes:
    """Return the report as indented JSON that ends in a newline."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def from_json(data: bytes) -> Report:
    """Return a report that :func:`as_json` wrote, or raise msgspec.ValidationError."""
    return msgspec.json.decode(data, type=Report, strict=True)
