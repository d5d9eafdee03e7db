"""Small programs, as somebody would write them."""

from __future__ import annotations

from parity.programs.program import Program

# A regression with two weights, at the level of the module: {optimizer} and {steps} are filled in.
SMALL = """
import numpy as np
import tensorflow as tf

x_data = np.random.rand(40, 3).astype(np.float32)
t_data = x_data @ np.array([[1.0], [-2.0], [0.5]], np.float32) + 0.1

x = tf.placeholder(tf.float32, [None, 3], name="x")
t = tf.placeholder(tf.float32, [None, 1], name="t")
w = tf.Variable(tf.truncated_normal([3, 1], stddev=0.1, seed=1), name="w")
b = tf.Variable(tf.zeros([1]), name="b")
y = tf.matmul(x, w) + b
loss = tf.reduce_mean(tf.square(y - t))
train = tf.train.{optimizer}.minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for i in range({steps}):
    rows = slice(i % 4 * 10, i % 4 * 10 + 10)
    _, value = sess.run([train, loss], feed_dict={{x: x_data[rows], t: t_data[rows]}})
print("loss %.4f" % value)
print("accuracy: %.2f" % 0.75)
sess.close()
"""

# What lies off the trodden path: a session left open, a rate that the program sets between steps, a
# count of steps, two optimizers, dropout, and a mean of weights that moves beside them.
ODD = """
import numpy as np
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()

sess = tf.InteractiveSession()
x = tf.placeholder(tf.float32, [None, 4])
keep = tf.placeholder(tf.float32, [])
rate = tf.Variable(0.1, trainable=False, name="rate")
count = tf.Variable(0, trainable=False, name="count")
with tf.variable_scope("net"):
    w = tf.get_variable("w", [4, 3], initializer=tf.truncated_normal_initializer(stddev=0.5))
    v = tf.get_variable("v", [3], initializer=tf.constant_initializer(0.3))
mean = tf.Variable(tf.zeros([4, 3]), trainable=False, name="mean")
hidden = tf.nn.dropout(tf.nn.relu(tf.matmul(x, w)), keep_prob=keep)
loss = tf.reduce_sum(tf.square(hidden * v - 1.0))
one = tf.train.GradientDescentOptimizer(0.01 * rate).minimize(loss, count, var_list=[w])
two = tf.train.AdamOptimizer(0.1 * rate).minimize(loss, var_list=[v])
both = tf.group(one, two)
with tf.control_dependencies([both]):
    follow = mean.assign_add(0.1 * (w - mean))
slower = rate.assign(rate * 0.9)

tf.global_variables_initializer().run()
for i in range(6):
    step = [one, two, follow][i % 3]
    sess.run(step, {x: np.random.rand(5, 4), keep: 0.5})
    sess.run(slower)
print(count.eval())
"""

# Three training operations of two optimizers that move the same variables, by turns.
SHARED = """
import numpy as np
import tensorflow.compat.v1 as tf

x = tf.placeholder(tf.float32, [None, 4], name="x")
w = tf.Variable(np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3), name="w")
h = tf.tanh(tf.matmul(x, w))
one, two = tf.reduce_mean(tf.square(h - 1.0)), tf.reduce_mean(tf.square(h))
first, second = tf.train.AdamOptimizer(0.01), tf.train.AdamOptimizer(0.02, beta1=0.5)
with tf.variable_scope("train"):
    steps = [first.minimize(one), second.minimize(one + two), first.minimize(two)]
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(6):
        sess.run(steps[i % 3], {x: np.random.rand(8, 4)})
"""


def program(folder, text, *argv, **filled):
    """Write a text to a file and return it as a program."""
    file = folder / "program.py"
    file.write_text(text.format(**filled) if filled else text, "utf-8")
    return Program(file, argv)
