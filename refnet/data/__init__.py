"""Data sets from files given by path, an embedded default, and minibatches."""

from refnet.data.bag_of_words import bag_of_words
from refnet.data.binary_addition import Sums, binary_addition, from_bits, to_bits
from refnet.data.digits import digits
from refnet.data.idx import read_idx
from refnet.data.images import Images, as_rows
from refnet.data.minibatches import minibatches
from refnet.data.mnist import MNIST, mnist
from refnet.data.npz import read_npz, write_npz

__all__ = [
    "MNIST",
    "Images",
    "Sums",
    "as_rows",
    "bag_of_words",
    "binary_addition",
    "digits",
    "from_bits",
    "minibatches",
    "mnist",
    "read_idx",
    "read_npz",
    "to_bits",
    "write_npz",
]
