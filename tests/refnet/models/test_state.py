"""state_dict, load_state_dict, save and load."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DataFileError, StateError
from refnet.data import read_npz, write_npz


def network(hidden=3):
    net = rn.models.Network(
        rn.layers.Sequential(
            fc=rn.layers.Dense(hidden), norm=rn.layers.BatchNorm(), out=rn.layers.Dense(2)
        ),
        rn.softmax_cross_entropy,
        optimizer="sgd(lr=0.1, momentum=0.9)",
    )
    net.start(4, rng=np.random.default_rng(hidden))
    return net


def test_a_round_trip(tmp_path, rng):
    one, two = network(), network()
    x, t = rng.standard_normal((8, 4)), np.arange(8) % 2
    one.fit(x, t, epochs=2, rng=rng)
    one.save(tmp_path / "it.npz")
    two.load(tmp_path / "it.npz")
    for name, a in one.state_dict().items():
        np.testing.assert_array_equal(two.state_dict()[name], a)
    np.testing.assert_array_equal(one.predict(x), two.predict(x))
    assert two.state.step == 0, "the optimizer starts anew"
    assert list(tmp_path.iterdir()) == [tmp_path / "it.npz"]


def test_values_are_copies():
    net = network()
    values = net.state_dict()
    values["fc.w"][:] = 7
    assert not (net.params["fc.w"] == 7).any()
    net.load_state_dict(values)
    values["fc.w"][:] = 9
    assert (net.params["fc.w"] == 7).all()


def test_everything_that_is_wrong_is_listed_and_nothing_changes():
    net = network()
    before = {**net.params, **net.buffers}
    state = net.state
    values = net.state_dict()
    del values["fc.w"]
    del values["norm.running_var"]
    values["extra"] = np.ones(1)
    values["out.b"] = np.ones(3)
    values["norm.gamma"] = values["norm.gamma"].astype(np.float32)
    with pytest.raises(StateError) as caught:
        net.load_state_dict(values)
    message = str(caught.value)
    for part in (
        "missing: fc.w, norm.running_var",
        "unexpected: extra",
        "of another shape: out.b (3,) for (2,)",
        "of another dtype: norm.gamma float32 for float64",
    ):
        assert part in message
    assert net.state is state
    for name, a in {**net.params, **net.buffers}.items():
        assert a is before[name]


def test_a_network_that_has_not_started_has_no_shapes():
    net = rn.models.DFN(hidden=3)
    with pytest.raises(ArgumentError, match="no parameters"):
        net.load_state_dict({})
    with pytest.raises(ArgumentError, match="no parameters"):
        net.state_dict()


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    file = tmp_path / "it.npz"
    write_npz(file, {"a": np.ones(2)})

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("refnet.data.npz.npy.write_array", full)
    with pytest.raises(DataFileError, match="No space left"):
        write_npz(file, {"a": np.zeros(2)})
    np.testing.assert_array_equal(read_npz(file)["a"], [1, 1])
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_file_cannot_hold_is_refused(tmp_path):
    with pytest.raises(DataFileError, match="dtype object"):
        write_npz(tmp_path / "it.npz", {"a": np.array([None])})
    with pytest.raises(DataFileError, match="cannot be written"):
        write_npz(tmp_path / "no" / "it.npz", {"a": np.ones(1)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.int64])
def test_every_dtype_and_name(tmp_path, dtype, rng):
    arrays = {
        "file": rng.standard_normal((2, 3)).astype(dtype),
        "a.b/c": np.array(3, dtype),
        "empty": np.ones((0, 2), dtype),
        "transposed": rng.standard_normal((2, 3)).astype(dtype).T,
    }
    write_npz(tmp_path / "it.npz", arrays)
    found = read_npz(tmp_path / "it.npz")
    assert list(found) == list(arrays)
    for name, a in arrays.items():
        assert found[name].dtype == dtype
        np.testing.assert_array_equal(found[name], a)


def test_numpy_reads_it_too(tmp_path):
    write_npz(tmp_path / "it.npz", {"a": np.arange(3.0)})
    with np.load(tmp_path / "it.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["a"], [0, 1, 2])


def test_damaged_and_hostile_files_change_nothing(tmp_path):
    net = network()
    before = dict(net.params)
    file = tmp_path / "it.npz"
    net.save(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataFileError, match=r"it\.npz"):
        net.load(file)
    # A header that asks for far more than there is.
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
    )
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("fc.w.npy", header.getvalue())
    with pytest.raises(DataFileError, match="asks for"):
        net.load(file)
    np.savez(file, **{"fc.w": np.array([{}], dtype=object)}, allow_pickle=True)
    with pytest.raises(DataFileError, match="objects"):
        net.load(file)
    with pytest.raises(DataFileError, match=r"missing\.npz"):
        net.load(tmp_path / "missing.npz")
    assert all(net.params[name] is a for name, a in before.items())


def test_a_rejected_fit_changes_nothing(rng):
    x, t = rng.standard_normal((8, 4)), np.arange(8) % 2
    wrong = t.copy()
    wrong[-1] = 77  # met in the second batch
    for start in (False, True):
        net, fresh = network(), rn.models.DFN(hidden=3)
        one = net if start else fresh
        held = (one.params, one.state, one.buffers)
        inside = {name: a.copy() for name, a in {**(one.params or {}), **one.buffers}.items()}
        for samples, targets in ((x, wrong), (x.astype(np.float16), wrong), (x[:, :, None], t)):
            before = rng.bit_generator.state
            with pytest.raises((rn.DomainError, rn.DtypeError, rn.ShapeError)):
                one.fit(samples, targets, epochs=2, batch_size=4, rng=rng)
            assert rng.bit_generator.state == before
            now = (one.params, one.state, one.buffers)
            assert all(a is b for a, b in zip(now[:2], held[:2], strict=True))
        for name, a in inside.items():
            np.testing.assert_array_equal({**one.params, **one.buffers}[name], a)


def test_a_whole_epoch_is_kept(rng):
    net = network()
    x, t = rng.standard_normal((8, 4)), np.arange(8) % 2

    def stop(epoch, loss):
        raise KeyboardInterrupt

    before = net.state_dict()["fc.w"]
    with pytest.raises(KeyboardInterrupt):
        net.fit(x, t, epochs=3, rng=rng, on_epoch=stop)
    assert not np.array_equal(net.state_dict()["fc.w"], before)
    assert net.state.step == 1


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_numbers_to_look_up_start_in_float64(dtype, rng):
    net = rn.models.Network(
        rn.layers.Sequential(table=rn.layers.Embedding(7, 3), rnn=rn.layers.RNN(2)),
        rn.softmax_cross_entropy,
        optimizer="sgd(lr=0.1)",
    )
    losses = net.fit(rng.integers(0, 7, (6, 5)).astype(dtype), np.arange(6) % 2, epochs=2, rng=rng)
    assert losses[1] < losses[0]
    assert {p.dtype for p in net.params.values()} == {np.dtype(np.float64)}


def test_values_that_are_no_arrays_are_listed_with_the_rest():
    net = network()
    values = {**net.state_dict(), "extra": np.ones(1), "fc.w": [[1.0], [1.0, 2.0]]}
    values["fc.b"] = np.ma.masked_array(np.ones(3), mask=True)
    wanted = r"unexpected: extra; unreadable: fc\.w .*, fc\.b as a masked"
    with pytest.raises(StateError, match=wanted):
        net.load_state_dict(values)
    for wrong in (list(values.items()), "it.npz", None):
        with pytest.raises(ArgumentError, match="a mapping"):
            net.load_state_dict(wrong)
