import numpy as np
import pytest

from refnet.errors import ArgumentError, DtypeError, OptionError, ShapeError
from refnet.graph import Session, Variable, binary, constant, group, placeholder

X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]], np.float32)
Y = np.array([2.0, 0.5, 4.0], np.float32)

OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
@pytest.mark.parametrize("sides", ["nodes", "node and array", "array and node", "node and number"])
def test_operators(graph, operator, sides):
    x = placeholder(np.float32, [None, 3], name="x")
    a = X if sides == "array and node" else x
    b = {"nodes": constant(Y), "node and array": Y, "array and node": x, "node and number": 2.0}
    left = X
    right = {"array and node": X, "node and number": np.float32(2)}.get(sides, Y)
    with np.errstate(invalid="ignore"):
        got = Session().run(operator(a, b[sides]), {x: X})
        wanted = operator(left, right)
    assert got.dtype == wanted.dtype
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


def test_power_matmul_and_unary(graph):
    x = placeholder(np.float32, [None, 3], name="x")
    run = Session().run
    np.testing.assert_allclose(run(x**2, {x: X}), X**2, rtol=1e-6)
    np.testing.assert_allclose(run(2.0**x, {x: X}), 2.0**X, rtol=1e-6)
    np.testing.assert_array_equal(run(x @ np.eye(3), {x: X}), X)
    np.testing.assert_array_equal(run(np.eye(2) @ x, {x: X}), X)
    np.testing.assert_array_equal(run(-x, {x: X}), -X)
    np.testing.assert_array_equal(run(+x, {x: X}), X)
    np.testing.assert_array_equal(run(abs(x), {x: X}), abs(X))
    np.testing.assert_array_equal(run(~(x > 0), {x: X}), ~(X > 0))
    np.testing.assert_array_equal(
        run((x > 0) & (x < 4) | (x < -5), {x: X}), (X > 0) & (X < 4) | (X < -5)
    )


def test_integers_stay_integers(graph):
    n = constant(np.array([7, 8], np.int32))
    for node, wanted in ((n + 1, [8, 9]), (n * n, [49, 64]), (n // 2, [3, 4]), (-n, [-7, -8])):
        value = Session().run(node)
        assert value.dtype == np.int32
        assert value.tolist() == wanted
    with pytest.raises(DtypeError, match="Const:0"):
        n * 0.5


def test_dtypes_are_not_mixed(graph):
    a = placeholder(np.float32, [2], name="single")
    b = placeholder(np.float64, [2], name="double")
    with pytest.raises(DtypeError, match=r"'single:0' and 'double:0'.*cast"):
        a + b


def test_shapes_are_checked_when_the_graph_is_made(graph):
    a = placeholder(np.float32, [None, 3], name="images")
    w = constant(np.ones((4, 2), np.float32), name="weights")
    for make in (lambda: a @ w, lambda: a + w):
        with pytest.raises(ShapeError, match=r"images:0, weights:0|images:0"):
            make()


def test_a_shape_that_shows_in_a_run_alone_names_the_node(graph):
    a = placeholder(np.float32, [None], name="a")
    b = placeholder(np.float32, [None], name="b")
    total = a + b
    with pytest.raises(ShapeError, match=r"node 'add:0'"):
        Session().run(total, {a: np.ones(2), b: np.ones(3)})


@pytest.mark.parametrize(
    "use",
    [bool, len, float, np.asarray, list, lambda x: 1 if x else 2],
    ids=["bool", "len", "float", "array", "list", "if"],
)
def test_a_node_has_no_value(graph, use):
    x = placeholder(np.float32, [3], name="x")
    with pytest.raises(ArgumentError, match="x:0"):
        use(x)


def test_equality_is_identity(graph):
    a, b = constant(1.0), constant(1.0)
    assert a == a
    assert a != b
    assert {a: 1}[a] == 1


def test_set_shape(graph):
    x = placeholder(np.float32, name="x")
    x.set_shape([None, 3])
    x.set_shape([2, None])
    assert x.shape == (2, 3) == x.get_shape()
    with pytest.raises(ShapeError, match="x:0"):
        x.set_shape([4, 3])


def test_repr(graph):
    x = placeholder(np.float32, [None, 3], name="x")
    assert repr(x) == "<Placeholder 'x:0' shape=(?, 3) dtype=float32>"
    assert repr(x.op) == "<Operation 'x' type=Placeholder>"


@pytest.mark.parametrize(
    "key",
    [
        np.s_[0],
        np.s_[-1],
        np.s_[1:],
        np.s_[:, 1],
        np.s_[:, -1],
        np.s_[..., 0],
        np.s_[:, None],
        np.s_[None, :, 1:3],
        np.s_[::-1, ::2],
        np.s_[0, 1],
        np.s_[1:2, ..., None],
        np.s_[:],
    ],
    ids=str,
)
@pytest.mark.parametrize("dims", [(2, 3), (None, 3), (None, None)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_slices(graph, key, dims, dtype):
    x = placeholder(dtype, dims)
    y = x[key]
    array = X.astype(dtype)
    got, wanted = Session().run(y, {x: array}), array[key]
    np.testing.assert_array_equal(got, wanted)
    assert got.dtype == dtype
    known = y.dims
    assert known is not None
    assert len(known) == np.ndim(wanted)
    assert all(n in (None, m) for n, m in zip(known, np.shape(wanted), strict=True))


@pytest.mark.parametrize("key", [np.s_[0, 0, 0], np.s_[..., ...], "a", 1.5, [0, 1]], ids=str)
def test_slices_that_are_none(graph, key):
    x = placeholder(np.float32, [2, 3], name="x")
    with pytest.raises(OptionError, match="x:0"):
        x[key]


def test_operations_know_their_nodes(graph):
    x = placeholder(np.float64, [], name="x")
    y = x + 1.0
    assert y.op.outputs == [y]
    assert y.op.inputs[0] is x
    assert y.op.graph is graph
    assert Variable(1.0).initializer.op.type == "Assign"
    assert group(y).op.outputs == []


def test_constants_have_the_name_of_the_operation_to_come(graph):
    x = placeholder(np.float32, [2], name="x")
    _ = x * 2, x * 3, 1 - x
    with graph.name_scope("layer") as scope:
        _ = x * 4, x % 2, binary("add", x, 1.0, scope)
    assert [node.name.removesuffix(":0") for node in graph.nodes] == [
        "x",
        *("mul/y", "mul", "mul_1/y", "mul_1", "sub/x", "sub"),
        *("layer/mul/y", "layer/mul"),
        *("layer/mod/y", "layer/mod/floordiv", "layer/mod/mul", "layer/mod"),
        *("layer/y", "layer"),
    ]
