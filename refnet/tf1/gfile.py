"""Files and folders by TensorFlow's names: ``tf.gfile``."""

from __future__ import annotations

import os
import shutil

from refnet.tf1.missing import missing

__all__ = [
    "DeleteRecursively",
    "Exists",
    "FastGFile",
    "GFile",
    "IsDirectory",
    "ListDirectory",
    "MakeDirs",
    "MkDir",
    "Open",
    "Remove",
]

GFile = FastGFile = Open = open
Exists, IsDirectory = os.path.exists, os.path.isdir
ListDirectory, Remove, MkDir = os.listdir, os.remove, os.mkdir
DeleteRecursively = shutil.rmtree


def MakeDirs(dirname: str) -> None:  # noqa: N802
    """Make a folder, and those that it is in, unless it is there."""
    os.makedirs(dirname, exist_ok=True)


__getattr__ = missing("tf.gfile", __all__)
