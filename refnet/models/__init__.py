"""The sources' networks, each a short readable program."""

from refnet.models import l_layer, perceptron, rnn_binary_addition, three_layer, towers
from refnet.models.classifier import Classifier
from refnet.models.dfn import DFN
from refnet.models.mlp import MLP
from refnet.models.network import Network
from refnet.models.rnn_binary_addition import BinaryAdder
from refnet.models.sentiment import Sentiment, SentimentNetwork
from refnet.models.small_alexnet import SmallAlexNet
from refnet.models.xor import XOR

__all__ = [
    "DFN",
    "MLP",
    "XOR",
    "BinaryAdder",
    "Classifier",
    "Network",
    "Sentiment",
    "SentimentNetwork",
    "SmallAlexNet",
    "l_layer",
    "perceptron",
    "rnn_binary_addition",
    "three_layer",
    "towers",
]
