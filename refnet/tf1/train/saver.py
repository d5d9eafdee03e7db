"""Variables written to a file and read back: NumPy's .npz, not TensorFlow's format."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from refnet.errors import DataFileError, StateError, UninitializedError
from refnet.graph import Session, Variable, get_default_graph

SUFFIX = ".npz"


class Saver:
    """Writes the values of variables to ``PATH.npz`` and reads them back.

    ``var_list`` is the variables, all of the default graph by default, or a dict of them by the
    names that the file is to have.
    """

    def __init__(self, var_list: Any = None, max_to_keep: int = 5, **_: Any) -> None:
        every: Any = get_default_graph().variables if var_list is None else var_list
        if not isinstance(every, Mapping):
            every = {v.op.name: v for v in every}
        self.variables: dict[str, Variable] = dict(every)
        self.max_to_keep = max_to_keep
        self._kept: list[str] = []

    def save(self, sess: Session, save_path: str, global_step: Any = None) -> str:
        """Write the values that a session has, and return the path without ``.npz``.

        Raises
        ------
        UninitializedError
            If a variable has no value.
        """
        step = sess.run(global_step) if isinstance(global_step, Variable) else global_step
        path = f"{save_path}-{int(step)}" if step is not None else save_path
        missing = [name for name, v in self.variables.items() if v not in sess.state]
        if missing:
            raise UninitializedError(
                "Saver.save",
                got=f"no value for {', '.join(missing)}",
                needs="variables that have values in the session",
                cause="Was global_variables_initializer() run?",
            )
        values = {name: sess.state[v] for name, v in self.variables.items()}
        temporary = f"{path}.part"
        with open(temporary, "wb") as file:
            np.savez(file, **values)  # type: ignore[arg-type]
        os.replace(temporary, path + SUFFIX)
        self._kept = [p for p in self._kept if p != path] + [path]
        while self.max_to_keep and len(self._kept) > self.max_to_keep:
            old = self._kept.pop(0) + SUFFIX
            if os.path.exists(old):
                os.remove(old)
        return path

    def restore(self, sess: Session, save_path: str) -> None:
        """Set the variables to what a file has.

        Raises
        ------
        DataFileError
            If there is no such file, or it is none of a saver's.
        StateError
            If it lacks a variable.
        """
        try:
            with np.load(save_path + SUFFIX, allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
        except (OSError, ValueError) as error:
            raise DataFileError(
                "Saver.restore",
                got=f"{save_path}{SUFFIX}, which cannot be read ({error})",
                needs="a file that save() has written",
                cause="Is it a checkpoint of TensorFlow's own?",
            ) from error
        missing = [name for name in self.variables if name not in found]
        if missing:
            raise StateError(
                "Saver.restore",
                got=f"a file without {', '.join(missing)}",
                needs=f"values for {', '.join(self.variables)}",
                cause="Was it written by another program?",
            )
        sess.load({v: found[name] for name, v in self.variables.items()})


def latest_checkpoint(checkpoint_dir: str) -> str | None:
    """Return the path, without ``.npz``, of the newest file in a folder, or None."""
    if not os.path.isdir(checkpoint_dir):
        return None
    found: Sequence[str] = [f for f in os.listdir(checkpoint_dir) if f.endswith(SUFFIX)]
    paths = [os.path.join(checkpoint_dir, f) for f in found]
    newest = max(paths, key=lambda p: (os.stat(p).st_mtime_ns, p), default=None)
    return None if newest is None else newest.removesuffix(SUFFIX)
