"""Whole increments as the decimal strings of the wire, exactly."""


def trimmed(value: int, decimals: int) -> str:
    """`value` increments of ``10**-decimals`` without trailing zeros, as Coinbase writes: ``"358.5"``."""
    text = fixed(value, decimals, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed(value: int, decimals: int, places: int = 8) -> str:
    """`value` increments of ``10**-decimals`` with that many places, as Binance writes: ``"358.50000000"``.

    What does not fit into the places is cut off.
    """
    value = value * 10 ** (places - decimals) if places >= decimals else _cut(value, 10 ** (decimals - places))
    sign = "-" if value < 0 else ""
    digits = str(abs(value)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def _cut(value: int, divisor: int) -> int:
    return -(-value // divisor) if value < 0 else value // divisor
