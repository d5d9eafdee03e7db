from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, OptionError, ShapeError
from refnet.models import l_layer, perceptron, xor


def digits(n=600):
    data = rn.data.digits()
    return rn.data.as_rows(data)[:n], data.labels[:n]


def test_dfn_learns_and_evaluates():
    x, labels = digits()
    model = rn.models.DFN(hidden=24, optimizer="sgd(lr=0.5, momentum=0.5)")
    seen = []
    losses = model.fit(
        x,
        labels,
        epochs=15,
        batch_size=50,
        rng=np.random.default_rng(0),
        on_epoch=lambda n, loss: seen.append((n, loss)),
    )
    assert [n for n, _ in seen] == list(range(1, 16))
    assert [loss for _, loss in seen] == losses
    assert losses[0] > 2
    assert losses[-1] < 0.2
    assert model.evaluate(x, labels) > 0.95
    assert model.evaluate(x, np.eye(10)[labels]) == model.evaluate(x, labels)
    assert model.state.step == 15 * 12
    assert model.params["fc1.w"].dtype == np.float32


def test_dfn_takes_one_hot_rows():
    x, labels = digits(100)
    rows = np.eye(10, dtype=np.float32)[labels]
    by_rows, by_class = rn.models.DFN(hidden=5), rn.models.DFN(hidden=5)
    a = by_rows.fit(x, rows, epochs=2, batch_size=20, rng=np.random.default_rng(1))
    b = by_class.fit(x, labels, epochs=2, batch_size=20, rng=np.random.default_rng(1))
    np.testing.assert_allclose(a, b, rtol=1e-6)


def test_fit_goes_on_where_it_stopped():
    x, labels = digits(100)
    once, twice = (rn.models.DFN(hidden=5, optimizer="sgd(lr=0.1, momentum=0.9)") for _ in "ab")
    once.fit(x, labels, epochs=3, rng=np.random.default_rng(1))
    rng = np.random.default_rng(1)
    twice.fit(x, labels, epochs=1, rng=rng)
    twice.fit(x, labels, epochs=2, rng=rng)
    for name, p in once.params.items():
        np.testing.assert_array_equal(p, twice.params[name])


def test_summary():
    model = rn.models.XOR(hidden=3)
    assert "fc1.w" not in model.hyperparameters
    model.start(2, rng=np.random.default_rng(0))
    found = model.hyperparameters
    assert found["optimizer"].startswith("SGD(lr=1.0")
    assert found["loss"] == "mean_squared_error(reduction='half_mean_rows')"
    assert found["fc1.w"] == "(2, 3) float64"
    assert model.summary().splitlines()[-1].split() == ["total", "13"]


def test_xor_gradients():
    model = rn.models.XOR(hidden=4)
    model.start(2, rng=np.random.default_rng(3))
    _, grads = model.loss_and_grads(model.params, xor.X, xor.T)
    for name, p in model.params.items():

        def loss(v, name=name):
            return model.loss_and_grads({**model.params, name: v}, xor.X, xor.T)[0]

        found = rn.central_differences(loss, p + 0.01, noise=1e-14)
        moved = model.loss_and_grads({**model.params, name: p + 0.01}, xor.X, xor.T)[1]
        assert (np.abs(moved[name] - found.gradient) <= found.error).all()
    assert grads.keys() == model.params.keys()


def test_networks_refuse():
    x, labels = digits(20)
    model = rn.models.DFN(hidden=5)
    rng = np.random.default_rng(0)
    with pytest.raises(ArgumentError, match="no parameters"):
        model.predict(x)
    with pytest.raises(ShapeError, match="as_rows"):
        model.fit(x.reshape(20, 8, 8), labels, epochs=1, rng=rng)
    with pytest.raises(ShapeError, match="N targets"):
        model.fit(x, labels[:19], epochs=1, rng=rng)
    with pytest.raises(ShapeError, match="at least 1"):
        model.fit(x[:0], labels[:0], epochs=1, rng=rng)
    for epochs in (-1, 1.0, True):
        with pytest.raises(OptionError, match="epochs"):
            model.fit(x, labels, epochs=epochs, rng=rng)
    for size in (0, True, 2.5):
        with pytest.raises(OptionError, match="batch_size"):
            model.fit(x, labels, epochs=1, batch_size=size, rng=rng)
    assert model.params is None, "nothing is changed by a refused call"
    model.fit(x, labels, epochs=1, rng=rng)
    with pytest.raises(ShapeError, match="different parts"):
        model.evaluate(x, labels[:3])
    with pytest.raises(OptionError, match="classes"):
        rn.models.DFN(classes=0)
    with pytest.raises(OptionError, match="features"):
        model.start(0, rng=rng)


