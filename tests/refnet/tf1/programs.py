"""Programs as users of TensorFlow 1 wrote them: each trains something and returns what it saw."""

import numpy as np

from tests.refnet.tf1.agreement import drawn

X, T = drawn(24, 12, low=0.0, high=1.0), np.eye(3)[np.arange(24) % 3]
CLASSES = np.arange(24) % 3
STEPS = 8


def single(*shape, seed=0, scale=0.3):
    """Return initial values of float32."""
    return (scale * drawn(*shape, seed=seed)).astype(np.float32)


def linear_regression(tf):
    """Sample by sample, of placeholders without a shape."""
    xs, ys = np.linspace(1, 9, 11), 0.3 * np.linspace(1, 9, 11) + 0.8
    x, y = tf.placeholder("float"), tf.placeholder("float")
    w, b = tf.Variable(0.2, name="weight"), tf.Variable(-0.4, name="bias")
    pred = tf.add(tf.multiply(x, w), b)
    cost = tf.reduce_sum(tf.pow(pred - y, 2)) / (2 * len(xs))
    optimizer = tf.train.GradientDescentOptimizer(0.01).minimize(cost)
    seen = []
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            for a, t in zip(xs, ys, strict=True):
                sess.run(optimizer, feed_dict={x: a, y: t})
            seen.append(sess.run(cost, feed_dict={x: xs, y: ys}))
        return [*seen, sess.run(w), sess.run(b)]


def logistic_regression(tf):
    """The cross-entropy written out."""
    x, y = tf.placeholder(tf.float32, [None, 12]), tf.placeholder(tf.float32, [None, 3])
    w, b = tf.Variable(tf.zeros([12, 3])), tf.Variable(tf.zeros([3]))
    pred = tf.nn.softmax(tf.matmul(x, w) + b)
    cost = tf.reduce_mean(-tf.reduce_sum(y * tf.log(pred), reduction_indices=1))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(cost)
    correct = tf.equal(tf.argmax(pred, 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        seen = [sess.run([train, cost], {x: X, y: T})[1] for _ in range(STEPS)]
        return [*seen, accuracy.eval({x: X, y: T}), w.eval(), b.eval()]


def perceptron_of_dicts(tf):
    """Weights in dicts, Adam, a vector loss through a mean."""
    x, y = tf.placeholder("float", [None, 12]), tf.placeholder("float", [None, 3])
    weights = {"h1": tf.Variable(single(12, 8)), "out": tf.Variable(single(8, 3))}
    biases = {"b1": tf.Variable(single(8)), "out": tf.Variable(single(3))}
    hidden = tf.nn.relu(tf.add(tf.matmul(x, weights["h1"]), biases["b1"]))
    logits = tf.matmul(hidden, weights["out"]) + biases["out"]
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=y))
    train = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss)
    with tf.Session(config=tf.ConfigProto(log_device_placement=False)) as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for i in range(STEPS):
            batch = slice(6 * (i % 4), 6 * (i % 4) + 6)
            _, c = sess.run([train, loss], feed_dict={x: X[batch], y: T[batch]})
            seen.append(c)
        return [*seen, sess.run([weights, biases])]


def one_layer_by_each_optimizer(tf):
    """A loss of several values is minimised as its sum; .run and .eval in a session."""
    found = []
    for make in (
        lambda: tf.train.GradientDescentOptimizer(0.02),
        lambda: tf.train.MomentumOptimizer(0.01, 0.9),
        lambda: tf.train.AdagradOptimizer(0.3),
        lambda: tf.train.AdadeltaOptimizer(0.001, 0.95, 1e-8),
        lambda: tf.train.RMSPropOptimizer(0.01),
        lambda: tf.train.AdamOptimizer(1e-2),
    ):
        sess = tf.InteractiveSession()
        x, y_ = tf.placeholder(tf.float32, [None, 12]), tf.placeholder(tf.float32, [None, 3])
        w, b = tf.Variable(single(12, 3)), tf.Variable(tf.zeros([3]))
        y = tf.nn.sigmoid(tf.matmul(x, w) + b)
        cross_entropy = tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y)
        train_step = make().minimize(cross_entropy)
        tf.global_variables_initializer().run()
        for _ in range(4):
            train_step.run({x: X, y_: T})
            found.append(np.mean(cross_entropy.eval({x: X, y_: T})))
        found.append(w.eval())
        sess.close()
    return found


