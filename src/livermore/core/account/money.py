"""Amounts of money: exact decimals, rounded only where they are shown."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Final

from livermore.errors import MalformedMessage

EXACT: Final = Context(prec=300, rounding=ROUND_HALF_EVEN)
"""Enough digits that no sum and no product of two amounts is ever rounded."""

DIVIDED: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)
"""Quotients have so many digits."""

MOST_CHARACTERS: Final = 60
MOST_MAGNITUDE: Final = 40
ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)


def amount(text: str) -> Decimal:
    """The amount that an exchange wrote, such as ``"0.00012"``; nothing written is nothing had.

    >>> amount("0.10") + amount("")
    Decimal('0.10')

    Raises:
        MalformedMessage: when it is not a finite number of a sensible length.
    """
    if len(text) > MOST_CHARACTERS:
        raise MalformedMessage(f"an amount of {len(text)} characters")
    try:
        found = Decimal(text.strip() or "0")
    except InvalidOperation as exc:
        raise MalformedMessage(f"{text!r} is no amount") from exc
    # An exponent is a way to write a number that no memory holds.
    if not found.is_finite() or abs(found.adjusted()) > MOST_MAGNITUDE:
        raise MalformedMessage(f"{text!r} is no amount")
    return found


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    found = ZERO
    for one in amounts:
        found = EXACT.add(found, one)
    return found


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)


def ratio(left: Decimal, right: Decimal) -> Decimal | None:
    """`left` over `right`, None where `right` is nothing."""
    return DIVIDED.divide(left, right) if right else None


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` in percent of `whole`, None where that has no meaning."""
    return ratio(times(part, HUNDRED), whole)


def rounded(value: Decimal, places: int) -> Decimal:
    """The value with so many places, half to even, never in scientific notation when formatted with ``f``."""
    return value.quantize(Decimal(1).scaleb(-places), context=EXACT)
