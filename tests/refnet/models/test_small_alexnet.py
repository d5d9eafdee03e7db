from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet.models import SmallAlexNet

FORMS = [
    {},
    {"pooling": True},
    {"dropout": 0.5},
    {"pooling": True, "dropout": 0.25, "kernel": 5},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_layers(form):
    model = SmallAlexNet((3, 5), 7, 4, **form)
    names = list(model.layers.layers)
    pooled = form.get("pooling", False)
    assert [n for n in names if n.startswith("pool")] == (["pool1", "pool2"] if pooled else [])
    assert ("dropout" in names) == ("dropout" in form)
    shapes = model.layers.parameter_shapes((28, 28, 1))
    k = form.get("kernel", 3)
    assert shapes["conv1.w"] == (k, k, 1, 3)
    assert shapes["conv2.w"] == (k, k, 3, 5)
    assert shapes["fc1.w"] == (7 * 7 * 5, 7)  # halved twice, whichever way
    assert shapes["fc2.w"] == (7, 4)
    assert model.layers.parameter_shapes((9, 7, 2))["fc1.w"] == (3 * 2 * 5, 7)  # SAME rounds up


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_gradients(form):
    rng = np.random.default_rng(2)
    model = SmallAlexNet((2, 3), 5, 4, **form)
    model.start((4, 3, 1), rng=rng)
    x, labels = rng.standard_normal((3, 4, 3, 1)), rng.integers(0, 4, 3)
    masks = {"dropout": rng.integers(0, 2, (3, 5))}
    context = rn.layers.Context(training=True, masks=masks)
    params = {name: p + 0.05 for name, p in model.params.items()}
    _, grads = model.loss_and_grads(params, x, labels, context)
    for name, p in params.items():
        found = rn.central_differences(
            lambda v, name=name: model.loss(model.layers({**params, name: v}, x, context), labels),
            p,
            noise=1e-14,
        )
        assert (np.abs(grads[name] - found.gradient) <= found.error).all(), name


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_learns(form):
    data = rn.data.digits()
    x, labels = rn.data.as_images(data)[:200], data.labels[:200]
    model = SmallAlexNet((6, 12), 24, **form)
    model.fit(x, labels, epochs=12, batch_size=25, rng=np.random.default_rng(0))
    assert model.evaluate(x, labels) > 0.9
    assert (model.predict(x) == model.predict(x)).all(), "nothing is dropped in evaluation"


def test_refused(rng):
    for filters in (8, (8,), (8, 8, 8)):
        with pytest.raises(rn.OptionError, match="pair"):
            SmallAlexNet(filters)
    with pytest.raises(rn.OptionError, match="filters"):
        SmallAlexNet((8, 0))
    with pytest.raises(rn.OptionError, match="pooling"):
        SmallAlexNet(pooling=1)
    with pytest.raises(rn.OptionError, match="rate"):
        SmallAlexNet(dropout=1.0)
    with pytest.raises(rn.OptionError, match="classes"):
        SmallAlexNet(classes=0)
    data = rn.data.digits()
    model = SmallAlexNet()
    with pytest.raises(rn.ShapeError, match="channel"):
        model.fit(rn.data.as_rows(data)[:9], data.labels[:9], epochs=1, rng=rng)


def test_images_have_a_channel():
    data = rn.data.digits()
    x = rn.data.as_images(data, np.float64)
    assert x.shape == (1797, 8, 8, 1)
    np.testing.assert_array_equal(x.reshape(1797, 64), rn.data.as_rows(data, np.float64))
    with pytest.raises(rn.ShapeError, match="as_images"):
        rn.data.as_images(data._replace(images=data.images[0]))
    with pytest.raises(rn.DtypeError, match="int"):
        rn.data.as_images(data, int)
