"""Random numbers that are looked up, not drawn: a pure function of a key and an index."""

import hashlib
from collections.abc import Hashable
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53
_MOST_KEYS = 1 << 16


@lru_cache(_MOST_KEYS)
def key_of(seed: int, *labels: Hashable) -> int:
    """A 64-bit key for one stream of random numbers, named by its labels."""
    text = "/".join([str(seed), *(str(label) for label in labels)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def uniform(key: int, index: Ints) -> Floats:
    """For each index a number in [0, 1), always the same one for the same key and index.

    Only exactly rounded operations are used, so that a number never depends on the array it was computed in.
    """
    return (_bits(key, index) >> np.uint64(11)).astype(np.float64) * _UNIT


def uniforms(key: int, index: Ints, count: int) -> list[Floats]:
    """The same for `count` numbers at once, coarser ones: each has its share of the 64 random bits."""
    width = 64 // count
    bits = _bits(key, index)
    mask = np.uint64(2**width - 1)
    parts = (bits >> np.uint64(width * number) & mask for number in range(count))
    return [part.astype(np.float64) * 2.0**-width for part in parts]


def uniform_at(key: int, index: int) -> float:
    """The number of one index."""
    return float(uniform(key, np.array([index], dtype=np.int64))[0])


def chance_of(seed: int, *labels: Hashable) -> float:
    """One number in [0, 1) for a name."""
    return key_of(seed, *labels) * 2.0**-64


def _bits(key: int, index: Ints) -> NDArray[np.uint64]:
    """64 random bits for each index: splitmix64."""
    bits = index.astype(np.uint64) * _GOLDEN
    bits += np.uint64(key)
    bits ^= bits >> np.uint64(30)
    bits *= _FIRST
    bits ^= bits >> np.uint64(27)
    bits *= _SECOND
    bits ^= bits >> np.uint64(31)
    return bits
