"""refnet's models, written with JAX's functions: one file each, of the name that refnet gives."""
