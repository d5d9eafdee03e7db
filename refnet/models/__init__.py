"""The sources' networks, each a short readable program."""

from refnet.models import l_layer, perceptron, three_layer
from refnet.models.dfn import DFN
from refnet.models.network import Network
from refnet.models.xor import XOR

__all__ = ["DFN", "XOR", "Network", "l_layer", "perceptron", "three_layer"]
