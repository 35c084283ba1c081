"""Somebody's account at Binance or Binance US: what the key may do, balances, trades and fees.

https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md#account-endpoints. Amounts are strings. Trades
are asked for symbol by symbol, and paged by their numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from livermore.core.account.account import Balance, FeeTier, Fill, FillHistory, KeyPermissions, Side
from livermore.core.account.money import amount
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.selection import DOLLARS
from livermore.core.market.timeframe import Millis
from livermore.errors import CredentialsRefused, ExchangeRefused, MalformedMessage
from livermore.exchanges.binance import rest
from livermore.exchanges.binance.auth import ExchangeClock
from livermore.exchanges.binance.venues import Venue
from livermore.exchanges.http import Http

TRADES_PER_PAGE: Final = 1_000
MOST_PAGES: Final = 200
ACCOUNT_WEIGHT: Final = 20.0
TRADES_WEIGHT: Final = 20.0
WRONG_TIME: Final = "-1021"
NAMED_IN_REMARK: Final = 10
_REFUSED: Final = {
    "-1022": "the signature is wrong: the secret does not belong to the key",
    "-2008": "the key is unknown",
    "-2014": "the key has not the form of a key",
    "-2015": "the key is unknown, or may not be used from this address, or not for reading",
}

Reply = TypeVar("Reply")


class _Restrictions(msgspec.Struct, rename="camel"):
    """``{"ipRestrict":false,"enableReading":true,"enableWithdrawals":false,"enableSpotAndMarginTrading":false,…}``.

    ``enablePortfolioMarginTrading`` is not looked at: it is true by default, and means nothing without the others.
    """

    enable_reading: bool = False
    enable_withdrawals: bool = False
    enable_internal_transfer: bool = False
    permits_universal_transfer: bool = False
    enable_margin: bool = False
    enable_futures: bool = False
    enable_vanilla_options: bool = False
    enable_fix_api_trade: bool = False
    enable_spot_and_margin_trading: bool = False

    def permissions(self) -> KeyPermissions:
        trading = (self.enable_spot_and_margin_trading, self.enable_margin, self.enable_futures)
        others = (self.enable_vanilla_options, self.enable_fix_api_trade)
        moving = (self.enable_withdrawals, self.enable_internal_transfer, self.permits_universal_transfer)
        return KeyPermissions(self.enable_reading, any((*trading, *others)), any(moving))


class _Rates(msgspec.Struct):
    maker: str
    taker: str


class _Balance(msgspec.Struct):
    """``{"asset":"BTC","free":"4723846.89208129","locked":"0.00000000"}``."""

    asset: str
    free: str
    locked: str


class _Account(msgspec.Struct, rename="camel"):
    """``{"commissionRates":{"maker":"0.00150000","taker":"0.00150000",…},"canTrade":true,"balances":[…]}``."""

    balances: list[_Balance]
    commission_rates: _Rates
    can_trade: bool = False
    can_withdraw: bool = False


class _Trade(msgspec.Struct, rename="camel"):
    """One row of ``/api/v3/myTrades``.

    ``{"symbol":"BNBBTC","id":28457,"orderId":100234,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012",
    "commission":"10.10000000","commissionAsset":"BNB","time":1499865549590,"isBuyer":true,"isMaker":false}``
    """

    id: int
    order_id: int
    price: str
    qty: str
    quote_qty: str
    commission: str
    commission_asset: str
    time: int
    is_buyer: bool
    is_maker: bool


_RESTRICTIONS = msgspec.json.Decoder(_Restrictions)
_ACCOUNT = msgspec.json.Decoder(_Account)
_TRADES = msgspec.json.Decoder(list[_Trade])


class BinanceAccount:
    """The account that a key belongs to; made by `open_account` of the registry."""

    def __init__(self, venue: Venue, http: Http, public: Http, clock: ExchangeClock) -> None:
        self._venue = venue
        self._http = http
        self._public = public
        self._clock = clock

    @property
    def identity(self) -> ExchangeIdentity:
        """Its number and names."""
        return self._venue.identity

    async def server_time(self) -> Millis:
        """The exchange's clock."""
        return await rest.server_time(self._public)

    async def instruments(self) -> tuple[Instrument, ...]:
        """All spot symbols."""
        return (await rest.instruments(self._public, self._venue))[0]

    async def permissions(self) -> KeyPermissions:
        """What the key may do; where the venue does not tell, what its account may."""
        if self._venue.tells_restrictions:
            return (await self._get("/sapi/v1/account/apiRestrictions", {}, _RESTRICTIONS, 1.0)).permissions()
        account = await self._account()
        return KeyPermissions(True, account.can_trade, account.can_withdraw, is_of_account=True)

    async def balances(self) -> tuple[Balance, ...]:
        """All that is not empty."""
        rows = (await self._account()).balances
        found = (Balance(row.asset, amount(row.free), amount(row.locked)) for row in rows)
        return tuple(balance for balance in found if balance.quantity)

    async def tier(self) -> FeeTier:
        """The standard commission of the account; discounts and the volume behind it are not told."""
        rates = (await self._account()).commission_rates
        return FeeTier(None, amount(rates.maker), amount(rates.taker))

    async def fills(self, since: Millis, until: Millis, symbols: Sequence[str] = ()) -> FillHistory:
        """The trades of `symbols` in ``[since, until)``, oldest first.

        Where none are named, they are the dollar markets of what is held: nobody lists all that was ever traded.
        """
        listed = {one.symbol: one for one in await self.instruments()}
        remarks = []
        wanted = [listed[symbol] for symbol in dict.fromkeys(symbols) if symbol in listed]
        unknown = [symbol for symbol in symbols if symbol not in listed]
        if unknown:
            remarks.append(f"not listed: {_some(unknown)}")
        if not symbols:
            wanted = _markets_of(await self.balances(), listed.values())
            names = _some([one.symbol for one in wanted]) or "nothing"
            remarks.append(f"only the markets of what is held were read ({names}): name symbols to read others")
        found: list[Fill] = []
        for instrument in wanted:
            fills, is_whole = await self._trades(instrument, since, until)
            found += fills
            if not is_whole:
                remarks.append(
                    f"only the oldest {MOST_PAGES * TRADES_PER_PAGE} trades of {instrument.symbol} were read"
                )
        return FillHistory(tuple(sorted(found, key=lambda fill: (fill.filled_at, fill.id))), tuple(remarks))

    async def _trades(self, instrument: Instrument, since: Millis, until: Millis) -> tuple[list[Fill], bool]:
        """The fills of one symbol, and whether they are all."""
        found: list[Fill] = []
        first = 0
        for _ in range(MOST_PAGES):
            # From the first number on: a range of time may not be longer than a day.
            query = {"symbol": instrument.product, "fromId": str(first), "limit": str(TRADES_PER_PAGE)}
            rows = await self._get("/api/v3/myTrades", query, _TRADES, TRADES_WEIGHT)
            found += [_fill(row, instrument) for row in rows if since <= row.time < until]
            if len(rows) < TRADES_PER_PAGE or rows[-1].time >= until:
                return found, True
            newest = max(row.id for row in rows)
            if newest < first:
                raise MalformedMessage(f"the trades of {instrument.symbol} do not advance")
            first = newest + 1
        return found, False

    async def _account(self) -> _Account:
        return await self._get("/api/v3/account", dict(self._venue.account_query), _ACCOUNT, ACCOUNT_WEIGHT)

    async def _get(
        self, path: str, query: Mapping[str, str], reply: msgspec.json.Decoder[Reply], weight: float
    ) -> Reply:
        """Ask with the exchange's time; where it says that the time is wrong, look at its clock and ask once more."""
        if not self._clock.is_fresh():
            self._clock.measured(await self.server_time())
        try:
            return await self._http.get(path, query, reply, weight=weight)
        except ExchangeRefused as exc:
            if exc.context.get("code") != WRONG_TIME:
                raise self._explained(exc) from exc
        self._clock.measured(await self.server_time())
        try:
            return await self._http.get(path, query, reply, weight=weight)
        except ExchangeRefused as exc:
            raise self._explained(exc) from exc

    def _explained(self, refusal: ExchangeRefused) -> ExchangeRefused:
        code, name = refusal.context.get("code"), self.identity.display_name
        reason = _REFUSED.get(str(code))
        if reason is None and refusal.context.get("status") in (401, 403):
            reason = "the key may not do that"
        if reason is None:
            return refusal
        return CredentialsRefused(f"{name} does not accept the key: {reason}", code=code)


def _markets_of(balances: Iterable[Balance], listed: Iterable[Instrument]) -> list[Instrument]:
    held = {balance.currency for balance in balances} - DOLLARS
    return [one for one in listed if one.base in held and one.quote in DOLLARS]


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED_IN_REMARK
    return ", ".join(names[:NAMED_IN_REMARK]) + (f" and {more} more" if more > 0 else "")


def _fill(row: _Trade, instrument: Instrument) -> Fill:
    return Fill(
        id=str(row.id),
        order_id=str(row.order_id),
        symbol=instrument.symbol,
        side=Side.BUY if row.is_buyer else Side.SELL,
        filled_at=row.time,
        price=amount(row.price),
        size=amount(row.qty),
        value=amount(row.quote_qty),
        fee=amount(row.commission),
        fee_currency=row.commission_asset,
        is_maker=row.is_maker,
    )
