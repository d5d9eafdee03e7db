from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DtypeError, ShapeError
from refnet.op import MAX_PASSED, intermediate, operation


def test_a_name_is_taken_once():
    with pytest.raises(ArgumentError, match="second operation named 'tanh'"):

        @operation(analytic=True)
        def tanh(x, /):
            return x


def test_ops_is_a_copy():
    rn.ops().clear()
    assert "dense" in rn.ops()


def test_attributes():
    op = rn.softmax_cross_entropy
    assert op.inputs == ("logits", "labels")
    assert op.required == 2
    assert op.options["reduction"] == "mean"
    with pytest.raises(TypeError):
        op.options["reduction"] = "sum"
    assert rn.dense.required == 2
    assert repr(rn.dense) == "refnet.dense(x, w, b, /)"
    assert repr(rn.softmax) == "refnet.softmax(x, /, *, axis=-1)"


def test_pickle_and_copy_give_the_same_operation():
    for op in rn.ops().values():
        assert pickle.loads(pickle.dumps(op)) is op
        assert copy.deepcopy(op) is op


def test_lists_and_scalars_are_arrays():
    np.testing.assert_array_equal(rn.add([1.0, 2.0], 3.0), [4, 5])
    assert rn.square(np.float32(3)).dtype == np.float32
    assert rn.square(3.0).shape == ()


def test_wrt_leaves_out_the_others(rng):
    x, w, b = rng.standard_normal((4, 3)), rng.standard_normal((3, 2)), rng.standard_normal(2)
    dy = rng.standard_normal((4, 2))
    every = rn.dense.vjp(dy, x, w, b)
    for i, name in enumerate(rn.dense.inputs):
        one = rn.dense.vjp(dy, x, w, b, wrt=(name,))
        assert [c is not None for c in one] == [j == i for j in range(3)]
        np.testing.assert_array_equal(one[i], every[i])
    _, db = rn.subtract.vjp(dy, dy, dy, wrt=("b",))  # a rule that knows nothing of wrt
    np.testing.assert_array_equal(db, -dy)
    assert rn.add.vjp(dy, dy, dy, wrt=())[0] is None


def test_with_vjp_refuses_what_vjp_refuses():
    _, vjp = rn.dense.with_vjp(np.ones((4, 3)), np.ones((3, 2)), np.ones(2))
    with pytest.raises(ShapeError, match="dy of shape"):
        vjp(np.ones((4, 3)))
    with pytest.raises(DtypeError, match="dy"):
        vjp(np.ones((4, 2), np.float32))
    with pytest.raises(ArgumentError, match="plain string"):
        vjp(np.ones((4, 2)), wrt="w")
    assert vjp([[1.0, 1.0]] * 4)[2].tolist() == [4, 4]


def test_float16_rounds_once():
    # 2048 + 1 is not a float16; the sum of the two is, and only the result is rounded.
    x = np.array([[2048.0, 1.0, 1.0]], np.float16)
    y = rn.dense(x, np.ones((3, 1), np.float16))
    assert y.item() == 2050
    assert y.dtype == np.float16


def test_float16_options_are_widened_too():
    weight = np.array([1.0, 2.0], np.float16)
    logits = np.zeros((2, 2), np.float16)
    y = rn.softmax_cross_entropy(logits, np.array([0, 1]), weight=weight, reduction="sum")
    assert y == np.float16(3 * np.log(2))
    with pytest.raises(DtypeError, match="weight"):
        rn.softmax_cross_entropy(logits, np.array([0, 1]), weight=weight.astype(np.float64))


def test_seen_shapes_are_checked_again_when_they_change(rng):
    # What has passed once passes faster; another shape, dtype or type is looked at.
    w = rng.standard_normal((3, 2))
    for _ in range(3):
        rn.dense(np.ones((4, 3)), w)
        with pytest.raises(ShapeError):
            rn.dense(np.ones((4, 2)), w)
        with pytest.raises(DtypeError):
            rn.dense(np.ones((4, 3), np.float32), w)
        assert rn.dense(np.ones((4, 3)).tolist(), w).shape == (4, 2)
    masked = np.ma.masked_array(np.ones((4, 3)), mask=True)
    with pytest.raises(DtypeError, match="masked"):
        rn.dense(masked, w)
    for n in range(MAX_PASSED + 5):
        rn.identity(np.ones(n))
    assert len(rn.identity._passed) <= MAX_PASSED


