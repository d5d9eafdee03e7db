import numpy as np
import pytest

from refnet.errors import DtypeError, ReuseError, ShapeError
from refnet.graph import (
    AUTO_REUSE,
    Session,
    constant,
    get_variable,
    get_variable_scope,
    global_variables_initializer,
    variable_scope,
)


def test_scopes_share_on_purpose(graph):
    with variable_scope("cell"):
        w = get_variable("W", [2, 3], initializer=lambda shape, dtype: np.ones(shape, dtype))
        with pytest.raises(ReuseError, match=r"'cell/W'.*reuse"):
            get_variable("W", [2, 3])
    with variable_scope("cell", reuse=True):
        assert get_variable("W", [2, 3]) is w
        with variable_scope("inner"), pytest.raises(ReuseError, match="'cell/inner/W'"):
            get_variable("W", [2, 3])
        with pytest.raises(ReuseError, match="'cell/b'"):
            get_variable("b", [3])
        with pytest.raises(ShapeError, match="'cell/W'"):
            get_variable("W", [3, 3])
        with pytest.raises(DtypeError, match="'cell/W'"):
            get_variable("W", [2, 3], np.float64)
    with variable_scope("cell", reuse=AUTO_REUSE):
        assert get_variable("W") is w
        assert get_variable("b", [3]).name == "cell/b:0"
    assert w.name == "cell/W:0"
    assert get_variable_scope().name == ""


def test_scopes_nest_and_can_be_entered_again(graph):
    with variable_scope("outer") as outer:
        with variable_scope("inner") as inner:
            v = get_variable("v", [1])
            assert (v + 1.0).op.name == "outer/inner/add"
        assert get_variable_scope() is outer
    with variable_scope(inner):
        assert get_variable("w", [1]).op.name == "outer/inner/w"
        get_variable_scope().reuse_variables()
        assert get_variable("v", [1]) is v
    with variable_scope(inner, reuse=True):
        assert get_variable("v") is v
    with variable_scope(None, "layer"), variable_scope(None, "deeper"):
        first = get_variable("w", [1])
    with variable_scope(None, "layer"):
        second = get_variable("w", [1])
    assert [first.op.name, second.op.name] == ["layer/deeper/w", "layer_1/w"]


def test_scope_s_own_defaults(graph):
    seen = []
    with variable_scope(
        "s",
        initializer=lambda shape, dtype: np.full(shape, 5, dtype),
        regularizer=lambda v: (seen.append(v), v * 2.0)[1],
        dtype=np.float64,
    ):
        v = get_variable("v", [2])
    session = Session()
    session.run(global_variables_initializer())
    assert session.run(v).tolist() == [5.0, 5.0]
    assert v.dtype == np.float64
    assert seen == [v]
    assert [n.op.name for n in graph.get_collection("regularization_losses")] == ["s/mul"]


def test_without_an_initializer_it_is_glorot_s_uniform(graph):
    w, b = get_variable("w", [300, 100]), get_variable("b", [100])
    session = Session()
    session.run(global_variables_initializer())
    for node, limit in ((w, np.sqrt(6 / 400)), (b, np.sqrt(6 / 200))):
        value = session.run(node)
        assert 0.9 * limit < abs(value).max() <= limit


@pytest.mark.parametrize("name", [None, "", 3])
def test_a_scope_needs_a_name(graph, name):
    with pytest.raises(ReuseError, match="variable_scope"), variable_scope(name):
        pass


def test_a_variable_needs_a_shape(graph):
    with pytest.raises(ShapeError, match="'w'"):
        get_variable("w")
    with pytest.raises(ShapeError, match="'w'"):
        get_variable("w", [None, 3])
    assert not graph.variables


def test_scopes_of_names(graph):
    """Those that TensorFlow makes of the same calls."""
    with graph.name_scope("a") as name:
        with variable_scope("b") as b:
            v = get_variable("v", [2])
            y = v + 1.0
        z = constant(1.0, name=name)
    assert [v.op.name, y.op.name, z.op.name] == ["b/v", "a/b/add", "a"]
    assert graph.node("a:0") is z
    assert b.original_name_scope == "a/b/"
    with graph.name_scope("a") as again:
        assert again == "a_1/"
        with variable_scope(get_variable_scope()):
            assert constant(1.0, name="c").op.name == "a_1/c"
    with variable_scope(b) as entered:
        assert constant(1.0, name="c").op.name == "b/c"
        assert entered.original_name_scope == "a/b/"
    with variable_scope(b):
        assert constant(1.0, name="c").op.name == "b_1/c"


def test_collections_by_patterns(graph):
    names = ["hidden1", "hidden2", "hidden3", "outputs"]
    for name in names:
        with variable_scope(name):
            get_variable("w", [1])
    graph.add_to_collection("variables_and_numbers", 3.0)

    def found(pattern):
        return [v.op.name[:-2] for v in graph.get_collection("trainable_variables", pattern)]

    assert found("hidden[3-4]|outputs") == names[2:]
    assert found("hidden") == names[:3]
    assert found("idden") == []
    assert graph.get_collection("variables_and_numbers", "h") == []
