import warnings

import pytest

import refnet.tf1


@pytest.fixture
def tf():
    """Return the front end, with a graph of the test's own as the default."""
    with refnet.tf1.Graph().as_default():
        yield refnet.tf1


@pytest.fixture(scope="session")
def tensorflow():
    """Return TensorFlow 1's names of TensorFlow itself; the test is skipped without it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pytest.importorskip("tensorflow").compat.v1
    before = found.logging.get_verbosity()
    found.logging.set_verbosity(found.logging.ERROR)  # of names that are deprecated since
    yield found
    found.logging.set_verbosity(before)


@pytest.fixture
def tensorflow_of_1(tensorflow):
    """Return TensorFlow with the variables and the control flow of its first version."""
    variables = tensorflow.resource_variables_enabled()
    flow = tensorflow.control_flow_v2_enabled()
    tensorflow.disable_resource_variables()
    tensorflow.disable_control_flow_v2()
    yield tensorflow
    if variables:
        tensorflow.enable_resource_variables()
    if flow:
        tensorflow.enable_control_flow_v2()
