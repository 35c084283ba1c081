"""Connections: whom they carry, who takes over, and what they cannot claim."""

from core.builders import DAWN
from livermore.core.links import LONGEST_LEAP, Links
from livermore.core.market.timeframe import MINUTE, SECOND
from livermore.core.symbol import WatchedSymbol

NAMES = ("ADA-USD", "BTC-USD", "ETH-USD")


def links(*numbers: int) -> tuple[Links, dict[str, WatchedSymbol]]:
    """All symbols on one connection after another, a minute apart."""
    symbols = {name: WatchedSymbol(name) for name in NAMES}
    made = Links(symbols)
    for turn, number in enumerate(numbers):
        at = DAWN + turn * MINUTE
        made.up(number, at, reversed(NAMES))
        for symbol in symbols.values():
            symbol.connected(number, at, proves_silence=True)
    return made, symbols


def test_a_connection_carries_its_symbols_in_order_until_another_takes_over() -> None:
    made, _ = links(1)
    assert [symbol.symbol for symbol in made.carried_by(1)] == list(NAMES)
    made, _ = links(1, 2)
    assert list(made.carried_by(1)) == []
    assert [symbol.symbol for symbol in made.carried_by(2)] == list(NAMES)
    assert list(made.carried_by(3)) == []


def test_a_connection_may_come_to_carry_more() -> None:
    made, symbols = links()
    made.up(1, DAWN, ["ETH-USD"])
    made.up(1, DAWN + MINUTE, ["ADA-USD"])

    assert (made[1].symbols, made[1].watermark) == (("ADA-USD", "ETH-USD"), DAWN)
    del symbols["ETH-USD"]
    made.forget()
    assert made[1].symbols == ("ADA-USD",)


def test_what_a_younger_connection_carries_is_carried_on_until_that_one_ends() -> None:
    made, _ = links(1, 2)
    assert (made.is_carried_on("ADA-USD", 1), made.is_carried_on("ADA-USD", 2)) == (True, False)
    made.down(2)
    assert not made.is_carried_on("ADA-USD", 1)


def test_the_end_of_a_connection_loses_what_nobody_else_carries() -> None:
    made, _ = links(1)
    assert (made.down(1), made.down(1)) == (len(NAMES), None)
    made, _ = links(1, 2)
    assert made.down(1) == 0
    made, symbols = links(1, 2)
    assert made.down(2) == 0
    assert {symbol.feed.link for symbol in symbols.values()} == {1}


def test_an_heir_closes_what_it_had_passed_meanwhile() -> None:
    made, _ = links(1, 2)
    made[1].watermark, made[1].closes_when = DAWN + MINUTE, DAWN + 9 * MINUTE
    made.down(2)

    assert made[1].closes_when == DAWN + MINUTE + 1


def test_who_hands_over_is_whole_with_the_next_once_it_has_told_all_unless_it_is_doubted() -> None:
    for is_doubted in (False, True):
        made, symbols = links(1, 2)
        for name in NAMES:
            made.await_the_last_word_on(name, 2 * SECOND)
        assert made[1].vouches_when == DAWN + MINUTE + 2 * SECOND
        if is_doubted:
            made.doubt(1)
        made.vouch(1, made[1].vouches_when, 2 * SECOND)

        since = DAWN + MINUTE if is_doubted else DAWN
        assert {symbol.feed.whole_since for symbol in symbols.values()} == {since}


def test_no_connection_leaps_further_than_a_day() -> None:
    made, _ = links(1)

    assert not made.leaps(1, DAWN + LONGEST_LEAP)
    assert made.leaps(1, DAWN + LONGEST_LEAP + 1)
    assert not made.leaps(2, DAWN + 9 * LONGEST_LEAP)
