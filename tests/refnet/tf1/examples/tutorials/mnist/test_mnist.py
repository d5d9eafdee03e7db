import numpy as np

from refnet.tf1.examples.tutorials.mnist import mnist


def test_the_tutorials_network_learns(tf):
    rng = np.random.default_rng(0)
    batch, classes = rng.standard_normal((20, mnist.IMAGE_PIXELS)), rng.integers(10, size=20)
    images = tf.placeholder(tf.float32, [None, mnist.IMAGE_PIXELS])
    labels = tf.placeholder(tf.int32, [None])
    logits = mnist.inference(images, 16, 8)
    loss = mnist.loss(logits, labels)
    step, correct = mnist.training(loss, 0.1), mnist.evaluation(logits, labels)
    shapes = {v.name: v.get_shape().as_list() for v in tf.trainable_variables()}
    assert shapes == {
        "hidden1/weights:0": [784, 16],
        "hidden1/biases:0": [16],
        "hidden2/weights:0": [16, 8],
        "hidden2/biases:0": [8],
        "softmax_linear/weights:0": [8, 10],
        "softmax_linear/biases:0": [10],
    }
    assert tf.summary.merge_all().keys() == {"loss"}
    feeds = {images: batch, labels: classes}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        first, scores, right = session.run([loss, logits, correct], feeds)
        shifted = scores - scores.max(axis=1, keepdims=True)
        own = shifted[np.arange(20), classes] - np.log(np.exp(shifted).sum(axis=1))
        np.testing.assert_allclose(first, -own.mean(), rtol=1e-5)
        assert right == (scores.argmax(axis=1) == classes).sum()
        assert right.dtype == np.int32
        for _ in range(150):
            session.run(step, feeds)
        last, right = session.run([loss, correct], feeds)
        assert session.run("global_step:0") == 150
        assert last < first / 2
        assert right > 10
