from __future__ import annotations

import pickle

import pytest

from refnet import errors
from refnet.errors import ExplainedError

KINDS = [
    (errors.ArgumentError, TypeError),
    (errors.ShapeError, ValueError),
    (errors.DtypeError, TypeError),
    (errors.OptionError, ValueError),
    (errors.DomainError, ValueError),
    (errors.DataFileError, OSError),
    (errors.MissingDependencyError, ImportError),
]


@pytest.mark.parametrize(("kind", "builtin"), KINDS)
def test_four_parts_and_the_built_in_kind(kind, builtin):
    error = kind("op", got="this", needs="that", cause="Why?")
    assert isinstance(error, builtin)
    assert isinstance(error, errors.RefnetError)
    assert str(error) == "op: got this; needs that. Why?"
    assert (error.operation, error.got, error.needs, error.cause) == ("op", "this", "that", "Why?")


@pytest.mark.parametrize("kind", [k for k, _ in KINDS])
def test_survives_a_worker(kind):
    error = pickle.loads(pickle.dumps(kind("op", got="this", needs="that", cause="Why?")))
    assert type(error) is kind
    assert str(error) == "op: got this; needs that. Why?"


def test_every_error_of_the_module_is_explained():
    found = [v for v in vars(errors).values() if isinstance(v, type) and issubclass(v, Exception)]
    assert len(found) == 17
    assert all(issubclass(v, ExplainedError) for v in found)
