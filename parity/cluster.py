"""The cells of a run on an existing Dask cluster (the extra ``dask``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from parity.errors import SelectionError
from parity.runner import Chunk, Task, Timed, chunks, effort, failed, pin_threads, timed


def run_on_cluster(
    address: str,
    tasks: Mapping[int, Task],
    progress: Callable[[int], None],
    done: Callable[[int, Timed], None],
) -> dict[int, Timed]:
    """Run tasks on the workers of a Dask scheduler, and return what they gave by their numbers.

    A chunk whose worker is lost goes to another one; what is lost again and again is an error.

    Raises
    ------
    SelectionError
        If Dask is not installed, or no scheduler answers at the address.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise SelectionError(
            "run",
            got=f"--scheduler without Dask ({error})",
            needs="the extra dask",
            cause="Install refnet[dask].",
        ) from error
    try:
        client = distributed.Client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise SelectionError(
            "run",
            got=f"the scheduler {address!r}, which does not answer ({error})",
            needs="the address of a Dask scheduler, such as tcp://127.0.0.1:8786",
            cause="Is it running, and reachable from here?",
        ) from error
    found: dict[int, Timed] = {}
    with client:
        futures: dict[Any, Chunk] = {
            client.submit(run_chunk, chunk, pure=False, retries=2): chunk for chunk in chunks(tasks)
        }
        for future in distributed.as_completed(futures, loop=client.loop):
            chunk = futures[future]
            try:
                results = future.result()
            except Exception as error:  # of the cluster: a cell's own are results
                reason = f"the cluster lost it: {type(error).__name__}: {error}"
                results = [(i, Timed(failed(task, reason), 0.0)) for i, task in chunk]
            for i, result in results:
                found[i] = result
                done(i, result)
                progress(effort(tasks[i]))
    return found


def run_chunk(chunk: Chunk) -> list[tuple[int, Timed]]:
    """Run a chunk where this is called, in one thread."""
    pin_threads()
    return [(i, timed(task, lambda: None)) for i, task in chunk]
