import pytest

from refnet.graph import Graph


@pytest.fixture
def graph():
    """Return a graph that is the default one during the test."""
    made = Graph()
    with made.as_default():
        yield made
