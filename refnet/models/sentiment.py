"""Whether reviews are positive, from the words in them, as the sources learn it in three ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array
from refnet.data.minibatches import minibatches
from refnet.data.words import Bags, WordCounts, bags_of, checked_labels, checked_texts, counted
from refnet.errors import ArgumentError, DomainError, ShapeError
from refnet.initializers import std_normal
from refnet.layers import Activation, Dense, Sequential
from refnet.losses.mean_squared_error import mean_squared_error
from refnet.models.network import Network
from refnet.optimizers import Optimizer

# How reviews become vectors, with the sources' learning rates.
RATES = {"counts": 2e-3, "presence": 2e-2, "cut": 2e-2}
MIN_SHARE = 0.004  # of the reviews: the sources' 100 of 25,000


class SentimentNetwork(Network):
    """Dense, dense, sigmoid with the mean squared error, from vectors (N, words) to (N, 1).

    The hidden layer is linear. The weights start normal with a deviation of 1 / sqrt(inputs), the
    biases at zero.

    Parameters
    ----------
    words : int
        Words of the vocabulary.
    hidden : int
        Hidden units.
    optimizer : str or Optimizer
        Momentum 0.95 with lr 0.02 in the sources.

    Raises
    ------
    OptionError
        If words or hidden is no integer of at least 1, or the spec names nothing.

    Examples
    --------
    >>> import numpy as np
    >>> net = SentimentNetwork(words=3, hidden=2)
    >>> x, t = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]), np.array([[1.0], [0.0]])
    >>> losses = net.fit(x, t, epochs=200, rng=np.random.default_rng(0))
    >>> np.round(net.predict(x))
    array([[1.],
           [0.]])
    """

    def __init__(
        self,
        words: int,
        hidden: int = 10,
        *,
        optimizer: str | Optimizer = "sgd(lr=0.02, momentum=0.95)",
    ) -> None:
        inputs = checks.count("SentimentNetwork", "words", words, low=1)
        units = checks.count("SentimentNetwork", "hidden", hidden, low=1)
        layers = Sequential(
            fc1=Dense(units, init=std_normal(gain=inputs**-0.5)),
            fc2=Dense(1, init=std_normal(gain=units**-0.5)),
            sigmoid=Activation("sigmoid"),
        )
        super().__init__(layers, mean_squared_error, optimizer=optimizer)


class Sentiment:
    """Reviews as bags of words, and the network of the sources that tells good ones from bad ones.

    ===========  ==============================================================================
    vectors      the input for a review
    ===========  ==============================================================================
    ``counts``   how often each word occurs in it, over every word of the reviews trained on
    ``presence`` 1 for each word that occurs in it, over the same
    ``cut``      presence, over the words that are not rare and not neutral: those that occur at
                 least ``min_count`` times, and whose log ratio between positive and negative
                 reviews (:meth:`refnet.data.WordCounts.log_ratios`) is at least
                 ``polarity_cutoff`` in size
    ===========  ==============================================================================

    Words are what white space separates, in lower case; words that were not trained on do not
    count. Vectors are made batch by batch, so that memory does not grow with the reviews.

    Parameters
    ----------
    vectors : {"counts", "presence", "cut"}
        The way.
    hidden : int
        Hidden units.
    min_count : int, optional
        For ``cut``; by default one for every 250 reviews, which is the sources' 100 of 25,000, and
        at least 2.
    polarity_cutoff : float
        For ``cut``.
    optimizer : str or Optimizer, optional
        Momentum 0.95 by default, with the sources' learning rates: 2e-3 for counts, and else 2e-2.
    dtype : dtype
        That of vectors and parameters.

    Attributes
    ----------
    counts : WordCounts or None
        The words of the reviews that were trained on, whatever the way.
    words : tuple of str
        The vocabulary; word i is column i of the input and row i of ``fc1.w``.
    network : SentimentNetwork or None
        What is trained.

    Raises
    ------
    OptionError
        If an option is outside what it may be, or a spec names nothing.
    DtypeError
        If dtype is no float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rng = np.random.default_rng(0)
    >>> texts, labels = rn.data.generated_reviews(500, rng=rng)
    >>> model = rn.models.Sentiment("cut")
    >>> losses = model.fit(texts[:400], labels[:400], epochs=20, rng=rng, batch_size=50)
    >>> model.evaluate(texts[400:], labels[400:]) > 0.7
    True
    >>> model.predict(["An excellent film", "An awful film"]).round()
    array([1., 0.], dtype=float32)
    """

    def __init__(
        self,
        vectors: str = "presence",
        *,
        hidden: int = 10,
        min_count: int | None = None,
        polarity_cutoff: float = 0.1,
        optimizer: str | Optimizer | None = None,
        dtype: Any = np.float32,
    ) -> None:
        name = "Sentiment"
        self.vectors = checks.choice(name, "vectors", vectors, RATES)
        self.hidden = checks.count(name, "hidden", hidden, low=1)
        self.min_count = None if min_count is None else checks.count(name, "min_count", min_count)
        self.polarity_cutoff = checks.number(name, "polarity_cutoff", polarity_cutoff, low=0)
        self.dtype = checks.float_dtype(name, dtype)
        rate = RATES[self.vectors]
        self.optimizer = f"sgd(lr={rate}, momentum=0.95)" if optimizer is None else optimizer
        SentimentNetwork(1, self.hidden, optimizer=self.optimizer)  # refuses a wrong spec
        self.counts: WordCounts | None = None
        self.words: tuple[str, ...] = ()
        self.network: SentimentNetwork | None = None
        self._place: dict[str, int] = {}

    def start(self, texts: Sequence[str], labels: Any, *, rng: np.random.Generator) -> None:
        """Make the vocabulary from N texts and their labels, and draw the parameters.

        Raises
        ------
        ArgumentError, ShapeError, DomainError, DtypeError
            As :meth:`fit` has it.
        """
        self._start(texts, labels, rng)

    def _start(self, texts: Sequence[str], labels: Any, rng: np.random.Generator) -> Bags:
        """Start as :meth:`start` does, and return the texts over the vocabulary."""
        checks.generator("Sentiment", rng)
        counts, bags = counted(texts, labels)
        words = counts.words
        if self.vectors == "cut":
            least = self.min_count
            if least is None:
                least = max(2, round(MIN_SHARE * len(texts)))
            kept = counts.total >= least
            kept &= np.abs(counts.log_ratios()) >= self.polarity_cutoff
            words = tuple(words[i] for i in np.flatnonzero(kept))
            bags = bags.over(kept)
        if not words:
            raise DomainError(
                "Sentiment",
                got=f"{len(texts)} text(s), of whose {len(counts.words)} word(s) none is left",
                needs="at least one word to go by",
                cause="Are the texts empty, or min_count and polarity_cutoff too high for them?",
            )
        network = SentimentNetwork(len(words), self.hidden, optimizer=self.optimizer)
        network.start(len(words), rng=rng, dtype=self.dtype)
        self.counts, self.words, self.network = counts, words, network
        self._place = {word: i for i, word in enumerate(words)}
        return bags

    def fit(
        self,
        texts: Sequence[str],
        labels: Any,
        *,
        epochs: int,
        rng: np.random.Generator,
        batch_size: int = 250,
        on_epoch: Callable[[int, float], None] | None = None,
    ) -> list[float]:
        """Train for ``epochs`` and return each epoch's mean of its batches' losses.

        The first call makes the vocabulary and draws the parameters; later ones go on with them.

        Parameters
        ----------
        texts : sequence of str
            N reviews; an empty one is a vector of zeros.
        labels : array (N,)
            1, True or "positive" for a positive review; 0, False or "negative" for a negative one.
        epochs, batch_size : int
            How often to go through all reviews, and reviews per update.
        rng : numpy.random.Generator
            Draws the parameters at the first call, and shuffles the reviews.
        on_epoch : callable, optional
            Called with the number of epochs done and the loss of the last.

        Raises
        ------
        ArgumentError
            If texts is no sequence of strings.
        ShapeError
            If there is no text, or not one label for each.
        DomainError
            If a label is none of these, or no word is left to go by.
        OptionError
            If epochs or batch_size is no integer or too small.
        DtypeError
            If rng is no generator.
        """
        checks.generator("Sentiment", rng)
        total = checks.count("Sentiment", "epochs", epochs)
        size = checks.count("Sentiment", "batch_size", batch_size, low=1)
        t = _targets(texts, labels).astype(self.dtype)[:, np.newaxis]
        if self.network is None:
            bags = self._start(texts, labels, rng)
        else:
            bags = bags_of(texts, self._place)
        network = self._started()
        losses: list[float] = []
        for epoch in range(total):
            params, state = network.params, network.state
            assert params is not None
            values = []
            for index, x in self._batches(bags, minibatches(len(texts), size, rng=rng)):
                point = dict(network.optimizer.gradient_point(params, state))
                value, grads = network.loss_and_grads(point, x, t[index])
                params, state = network.optimizer.update(params, grads, state)
                values.append(float(value))
            network.params, network.state = params, state
            losses.append(float(np.mean(values)))
            if on_epoch is not None:
                on_epoch(epoch + 1, losses[-1])
        return losses

    def predict(self, texts: Sequence[str], *, batch_size: int = 250) -> Array:
        """Return how likely each of N texts is positive, (N,), in [0, 1].

        Raises
        ------
        ArgumentError
            If texts is no sequence of strings, or nothing has been trained.
        OptionError
            If batch_size is no integer of at least 1.
        """
        network = self._started()
        bags = bags_of(texts, self._place)
        parts = [
            network.predict(x)[:, 0]
            for _, x in self._batches(bags, minibatches(len(texts), batch_size, rng=None))
        ]
        return np.concatenate([np.zeros(0, self.dtype), *parts])

    def evaluate(self, texts: Sequence[str], labels: Any) -> float:
        """Return the share of texts that are taken for what they are; NaN is wrong.

        Raises
        ------
        ArgumentError, ShapeError, DomainError
            As :meth:`fit` has it.
        """
        t = _targets(texts, labels)
        y = self.predict(texts)
        return float(np.mean(np.where(t, y > 0.5, y <= 0.5)))

    def most_similar(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """Return the n words nearest to ``word``, with the products of their rows of ``fc1.w``.

        Raises
        ------
        DomainError
            If the word is not in the vocabulary.
        ArgumentError
            If word is no string, or nothing has been trained.
        OptionError
            If n is no integer or negative.
        """
        params = self._started().params
        assert params is not None
        wanted = checks.count("Sentiment", "n", n)
        if not isinstance(word, str):
            raise ArgumentError(
                "Sentiment",
                got=f"a word of type {type(word).__name__}",
                needs="a word as a string",
                cause="Is it a position in the vocabulary?",
            )
        at = self._place.get(word.lower())
        if at is None:
            raise DomainError(
                "Sentiment",
                got=f"the word {word!r}, which is not in the vocabulary",
                needs=f"one of the {len(self.words):,} words of the reviews that were trained on"
                + (" and that are not cut" if self.vectors == "cut" else ""),
                cause=checks.nearest(word, self.words),
            )
        products = params["fc1.w"] @ params["fc1.w"][at]
        order = [i for i in np.argsort(-products, kind="stable") if i != at]
        return [(self.words[i], float(products[i])) for i in order[:wanted]]

    def _batches(self, bags: Bags, indices: Iterator[Array]) -> Iterator[tuple[Array, Array]]:
        """Yield each batch's positions and vectors, which are there until the next."""
        room = np.zeros((0, len(self.words)), self.dtype)
        for index in indices:
            if len(room) < len(index):
                room = np.zeros((len(index), len(self.words)), self.dtype)
            x = room[: len(index)]
            bags.fill(x, index, presence=self.vectors != "counts")
            yield index, x
            bags.clear(x, index)

    def _started(self) -> SentimentNetwork:
        if self.network is None:
            raise ArgumentError(
                "Sentiment",
                got="no vocabulary and no parameters",
                needs="a model that start() or fit() has given them",
                cause="Was it made anew after training?",
            )
        return self.network


def _targets(texts: Sequence[str], labels: Any) -> Array:
    """Return which texts are positive, as bools."""
    if len(checked_texts(texts)) == 0:
        raise ShapeError(
            "Sentiment",
            got="no texts",
            needs="at least one",
            cause="Is it an empty selection?",
        )
    return checked_labels(labels, len(texts))
