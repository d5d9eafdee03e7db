"""Which system has which formula: the table of conventions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Convention(NamedTuple):
    """What a system has by default, as fields of refnet's, and where that is written."""

    fields: Mapping[str, Any]
    source: str


conventions: Mapping[tuple[str, str], Convention] = MappingProxyType({})