def test_a_label_out_of_range_leaves_the_parameters():
    x, labels = digits(60)
    model = rn.models.DFN(hidden=5, classes=5)
    model.start(64, rng=np.random.default_rng(0), dtype=np.float32)
    before = {name: p.copy() for name, p in model.params.items()}
    with pytest.raises(rn.DomainError, match="label"):
        model.fit(x, labels, epochs=1, batch_size=10, rng=np.random.default_rng(0))
    for name, p in model.params.items():
        np.testing.assert_array_equal(p, before[name])


def test_gates_refuse():
    for x in ([1.0], [[1, 2, 3]], 1.0):
        with pytest.raises(ShapeError, match="two inputs"):
            perceptron.and_gate(x)
    with pytest.raises(ShapeError, match="gate"):
        perceptron.gate([1, 1], [1, 1, 1], 0.0)


def l_layer_problem(rng):
    params = l_layer.init([4, 5, 3, 2], rng, gain=0.7)
    for i in (1, 2, 3):  # biases of zero would put dead samples on the next ReLU's kink
        params[f"b{i}"] = 0.1 + 0.1 * rng.standard_normal(params[f"b{i}"].shape)
    x = rng.standard_normal((4, 6))
    t = rng.integers(0, 2, (2, 6)).astype(float)
    return params, x, t


def test_l_layer_cost_and_gradients(rng):
    params, x, t = l_layer_problem(rng)
    p = l_layer.forward(params, x)
    assert p.shape == (2, 6)
    cost = l_layer.cost(params, x, t)
    assert cost == pytest.approx(-(t * np.log(p) + (1 - t) * np.log(1 - p)).sum() / 6, rel=1e-12)
    grads = l_layer.gradients(params, x, t)
    assert list(grads) == list(params)
    for name, value in params.items():
        found = rn.central_differences(
            lambda v, name=name: l_layer.cost({**params, name: v}, x, t), value, noise=1e-14
        )
        assert (np.abs(grads[name] - found.gradient) <= found.error).all(), name


@pytest.mark.parametrize(
    "options", [{"l1": 0.3}, {"l2": 0.7}, {"l1": 0.2, "l2": 0.5, "keep_prob": 0.6}]
)
def test_l_layer_with_penalties_and_dropout(rng, options):
    params, x, t = l_layer_problem(rng)
    plain = l_layer.cost(params, x, t)
    if "keep_prob" in options:
        masks = l_layer.draw_masks(params, 6, keep_prob=0.6, rng=rng)
        assert {name: m.shape for name, m in masks.items()} == {"D1": (5, 6), "D2": (3, 6)}
        options = {**options, "masks": {name: m.astype(bool) for name, m in masks.items()}}
        dropped = np.maximum(params["W1"] @ x + params["b1"], 0) * masks["D1"] / 0.6
        dropped = np.maximum(params["W2"] @ dropped + params["b2"], 0) * masks["D2"] / 0.6
        logits = params["W3"] @ dropped + params["b3"]
        plain = (np.logaddexp(0, logits) - t * logits).sum() / 6
    weights = [params[f"W{i}"] for i in (1, 2, 3)]
    penalty = sum(
        options.get("l1", 0) / 6 * np.abs(w).sum() + options.get("l2", 0) / 12 * (w**2).sum()
        for w in weights
    )
    value, grads = l_layer.cost_and_gradients(params, x, t, **options)
    assert value == pytest.approx(plain + penalty, rel=1e-12)
    assert value == l_layer.cost(params, x, t, **options)
    assert list(grads) == list(params)
    for name, p in params.items():
        found = rn.central_differences(
            lambda v, name=name: l_layer.cost({**params, name: v}, x, t, **options), p, noise=1e-14
        )
        assert (np.abs(grads[name] - found.gradient) <= found.error).all(), name


