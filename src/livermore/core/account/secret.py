"""Telling secrets from names, so that no key, password or webhook address ends up in a settings document."""

import re
from typing import Final

LONGEST_NAME: Final = 100
LONGEST_WORD: Final = 23
"""No word of a variable's name is longer; keys are."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OUR_OWN: Final = re.compile(r"LIVERMORE_(?:DATABASE|REDIS|CLERK|OIDC)_")
_ARMOUR: Final = re.compile(r"-----BEGIN |PRIVATE KEY")
_KNOWN_KEYS: Final = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bgh[pousr]_\w{16,}|\bsk_(?:live|test)_\w+|\bxox[abprs]-|\bglpat-|\bAIza[\w-]{20,}"
    r"|\beyJ[\w-]{8,}\.|organizations/[0-9a-f-]{36}/apiKeys"
)
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S")
_UUID: Final = re.compile(r"\b[0-9a-fA-F]{8}(?:[-_][0-9a-fA-F]{4}){3}[-_][0-9a-fA-F]{12}\b")
_FRAGMENT: Final = re.compile(r"[A-Za-z0-9+/=]+")
_TURN: Final = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])")
_CASE_TURN: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def why_no_variable(name: str) -> str | None:
    """Why `name` cannot be the name of an environment variable, or None where it can.

    >>> why_no_variable("LIVERMORE_COINBASE_KEY"), why_no_variable("mF9x7QpL2sV8kR4tY6wZ1aB3")
    (None, 'looks like a secret; put it into an environment variable and name that')
    """
    if looks_like_secret(name):
        return "looks like a secret; put it into an environment variable and name that"
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        return "is no name of an environment variable, such as LIVERMORE_COINBASE_KEY"
    if _OUR_OWN.match(name.upper()):
        return "holds what Livermore itself goes by, which is told to nobody else"
    return None


def looks_like_secret(text: str) -> bool:
    """Whether a text holds something like a key, a token, or an address that may carry one."""
    if _ARMOUR.search(text) or _KNOWN_KEYS.search(text) or _ADDRESS.search(text) or _UUID.search(text):
        return True
    return any(_is_drawn(fragment) for word in text.split() for fragment in _FRAGMENT.findall(word))


def _is_drawn(fragment: str) -> bool:
    """Whether the letters look drawn by lot: too long for a word, or changing between letters and digits."""
    if len(fragment) > LONGEST_WORD:
        # The names of variables of some programs are words grown together, as in EcPrivateKeyPem.
        words = _CASE_TURN.split(fragment)
        is_grown = fragment.isalpha() and all(2 <= len(word) <= 12 for word in words)
        return not (is_grown and len(fragment) >= 4 * len(words))
    return len(fragment) >= 12 and len(_TURN.findall(fragment)) >= 4
