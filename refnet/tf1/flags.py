"""Flags of the command line: ``tf.app.flags``. They are read when one is first asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from refnet.checks import nearest
from refnet.errors import UnknownNameError
from refnet.tf1.missing import missing

__all__ = [
    "FLAGS",
    "DEFINE_bool",
    "DEFINE_boolean",
    "DEFINE_float",
    "DEFINE_integer",
    "DEFINE_string",
]


class Flag(NamedTuple):
    """What a program says of a flag."""

    default: Any
    help: str | None
    kind: Callable[[str], Any]


class Flags:
    """The flags that a program defines, with their values as attributes."""

    _defined: dict[str, Flag]
    _values: dict[str, Any] | None

    def __init__(self) -> None:
        self.__dict__.update(_defined={}, _values=None)

    def define(self, name: str, flag: Flag) -> None:
        """Take in a flag; a second one of the name takes the place of the first."""
        self._defined[name] = flag
        self.__dict__["_values"] = None

    def parse(self, argv: list[str]) -> list[str]:
        """Read the flags among the arguments, and return the other arguments."""
        parser = argparse.ArgumentParser(allow_abbrev=False)
        for name, (default, help, kind) in self._defined.items():
            if kind is _truth:
                parser.add_argument(
                    f"--{name}", default=default, help=help, type=kind, nargs="?", const=True
                )
                parser.add_argument(f"--no{name}", dest=name, default=default, action="store_false")
            else:
                parser.add_argument(f"--{name}", default=default, help=help, type=kind)
        found, rest = parser.parse_known_args(argv[1:])
        self.__dict__["_values"] = vars(found)
        return [*argv[:1], *rest]

    def values(self) -> dict[str, Any]:
        """Return the value of each flag."""
        if self._values is None:
            self.parse(sys.argv)
        return self._values or {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        values = self.values()
        if name not in values:
            raise UnknownNameError(
                "tf.app.flags",
                got=f"the flag {name!r}",
                needs="one that was defined",
                cause=nearest(name, values),
            )
        return values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self.values()[name] = value

    def __call__(self, argv: list[str]) -> list[str]:
        return self.parse(argv)


FLAGS = Flags()


def _definer(kind: Callable[[str], Any]) -> Callable[..., None]:
    """Return a function that defines a flag, by the names that its arguments have had."""

    def define(
        name: str | None = None,
        default: Any = None,
        help: str | None = None,
        flag_name: str | None = None,
        default_value: Any = None,
        docstring: str | None = None,
    ) -> None:
        called = name or flag_name or ""
        FLAGS.define(
            called,
            Flag(default if default_value is None else default_value, help or docstring, kind),
        )

    return define


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "t", "1", "false", "f", "0"):
        raise ValueError(text)
    return text.lower() in ("true", "t", "1")


DEFINE_string, DEFINE_integer, DEFINE_float = _definer(str), _definer(int), _definer(float)
DEFINE_boolean = DEFINE_bool = _definer(_truth)

__getattr__ = missing("tf.app.flags", __all__)
