"""Which names of an exchange can be names of ours."""


def is_plain(name: str) -> bool:
    """Whether a currency's name is made of letters and digits of any script, dots and underscores.

    Symbols are used in keys, channels, paths and on screens: whatever means something there is not let in.

    >>> is_plain("1INCH"), is_plain("BTC:USD"), is_plain("")
    (True, False, False)
    """
    return name.replace(".", "").replace("_", "").isalnum()
