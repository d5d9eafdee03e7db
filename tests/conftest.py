"""Shared settings and fixtures."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# Derandomised, so that the suite says the same on every run and every machine.
settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

# Read when TensorFlow is imported, which may be by another test than that of its adapter.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


def pytest_addoption(parser):
    parser.addoption(
        "--mnist",
        default=os.environ.get("PARITY_MNIST"),
        help="folder or .npz file of MNIST, for the tests that want real images",
    )


@pytest.fixture
def mnist_path(request):
    path = request.config.getoption("--mnist")
    if not path:
        pytest.skip("no --mnist and no PARITY_MNIST")
    return path


@pytest.fixture
def rng():
    return np.random.default_rng(20)
