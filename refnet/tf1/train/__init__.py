"""Optimizers and learning-rate schedules under TensorFlow's names: ``tf.train``."""

from refnet.tf1.missing import missing
from refnet.tf1.train.averages import ExponentialMovingAverage
from refnet.tf1.train.optimizers import (
    AdadeltaOptimizer,
    AdagradOptimizer,
    AdamOptimizer,
    GradientDescentOptimizer,
    MomentumOptimizer,
    Optimizer,
    RMSPropOptimizer,
)
from refnet.tf1.train.saver import (
    Saver,
    checkpoint_exists,
    get_checkpoint_state,
    latest_checkpoint,
)
from refnet.tf1.train.schedules import (
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    natural_exp_decay,
    piecewise_constant,
    polynomial_decay,
)
from refnet.tf1.train.steps import (
    create_global_step,
    get_global_step,
    get_or_create_global_step,
    global_step,
)

__all__ = [
    "AdadeltaOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "ExponentialMovingAverage",
    "GradientDescentOptimizer",
    "MomentumOptimizer",
    "Optimizer",
    "RMSPropOptimizer",
    "Saver",
    "checkpoint_exists",
    "cosine_decay",
    "create_global_step",
    "exponential_decay",
    "get_checkpoint_state",
    "get_global_step",
    "get_or_create_global_step",
    "global_step",
    "inverse_time_decay",
    "latest_checkpoint",
    "natural_exp_decay",
    "piecewise_constant",
    "polynomial_decay",
]

_INPUT = "Programs feed arrays here: feed_dict takes each batch."
_OWN = "refnet has no such optimizer: its own take a new one as any other, see refnet.optimizers."

__getattr__ = missing(
    "tf.train",
    __all__,
    {
        "AdagradDAOptimizer": _OWN,
        "FtrlOptimizer": _OWN,
        "ProximalAdagradOptimizer": _OWN,
        "ProximalGradientDescentOptimizer": _OWN,
        "Coordinator": _INPUT,
        "QueueRunner": _INPUT,
        "batch": _INPUT,
        "shuffle_batch": _INPUT,
        "start_queue_runners": _INPUT,
        "string_input_producer": _INPUT,
        "slice_input_producer": _INPUT,
        "MonitoredSession": "A Session and a Saver do what is there.",
        "MonitoredTrainingSession": "A Session and a Saver do what is there.",
        "Supervisor": "A Session and a Saver do what is there.",
        "import_meta_graph": "Files hold values alone: build the graph as before, then restore.",
        "export_meta_graph": "Files hold values alone; the program is the graph.",
    },
)
