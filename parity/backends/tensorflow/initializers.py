"""The initializers of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def table(tf: Any) -> Mapping[str, Callable[..., Any]]:
    """Return functions of (shape, dtype, seed, **options), by refnet's names."""
    tf1 = tf.compat.v1
    scaling = tf1.variance_scaling_initializer

    def made(initializer: Callable[..., Any], **fixed: Any) -> Callable[..., Any]:
        def draw(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
            # Some forget the dtype that they are made with.
            return initializer(seed=seed, **fixed)(shape, dtype=tf.as_dtype(dtype))

        return draw

    def std_normal(shape: tuple[int, ...], dtype: str, seed: int, gain: float = 1.0) -> Any:
        return made(tf1.random_normal_initializer, stddev=gain)(shape, dtype, seed)

    def truncated_normal(
        shape: tuple[int, ...],
        dtype: str,
        seed: int,
        mean: float = 0.0,
        std: float = 1.0,
        lower: float = -2.0,
        upper: float = 2.0,
    ) -> Any:
        if (lower, upper) == (-2.0, 2.0):
            return made(tf1.truncated_normal_initializer, mean=mean, stddev=std)(shape, dtype, seed)
        # The initializer has limits of its own, two deviations; this counts them in values.
        return tf.random.stateless_parameterized_truncated_normal(
            shape,
            (seed, 0),
            *(tf.constant(v, dtype) for v in (mean, std, mean + lower * std, mean + upper * std)),
        )

    def constant(shape: tuple[int, ...], dtype: str, _: int, value: float = 0.0) -> Any:
        return tf1.constant_initializer(value, dtype=tf.as_dtype(dtype))(shape)

    def zeros(shape: tuple[int, ...], dtype: str, _: int) -> Any:
        return tf1.zeros_initializer(dtype=tf.as_dtype(dtype))(shape)

    def he(distribution: str) -> Callable[..., Any]:
        return made(scaling, scale=2.0, mode="fan_in", distribution=distribution)

    return {
        "std_normal": std_normal,
        "truncated_normal": truncated_normal,
        "he_uniform": he("uniform"),
        "he_normal": he("untruncated_normal"),
        "glorot_uniform": made(tf1.glorot_uniform_initializer),
        # tf.compat.v1.glorot_normal_initializer truncates.
        "glorot_normal": made(
            scaling, scale=1.0, mode="fan_avg", distribution="untruncated_normal"
        ),
        "constant": constant,
        "zeros": zeros,
    }
