"""Random numbers that are looked up, not drawn: a pure function of a key and an index."""

import hashlib
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


def key_of(seed: int, *labels: object) -> int:
    """A 64-bit key for one stream of random numbers, named by its labels."""
    text = "/".join([str(seed), *(str(label) for label in labels)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def uniform(key: int, index: Ints) -> Floats:
    """For each index a number in [0, 1), always the same one for the same key and index.

    The mixing function is splitmix64; only exactly rounded operations are used, so that a number never depends on the
    array it was computed in.
    """
    bits = index.astype(np.uint64) * _GOLDEN
    bits += np.uint64(key)
    bits ^= bits >> np.uint64(30)
    bits *= _FIRST
    bits ^= bits >> np.uint64(27)
    bits *= _SECOND
    bits ^= bits >> np.uint64(31)
    return (bits >> np.uint64(11)).astype(np.float64) * _UNIT


def uniform_at(key: int, index: int) -> float:
    """The number of one index."""
    return float(uniform(key, np.array([index], dtype=np.int64))[0])
