"""What a symbol of ours looks like: ``BASE-QUOTE``, fit to stand in a key."""

import re
from typing import Final

SYMBOL_SIZE: Final = range(3, 41)
"""How many characters a symbol may have."""

# Nothing that would end a key, be a pattern in one, not be seen, or be code elsewhere; one dash parts base and quote.
SYMBOL_PATTERN: Final = r"""[^\s:{}*?\[\]\\<>"'`;-]+-[^\s:{}*?\[\]\\<>"'`;-]+"""
_SYMBOL: Final = re.compile(SYMBOL_PATTERN)


def is_symbol(text: str) -> bool:
    """Whether a text is a symbol as it stands.

    >>> is_symbol("BTC-USD"), is_symbol("BTC/USD"), is_symbol("BTC-USD-PERP")
    (True, False, False)
    """
    return len(text) in SYMBOL_SIZE and text.isprintable() and _SYMBOL.fullmatch(text) is not None


def checked_symbol(text: str) -> str:
    """The text, if it is a symbol.

    Raises:
        ValueError: when it is none.
    """
    if not is_symbol(text):
        raise ValueError(f"{text[: SYMBOL_SIZE.stop - 1]!r} is no symbol; one looks like BTC-USD")
    return text


def symbol_spelled(text: str) -> str | None:
    """The symbol that a person means, or None.

    >>> symbol_spelled("btc/usd"), symbol_spelled(" ETH-USD "), symbol_spelled("DOGE")
    ('BTC-USD', 'ETH-USD', None)
    """
    symbol = text.strip().strip("\"'").upper().replace("/", "-").replace("_", "-")
    return symbol if is_symbol(symbol) else None
