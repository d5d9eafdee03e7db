"""Fixtures of the harness' tests."""

from __future__ import annotations

import sys

import pytest

from parity.cli import main


@pytest.fixture
def call(monkeypatch, capsys):
    """Return a function that runs the command in this process: exit code, stdout and stderr."""

    def called(*args):
        monkeypatch.setattr(sys, "argv", ["parity", *map(str, args)])
        with pytest.raises(SystemExit) as done:
            main()
        captured = capsys.readouterr()
        return done.value.code, captured.out, captured.err

    return called
