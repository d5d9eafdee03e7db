import numpy as np
import pytest

from refnet.errors import DataFileError, StateError, UninitializedError


@pytest.fixture
def w(tf):
    """Return a variable."""
    return tf.Variable([1.0, 2.0], name="w")


def test_values_are_written_and_read_back(tf, w, tmp_path):
    saver, path = tf.train.Saver(), str(tmp_path / "model")
    with tf.Session() as session:
        session.run(w.assign([3.0, 4.0]))
        assert saver.save(session, path) == path
    with tf.Session() as session:
        saver.restore(session, path)
        assert session.run(w).tolist() == [3, 4]
    assert tf.train.checkpoint_exists(path)


def test_the_newest_are_kept(tf, w, tmp_path):
    saver = tf.train.Saver(max_to_keep=2)
    with tf.Session() as session:
        session.run(w.initializer)
        for step in range(4):
            last = saver.save(session, str(tmp_path / "model"), global_step=step)
    assert last.endswith("model-3")
    assert tf.train.latest_checkpoint(str(tmp_path)) == last
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert state.model_checkpoint_path == last
    assert [p[-1] for p in state.all_model_checkpoint_paths] == ["2", "3"]
    assert saver.last_checkpoints == state.all_model_checkpoint_paths
    empty = tmp_path / "empty"
    assert tf.train.latest_checkpoint(str(empty)) is None
    assert tf.train.get_checkpoint_state(str(empty)) is None


def test_other_names_for_the_file(tf, w, tmp_path):
    path = str(tmp_path / "model")
    with tf.Session() as session:
        session.run(w.initializer)
        tf.train.Saver({"weights": w}).save(session, path)
    with np.load(path + ".npz") as file:
        assert file.files == ["weights"]


def test_training_goes_on_where_it_was(tf, w, tmp_path):
    train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w**2 + tf.sin(w)))
    saver, path = tf.train.Saver(), str(tmp_path / "model")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train)
        saver.save(session, path)
        for _ in range(3):
            session.run(train)
        expected = session.run(w)
    with tf.Session() as session:
        saver.restore(session, path)
        for _ in range(3):
            session.run(train)
        np.testing.assert_array_equal(session.run(w), expected)


def test_what_a_saver_refuses(tf, w, tmp_path):
    saver, path = tf.train.Saver(), str(tmp_path / "model")
    with tf.Session() as session:
        with pytest.raises(UninitializedError, match="no value for w"):
            saver.save(session, path)
        with pytest.raises(DataFileError, match="cannot be read"):
            saver.restore(session, path)
        session.run(w.initializer)
        saver.save(session, path)
        more = tf.Variable(1.0, name="more")
        with pytest.raises(StateError, match="a file without more"):
            tf.train.Saver([w, more]).restore(session, path)
        (tmp_path / "text.npz").write_text("no file of a saver")
        with pytest.raises(DataFileError):
            saver.restore(session, str(tmp_path / "text"))