def convolutional_network(tf):
    """Helper functions, local response normalization, dropout that is fed."""
    images = drawn(6, 10, 10, 1, low=0.0, high=1.0)

    def conv2d(x, w, b):
        return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, w, [1, 1, 1, 1], padding="SAME"), b))

    def max_pool_2x2(x):
        return tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")

    x, y = tf.placeholder(tf.float32, [None, 100]), tf.placeholder(tf.float32, [None, 3])
    keep_prob = tf.placeholder(tf.float32)
    w1, b1 = tf.Variable(single(3, 3, 1, 4)), tf.Variable(tf.constant(0.1, shape=[4]))
    w2, b2 = tf.Variable(single(3, 3, 4, 5)), tf.Variable(tf.constant(0.1, shape=[5]))
    h = tf.reshape(x, [-1, 10, 10, 1])
    h = tf.nn.lrn(max_pool_2x2(conv2d(h, w1, b1)), 2, bias=1.0, alpha=0.001 / 9.0, beta=0.75)
    h = max_pool_2x2(conv2d(h, w2, b2))
    flat = tf.reshape(h, [-1, h.get_shape()[1] * h.get_shape()[2] * 5])
    w3 = tf.Variable(single(int(flat.get_shape()[1]), 3))
    logits = tf.matmul(tf.nn.dropout(flat, keep_prob), w3)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
    train = tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss)
    feed = {x: images.reshape(6, 100), y: T[:6], keep_prob: 1.0}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = [sess.run([loss, train], feed)[0] for _ in range(5)]
        return [*seen, sess.run([w1, w2, w3])]


def recurrent_adder(tf):
    """Scopes entered again with reuse, unstack, concat; a large rate with momentum."""
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 128, (2, 16))
    bits = [(n[:, np.newaxis] >> np.arange(8)) & 1 for n in (a, b, a + b)]
    with tf.variable_scope("rnn_cell"):
        tf.get_variable("W", [10, 8], initializer=tf.constant_initializer(single(10, 8)))
        tf.get_variable("b", [8], initializer=tf.constant_initializer(0.0))

    def rnn_cell(rnn_input, state):
        with tf.variable_scope("rnn_cell", reuse=True):
            w = tf.get_variable("W", [10, 8])
            b = tf.get_variable("b", [8], initializer=tf.constant_initializer(0.0))
        return tf.tanh(tf.matmul(tf.concat((rnn_input, state), 1), w) + b)

    x = tf.placeholder(tf.float32, [None, 8, 2], name="inputs")
    labels = tf.placeholder(tf.float32, [None, 8], name="labels")
    state, outputs = tf.zeros([16, 8]), []
    for step in tf.unstack(x, axis=1):
        state = rnn_cell(step, state)
        outputs.append(state)
    with tf.variable_scope("output"):
        w = tf.get_variable("w", shape=[8, 1], initializer=tf.constant_initializer(single(8, 1)))
        bias = tf.get_variable("b", shape=[1], initializer=tf.constant_initializer(0.0))
    y = tf.concat([tf.nn.sigmoid(tf.matmul(o, w) + bias) for o in outputs], 1)
    loss = tf.reduce_mean(tf.square(y - labels))
    train = tf.train.MomentumOptimizer(1.0, 0.95).minimize(loss)
    feed = {x: np.stack(bits[:2], -1), labels: bits[2]}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for _ in range(10):
            sess.run(train, feed_dict=feed)
            seen.append(sess.run(loss, feed_dict=feed))
        return [*seen, sess.run(tf.trainable_variables())]


