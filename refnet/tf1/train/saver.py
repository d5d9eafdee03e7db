"""Variables written to a file and read back: NumPy's .npz, not TensorFlow's format."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from refnet.errors import DataFileError, StateError, UninitializedError
from refnet.graph import Session, Variable, get_default_graph

SUFFIX = ".npz"


class Saver:
    """Writes the values of variables to ``PATH.npz`` and reads them back.

    ``var_list`` is the variables, all of the default graph by default, or a dict of them by the
    names that the file is to have.
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        saver_def: Any = None,
        builder: Any = None,
        defer_build: bool = False,
        allow_empty: bool = False,
        write_version: Any = None,
        pad_step_number: bool = False,
        save_relative_paths: bool = False,
        filename: str | None = None,
    ) -> None:
        every: Any = get_default_graph().variables if var_list is None else var_list
        if not isinstance(every, Mapping):
            every = {v.op.name: v for v in every}
        self.variables: dict[str, Variable] = dict(every)
        self.max_to_keep = max_to_keep
        self._kept: list[str] = []

    @property
    def last_checkpoints(self) -> list[str]:
        """The paths, without ``.npz``, that were written and are kept, the newest last."""
        return list(self._kept)

    def save(
        self,
        sess: Session,
        save_path: str,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> str:
        """Write the values that a session has, and return the path without ``.npz``.

        The graph is not written: the program that restores makes it.

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


class CheckpointState(NamedTuple):
    """The newest checkpoint in a folder, and all of them, the newest last."""

    model_checkpoint_path: str
    all_model_checkpoint_paths: list[str]


def get_checkpoint_state(
    checkpoint_dir: str, latest_filename: str | None = None
) -> CheckpointState | None:
    """Return the checkpoints in a folder, or None if it has none."""
    every = _checkpoints(checkpoint_dir)
    return CheckpointState(every[-1], every) if every else None


def checkpoint_exists(checkpoint_prefix: str) -> bool:
    """Return whether there is a checkpoint of a path."""
    return os.path.exists(checkpoint_prefix + SUFFIX)


def latest_checkpoint(checkpoint_dir: str, latest_filename: str | None = None) -> str | None:
    """Return the path, without ``.npz``, of the newest file in a folder, or None."""
    every = _checkpoints(checkpoint_dir)
    return every[-1] if every else None


def _checkpoints(folder: str) -> list[str]:
    """Return the paths, without ``.npz``, of the files in a folder, the newest last."""
    if not os.path.isdir(folder):
        return []
    paths = [os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(SUFFIX)]
    newest_last = sorted(paths, key=lambda p: (os.stat(p).st_mtime_ns, p))
    return [p.removesuffix(SUFFIX) for p in newest_last]
