"""The models, of TensorFlow's functions."""