def lstm_by_hand(tf):
    """Gates by split, a clipped global norm, classes as numbers."""
    x, y = tf.placeholder(tf.float32, [4, 5, 3]), tf.placeholder(tf.int32, [4, 5])
    kernel = tf.get_variable("kernel", initializer=single(9, 24))
    bias = tf.get_variable("bias", [24], initializer=tf.zeros_initializer())
    c, h, outputs = tf.zeros((4, 6)), tf.zeros((4, 6)), []
    for step in range(5):
        gates = tf.nn.bias_add(tf.matmul(tf.concat([x[:, step, :], h], axis=1), kernel), bias)
        i, j, f, o = tf.split(value=gates, num_or_size_splits=4, axis=1)
        c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
        outputs.append(h)
    w = tf.Variable(single(6, 4))
    logits = tf.matmul(tf.reshape(tf.concat(outputs, 1), [-1, 6]), w)
    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(y, [-1]), logits=logits)
    )
    tvars = tf.trainable_variables()
    grads, norm = tf.clip_by_global_norm(tf.gradients(loss, tvars), 0.25)
    train = tf.train.GradientDescentOptimizer(0.5).apply_gradients(zip(grads, tvars, strict=True))
    feed = {x: drawn(4, 5, 3), y: np.arange(20).reshape(4, 5) % 4}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = [sess.run([loss, norm, c, train], feed)[:3] for _ in range(5)]
        return [seen, sess.run(tvars)]


def batch_normalization(tf):
    """Moving moments by assign under control dependencies."""
    x, y = tf.placeholder(tf.float32, [None, 12]), tf.placeholder(tf.float32, [None, 3])
    z = tf.matmul(x, tf.Variable(single(12, 5)))
    scale, beta = tf.Variable(tf.ones([5])), tf.Variable(tf.zeros([5]))
    pop_mean = tf.Variable(tf.zeros([z.get_shape()[-1]]), trainable=False)
    pop_var = tf.Variable(tf.ones([5]), trainable=False)
    mean, var = tf.nn.moments(z, [0])
    moved = [
        tf.assign(pop_mean, pop_mean * 0.9 + mean * (1 - 0.9)),
        tf.assign(pop_var, pop_var * 0.9 + var * (1 - 0.9)),
    ]
    with tf.control_dependencies(moved):
        a = tf.nn.batch_normalization(z, mean, var, beta, scale, 1e-3)
    pred = tf.nn.softmax(tf.matmul(tf.nn.sigmoid(a), tf.Variable(single(5, 3))))
    loss = -tf.reduce_sum(y * tf.log(pred))
    train = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for i in range(STEPS):
            sess.run(train, {x: X[i : i + 16], y: T[i : i + 16]})
            seen.append(sess.run(loss, {x: X, y: T}))
        return [*seen, sess.run(tf.global_variables())]


def decaying_rate(tf):
    """A rate of the global step, which is fetched, and penalties in a collection."""

    def get_weight(shape, seed):
        w = tf.Variable(single(*shape, seed=seed), dtype=tf.float32)
        tf.add_to_collection("losses", 0.01 * tf.nn.l2_loss(w))
        return w

    x, y_ = tf.placeholder(tf.float32, (None, 12)), tf.placeholder(tf.float32, (None, 3))
    hidden = tf.nn.elu(tf.matmul(x, get_weight([12, 7], 1)) + tf.constant(0.01, shape=[7]))
    y = tf.matmul(hidden, get_weight([7, 3], 2))
    tf.add_to_collection("losses", tf.reduce_mean(tf.square(y - y_)))
    loss = tf.add_n(tf.get_collection("losses"))
    global_step = tf.Variable(0, trainable=False)
    rate = tf.train.exponential_decay(0.1, global_step, 3, 0.9, staircase=True)
    train = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=global_step)
    ema = tf.train.ExponentialMovingAverage(0.9, global_step)
    with tf.control_dependencies([train]):
        train_op = tf.group(ema.apply(tf.trainable_variables()))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = [
            [sess.run([train_op, global_step, loss], {x: X, y_: T})[1:], sess.run(rate)]
            for _ in range(STEPS)
        ]
        averages = [ema.average(v) for v in tf.trainable_variables()]
        return [seen, sess.run(averages)]


