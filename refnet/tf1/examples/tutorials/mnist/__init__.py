"""The data of TensorFlow's MNIST tutorials.

``from tensorflow.examples.tutorials.mnist import input_data`` becomes
``from refnet.tf1.examples.tutorials.mnist import input_data``.
"""
