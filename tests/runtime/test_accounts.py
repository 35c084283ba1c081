"""An account is read whole or not at all, and a key is told good, bad or too powerful."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from core.account.trades import a_fill
from livermore.core.account.account import Balance, FeeTier, Fill, FillHistory, KeyPermissions
from livermore.core.market.exchange import COINBASE, ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import Millis
from livermore.errors import CredentialsRefused, ExchangeUnavailable, LivermoreError
from livermore.runtime.accounts import check_connection, read_account

NOW = 1_795_348_800_000
VIEWER = KeyPermissions(may_view=True, may_trade=False, may_transfer=False)


@dataclass
class FakeAccount:
    """An account in memory; what is named in `errors` fails."""

    can: KeyPermissions = VIEWER
    traded: list[Fill] = field(default_factory=lambda: [a_fill()])
    errors: dict[str, LivermoreError] = field(default_factory=dict)
    asked: list[tuple[Millis, Millis, tuple[str, ...]]] = field(default_factory=list)

    @property
    def identity(self) -> ExchangeIdentity:
        return COINBASE

    def _fail(self, name: str) -> None:
        if name in self.errors:
            raise self.errors[name]

    async def server_time(self) -> Millis:
        return NOW

    async def instruments(self) -> tuple[Instrument, ...]:
        return (Instrument("BTC-USD", "BTC-USD", "BTC", "USD", is_trading=True),)

    async def permissions(self) -> KeyPermissions:
        self._fail("permissions")
        return self.can

    async def balances(self) -> tuple[Balance, ...]:
        self._fail("balances")
        return (Balance("BTC", Decimal(1), Decimal(0)),)

    async def tier(self) -> FeeTier:
        self._fail("tier")
        return FeeTier("Intro 1", Decimal("0.006"), Decimal("0.012"))

    async def fills(self, since: Millis, until: Millis, symbols: Sequence[str] = ()) -> FillHistory:
        self._fail("fills")
        self.asked.append((since, until, tuple(symbols)))
        return FillHistory(tuple(self.traded))


async def test_everything_is_read_up_to_now_by_the_exchanges_clock() -> None:
    account = FakeAccount()
    report = await read_account(account, symbols=["BTC-USD"])

    assert account.asked == [(0, NOW + 1, ("BTC-USD",))]
    assert report.history.fills == (a_fill(),)
    assert report.tier.name == "Intro 1"
    assert [balance.currency for balance in report.balances] == ["BTC"]


@pytest.mark.parametrize("part", ["permissions", "balances", "tier", "fills"])
async def test_a_part_is_never_taken_for_the_whole(part: str) -> None:
    account = FakeAccount(errors={part: ExchangeUnavailable("away")})

    with pytest.raises(ExchangeUnavailable, match="away"):
        await read_account(account)


async def test_the_warnings_of_a_key_travel_with_what_it_read() -> None:
    account = FakeAccount(can=KeyPermissions(may_view=True, may_trade=True, may_transfer=True))

    assert [warning.code for warning in (await read_account(account)).warnings()] == ["may_trade", "may_transfer"]
    assert [warning.code for warning in (await check_connection(account)).warnings()] == ["may_trade", "may_transfer"]


async def test_a_good_key_is_connected() -> None:
    check = await check_connection(FakeAccount())

    assert check.is_connected
    assert check.warnings() == ()


async def test_a_refused_key_is_a_result_and_an_absent_exchange_an_error() -> None:
    refused = await check_connection(FakeAccount(errors={"permissions": CredentialsRefused("not that key")}))

    assert not refused.is_connected
    assert refused.error == "not that key"
    with pytest.raises(ExchangeUnavailable):
        await check_connection(FakeAccount(errors={"permissions": ExchangeUnavailable("away")}))


async def test_a_key_that_may_not_look_is_of_no_use() -> None:
    check = await check_connection(FakeAccount(can=KeyPermissions(may_view=False, may_trade=True, may_transfer=False)))

    assert not check.is_connected
    assert check.error == "the key may not view the account"