def adversaries(tf):
    """Two optimizers on variables chosen by their scopes, weights clipped by assign."""

    def dense(x, n, name, reuse):
        k = int(x.get_shape()[1])
        with tf.variable_scope(name, reuse=reuse):
            initial = tf.constant_initializer(single(k, n))
            w = tf.get_variable("w", [k, n], initializer=initial)
            return tf.matmul(x, w) + tf.get_variable("b", [n], initializer=tf.zeros_initializer)

    def discriminator(x, reuse=None):
        with tf.variable_scope("discriminator"):
            h = tf.nn.leaky_relu(dense(x, 6, "fc1", reuse), alpha=0.2)
            return dense(h, 1, "fc2", reuse)

    z, real = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 12])
    with tf.variable_scope("generator"):
        fake = tf.tanh(dense(z, 12, "fc", None))
    d_real, d_fake = discriminator(real), discriminator(fake, reuse=True)

    def cost(logits, target):
        labels = tf.ones_like(logits) * target
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=labels))

    d_loss, g_loss = cost(d_real, 0.9) + cost(d_fake, 0.0), cost(d_fake, 1.0)
    d_vars = [v for v in tf.trainable_variables() if v.name.startswith("discriminator")]
    g_vars = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="generator")
    d_step = tf.train.AdamOptimizer(2e-2, beta1=0.5).minimize(d_loss, var_list=d_vars)
    g_step = tf.train.AdamOptimizer(2e-2, beta1=0.5).minimize(g_loss, var_list=g_vars)
    clip = [v.assign(tf.clip_by_value(v, -0.3, 0.3)) for v in d_vars]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for i in range(5):
            feed = {z: drawn(24, 4, seed=i), real: X}
            seen.append(sess.run([d_step, d_loss], feed)[1])
            sess.run(clip)
            seen.append(sess.run([g_step, g_loss], feed)[1])
        return [*seen, sess.run(d_vars + g_vars)]


def word_vectors(tf):
    """A graph of its own, rows of a matrix looked up, products of unit vectors."""
    graph = tf.Graph()
    with graph.as_default():
        inputs = tf.placeholder(tf.int32, shape=[8])
        labels = tf.placeholder(tf.int32, shape=[8, 1])
        with tf.device("/cpu:0"):
            embeddings = tf.Variable(single(10, 5, scale=1.0))
            embed = tf.nn.embedding_lookup(embeddings, inputs)
        w = tf.Variable(single(5, 10))
        hot = tf.one_hot(tf.squeeze(labels, [1]), 10)
        loss = tf.reduce_mean(
            tf.nn.softmax_cross_entropy_with_logits(logits=tf.matmul(embed, w), labels=hot)
        )
        train = tf.train.AdagradOptimizer(0.5).minimize(loss)
        norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
        unit = embeddings / norm
        similar = tf.matmul(tf.gather(unit, [0, 3]), unit, transpose_b=True)
        init = tf.global_variables_initializer()
    with tf.Session(graph=graph) as session:
        init.run()
        seen = []
        for i in range(STEPS):
            rng = np.random.default_rng(i)
            feed = {inputs: rng.integers(0, 10, 8), labels: rng.integers(0, 10, (8, 1))}
            seen.append(session.run([train, loss], feed_dict=feed)[1])
        return [*seen, similar.eval(), embeddings.eval()]


