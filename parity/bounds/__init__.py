"""The error bound of each operation, worked out on paper, with its source.

Every limit follows from refnet's own arithmetic; refnet and the backends are both held to it.
"""
