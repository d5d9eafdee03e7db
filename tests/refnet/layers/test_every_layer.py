"""What holds for every layer: shapes known from the input, gradients, prefixes, contexts."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

L = rn.layers
# A layer, the shape of one sample, and that of its result.
LAYERS = [
    (L.Dense(3), (4,), (3,)),
    (L.Activation("tanh"), (4,), (4,)),
    (L.Conv2D(4, (2, 3), padding="SAME", stride=2), (5, 4, 2), (3, 2, 4)),
    (L.Conv2D(4, 3, groups=2, bias_init=None), (5, 4, 2), (3, 2, 4)),
    (L.Conv2D(3, 2, layout="NCHW"), (2, 4, 5), (3, 3, 4)),
    (L.Conv1D(3, 2, stride=2), (5, 2), (2, 3)),
    (L.Conv1D(3, 2, layout="NCW"), (2, 5), (3, 4)),
    (L.Conv2DTranspose(3, 2, stride=2, output_padding=1), (2, 3, 4), (5, 7, 3)),
    (L.Conv2DTranspose(3, 2, layout="NCHW"), (4, 2, 3), (3, 3, 4)),
    (L.MaxPool2D(2), (5, 4, 2), (2, 2, 2)),
    (L.AvgPool2D(3, stride=2, padding="SAME"), (5, 4, 2), (3, 2, 2)),
    (L.GlobalMaxPool2D(), (3, 4, 2), (2,)),
    (L.GlobalAvgPool2D(layout="NCHW", keepdims=True), (2, 3, 4), (2, 1, 1)),
    (L.BatchNorm(), (5,), (5,)),
    (L.BatchNorm(layout="NCHW"), (2, 3, 4), (2, 3, 4)),
    (L.LayerNorm(), (3, 5), (3, 5)),
    (L.LayerNorm(axis=(-1, -2)), (2, 3, 5), (2, 3, 5)),
    (L.GroupNorm(2), (3, 4), (3, 4)),
    (L.Dropout(0.4), (3, 4), (3, 4)),
    (L.PReLU(), (3, 4), (3, 4)),
    (L.Reshape((4, -1)), (2, 6), (4, 3)),
    (L.Flatten(), (2, 6), (12,)),
    (L.RNN(3), (4, 2), (3,)),
    (L.RNN(3, sequences=True, activation="relu", reverse=True), (4, 2), (4, 3)),
    (L.LSTM(3), (4, 2), (3,)),
    (L.LSTM(3, sequences=True, gates="iofg", bias_init=None), (4, 2), (4, 3)),
    (L.GRU(3), (4, 2), (3,)),
    (L.GRU(3, sequences=True, gates="zrn", reset_after=False), (4, 2), (4, 3)),
    (L.Sequential(a=L.Dense(3), b=L.BatchNorm()), (4,), (3,)),
]
IDS = [f"{i} {layer!r}" for i, (layer, _, _) in enumerate(LAYERS)]
EVERY = pytest.mark.parametrize(("layer", "shape", "wanted"), LAYERS, ids=IDS)


def started(layer, shape, rng, prefix=""):
    """Return parameters and buffers that are nowhere 0 or 1, where cotangents vanish."""
    params = layer.init(shape, rng, prefix=prefix)
    params = {k: p + 0.1 * rng.standard_normal(p.shape) for k, p in params.items()}
    return params, layer.init_buffers(shape, prefix=prefix)


@EVERY
def test_shapes_and_names(layer, shape, wanted, rng):
    assert layer.output_shape(shape) == wanted
    params = layer.init(shape, rng, np.float32, "it.")
    buffers = layer.init_buffers(shape, np.float32, "it.")
    assert tuple(params) == tuple(f"it.{name}" for name in layer.parameters)
    assert tuple(buffers) == tuple(f"it.{name}" for name in layer.buffers)
    assert {a.dtype for a in {**params, **buffers}.values()} <= {np.dtype(np.float32)}
    x = rng.standard_normal((5, *shape)).astype(np.float32)
    context = L.Context(buffers=buffers)
    y, _ = layer.forward(params, x, "it.", context)
    assert (y.shape, y.dtype) == ((5, *wanted), np.float32)
    assert context.moved == {}, "evaluation moves nothing"


@EVERY
@pytest.mark.parametrize("training", [False, True])
def test_gradients_against_central_differences(layer, shape, wanted, training, rng):
    params, buffers = started(layer, shape, rng)
    x, dy = rng.standard_normal((3, *shape)), rng.standard_normal((3, *wanted))

    def run(params, x):
        context = L.Context(training=training, rng=np.random.default_rng(7), buffers=buffers)
        return layer.forward(params, x, "", context)

    _, tape = run(params, x)
    dx, grads = layer.vjp(dy, params, tape)
    assert list(grads) == list(params)
    for name, p in params.items():
        found = rn.central_differences(
            lambda v, name=name: (run({**params, name: v}, x)[0] * dy).sum(), p, noise=1e-12
        )
        assert (np.abs(grads[name] - found.gradient) <= found.error).all(), name
    found = rn.central_differences(lambda v: (run(params, v)[0] * dy).sum(), x, noise=1e-12)
    assert (np.abs(dx - found.gradient) <= found.error).all()
    _, tape = run(params, x)
    none, again = layer.vjp(dy, params, tape, wrt_input=False)
    assert none is None
    for name, g in grads.items():
        np.testing.assert_array_equal(again[name], g)


@pytest.mark.parametrize(
    ("layer", "shape"), [(layer, shape) for layer, shape, _ in LAYERS if layer.parameters]
)
def test_parameters_of_another_network_are_refused(layer, shape):
    with pytest.raises(ArgumentError, match="that init\\(\\) gave"):
        layer.forward({}, np.ones((2, *shape)))


def test_the_first_layer_may_look_numbers_up(rng):
    net = L.Sequential(table=L.Embedding(7, 3, padding_idx=0), rnn=L.RNN(4), out=L.Dense(2))
    params = net.init((5,), rng)
    assert net.output_shape((5,)) == (2,)
    ids, labels = rng.integers(0, 7, (6, 5)), np.array([0, 1, 1, 0, 1, 0])
    _, grads = net.value_and_grads(params, ids, labels, rn.softmax_cross_entropy)
    assert list(grads) == list(params)
    assert (grads["table.table"][0] == 0).all()
    found = rn.central_differences(
        lambda v: net.value_and_grads(
            {**params, "table.table": v}, ids, labels, rn.softmax_cross_entropy
        )[0],
        params["table.table"],
        noise=1e-14,
    )
    gap = np.abs(grads["table.table"] - found.gradient)[1:]
    assert (gap <= found.error[1:]).all()
    with pytest.raises(ArgumentError, match=r"'table.table'"):
        net({}, ids)


def test_weights_start_alike_in_either_layout():
    last, first = L.Conv2D(3, 2), L.Conv2D(3, 2, layout="NCHW")
    one = last.init((4, 5, 2), np.random.default_rng(0))["w"]
    two = first.init((2, 4, 5), np.random.default_rng(0))["w"]
    np.testing.assert_array_equal(two, one.transpose(3, 2, 0, 1))


def test_batch_norm_moves_its_buffers_in_training_alone(rng):
    net = rn.models.Network(
        L.Sequential(fc=L.Dense(3), norm=L.BatchNorm(momentum=0.5), out=L.Dense(2)),
        rn.softmax_cross_entropy,
        optimizer="sgd(lr=0.1)",
    )
    x, labels = rng.standard_normal((8, 4)) + 3, np.arange(8) % 2
    net.start(4, rng=rng)
    before = net.state_dict()
    net.fit(x, labels, epochs=3, rng=rng, batch_size=4)
    moved = net.state_dict()
    assert set(before) == {*net.layers.parameters, "norm.running_mean", "norm.running_var"}
    assert not (moved["norm.running_mean"] == before["norm.running_mean"]).any()
    one = net.predict(x[:1])
    np.testing.assert_allclose(one, net.predict(x)[:1], rtol=1e-12)
    assert net.state_dict()["norm.running_var"].tobytes() == moved["norm.running_var"].tobytes()


def test_dropout_drops_in_training_alone(rng):
    layer = L.Dropout(0.5)
    x = np.ones((50, 40))
    np.testing.assert_array_equal(layer.forward({}, x)[0], x)
    with pytest.raises(DtypeError, match="rng"):
        layer.forward({}, x, "", L.Context(training=True))
    y, _ = layer.forward({}, x, "", L.Context(training=True, rng=rng))
    assert set(np.unique(y)) == {0, 2}
    again, _ = layer.forward({}, x, "", L.Context(training=True, rng=np.random.default_rng(3)))
    same, _ = layer.forward({}, x, "", L.Context(training=True, rng=np.random.default_rng(3)))
    np.testing.assert_array_equal(again, same)


def test_dropout_takes_masks_by_the_layer_s_name(rng):
    net = L.Sequential(drop=L.Dropout(0.5), block=L.Sequential(drop=L.Dropout(0.2)))
    x = rng.standard_normal((3, 5)).astype(np.float32)
    masks = {"drop": rng.random((3, 5)) < 0.5, "block.drop": rng.integers(0, 2, (3, 5))}
    context = L.Context(training=True, masks=masks)
    y, tape = net.forward({}, x, context=context)
    np.testing.assert_allclose(y, x * masks["drop"] * masks["block.drop"] / 0.4, rtol=1e-6)
    dx, _ = net.vjp(np.ones_like(x), {}, tape)
    np.testing.assert_allclose(dx, masks["drop"] * masks["block.drop"] / 0.4, rtol=1e-6)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(net({}, x, L.Context(masks=masks)), x)  # in evaluation


def test_dropout_refuses_masks(rng):
    layer, x = L.Dropout(0.5), np.ones((3, 5))
    text = np.full((3, 5), "1")
    with pytest.raises(ShapeError, match="mask"):
        layer.forward({}, x, "drop.", L.Context(training=True, masks={"drop": np.ones(5)}))
    with pytest.raises(DtypeError, match="text"):
        layer.forward({}, x, "drop.", L.Context(training=True, masks={"drop": text}))
    with pytest.raises(DtypeError, match="rng"):
        layer.forward({}, x, "drop.", L.Context(training=True, masks={"drops": x}))
    drawn = L.Context(training=True, rng=rng, masks={"other": x})
    assert set(np.unique(layer.forward({}, x, "drop.", drawn)[0])) <= {0, 2}


def test_a_convolutional_network_learns_digits():
    data = rn.data.digits()
    x = rn.data.as_rows(data, np.float64)[:600].reshape(-1, 8, 8, 1)
    t = data.labels[:600]
    net = rn.models.Network(
        L.Sequential(
            conv=L.Conv2D(8, 3, padding="SAME", init="he_normal"),
            norm=L.BatchNorm(),
            act=L.Activation("relu"),
            pool=L.MaxPool2D(2),
            drop=L.Dropout(0.1),
            flat=L.Flatten(),
            fc=L.Dense(10),
        ),
        rn.softmax_cross_entropy,
        optimizer="sgd(lr=0.1, momentum=0.9)",
    )
    rng = np.random.default_rng(0)
    losses = net.fit(x[:500], t[:500], epochs=8, batch_size=50, rng=rng)
    assert losses[-1] < 0.3 * losses[0]
    right = net.predict(x[500:]).argmax(axis=1) == t[500:]
    assert right.mean() > 0.85


def test_summary():
    net = L.Sequential(
        conv=L.Conv2D(4, 3),
        norm=L.BatchNorm(),
        pool=L.MaxPool2D(2),
        flat=L.Flatten(),
        fc=L.Dense(2),
    )
    lines = net.summary((6, 6, 1)).splitlines()
    assert [line.split()[0] for line in lines] == [
        "layer",
        "conv",
        "norm",
        "pool",
        "flat",
        "fc",
        "total",
    ]
    assert "Conv2D(4, 3)" in lines[1]
    assert "(4, 4, 4)" in lines[1]
    assert lines[1].endswith("40")
    assert lines[2].endswith("8 + 8")
    assert lines[-1].endswith(str(40 + 8 + 16 * 2 + 2))
    with pytest.raises(ShapeError, match="conv2d"):
        net.summary((2, 2, 1))


@refused(
    [
        ErrorInput("no filters", (0, 3), {}, OptionError, "filters=0"),
        ErrorInput("a kernel of text", (4, "3"), {}, OptionError, "kernel='3'"),
        ErrorInput("a kernel of three", (4, (3, 3, 3)), {}, OptionError, "a pair"),
        ErrorInput("groups", (4, 3), {"groups": 0}, OptionError, "groups=0"),
        ErrorInput("initializer", (4, 3), {"init": "he"}, OptionError, "he_normal"),
    ]
)
def test_conv2d_refuses(case):
    check_refused(L.Conv2D, case)


def test_layers_refuse_samples_that_do_not_fit(rng):
    for layer, shape in (
        (L.Conv2D(4, 3), (5, 5)),
        (L.Conv1D(4, 3), (5,)),
        (L.RNN(4), (5,)),
        (L.BatchNorm(), ()),
        (L.LayerNorm(axis=-2), (5,)),
        (L.PReLU(), ()),
        (L.Dense(2), (3, 3)),
    ):
        with pytest.raises(ShapeError, match=type(layer).__name__):
            layer.init(shape, rng)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: L.LayerNorm(axis=0), "from the end"),
        (lambda: L.LayerNorm(axis=()), "at least one axis"),
        (lambda: L.LayerNorm(axis=-1.0), "from the end"),
        (lambda: L.BatchNorm(momentum=2).output_shape((3,)), "momentum=2"),
        (lambda: L.BatchNorm(layout="NHCW").output_shape((3,)), "layout"),
        (lambda: L.RNN(2, activation="tan").output_shape((3, 2)), "activation"),
        (lambda: L.LSTM(2, gates="ifgg").output_shape((3, 2)), "gates"),
        (lambda: L.GRU(2, reverse=1).output_shape((3, 2)), "reverse"),
        (lambda: L.Reshape(4), "shape=4"),
        (lambda: L.Reshape((-1, -1)), "-1"),
        (lambda: L.Reshape((2, -2)), "-2"),
        (lambda: L.Reshape((2.0,)), "2.0"),
        (lambda: L.GroupNorm(0), "groups=0"),
        (lambda: L.Dropout(1.0), "rate"),
        (lambda: L.Dropout(0.5, scale="twice"), "scale"),
        (lambda: L.RNN(0), "units=0"),
        (lambda: L.LSTM(2, sequences=1), "sequences=1"),
        (lambda: L.Embedding(0, 3), "numbers=0"),
        (lambda: L.Conv1D(2, 0), "kernel=0"),
        (lambda: L.Conv2DTranspose(2.5, 1), "filters=2.5"),
        (lambda: L.Conv2DTranspose(5, 2, groups=2), "filters=5 and groups=2"),
        (lambda: L.Conv2D(3, 2, groups=2), "filters=3 and groups=2"),
        (lambda: L.Conv1D(3, 2, groups=2), "filters=3 and groups=2"),
    ],
)
def test_layers_refuse_options(make, match):
    with pytest.raises(OptionError, match=match):
        make()


@EVERY
@pytest.mark.parametrize("wrong", [4, [4], "4", (4.0,), (-1, 3), None])
def test_a_sample_s_shape_is_a_tuple_of_sizes(layer, shape, wanted, wrong):
    with pytest.raises(ShapeError, match="samples of shape"):
        layer.output_shape(wrong)
    net = L.Sequential(layer)
    for call in (net.init, L.Embedding(3, 2).init):
        with pytest.raises(ShapeError, match="samples of shape"):
            call(wrong, np.random.default_rng(0))
    with pytest.raises(ShapeError, match="samples of shape"):
        net.summary(wrong)


def test_numpy_s_integers_are_axes():
    layer = L.LayerNorm(axis=(np.int64(-1), np.int32(-2)))
    assert layer.axes == (-1, -2)
    assert repr(L.LayerNorm(axis=np.int64(-2))) == "LayerNorm(axis=-2)"


@pytest.mark.parametrize("shape", [(4,), (2, 3), (5, -1)])
def test_reshape_refuses_a_remainder(shape):
    layer = L.Reshape(shape)
    for call in (layer.output_shape, lambda s: layer.forward({}, np.ones((2, *s)))):
        with pytest.raises(ShapeError, match=rf"shape=\({shape[0]}"):
            call((2, 6))


def test_batches_are_arrays_with_a_batch_axis(rng):
    rnn = L.RNN(3)
    params = rnn.init((4, 2), rng)
    assert rnn.forward(params, np.ones((5, 4, 2)).tolist())[0].shape == (5, 3)
    for x in (np.ones((4, 2)), 3.0):
        with pytest.raises(ShapeError, match=r"RNN.*\(N, T, C\)"):
            rnn.forward(params, x)
    with pytest.raises(ShapeError, match="Flatten"):
        L.Flatten().forward({}, 3.0)
    context = L.Context(training=True, rng=rng)
    assert L.Dropout(0.5).forward({}, [[1.0, 2.0]], context=context)[0].shape == (1, 2)
