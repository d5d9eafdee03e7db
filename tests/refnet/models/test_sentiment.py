from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet.data import bag_of_words, generated_reviews
from refnet.data.reviews import NEGATIVE, POSITIVE
from refnet.models import Sentiment, SentimentNetwork

EPOCHS = {"counts": 40, "presence": 12, "cut": 12}


@pytest.fixture(scope="module")
def corpus():
    texts, labels = generated_reviews(1000, rng=np.random.default_rng(1), words=600)
    return (texts[:700], labels[:700]), (texts[700:], labels[700:])


@pytest.fixture(scope="module")
def trained(corpus):
    """Return a model for each way, and its losses."""
    found = {}
    for way, epochs in EPOCHS.items():
        model = Sentiment(way)
        rng = np.random.default_rng(0)
        found[way] = model, model.fit(*corpus[0], epochs=epochs, rng=rng, batch_size=50)
    return found


@pytest.mark.parametrize("way", EPOCHS)
def test_learns(trained, corpus, way):
    model, losses = trained[way]
    assert len(losses) == EPOCHS[way]
    assert losses[0] > 0.2 > losses[-1]
    assert model.evaluate(*corpus[0]) > 0.8
    assert model.evaluate(*corpus[1]) > 0.65
    p = model.predict(corpus[1][0])
    assert p.shape == (300,)
    assert p.dtype == np.float32
    assert ((p > 0.5) == corpus[1][1]).mean() == model.evaluate(*corpus[1])


def test_presence_beats_counts_and_the_cut_vocabulary_is_smaller(trained, corpus):
    shares = {way: model.evaluate(*corpus[1]) for way, (model, _) in trained.items()}
    assert min(shares["presence"], shares["cut"]) > shares["counts"] + 0.03
    sizes = {way: len(model.words) for way, (model, _) in trained.items()}
    assert sizes["counts"] == sizes["presence"] > 1.2 * sizes["cut"]


@pytest.mark.parametrize("way", ["presence", "cut"])
def test_similar_words_are_of_a_kind(trained, way):
    model, _ = trained[way]
    for word, kind in (("great", POSITIVE), ("Awful", NEGATIVE)):
        found = model.most_similar(word, 6)
        assert len(found) == 6
        assert {w for w, _ in found} <= set(kind)
        products = [p for _, p in found]
        assert products == sorted(products, reverse=True)
    w = model.network.params["fc1.w"]
    name, product = model.most_similar("great", 1)[0]
    rows = [w[model.words.index(v)] for v in ("great", name)]
    assert product == pytest.approx(float(rows[0] @ rows[1]), rel=1e-5)


def test_the_cut_is_what_it_says(trained):
    model, _ = trained["cut"]
    counts = model.counts
    kept = (counts.total >= 3) & (np.abs(counts.log_ratios()) >= 0.1)  # 700 / 250
    assert model.words == tuple(np.array(counts.words)[kept])
    model = Sentiment("cut", min_count=1, polarity_cutoff=0.0)
    model.start(["a b", "b"], [1, 0], rng=np.random.default_rng(0))
    assert model.words == ("a", "b")


@pytest.mark.parametrize("way", EPOCHS)
def test_vectors(way):
    texts, labels = ["good film good", "a bad film", "good a", "bad"], [1, 0, 1, 0]
    model = Sentiment(way, min_count=1, dtype=np.float64)
    model.start(texts, labels, rng=np.random.default_rng(0))
    new = ["GOOD film unheard of good", "", "a a bad"]
    x = np.array([bag_of_words(text, model.words) for text in new])
    if way != "counts":
        x = (x > 0).astype(float)
    np.testing.assert_allclose(model.predict(new), model.network.predict(x)[:, 0], rtol=1e-12)
    assert ("film" in model.words) == (way != "cut"), "neutral"
    assert model.predict([]).shape == (0,)
    assert model.predict(new, batch_size=2).tolist() == model.predict(new).tolist()


