"""The names of the front end: TensorFlow's order of arguments, and what a missing name says."""

import inspect
import warnings
from operator import attrgetter

import pytest

import refnet.tf1
from refnet.errors import UnknownNameError

# By name within the front page: "" is the front page itself.
SPACES = (
    *("", "nn", "train", "losses", "layers", "summary", "random", "math", "linalg", "metrics"),
    *("initializers", "app", "logging", "gfile", "nn.rnn_cell", "app.flags"),
    *("contrib", "contrib.rnn", "contrib.layers", "errors"),
)

# TensorFlow 2's releases have put arguments between those that 1.15 had.
LATER = {"matmul", "linalg.matmul", "nn.top_k", "math.top_k"}
NOT_CALLED = {"Tensor", "Operation", "VariableScope"}  # programs only ask for their class
PYTHONS = "the files are Python's own functions, which programs call by position"
EXCEPTIONS = {
    **dict.fromkeys(LATER, "arguments that TensorFlow 1.15 did not have stand in between"),
    **dict.fromkeys(NOT_CALLED, "programs make none themselves"),
    "train.Optimizer": "its subclasses wrap optimizers of refnet",
    "nn.rnn_cell.RNNCell": "its arguments are those of TensorFlow 1.4, as its subclasses' are",
    **{f"gfile.{name}": PYTHONS for name in refnet.tf1.gfile.__all__ if name != "MakeDirs"},
    **{
        f"app.flags.{name}": "the first three agree; then come their names before TensorFlow 1.5"
        for name in refnet.tf1.flags.__all__
    },
}


def space(front, name):
    return attrgetter(name)(front) if name else front


def theirs(tensorflow, name):
    """Return TensorFlow's name space; what it has dropped since is elsewhere in it, or nowhere."""
    package = "tensorflow.python.keras"
    if name == "nn.rnn_cell":
        return [pytest.importorskip(f"{package}.layers.legacy_rnn.rnn_cell_impl")]
    if name == "layers":
        parts = ("core", "convolutional", "pooling")
        return [pytest.importorskip(f"{package}.legacy_tf_layers.{part}") for part in parts]
    return [space(tensorflow, name)]


def arguments(f):
    f = f.__init__ if inspect.isclass(f) else f
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    found = [p.name for p in inspect.signature(f).parameters.values() if p.kind not in kinds]
    return [name for name in found if name != "self"]


def disagreements(ours, theirs):
    """Return whether neither list of arguments begins with the other."""
    n = min(len(ours), len(theirs))
    return ours[:n] != theirs[:n]


@pytest.mark.parametrize("name", [s for s in SPACES if s != "errors" and "contrib" not in s])
def test_arguments_have_tensorflows_names_and_order(tensorflow, name):
    ours = space(refnet.tf1, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some are deprecated since
        places = theirs(tensorflow, name)
        compared, wrong = 0, {}
        for key in ours.__all__:
            f = getattr(ours, key)
            g = next((getattr(p, key) for p in places if hasattr(p, key)), None)
            if key == "FLAGS" or not callable(f) or g is None or not callable(g):
                continue
            compared += 1
            whole = f"{name}.{key}" if name else key
            if disagreements(arguments(f), arguments(g)):
                wrong[whole] = (arguments(f), arguments(g))
    assert compared
    excused = {key for key in wrong if key in EXCEPTIONS}
    assert {key: found for key, found in wrong.items() if key not in excused} == {}


METHODS = (
    ("Session", ("run",)),
    ("Variable", ("assign", "assign_add", "assign_sub", "eval", "load")),
    ("Graph", ("get_tensor_by_name", "get_operation_by_name", "get_collection", "as_default")),
    ("train.Optimizer", ("minimize", "compute_gradients", "apply_gradients", "get_slot")),
    ("train.Saver", ("save", "restore")),
    ("train.ExponentialMovingAverage", ("apply", "average", "average_name")),
    ("summary.FileWriter", ("add_summary", "add_graph", "flush", "close")),
)
# Positions agree as far as programs use them: the first argument, which has another name.
RENAMED = {"Variable.assign_add", "Variable.eval", "Variable.assign", "Variable.assign_sub"}


@pytest.mark.parametrize(("name", "methods"), METHODS)
def test_methods_have_tensorflows_arguments(tensorflow, name, methods):
    ours, theirs = attrgetter(name)(refnet.tf1), attrgetter(name)(tensorflow)
    for method in methods:
        a, b = arguments(getattr(ours, method)), arguments(getattr(theirs, method))
        if f"{name}.{method}" not in RENAMED:
            assert not disagreements(a, b), (method, a, b)
        assert a[:1] == b[:1] or "Variable" in name


def test_every_exception_is_needed(tensorflow):
    for whole in EXCEPTIONS:
        space_name, _, key = whole.rpartition(".")
        f = getattr(space(refnet.tf1, space_name), key)
        found = [getattr(p, key) for p in theirs(tensorflow, space_name) if hasattr(p, key)]
        if found and callable(f) and "flags" not in whole and "gfile" not in whole:
            assert disagreements(arguments(f), arguments(found[0])) or not arguments(found[0])


@pytest.mark.parametrize("name", SPACES)
def test_a_missing_name_says_what_is_near(name):
    module = space(refnet.tf1, name)
    assert len(set(module.__all__)) == len(module.__all__)
    known = max((n for n in module.__all__ if n is not None), key=len)
    misspelt = known[:-1] + ("x" if known[-1] != "x" else "y")
    with pytest.raises(UnknownNameError, match=known) as caught:
        getattr(module, misspelt)
    assert str(caught.value).startswith(f"tf.{name}".rstrip("."))
    assert not hasattr(module, "nothing_of_the_kind")


@pytest.mark.parametrize("name", SPACES)
def test_every_name_is_there(name):
    module = space(refnet.tf1, name)
    for key in module.__all__:
        getattr(module, key)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("while_loop", "Python loop"),
        ("data", "feed_dict"),
        ("enable_eager_execution", r"tf\.Session\(\)"),
        ("string", "text stays in Python"),
        ("train.FtrlOptimizer", "no such optimizer"),
        ("train.Coordinator", "feed_dict"),
        ("train.import_meta_graph", "then restore"),
        ("nn.nce_loss", "with all"),
        ("nn.rnn", "static_rnn"),
    ],
)
def test_what_is_not_there_on_purpose_says_why(name, reason):
    with pytest.raises(UnknownNameError, match=reason):
        attrgetter(name)(refnet.tf1)
