"""The embedded default: scikit-learn's digits."""

from __future__ import annotations

import numpy as np

from refnet.data.images import Images
from refnet.errors import MissingDependencyError


def digits() -> Images:
    """Return 1,797 images (8, 8) of handwritten digits, from 0 to white at 16, with their labels.

    These are the test images of the UCI set "Optical Recognition of Handwritten Digits", as
    scikit-learn ships them; nothing is downloaded.

    Raises
    ------
    MissingDependencyError
        If scikit-learn is not installed (it comes with the extra ``refnet[parity]``).

    Examples
    --------
    >>> data = digits()
    >>> data.images.shape, int(data.images.max()), np.bincount(data.labels).min()
    ((1797, 8, 8), 16, np.int64(174))
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingDependencyError(
            "digits",
            got="no scikit-learn",
            needs="scikit-learn, whose digits are the embedded default",
            cause="Install it with: pip install scikit-learn",
        ) from error
    bunch = load_digits()
    return Images(bunch.images.astype(np.uint8), bunch.target.astype(np.int64), 16)
