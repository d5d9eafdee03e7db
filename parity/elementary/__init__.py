"""Elementary functions on every number of the half types, against mpmath.

``python -m parity.elementary`` evaluates each at all 65,536 float16 and all 65,536 bfloat16 numbers
and writes the largest errors of refnet and PyTorch as a table.
"""
