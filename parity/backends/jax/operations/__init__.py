"""JAX's operations under refnet's names: its own and optax's, or composed of its primitives."""