def test_l_layer_fits_with_penalties_and_dropout(rng):
    x = rng.standard_normal((3, 80))
    t = (x[:1] > 0).astype(float)
    sizes = []
    for options in ({}, {"l2": 0.3}, {"l1": 0.1}):
        params, costs = l_layer.fit(
            x,
            t,
            [3, 8, 1],
            rng=np.random.default_rng(1),
            optimizer="sgd(lr=0.5)",
            iterations=300,
            **options,
        )
        assert ((l_layer.forward(params, x) > 0.5) == t).mean() > 0.9
        sizes.append(sum(float(np.abs(params[f"W{i}"]).sum()) for i in (1, 2)))
    assert sizes[0] > 1.2 * max(sizes[1:])

    def fitted(seed):
        rng, options = np.random.default_rng(seed), {"keep_prob": 0.7, "batch_size": 20}
        narrow = x.astype(np.float32), t.astype(np.float32)
        return l_layer.fit(*narrow, [3, 8, 1], rng=rng, iterations=5, **options)

    params, costs = fitted(3)
    assert len(costs) == 20
    assert params["W1"].dtype == np.float32
    assert fitted(3)[1] == costs != fitted(4)[1]


def test_l_layer_refuses_penalties_and_masks(rng):
    params, x, t = l_layer_problem(rng)
    masks = l_layer.draw_masks(params, 6, keep_prob=0.5, rng=rng)
    for name, value in (("l1", -1), ("l2", np.nan), ("keep_prob", 0), ("keep_prob", 1.1)):
        for call in (l_layer.cost, l_layer.gradients):
            with pytest.raises(OptionError, match=name):
                call(params, x, t, **{name: value})
        with pytest.raises(OptionError, match=name):
            l_layer.fit(x, t, [4, 2], rng=rng, **{name: value})
    with pytest.raises(ArgumentError, match="draw_masks"):
        l_layer.cost(params, x, t, keep_prob=0.5)
    with pytest.raises(ArgumentError, match="masks without keep_prob"):
        l_layer.cost(params, x, t, masks=masks)
    with pytest.raises(ArgumentError, match="one for each hidden layer"):
        l_layer.cost(params, x, t, keep_prob=0.5, masks={**masks, "D3": np.ones((2, 6))})
    with pytest.raises(ShapeError, match="mask"):
        l_layer.cost(params, x, t, keep_prob=0.5, masks={**masks, "D2": np.ones((6, 3))})
    with pytest.raises(rn.DtypeError, match="rng"):
        l_layer.draw_masks(params, 6, keep_prob=0.5, rng=3)


def test_l_layer_columns_are_rows_transposed(rng):
    # The same network with samples in rows, by layers: the two orientations agree.
    params, x, t = l_layer_problem(rng)
    layers = rn.layers.Sequential(
        rn.layers.Dense(5),
        rn.layers.Activation("relu"),
        rn.layers.Dense(3),
        rn.layers.Activation("relu"),
        rn.layers.Dense(2),
    )
    rows = {
        f"{2 * (i - 1)}.{'w' if kind == 'W' else 'b'}": params[f"{kind}{i}"].T.reshape(
            params[f"{kind}{i}"].shape[::-1] if kind == "W" else -1
        )
        for i in (1, 2, 3)
        for kind in "Wb"
    }
    value, grads = layers.value_and_grads(
        rows, x.T, t.T, rn.binary_cross_entropy_with_logits, reduction="sum"
    )
    assert value / 6 == pytest.approx(l_layer.cost(params, x, t), rel=1e-12)
    columns = l_layer.gradients(params, x, t)
    for i in (1, 2, 3):
        np.testing.assert_allclose(grads[f"{2 * i - 2}.w"].T / 6, columns[f"W{i}"], atol=1e-14)
        np.testing.assert_allclose(
            grads[f"{2 * i - 2}.b"] / 6, columns[f"b{i}"].ravel(), atol=1e-14
        )


