"""The source of operations stands alone, in every adapter."""

from __future__ import annotations

import ast
import builtins
from importlib import import_module

import pytest

from parity.backends.torch.operations import pooling, recurrent
from parity.errors import ReproError
from parity.repro.source import find, source_of, source_of_function
from refnet import ops

# What is imported before the source; jax's and optax's are of one tuple.
GIVEN = {"torch": {"torch"}, "tensorflow": {"tf"}, "jax": {"modules"}}
# What TensorFlow and JAX have no operation for.
LACKING = {"torch": set(), "tensorflow": set(), "jax": set()}


def names_used(text):
    """Return the names that a program reads at its top level and inside, and never binds."""
    tree = ast.parse(text)
    bound, used = set(dir(builtins)), set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.arg(arg=name):
                bound.add(name)
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                bound |= {alias.asname or alias.name for alias in names}
    annotations = {
        n.id
        for node in ast.walk(tree)
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if part is not None
        for n in ast.walk(part)
        if isinstance(n, ast.Name)
    }
    return used - bound - annotations


@pytest.mark.parametrize("framework", ["torch", "tensorflow", "jax"])
@pytest.mark.parametrize("op", sorted(ops()))
def test_every_operation_s_source_is_complete(framework, op):
    package = import_module(f"parity.backends.{framework}.operations")
    found = find(package, op)
    text = f"{found.definitions}\noperation = {found.expression}\n"
    assert names_used(text) <= GIVEN[framework]
    assert "parity" not in found.definitions


def test_what_is_not_needed_is_left_out():
    text = source_of(pooling, "global_avg_pool2d").definitions
    assert "def whole" in text
    assert "def avg_pool2d" not in text
    assert "Axis" not in text
    assert "class Axis(NamedTuple)" in source_of(pooling, "max_pool2d").definitions
    assert "def lstm" not in source_of(recurrent, "gru").definitions


def test_functions_and_classes_of_a_module():
    composed = import_module("parity.backends.torch.composed")
    text = source_of_function(composed, "nadam")
    assert "def mu_product" in text
    assert "def adam(" not in text
    assert source_of_function(composed, "Composed").startswith("class Composed")


def test_an_unknown_operation():
    with pytest.raises(ReproError, match="no entry"):
        source_of(pooling, "relu")
    with pytest.raises(ReproError, match="'cheese'"):
        find(import_module("parity.backends.torch.operations"), "cheese")