def test_options_that_have_passed_do_not_let_their_equals_pass():
    x, w = np.ones((1, 4, 4, 1)), np.ones((2, 2, 1, 1))
    one = rn.conv2d(x, w, stride=1)
    for wrong in (True, 1.0):
        with pytest.raises(rn.OptionError, match="stride"):
            rn.conv2d(x, w, stride=wrong)
    for _ in range(2):
        np.testing.assert_array_equal(rn.conv2d(x, w, stride=1), one)
        assert rn.conv2d(x, w, stride=2).shape == (1, 2, 2, 1)
        assert rn.conv2d(x, w, stride=(1, 2)).shape == (1, 3, 2, 1)  # no plain option
        with pytest.raises(rn.OptionError, match="pad"):
            rn.conv2d(x, w, padding="NONE")
        with pytest.raises(rn.ArgumentError, match="strides"):
            rn.conv2d(x, w, strides=1)


def test_options_that_have_passed_keep_their_values():
    y, t = np.array([1.0, 3.0]), np.array([0.0, 0.0])
    for _ in range(2):
        assert rn.mean_squared_error(y, t, reduction="sum") == 10
        assert rn.mean_squared_error(y, t, reduction="mean") == 5
        assert rn.mean_squared_error(y, t) == 5
        assert rn.l2_penalty(y, strength=0.5) == 5
        assert rn.l2_penalty(y, strength=np.float64(2.0)) == 20
        assert rn.dropout(y, t, rate=0.0).tolist() == [0, 0]


def test_values_are_checked_every_time():
    logits = np.zeros((2, 3))
    rn.softmax_cross_entropy(logits, np.array([0, 1]))
    with pytest.raises(rn.DomainError):
        rn.softmax_cross_entropy(logits, np.array([0, 3]))


def test_intercepted_sees_and_replaces_every_result():
    seen = []

    def doubled(name, a):
        seen.append(name)
        return 2 * a

    x = np.array([1.0, 2.0])
    with rn.intercepted(doubled):
        np.testing.assert_array_equal(rn.identity(x), [2, 4])
        np.testing.assert_array_equal(rn.add.vjp(x, x, x)[1], [2, 4])
    np.testing.assert_array_equal(rn.identity(x), x)
    assert seen == ["identity", "add", "add"]


def test_intercepts_nest_and_stay_in_their_thread():
    order = []

    def note(label):
        return lambda name, a: (order.append(label), a)[1]

    with rn.intercepted(note("outer")), rn.intercepted(note("inner")):
        rn.identity(np.ones(1))
        thread = threading.Thread(target=rn.identity, args=(np.ones(1),))
        thread.start()
        thread.join()
    assert order == ["inner", "outer"]


def confident():
    """Return a row of logits whose gradient is 1e-7, and its label."""
    return np.array([[16.0, 0.0]]), np.array([0])


def test_what_cancels_inside_an_operation_has_a_seam_of_its_own():
    results, inner = [], []

    def noted(a):
        inner.append(a.copy())
        return a

    with rn.intercepted(lambda name, a: (results.append(name), a)[1], inside=noted):
        rn.softmax_cross_entropy(*confident())
    assert results == ["softmax_cross_entropy"]
    np.testing.assert_array_equal(inner, [[[1 + np.exp(-16.0)]]])
    with rn.intercepted(lambda _, a: a, inside=lambda a: 2 * a):
        loss = rn.softmax_cross_entropy(*confident())
    np.testing.assert_allclose(loss, np.log(2), rtol=1e-6)
    with rn.intercepted(lambda _, a: a):
        np.testing.assert_allclose(rn.softmax_cross_entropy(*confident()), np.exp(-16.0), rtol=1e-6)


