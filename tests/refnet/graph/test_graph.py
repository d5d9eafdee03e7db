import numpy as np
import pytest

from refnet.errors import CycleError, GraphError
from refnet.graph import (
    Graph,
    Session,
    Variable,
    constant,
    get_default_graph,
    placeholder,
    reset_default_graph,
    topological_sort,
)


def test_names_are_unique_and_found_again(graph):
    a, b = constant(1.0, name="a"), constant(2.0, name="a")
    assert [a.name, b.name] == ["a:0", "a_1:0"]
    assert [a.op.name, b.op.name] == ["a", "a_1"]
    assert graph.node("a") is graph.node("a:0") is graph.get_tensor_by_name("a:0") is a
    assert "a_1" in graph
    assert "c" not in graph


def test_a_name_that_is_not_there(graph):
    constant(1.0, name="weights")
    with pytest.raises(GraphError, match=r"'wieghts'.*Did you mean 'weights'"):
        graph.node("wieghts")


def test_scopes_of_names(graph):
    with graph.name_scope("layer") as scope:
        inside = constant(1.0, name="w")
        with graph.name_scope("inner"):
            deeper = constant(1.0, name="w")
    with graph.name_scope("layer"):
        again = constant(1.0, name="w")
    with graph.name_scope(scope):
        entered = constant(1.0, name="v")
    names = [n.op.name for n in (inside, deeper, again, entered)]
    assert names == ["layer/w", "layer/inner/w", "layer_1/w", "layer/v"]
    assert graph.scope == ""


def test_graphs_are_apart():
    first, second = Graph(), Graph()
    with first.as_default():
        assert get_default_graph() is first
        x = constant(1.0, name="x")
        with second.as_default():
            y = constant(2.0, name="y")
            with pytest.raises(GraphError, match=r"'[xy]:0'"):
                x + y
        assert get_default_graph() is first
    assert get_default_graph() not in (first, second)
    assert first.nodes == [x]
    assert second.nodes[0] is y
    assert len(first.nodes) == 1
    with pytest.raises(GraphError, match="'y:0'"):
        Session(first).run(y)


def test_nothing_leaks_from_one_program_to_the_next():
    reset_default_graph()
    Variable(1.0, name="w")
    before = get_default_graph()
    reset_default_graph()
    assert get_default_graph() is not before
    assert Variable(1.0, name="w").op.name == "w"
    assert len(get_default_graph().variables) == 1
    reset_default_graph()


def test_reset_inside_a_graph_is_refused(graph):
    with pytest.raises(GraphError, match="as_default"):
        reset_default_graph()


def test_collections(graph):
    v = Variable(1.0, name="scope/v")
    w = Variable(1.0, trainable=False, name="w")
    graph.add_to_collection("losses", v)
    assert graph.get_collection("variables") == [v, w]
    assert graph.get_collection("trainable_variables") == [v]
    assert graph.get_collection("variables", "scope") == [v]
    assert graph.get_collection("losses") == [v]
    assert graph.get_collection("none") == []


def test_order_is_stable_and_respects_inputs(graph):
    x = placeholder(np.float32, [2], name="x")
    a, b = x + 1, x * 2
    c = b + a
    order = topological_sort([c])
    assert order == sorted(order, key=lambda n: n.number)
    assert all(order.index(n) < order.index(c) for n in (x, a, b))
    assert topological_sort([c]) == order == topological_sort([c, a, x])


def test_what_sources_need_is_left_out(graph):
    x = placeholder(np.float32, [2], name="x")
    b = x * 2
    c = b + 1
    assert x not in topological_sort([c], {b})


def test_a_deep_graph_is_no_deep_recursion(graph):
    y = x = placeholder(np.float64, [], name="x")
    for _ in range(3000):
        y = y + 1.0
    assert Session().run(y, {x: 0.0}) == 3000.0


def test_a_cycle_is_named(graph):
    x = placeholder(np.float32, [2], name="x")
    a = x.__add__(1)
    b = a * 2
    a.inputs[1] = b
    with pytest.raises(CycleError, match=r"add:0 <- mul:0 <- add:0") as caught:
        Session().run(b, {x: [1, 2]})
    assert isinstance(caught.value, GraphError)


def test_control_dependencies_order_effects(graph):
    v = Variable(1.0, name="v")
    with graph.control_dependencies([v.assign(5.0)]):
        read = v.read_value()
        after = v * 2.0
    with graph.control_dependencies(None):
        pass
    session = Session()
    session.run(v.initializer)
    assert session.run([read, after]) == [5.0, 10.0]
