"""The models, of torch's functions."""