def test_what_is_inside_nests_too():
    with (
        rn.intercepted(lambda _, a: a, inside=lambda a: a + 1),
        rn.intercepted(lambda _, a: a),  # a recorder of results
        rn.intercepted(lambda _, a: a, inside=lambda a: 3 * a),
    ):
        assert intermediate(np.ones(1)) == 4
    with pytest.raises(ZeroDivisionError), rn.intercepted(lambda _, a: a, inside=lambda a: 1 / 0):
        intermediate(np.ones(1))
    assert intermediate(np.ones(1)) == 1


def test_intercept_ends_with_an_exception():
    with pytest.raises(ZeroDivisionError), rn.intercepted(lambda name, a: 1 / 0):
        rn.identity(np.ones(1))
    rn.identity(np.ones(1))


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_call_gives_native_arrays(order):
    x = np.ones(2, np.dtype("f8").newbyteorder(order))
    for _ in range(3):
        assert rn.identity(x).dtype.isnative
        y, vjp = rn.tanh.with_vjp(x)
        assert y.dtype.isnative
        assert vjp(np.ones(2))[0].dtype.isnative
    scores, weight = np.zeros((2, 3)), np.ones(3, ">f8")
    for labels in ([0, 1], [1, 2], [2, 0]):
        rn.nll(scores, np.array(labels, ">i8"))
        rn.nll(scores, np.array(labels), weight=weight)
    with pytest.raises(rn.DomainError):
        rn.nll(scores, np.array([0, 2**56], ">i8"))


@pytest.mark.parametrize("wrt", ["w", 3, (n for n in ("w",)), ("v",), [["x"]]])
def test_wrt_is_a_collection_of_names(wrt):
    x = np.ones((2, 2))
    with pytest.raises(ArgumentError, match="wrt="):
        rn.dense.vjp(x, x, x, wrt=wrt)


def test_shapes_and_calls_without_inputs_are_refused():
    for shapes in ((), ((1, 2),), ((1, 2), (2, 3), (3,), (1,))):
        with pytest.raises(ArgumentError, match="dense"):
            rn.dense.shape(*shapes)
    with pytest.raises(ArgumentError, match="dense"):
        rn.dense()
    with pytest.raises(ArgumentError, match="dense"):
        rn.dense.vjp(np.ones(1))


def test_float16_inputs_take_float16_options():
    logits, labels = np.zeros((2, 2), np.float16), np.array([0, 1])
    for dtype in (np.float32, np.float64):
        with pytest.raises(DtypeError, match=f"weight of dtype {np.dtype(dtype)}.*float16"):
            rn.softmax_cross_entropy(logits, labels, weight=np.ones(2, dtype))


def test_vjps_of_complex_inputs(rng):
    a, b = rng.standard_normal((2, 2, 3)) + 1j * rng.standard_normal((2, 2, 3))
    for got, wanted in zip(rn.concat.vjp(np.concatenate([a, b]), a, b), (a, b), strict=True):
        np.testing.assert_array_equal(got, wanted)
    for got, wanted in zip(rn.stack.vjp(np.stack([a, b]), a, b), (a, b), strict=True):
        np.testing.assert_array_equal(got, wanted)
    np.testing.assert_array_equal(rn.unstack.vjp((a[0], a[1]), b)[0], a)
    np.testing.assert_array_equal(rn.split.vjp((a[:1], a[1:]), b, parts=2)[0], a)
    with pytest.raises(DtypeError, match="float64"):
        rn.concat.vjp(np.ones((4, 3)), a, b)


def test_a_list_as_the_cotangent_of_integer_inputs():
    assert rn.one_hot.vjp([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], np.array([2, 0]), classes=3) == (
        None,
    )
    with pytest.raises(ShapeError, match="dy of shape"):
        rn.one_hot.vjp([[1.0, 0.0]], np.array([2, 0]), classes=3)
    with pytest.raises(ShapeError, match="ragged"):
        rn.one_hot.vjp([[1.0, 0.0], [1.0]], np.array([2, 0]), classes=3)
