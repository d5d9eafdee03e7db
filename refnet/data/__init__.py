"""Data sets from files given by path, an embedded default, and minibatches."""

from refnet.data.bag_of_words import bag_of_words
from refnet.data.binary_addition import Sums, binary_addition, from_bits, to_bits
from refnet.data.digits import digits
from refnet.data.idx import read_idx
from refnet.data.images import Images, as_images, as_rows
from refnet.data.minibatches import minibatches
from refnet.data.mnist import MNIST, mnist
from refnet.data.npz import read_npz, write_npz
from refnet.data.reviews import Reviews, generated_reviews, read_reviews, read_reviews_by_class
from refnet.data.words import WordCounts, count_words

__all__ = [
    "MNIST",
    "Images",
    "Reviews",
    "Sums",
    "WordCounts",
    "as_images",
    "as_rows",
    "bag_of_words",
    "binary_addition",
    "count_words",
    "digits",
    "from_bits",
    "generated_reviews",
    "minibatches",
    "mnist",
    "read_idx",
    "read_npz",
    "read_reviews",
    "read_reviews_by_class",
    "to_bits",
    "write_npz",
]
