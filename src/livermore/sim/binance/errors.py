"""How Binance says no, over REST: ``{"code":-1121,"msg":"Invalid symbol."}``."""

from livermore.sim.tap import Answer, json_answer


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer: Answer = json_answer({"code": code, "msg": message}, status)


def invalid_symbol() -> Refused:
    """A symbol that is not listed."""
    return Refused(-1121, "Invalid symbol.")


def invalid_interval() -> Refused:
    """An interval that is not kept."""
    return Refused(-1120, "Invalid interval.")


def missing(name: str) -> Refused:
    """A parameter that must be there."""
    return Refused(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str, legal: str) -> Refused:
    """A parameter with characters that it may not have."""
    return Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def combination() -> Refused:
    """Parameters that exclude each other."""
    return Refused(-1128, "Combination of optional parameters invalid.")


def malformed_key() -> Refused:
    """A key that is no key, or none at all."""
    return Refused(-2014, "API-key format invalid.", 401)


def unknown_key() -> Refused:
    """A key that is not known, or may not do that from there."""
    return Refused(-2015, "Invalid API-key, IP, or permissions for action.", 401)


def wrong_signature() -> Refused:
    """A signature that is not the key's."""
    return Refused(-1022, "Signature for this request is not valid.")


def early() -> Refused:
    """A timestamp from the future."""
    return Refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")


def late() -> Refused:
    """A timestamp from too long ago."""
    return Refused(-1021, "Timestamp for this request is outside of the recvWindow.")


def long_window() -> Refused:
    """A window of more than a minute."""
    return Refused(-1131, "recvWindow must be less than 60000")


def too_much_weight(limit: int) -> Refused:
    """429: the minute's budget is used up."""
    return Refused(
        -1003,
        f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API.",
        429,
    )


def banned(until: int) -> Refused:
    """418: somebody did not listen to 429; `until` in ms."""
    return Refused(
        -1003,
        f"Way too much request weight used; IP banned until {until}. "
        "Please use WebSocket Streams for live updates to avoid bans.",
        418,
    )
