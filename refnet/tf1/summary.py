"""Summaries: values by name, written to a file as lines of JSON, which TensorBoard does not read.

A summary is a dict of nodes by name, so that a session gives a dict of values for it. A FileWriter
writes a line per value: its name, the step, and the number; of several numbers their least,
largest, mean and standard deviation.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import numpy as np

from refnet.errors import ArgumentError
from refnet.graph import Node, get_default_graph
from refnet.tf1.missing import missing
from refnet.tf1.values import value

__all__ = ["FileWriter", "audio", "histogram", "image", "merge", "merge_all", "scalar"]

KEY = "summaries"
FILE = "summaries.jsonl"


def scalar(
    name: str, tensor: Any, collections: Any = None, family: str | None = None
) -> dict[str, Node]:
    """Return the summary of a number."""
    return _summary(name, tensor, collections, family)


def histogram(
    name: str, values: Any, collections: Any = None, family: str | None = None
) -> dict[str, Node]:
    """Return the summary of an array."""
    return _summary(name, values, collections, family)


def image(
    name: str,
    tensor: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> dict[str, Node]:
    """Return the summary of images (N, H, W, C), as of any array: no picture is written."""
    return _summary(name, tensor, collections, family)


def audio(
    name: str,
    tensor: Any,
    sample_rate: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> dict[str, Node]:
    """Return the summary of sounds (N, T, C), as of any array: no sound is written."""
    return _summary(name, tensor, collections, family)


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> dict[str, Node]:
    """Return several summaries as one."""
    merged = {tag: node for summary in inputs for tag, node in summary.items()}
    for collection in collections or ():
        get_default_graph().add_to_collection(collection, merged)
    return merged


def merge_all(
    key: str = KEY, scope: str | None = None, name: str | None = None
) -> dict[str, Node] | None:
    """Return all summaries of the graph as one, or None if there are none."""
    every = get_default_graph().collections.get(key, [])
    found = merge(every)
    if scope is not None:
        found = {tag: node for tag, node in found.items() if tag.startswith(scope)}
    return found or None


class FileWriter:
    """Writes summaries to ``LOGDIR/summaries.jsonl``, one line of JSON per value."""

    def __init__(
        self,
        logdir: str,
        graph: Any = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
        session: Any = None,
    ) -> None:
        os.makedirs(logdir, exist_ok=True)
        self.path = os.path.join(logdir, FILE + (filename_suffix or ""))
        self._file: Any = open(self.path, "a", encoding="utf-8")  # noqa: SIM115
        self._logdir = logdir

    def get_logdir(self) -> str:
        """Return the folder."""
        return self._logdir

    def add_summary(self, summary: Mapping[str, Any], global_step: Any = None) -> None:
        """Write the values that a session gave for a summary.

        Raises
        ------
        ArgumentError
            If they are no values by name.
        """
        plain = isinstance(summary, Mapping)
        if not plain or any(isinstance(v, Node) for v in summary.values()):
            raise ArgumentError(
                "FileWriter.add_summary",
                got=f"{type(summary).__name__}",
                needs="what a session gave for a summary, a dict of values",
                cause="Is it the summary itself, which no session has run?",
            )
        step = None if global_step is None else int(global_step)
        for name, array in summary.items():
            line = {"name": name, "step": step, **_described(np.asarray(array))}
            self._file.write(json.dumps(line) + "\n")

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Do nothing: the graph is not written."""

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Do nothing: a run leaves no times."""

    def flush(self) -> None:
        """Write what is not written yet."""
        self._file.flush()

    def close(self) -> None:
        """Write what is not written yet, and close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _summary(name: str, tensor: Any, collections: Any, family: str | None) -> dict[str, Node]:
    graph = get_default_graph()
    tag = f"{family}/{name}" if family else name
    summary = {graph.unique_name(tag): value(tensor)}
    for collection in [KEY] if collections is None else collections:
        graph.add_to_collection(collection, summary)
    return summary


def _described(array: Any) -> dict[str, Any]:
    if array.ndim == 0:
        return {"value": array.item()}
    numbers = {"min": array.min(), "max": array.max(), "mean": array.mean(), "std": array.std()}
    return {"shape": list(array.shape)} | {k: float(v) for k, v in numbers.items() if array.size}


__getattr__ = missing("tf.summary", __all__)