def clipped_language_model(tf):
    """Gradients of looked-up rows, of which one is taken often, clipped in each way."""
    ids, following = tf.placeholder(tf.int32, [3, 4]), tf.placeholder(tf.int32, [3, 4])
    rate = tf.Variable(0.0, trainable=False)
    clips = (
        lambda grads: tf.clip_by_global_norm(grads, 0.5)[0],
        lambda grads: [tf.clip_by_norm(g, 0.2) for g in grads],
        lambda grads: [tf.clip_by_value(g, -0.02, 0.02) for g in grads],
    )
    table = tf.Variable(single(7, 5), name="table")
    w, b = tf.Variable(single(5, 7), name="w"), tf.Variable(tf.zeros([7]), name="b")
    rows = tf.nn.embedding_lookup(table, ids)
    state = tf.zeros([3, 5])
    outputs = []
    for t in range(4):
        state = tf.tanh(rows[:, t, :] + 0.5 * state)
        outputs.append(state)
    logits = tf.nn.xw_plus_b(tf.reshape(tf.stack(outputs, 1), [-1, 5]), w, b)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(following, [-1]), logits=logits
    )
    cost = tf.reduce_sum(losses) / 3
    variables = tf.trainable_variables()
    # Of all gradients before any update: else TensorFlow may take one at a variable after its own.
    pairs = tf.train.GradientDescentOptimizer(1.0).compute_gradients(
        cost, gate_gradients=tf.train.Optimizer.GATE_GRAPH
    )
    grads = [g for g, _ in pairs]
    optimizers = [tf.train.GradientDescentOptimizer(rate), tf.train.MomentumOptimizer(0.5, 0.9)]
    steps = [
        optimizer.apply_gradients(zip(clip(grads), variables, strict=True))
        for optimizer in optimizers
        for clip in clips
    ]
    new_rate = tf.placeholder(tf.float32, [])
    set_rate = tf.assign(rate, new_rate)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for i, step in enumerate(2 * steps):
            sess.run(set_rate, {new_rate: 1 / (i + 1)})
            numbers = np.arange(12).reshape(3, 4) ** 2 + i
            feed = {ids: numbers % 7, following: (numbers + 1) % 7}
            seen.append(sess.run([cost, step], feed)[0])
        return [*seen, sess.run(variables)]


def normal_equation_and_own_steps(tf):
    """Gradients by hand and by tf.gradients, set by assign and assign_sub."""
    x = tf.constant(np.c_[np.ones((24, 1)), X[:, :4]], dtype=tf.float32, name="X")
    y = tf.constant(X[:, 4:5], dtype=tf.float32)
    theta = tf.Variable(single(5, 1), name="theta")
    error = tf.matmul(x, theta) - y
    mse = tf.reduce_mean(tf.square(error), name="mse")
    by_hand = tf.assign(theta, theta - 0.1 * (2 / 24 * tf.matmul(tf.transpose(x), error)))
    by_graph = theta.assign_sub(0.1 * tf.gradients(mse, [theta])[0])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = [[sess.run(by_hand), sess.run(by_graph), sess.run("mse:0")] for _ in range(4)]
        return [seen, theta.eval()]


def values_of_a_state(tf):
    """A network that learns the values of states: rows by index, a second one that follows."""

    def build(scope, trainable):
        keys = [scope, tf.GraphKeys.GLOBAL_VARIABLES]
        with tf.variable_scope(scope):
            initial = tf.constant_initializer(single(12, 3))
            w = tf.get_variable(
                "w", [12, 3], initializer=initial, trainable=trainable, collections=keys
            )
            return tf.nn.relu(tf.matmul(s, w) + 0.1)

    s = tf.placeholder(tf.float32, [None, 12])
    a, r = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None])
    value, following = build("eval", True), build("target", False)
    target = tf.stop_gradient(r + 0.9 * tf.reduce_max(following, axis=1))
    indices = tf.stack([tf.range(tf.shape(a)[0], dtype=tf.int32), a], axis=1)
    chosen = tf.gather_nd(params=value, indices=indices)
    loss = tf.reduce_mean(tf.squared_difference(target, chosen))
    train = tf.train.RMSPropOptimizer(0.01).minimize(loss, var_list=tf.get_collection("eval"))
    pairs = zip(tf.get_collection("target"), tf.get_collection("eval"), strict=True)
    follow = tf.group(*[t.assign(0.9 * t + 0.1 * e) for t, e in pairs])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        seen = []
        for i in range(STEPS):
            feed = {s: X, a: (CLASSES + i) % 3, r: drawn(24, seed=i)}
            seen.append(sess.run([train, loss, chosen], feed)[1:])
            sess.run(follow)
        return [seen, sess.run(tf.get_collection("eval") + tf.get_collection("target"))]


PROGRAMS = (
    linear_regression,
    logistic_regression,
    perceptron_of_dicts,
    one_layer_by_each_optimizer,
    convolutional_network,
    recurrent_adder,
    lstm_by_hand,
    batch_normalization,
    decaying_rate,
    adversaries,
    word_vectors,
    clipped_language_model,
    normal_equation_and_own_steps,
    values_of_a_state,
)
