from __future__ import annotations

import numpy as np
import pytest

from refnet import ArgumentError, DtypeError, ShapeError
from refnet.optimizers.matching import matching, parameters

PARAMS = {"w": np.ones((2, 3)), "b": np.ones(3)}


def test_plain_arrays_pass_as_they_are():
    assert parameters("op", PARAMS) is PARAMS
    assert matching("op", "grads", PARAMS, PARAMS) is PARAMS
    assert parameters("op", {}) == matching("op", "grads", {}, {}) == {}


def test_subclasses_and_scalars_become_plain(tmp_path):
    mapped = np.memmap(tmp_path / "w", np.float32, "w+", shape=(2,))
    records = np.ones((1, 1)).view(np.recarray)
    found = parameters("op", {"map": mapped, "records": records, "s": np.float64(2)})
    assert {type(p) for p in found.values()} == {np.ndarray}
    assert [p.shape for p in found.values()] == [(2,), (1, 1), ()]
    assert np.shares_memory(found["map"], mapped), "no copy"


@pytest.mark.parametrize(
    ("values", "error", "named"),
    [
        ({"w": PARAMS["w"]}, ArgumentError, r"grads without \['b'\] and with \[\]"),
        ({**PARAMS, "c": 1}, DtypeError, r"grads\['c'\] of type int"),
        ({**PARAMS, "c": np.ones(1)}, ArgumentError, r"without \[\] and with \['c'\]"),
        ({**PARAMS, "b": np.ones((1, 3))}, ShapeError, r"grads\['b'\] of shape \(1, 3\)"),
        ({**PARAMS, "b": np.ones(3, ">f8")}, DtypeError, ">f8"),
        ({**PARAMS, "b": np.ones(3, np.float32)}, DtypeError, "float32 .* dtype float64"),
        ({**PARAMS, "b": np.ones(3, bool)}, DtypeError, "bool"),
        ({**PARAMS, "b": np.ma.ones(3)}, DtypeError, "masked"),
        ({**PARAMS, "b": (1.0, 1.0, 1.0)}, DtypeError, "type tuple"),
        (list(PARAMS), ArgumentError, "grads of type list"),
    ],
)
def test_refuses_what_does_not_match(values, error, named):
    with pytest.raises(error, match=named) as raised:
        matching("op", "grads", PARAMS, values)
    assert raised.value.operation == "op"


@pytest.mark.parametrize("dtype", [int, bool, complex, object, "<U3", ">f4", "datetime64[s]"])
def test_parameters_are_floats(dtype):
    with pytest.raises(DtypeError, match=r"params\['w'\] of dtype"):
        parameters("op", {"b": np.ones(1), "w": np.zeros(2, dtype)})