def test_training_is_that_of_the_network_on_vectors():
    texts, labels = ["good film good", "a bad film", "", "good a", "bad"], [1, 0, 0, 1, 0]
    model = Sentiment("counts", dtype=np.float64, optimizer="sgd(lr=0.1, momentum=0.9)")
    losses = model.fit(texts, labels, epochs=3, rng=np.random.default_rng(4), batch_size=2)
    x = np.array([bag_of_words(text, model.words) for text in texts])
    net = SentimentNetwork(len(model.words), optimizer="sgd(lr=0.1, momentum=0.9)")
    expected = net.fit(
        x, np.array(labels, float)[:, None], epochs=3, rng=np.random.default_rng(4), batch_size=2
    )
    assert losses == expected
    for name, p in net.params.items():
        np.testing.assert_array_equal(p, model.network.params[name])


def test_fit_goes_on_where_it_stopped(corpus):
    texts, labels = corpus[0][0][:60], corpus[0][1][:60]
    once, twice = Sentiment(), Sentiment()
    a = once.fit(texts, labels, epochs=3, rng=np.random.default_rng(1), batch_size=25)
    rng, seen = np.random.default_rng(1), []
    b = twice.fit(texts, labels, epochs=1, rng=rng, batch_size=25)
    b += twice.fit(
        texts, labels, epochs=2, rng=rng, batch_size=25, on_epoch=lambda *v: seen.append(v)
    )
    assert a == b
    assert seen == [(1, b[1]), (2, b[2])]


def test_labels_by_name():
    texts = ["good film", "bad film"]
    by_name, by_number = Sentiment(), Sentiment()
    a = by_name.fit(texts, ["positive", "negative"], epochs=2, rng=np.random.default_rng(0))
    b = by_number.fit(texts, np.array([1, 0]), epochs=2, rng=np.random.default_rng(0))
    assert a == b


def test_nan_is_no_answer(rng):
    model = Sentiment()
    model.fit(["good film", "bad film"], [1, 0], epochs=1, rng=rng)
    model.network.params["fc2.b"] = np.full(1, np.nan, np.float32)
    assert model.evaluate(["good film", "bad film"], [1, 0]) == 0.0


def test_refused(rng):
    model = Sentiment("cut")
    texts, labels = ["good film", "bad film"], [1, 0]
    for call in (lambda: model.predict(texts), lambda: model.most_similar("good")):
        with pytest.raises(rn.ArgumentError, match="start"):
            call()
    with pytest.raises(rn.DomainError, match="min_count"):
        model.fit(texts, labels, epochs=1, rng=rng)
    for bad, error in (
        ((texts, [1]), rn.ShapeError),
        (([], []), rn.ShapeError),
        ((texts, [1, 3]), rn.DomainError),
        (("good film", [1]), rn.ArgumentError),
        (([b"good"], [1]), rn.ArgumentError),
    ):
        with pytest.raises(error):
            model.fit(*bad, epochs=1, rng=rng)
    with pytest.raises(rn.OptionError, match="epochs"):
        model.fit(texts, labels, epochs=-1, rng=rng)
    with pytest.raises(rn.DtypeError, match="rng"):
        model.fit(texts, labels, epochs=1, rng=0)
    assert model.network is None
    for options in (
        {"vectors": "tfidf"},
        {"hidden": 0},
        {"min_count": -1},
        {"polarity_cutoff": np.nan},
        {"optimizer": "sgdd(lr=1)"},
    ):
        with pytest.raises(rn.OptionError):
            Sentiment(**options)
    with pytest.raises(rn.DtypeError, match="int"):
        Sentiment(dtype=int)
    model = Sentiment()
    model.fit(texts, labels, epochs=1, rng=rng)
    with pytest.raises(rn.DomainError, match=r"'godo'.*Did you mean 'good'"):
        model.most_similar("godo")
    with pytest.raises(rn.ArgumentError, match="string"):
        model.most_similar(3)
    with pytest.raises(rn.OptionError, match="n=-1"):
        model.most_similar("good", -1)