def test_l_layer_fit(rng):
    x = rng.standard_normal((3, 80))
    t = (x[:1] * x[1:2] > 0).astype(float)
    params, costs = l_layer.fit(
        x,
        t,
        [3, 8, 1],
        rng=rng,
        optimizer="sgd(lr=0.5, momentum=0.9)",
        iterations=300,
        batch_size=20,
    )
    assert len(costs) == 300 * 4
    assert costs[0] == pytest.approx(np.log(2), abs=0.01)
    assert ((l_layer.forward(params, x) > 0.5) == t).mean() > 0.9


def test_l_layer_refuses(rng):
    params, x, t = l_layer_problem(rng)
    for bad_x, bad_t in ((x.T, t), (x, t.T), (x[:, :0], t[:, :0]), (x, t[0]), (x[0], t)):
        with pytest.raises(ShapeError, match="samples in columns"):
            l_layer.cost(params, bad_x, bad_t)
        with pytest.raises(ShapeError, match="samples in columns"):
            l_layer.gradients(params, bad_x, bad_t)
    with pytest.raises(ShapeError, match="input's size left out"):
        l_layer.init([4], rng)
    for dims in ([4, 0], [4, -1], [4, 2.5], [4, True]):
        with pytest.raises(OptionError, match="number of units"):
            l_layer.init(dims, rng)
    with pytest.raises(OptionError, match="iterations"):
        l_layer.fit(x, t, [4, 2], rng=rng, iterations=-1)
    with pytest.raises(OptionError, match="batch_size"):
        l_layer.fit(x, t, [4, 2], rng=rng, batch_size=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("logit", [17.0, 37.0, 1000.0])
def test_l_layer_is_finite_where_it_is_confidently_wrong(dtype, logit):
    params = {"W1": np.array([[1]], dtype), "b1": np.array([[0]], dtype)}
    x, t = np.array([[logit, 0.5]], dtype), np.array([[0, 1]], dtype)
    with np.errstate(all="raise", under="ignore"):
        cost = l_layer.cost(params, x, t)
        grads = l_layer.gradients(params, x, t)
    expected = (logit + np.log1p(np.exp(-logit)) + np.log1p(np.exp(-0.5))) / 2
    assert cost == pytest.approx(expected, rel=1e-6)
    slope = (logit / (1 + np.exp(-logit)) - 0.5 / (1 + np.exp(0.5))) / 2
    assert grads["W1"].item() == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"W1": np.eye(2)},
        {"W1": np.eye(2), "b1": np.zeros((2, 1)), "W3": np.eye(2), "b3": np.zeros((2, 1))},
        {"W1": np.eye(2), "b1": np.zeros(2)},
        {"W1": np.ones(2), "b1": np.zeros((2, 1))},
    ],
)
def test_l_layer_refuses_parameters_that_are_not_its_own(params):
    x = np.ones((2, 2))
    for call in (
        lambda: l_layer.forward(params, x),
        lambda: l_layer.cost(params, x, x),
        lambda: l_layer.gradients(params, x, x),
    ):
        with pytest.raises((rn.ArgumentError, rn.ShapeError), match="l_layer"):
            call()


def test_a_score_that_is_nan_is_never_the_largest():
    model = rn.models.DFN(hidden=4, classes=3)
    model.start(2, rng=np.random.default_rng(0))
    x, labels = np.array([[1.0, 2.0], [np.nan, 1.0]]), np.zeros(2, int)
    model.params["fc2.b"][:] = [100.0, 0.0, 0.0]
    assert model.evaluate(x, labels) == 0.5


