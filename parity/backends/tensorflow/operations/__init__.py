"""TensorFlow's operations under refnet's names: its own, or composed of its primitives."""
