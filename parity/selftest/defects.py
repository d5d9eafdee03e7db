"""Defects of published programs, each of which an injected bug repeats.

They are in texts about networks built from scratch that people learn from. What is no slip of
arithmetic, and so nothing that two sides could part over, says why no bug stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Defect(NamedTuple):
    """One defect: where it was published, what it is, and why no bug repeats it, if none does."""

    source: str
    what: str
    instead: str = ""


DEFECTS: Mapping[str, Defect] = {
    "diagonal softmax": Defect("ann_box", "softmax's VJP keeps only the diagonal, y (1 - y)"),
    "extra entropy": Defect(
        "ann_box", "softmax cross-entropy has an extra term (1 - l) log(1 - s) in its value"
    ),
    "sum beside mean": Defect(
        "ann_box",
        "squared error: the sum of each row, with the gradient of its mean over the batch",
    ),
    "windows from the end": Defect("ann_box", "strided windows are placed from the end"),
    "unknown name": Defect("ann_box", "the square's forward refers to a name that does not exist"),
    "unstack is concat": Defect("ann_box", "unstack's body is a copy of concat's"),
    "no tanh": Defect("feedforward", "the table of activations knows no tanh"),
    "integer gradient": Defect("feedforward", "ReLU's gradient is an array of integers"),
    "specs by eval": Defect(
        "feedforward",
        "specs are parsed with eval",
        "the values are the same; that nothing but a call of a known name is taken is tested in "
        "tests/refnet",
    ),
    "items for keys": Defect("scratch", "AdaGrad iterates items() for keys(), and so fails"),
    "gradient overwritten in place": Defect(
        "scratch", "ReLU's backward pass writes into the caller's gradient"
    ),
    "scaled at test": Defect("scratch", "dropout is scaled at test time: a convention"),
    "a function": Defect("numpy_dnn", "relu(z) returns a function of x"),
    "undefined z": Defect("numpy_dnn", "linear_forward stores a z that is not defined"),
    "first columns": Defect("numpy_dnn", "every mini-batch is the first columns"),
    "damped momentum": Defect("numpy_dnn", "momentum scaled by 1 - beta: a convention"),
    "last sigmoid": Defect("numpy_dnn", "the last layer's sigmoid is not differentiated"),
    "three arguments": Defect("numpy_dnn", "a backward function of two arguments is given three"),
    "zero pads": Defect("ann_box", "max pooling pads with zeros, and negative windows give 0"),
    "channels summed": Defect("ann_box", "average pooling's gradient is summed over channels"),
    "first consumer": Defect("ann_box", "concat's backward pass takes the first gradient alone"),
    "overwrites": Defect("ann_box", "a mean's backward pass overwrites where it must add"),
    "neutral at 1": Defect(
        "ann_box",
        "a word counts as neutral where the log ratio is 1 instead of 0",
        "words are counted before either side sees a vector; tests/refnet/data has the numbers",
    ),
    "whole batch": Defect("scratch", "softmax normalises over the whole batch"),
    "size without pads": Defect("scratch", "pooling computes the size of its result without pads"),
    "start changed": Defect("scratch", "gradient descent changes its starting point in place"),
    "sum for mean": Defect("ann_box", "a loss per sample is summed, not averaged: a convention"),
    "axis first": Defect("ann_box", "concat takes the axis before the arrays, as TensorFlow 0 did"),
}
