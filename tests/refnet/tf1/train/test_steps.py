import pytest


def test_a_graph_has_one_global_step(tf):
    assert tf.train.get_global_step() is None
    step = tf.train.create_global_step()
    assert tf.train.get_global_step() is step
    assert tf.train.get_or_create_global_step() is step
    assert step.name == "global_step:0"
    assert step.dtype.name == "int64"
    assert not step.trainable
    with pytest.raises(ValueError, match="has a global step"):
        tf.train.create_global_step()