@pytest.mark.parametrize(
    ("labels", "error"),
    [
        (np.array([0.0, 1.0, np.nan]), rn.DtypeError),
        (np.array([0, 1, 3]), rn.DomainError),
        (np.array([0, 1, -1]), rn.DomainError),
        (np.array(["0", "1", "2"]), rn.DtypeError),
        (np.array([True, False, True]), rn.DtypeError),
        (np.array([[0], [1], [2]]), rn.ShapeError),
        (np.eye(7)[:3], rn.ShapeError),
        (np.eye(3) * np.nan, rn.DomainError),
        (np.array([0, 1]), rn.ShapeError),
    ],
)
def test_dfn_evaluates_only_labels_that_it_could_be_trained_on(labels, error):
    model = rn.models.DFN(hidden=4, classes=3)
    model.start(2, rng=np.random.default_rng(0))
    x = np.ones((3, 2))
    with pytest.raises(error):
        model.evaluate(x, labels)
    for bad in (np.ones(2), np.ones((0, 2)), np.ones((3, 2, 1))):
        with pytest.raises(rn.ShapeError):
            model.evaluate(bad, np.array([0, 1, 2]))
    assert 0 <= model.evaluate(x.tolist(), [0, 1, 2]) <= 1
    assert model.evaluate(x, np.eye(3, dtype=int)) == model.evaluate(x, [0, 1, 2])


def test_a_refused_fit_leaves_a_new_network_and_the_generator_alone():
    model, rng = rn.models.DFN(hidden=3, classes=3), np.random.default_rng(0)
    x = np.ones((5, 4))
    for t in (np.array([0, 1, 2, 0, 9]), np.array([0.0, 1, 2, 0, 1])):
        with pytest.raises(rn.RefnetError):
            model.fit(x, t, epochs=1, rng=rng)
        assert model.params is None
        assert model.state is None
    with pytest.raises(rn.DtypeError, match="rng"):
        model.fit(x, t.astype(int), epochs=1, rng=7)
    assert rng.random() == np.random.default_rng(0).random()
    assert len(model.fit(np.ones((5, 7)).tolist(), [0, 1, 2, 0, 1], epochs=2, rng=rng)) == 2


def test_fit_shuffles_by_its_generator_and_means_every_batch():
    x = np.random.default_rng(1).standard_normal((8, 3))
    t = np.arange(8) % 2
    seen = []

    class Watched(rn.models.DFN):
        def loss_and_grads(self, params, x, t, context=None):
            value, grads = super().loss_and_grads(params, x, t, context)
            seen.append((x[:, 0].tolist(), float(value)))
            return value, grads

    model = Watched(hidden=2, classes=2)
    model.start(3, rng=np.random.default_rng(0))
    losses = model.fit(x, t, epochs=2, batch_size=3, rng=np.random.default_rng(5))
    first = [v for rows, _ in seen[:3] for v in rows]
    second = [v for rows, _ in seen[3:] for v in rows]
    assert sorted(first) == sorted(second) == sorted(x[:, 0])
    assert first != second != x[:, 0].tolist()
    assert losses[0] == pytest.approx(np.mean([loss for _, loss in seen[:3]]))


def test_start_forgets_the_optimizer_s_state():
    model = rn.models.DFN(hidden=2, classes=2, optimizer="sgd(lr=0.1, momentum=0.9)")
    rng = np.random.default_rng(0)
    model.fit(np.ones((4, 3)), np.array([0, 1, 0, 1]), epochs=2, rng=rng)
    assert model.state.step == 2
    model.start(3, rng=rng)
    assert model.state.step == 0
    assert not any(v.any() for v in model.state.momentum_buffer.values())


@pytest.mark.parametrize(
    ("x", "b", "error"),
    [
        (["a", "b"], 0.0, rn.DtypeError),
        ([1j, 0], 0.0, rn.DtypeError),
        ([[1, 0], [1]], 0.0, rn.ShapeError),
        ([1, 0, 1], 0.0, rn.ShapeError),
        ([1, 0], None, rn.OptionError),
        ([1, 0], np.nan, rn.OptionError),
    ],
)
def test_gates_take_two_real_numbers(x, b, error):
    with pytest.raises(error, match="gate"):
        perceptron.gate(x, (0.5, 0.5), b)


@pytest.mark.parametrize(
    ("loss", "options"), [("mse", {}), (rn.mean_squared_error, {"reductio": "sum"}), (None, {})]
)
def test_a_network_s_loss_is_an_operation_with_its_options(loss, options):
    layers = rn.layers.Sequential(rn.layers.Dense(1))
    with pytest.raises(ArgumentError, match="loss="):
        rn.models.Network(layers, loss, optimizer="sgd(lr=0.1)", **options)
