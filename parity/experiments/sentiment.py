"""Reviews told apart by the words in them, in the sources' three ways, beside a backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

import refnet as rn
from parity.backends.base import Array
from parity.experiments.command import backend_option, conclude, out_option
from parity.experiments.finding import Claim, Finding
from parity.experiments.sides import Model, steps, versions
from parity.inputs import permutation
from parity.report.tables import markdown_table
from parity.trajectory.data import Batch
from refnet.data.words import WordCounts, bags_of
from refnet.models.sentiment import MIN_SHARE, RATES

NAME = "sentiment"
HIDDEN, MOMENTUM = 10, 0.95
TESTED = 0.2  # of each class
BATCH, BATCHES = 250, 8  # at most so many reviews in a batch; at least so many batches an epoch
UPDATES, EPOCHS = 400, 40  # so many updates or epochs, whichever are fewer
GENERATED = 3000
SIMILAR = 10
PRINTED = {"counts": 0.80, "presence": 0.86, "cut": 0.86}  # ann_box.txt 4
CLOSE = 0.01  # how far the accuracies of two sides may be apart: roundings part in long runs


class Corpus(NamedTuple):
    """Reviews to train on and to test on, with what they are and the options that give them."""

    train: rn.data.Reviews
    test: rn.data.Reviews
    what: str
    options: str


class Way(NamedTuple):
    """What one way of making vectors came to."""

    vectors: str
    model: rn.models.Sentiment
    train: float
    test: float
    losses: list[float]
    seconds: float
    other_test: float
    other_losses: list[float]
    other_seconds: float


@click.command(NAME)
@click.option("--reviews", type=click.Path(), help="A review a line.")
@click.option("--labels", type=click.Path(), help="A label a line: positive or negative, 1 or 0.")
@click.option("--positive", type=click.Path(), help="Or: positive reviews, one a line.")
@click.option("--negative", type=click.Path(), help="And negative ones.")
@click.option("--encoding", help="Of the files; found out by default.")
@click.option("--word", help="Whose similar words to show; by default a strongly positive one.")
@click.option("--epochs", type=click.IntRange(1), help="By default what makes 400 updates.")
@backend_option
@out_option
def command(
    reviews: str | None,
    labels: str | None,
    positive: str | None,
    negative: str | None,
    encoding: str | None,
    word: str | None,
    epochs: int | None,
    backend: str,
    out: Path,
) -> None:
    """Sentiment of reviews by bags of words in three ways, on your corpus or a generated one."""
    files = _files(reviews, labels, positive, negative)
    found: list[Way] = []
    conclude(
        lambda: run(corpus(files, encoding), word, epochs, backend, found.append),
        out,
        backend,
        lambda: _times(found, backend),
    )


def _files(
    reviews: str | None, labels: str | None, positive: str | None, negative: str | None
) -> dict[str, str]:
    """Return the files by option, once they are known to belong together."""
    options = {"reviews": reviews, "labels": labels, "positive": positive, "negative": negative}
    given = {name: path for name, path in options.items() if path is not None}
    if given and set(given) not in ({"reviews", "labels"}, {"positive", "negative"}):
        raise click.UsageError(
            f"--{' and --'.join(given)} do not make a corpus: "
            "give --reviews with --labels, or --positive with --negative."
        )
    return given


def corpus(files: dict[str, str], encoding: str | None = None) -> Corpus:
    """Return the corpus of files by option, or a generated one where there are none.

    Of each class a fifth is kept to test on, drawn at random.

    Raises
    ------
    DataFileError
        If a file cannot be read, or there are fewer than two reviews of a class.
    """
    if files:
        known = {"encoding": encoding or _encoding([*files.values()])}
        if "reviews" in files:
            every = rn.data.read_reviews(files["reviews"], files["labels"], **known)
        else:
            every = rn.data.read_reviews_by_class(files["positive"], files["negative"], **known)
        what = "The corpus that was handed over"
    else:
        every = rn.data.generated_reviews(GENERATED, rng=np.random.default_rng(0))
        what = "The generated corpus (`refnet.data.generated_reviews`)"
    classes = [np.flatnonzero(every.labels == label) for label in (1, 0)]
    if min(map(len, classes)) < 2:
        raise rn.DataFileError(
            NAME,
            got=f"{len(classes[0])} positive and {len(classes[1])} negative review(s)",
            needs="at least two of each class, to train on and to test on",
            cause="Are all labels of one class?",
        )
    train, test = [], []
    for label, places in enumerate(classes):
        order = places[permutation(f"{NAME}|{label}", len(places))]
        held = max(1, round(TESTED * len(order)))
        test.append(order[:held])
        train.append(order[held:])
    trained_on, tested_on = (_part(every, np.concatenate(part)) for part in (train, test))
    sizes = f"{len(trained_on.texts):,} reviews to train on, {len(tested_on.texts):,} to test on"
    return Corpus(
        trained_on,
        tested_on,
        f"{what}: {sizes}",
        "".join(f" --{name} FILE" for name in files),
    )


def _part(every: rn.data.Reviews, chosen: Array) -> rn.data.Reviews:
    return rn.data.Reviews([every.texts[i] for i in chosen], every.labels[chosen])


def _encoding(paths: Sequence[str]) -> str:
    """Return the encoding that files are in: UTF-8, with a mark UTF-16, or else Latin 1."""
    found = set()
    for path in paths:
        try:
            data = Path(path).read_bytes()
        except OSError:
            return "utf-8"  # what reads it will say what is wrong
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            found.add("utf-16")
            continue
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            found.add("latin-1")
    return found.pop() if len(found) == 1 else "utf-8"


def run(
    given: Corpus,
    word: str | None = None,
    epochs: int | None = None,
    backend: str = "torch",
    done: Callable[[Way], None] = lambda _: None,
) -> Finding:
    """Train refnet and a backend in the three ways and say how they compare.

    ``done`` hears each way as it is done.

    Raises
    ------
    DomainError
        If the word does not occur in the reviews trained on.
    """
    n = len(given.train.texts)
    size = max(1, min(BATCH, n // BATCHES))
    length = -(-n // size)
    epochs = epochs or min(EPOCHS, max(2, UPDATES // length))
    counts = rn.data.count_words(given.train.texts, given.train.labels)
    chosen = _chosen(counts, n, word)
    ways: list[Way] = []
    for vectors in RATES:
        try:
            ways.append(_way(vectors, given, epochs, size, backend))
        except rn.DomainError:
            if vectors != "cut":
                raise
        else:
            done(ways[-1])
    similar = {way.vectors: _similar(way, counts, chosen) for way in ways}
    similar = {vectors: found for vectors, found in similar.items() if found}
    claims = list(_claims(given, counts, ways, similar, chosen, backend))
    body = [
        f"{given.what}. A vector of words, {HIDDEN} linear units, a sigmoid, the squared error, "
        f"momentum {MOMENTUM}; batches of {size}, {epochs} epochs; the words are what white space "
        f"separates, in lower case.",
        _table(ways, backend),
        *_verdicts(ways),
        "## Words",
        f"The log ratio says how much more often a word occurs in positive reviews. Of the words "
        f"that occur at least {_least(n)} times:",
        _polar_words(counts, n),
        f"Words whose rows of the first layer's weights have the largest products with that of "
        f"*{chosen}*, and whether their log ratio is positive:",
        _similar_words(counts, similar),
    ]
    return Finding(
        NAME,
        "Sentiment of reviews by bags of words",
        claims,
        body,
        {},
        f"parity experiment {NAME}{given.options} --out reports",
        versions("refnet", backend),
    )


def _way(vectors: str, given: Corpus, epochs: int, size: int, backend: str) -> Way:
    """Train both sides from one start on the same batches."""
    texts, labels = given.train
    model = rn.models.Sentiment(vectors, hidden=HIDDEN)
    rng = np.random.default_rng(0)
    model.start(texts, labels, rng=rng)
    assert model.network is not None
    assert model.network.params is not None
    begun = dict(model.network.params)
    state = rng.bit_generator.state
    ticks = [time.perf_counter()]
    losses = model.fit(
        texts,
        labels,
        epochs=epochs,
        rng=rng,
        batch_size=size,
        on_epoch=lambda *_: ticks.append(time.perf_counter()),
    )
    seconds = float(np.diff(ticks).min())
    rng.bit_generator.state = state
    index = [i for _ in range(epochs) for i in rn.data.minibatches(len(texts), size, rng=rng)]
    options = {"lr": RATES[vectors], "momentum": MOMENTUM}
    other = Model(NAME, {"hidden": HIDDEN}, "sgd", options).on(backend)
    batch_of = _vectors(model, texts)
    t = np.asarray(labels, np.float32)[:, np.newaxis]

    def batch_at(done: int) -> Batch:
        return batch_of(index[done]), t[index[done]]

    ticks = [time.perf_counter()]
    values, params = [], begun
    for step in islice(steps(other, begun, batch_at, "float32"), len(index)):
        values.append(float(step.loss))
        params = step.params
        if len(values) % (len(index) // epochs) == 0:
            ticks.append(time.perf_counter())
    each = np.array(values).reshape(epochs, -1).mean(axis=1)
    test_vectors = _vectors(model, given.test.texts)
    right = []
    for part in rn.data.minibatches(len(given.test.texts), BATCH, rng=None):
        scores = other.predict(params, test_vectors(part))[:, 0]
        right += list((scores > 0.5) == given.test.labels[part])
    return Way(
        vectors,
        model,
        model.evaluate(texts, labels),
        model.evaluate(*given.test),
        losses,
        seconds,
        float(np.mean(right)),
        [float(v) for v in each],
        float(np.diff(ticks).min()),
    )


def _vectors(model: rn.models.Sentiment, texts: Sequence[str]) -> Callable[[Array], Array]:
    """Return what makes the vectors of chosen texts."""
    bags = bags_of(texts, {word: i for i, word in enumerate(model.words)})

    def made(index: Array) -> Array:
        x = np.zeros((len(index), len(model.words)), np.float32)
        bags.fill(x, index, presence=model.vectors != "counts")
        return x

    return made


def _least(n: int) -> int:
    """Return how often a word occurs that is not rare among n reviews."""
    return max(2, round(MIN_SHARE * n))


def _frequent(counts: WordCounts, n: int) -> Array:
    """Return the positions of the words that are not rare, or of all where all are rare."""
    common = counts.total >= _least(n)
    return np.flatnonzero(common if common.any() else counts.total)


def _chosen(counts: WordCounts, n: int, word: str | None) -> str:
    """Return the word to look up: the one asked for, or the most positive that is not rare."""
    if word is not None:
        if word.lower() not in counts.words:
            raise rn.DomainError(
                NAME,
                got=f"the word {word!r}",
                needs="a word of the reviews that are trained on",
                cause=rn.checks.nearest(word.lower(), counts.words),
            )
        return word.lower()
    frequent = _frequent(counts, n)
    return counts.words[int(frequent[np.argmax(counts.log_ratios()[frequent])])]


def _claims(
    given: Corpus,
    counts: WordCounts,
    ways: list[Way],
    similar: dict[str, list[str]],
    chosen: str,
    backend: str,
) -> Iterator[Claim]:
    share = max(float(np.mean(given.train.labels == label)) for label in (0, 1))
    yield Claim(
        "each way learns to tell the reviews that it is trained on apart",
        ", ".join(f"{way.train:.3f} ({way.vectors})" for way in ways)
        + f"; always the same answer is right for {share:.3f}",
        len(ways) == len(RATES) and all(way.train > share for way in ways),
    )
    apart = max(abs(a - b) for w in ways for a, b in zip(w.losses, w.other_losses, strict=True))
    yield Claim(
        f"refnet and {backend} agree in the loss of every epoch",
        f"at most {apart:.0e} apart" if apart else "the same losses",
        apart <= CLOSE,
    )
    words = {way.vectors: len(way.model.words) for way in ways}
    cut = words.get("cut", 0)
    yield Claim(
        "the cut vocabulary is smaller, and an update takes as much less work",
        f"{cut:,} words of {words['presence']:,}: {cut / words['presence']:.1%}",
        0 < cut < words["presence"],
    )
    positive = {v: _positive(counts, found) for v, found in similar.items()}
    if positive:
        yield Claim(
            f"most words that are similar to a strongly positive one ({chosen}) are positive",
            ", ".join(f"{n} of {len(similar[v])} ({v})" for v, n in positive.items()),
            all(2 * n > len(similar[v]) for v, n in positive.items()),
        )


def _similar(way: Way, counts: WordCounts, chosen: str) -> list[str]:
    """Return the words nearest to ``chosen``, no more than there are positive ones to be found."""
    if chosen not in way.model.words:
        return []
    others = [word for word in way.model.words if word != chosen]
    n = min(SIMILAR, _positive(counts, others))
    return [word for word, _ in way.model.most_similar(chosen, n)]


def _positive(counts: WordCounts, words: Sequence[str]) -> int:
    ratios = dict(zip(counts.words, counts.log_ratios(), strict=True))
    return sum(ratios[word] > 0 for word in words)


def _verdicts(ways: list[Way]) -> Iterator[str]:
    """Say how the ways compare, whichever of them is better."""
    found = {way.vectors: way for way in ways}
    gain = found["presence"].test - found["counts"].test
    behind = f"is behind by {-gain:.3f}" if gain else "does as well"
    how = f"beats counts by {gain:.3f}" if gain > 0 else f"does not beat counts: it {behind}"
    said = f"On the reviews to test on, presence {how}"
    if "cut" not in found:
        yield f"{said}. Of so few reviews the cut leaves no word."
        return
    less = found["cut"].test - found["presence"].test
    verb = "gains" if less > 0 else "loses"
    yield (
        f"{said}; the cut {verb} {abs(less):.3f} against presence. The first layer does nearly "
        "all of the work, which is in proportion to the words; how long an epoch took is said on "
        "the terminal and not here, since it differs from run to run."
    )


def _table(ways: list[Way], backend: str) -> str:
    whole = max(len(way.model.words) for way in ways)
    rows = [
        [
            way.vectors,
            f"{len(way.model.words):,}",
            f"{len(way.model.words) / whole:.3f}",
            f"{way.losses[-1]:.4f}",
            f"{way.other_losses[-1]:.4f}",
            f"{way.train:.3f}",
            f"{way.test:.3f}",
            f"{way.other_test:.3f}",
            f"{PRINTED[way.vectors]:.2f}",
        ]
        for way in ways
    ]
    names = ["way", "words", "work of an update", "loss, refnet", f"loss, {backend}"]
    names += ["accuracy, trained on", "accuracy, tested on", f"the same, {backend}"]
    return markdown_table(rows, [*names, "printed (25,000 film reviews)"])


def _polar_words(counts: WordCounts, n: int) -> str:
    ratios, frequent = counts.log_ratios(), _frequent(counts, n)
    order = frequent[np.argsort(-ratios[frequent], kind="stable")]
    rows = [
        [counts.words[a], f"{ratios[a]:+.2f}", counts.words[b], f"{ratios[b]:+.2f}"]
        for a, b in zip(order[:SIMILAR], order[::-1][:SIMILAR], strict=True)
    ]
    return markdown_table(rows, ["most positive", "log ratio", "most negative", "log ratio"])


def _similar_words(counts: WordCounts, similar: dict[str, list[str]]) -> str:
    ratios = dict(zip(counts.words, counts.log_ratios(), strict=True))
    rows = [
        [f"{w} ({ratios[w]:+.2f})" for w in row] for row in zip(*similar.values(), strict=False)
    ]
    return markdown_table(rows, list(similar))


def _times(ways: list[Way], backend: str) -> Iterator[str]:
    """Say how long an epoch took, which belongs on no page."""
    whole = ways[0].seconds
    for way in ways:
        yield (
            f"an epoch took {way.seconds:.3f} s in refnet ({way.vectors}), "
            f"{way.seconds / whole:.2f} of that of counts, and {way.other_seconds:.3f} s "
            f"in {backend}"
        )
