"""Somebody's account at Coinbase: what the key may do, balances, fills and fees.

https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api. Amounts are strings, but for the totals of the
summary, which are numbers: those are taken as they are written, never through a float. Lists are paged by cursor.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from livermore.core.account.account import Balance, FeeTier, Fill, FillHistory, KeyPermissions, Side
from livermore.core.account.money import DIVIDED, amount, times
from livermore.core.market.exchange import COINBASE, ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import HOUR, SECOND, Millis
from livermore.errors import CredentialsRefused, ExchangeRefused, MalformedMessage
from livermore.exchanges.coinbase import rest
from livermore.exchanges.http import Http

ACCOUNTS_PER_PAGE: Final = 250
FILLS_PER_PAGE: Final = 100
MOST_PAGES: Final = 1_000
POSTED_WITHIN: Final[Millis] = HOUR
"""Periods are asked for by when a fill was posted, which is somewhat after it happened."""

_PATH: Final = "/api/v3/brokerage"

Reply = TypeVar("Reply", bound=msgspec.Struct)


class _Permissions(msgspec.Struct):
    """``{"can_view":true,"can_trade":false,"can_transfer":false,"portfolio_uuid":"…","portfolio_type":"DEFAULT"}``."""

    can_view: bool = False
    can_trade: bool = False
    can_transfer: bool = False


class _Money(msgspec.Struct, frozen=True):
    value: str = ""
    currency: str = ""


class _Account(msgspec.Struct):
    """``{"uuid":"…","currency":"BTC","available_balance":{"value":"1.23","currency":"BTC"},"hold":{"value":"0",…}}``."""

    currency: str
    available_balance: _Money
    hold: _Money = _Money()


class _Accounts(msgspec.Struct):
    accounts: list[_Account]
    has_next: bool = False
    cursor: str = ""


class _Tier(msgspec.Struct):
    """``{"pricing_tier":"Intro 1","taker_fee_rate":"0.012","maker_fee_rate":"0.006"}``."""

    maker_fee_rate: str
    taker_fee_rate: str
    pricing_tier: str = ""


class _Summary(msgspec.Struct):
    """``{"total_volume":1000.5,"total_fees":25,"fee_tier":{…}}``; both are of the last 30 days."""

    fee_tier: _Tier
    total_volume: msgspec.Raw = msgspec.Raw(b"null")
    total_fees: msgspec.Raw = msgspec.Raw(b"null")


class _Fill(msgspec.Struct):
    """One row of ``/orders/historical/fills``.

    ``{"entry_id":"22222-…","trade_id":"1111-…","order_id":"0000-…","trade_time":"2024-01-15T10:30:00Z",
    "trade_type":"FILL","price":"45123.45","size":"0.005","commission":"1.14","product_id":"BTC-USD",
    "liquidity_indicator":"MAKER","size_in_quote":false,"side":"BUY"}``
    """

    entry_id: str
    order_id: str
    trade_time: datetime
    price: str
    size: str
    commission: str
    product_id: str
    side: str
    trade_type: str = "FILL"
    liquidity_indicator: str = ""
    size_in_quote: bool = False


class _Fills(msgspec.Struct):
    fills: list[_Fill]
    cursor: str = ""


_PERMISSIONS = msgspec.json.Decoder(_Permissions)
_ACCOUNTS = msgspec.json.Decoder(_Accounts)
_SUMMARY = msgspec.json.Decoder(_Summary)
_FILLS = msgspec.json.Decoder(_Fills)
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_EPOCH = datetime.fromtimestamp(0, UTC)
_IS_MAKER = {"MAKER": True, "TAKER": False}


class CoinbaseAccount:
    """The account that a key belongs to; made by `open_account` of the registry."""

    def __init__(self, http: Http, public: Http) -> None:
        self._http = http
        self._public = public

    @property
    def identity(self) -> ExchangeIdentity:
        """Its number and names."""
        return COINBASE

    async def server_time(self) -> Millis:
        """The exchange's clock."""
        return await rest.server_time(self._public)

    async def instruments(self) -> tuple[Instrument, ...]:
        """All spot books."""
        return await rest.instruments(self._public)

    async def permissions(self) -> KeyPermissions:
        """What the key may do."""
        found = await self._get("/key_permissions", {}, _PERMISSIONS)
        return KeyPermissions(found.can_view, found.can_trade, found.can_transfer)

    async def balances(self) -> tuple[Balance, ...]:
        """All that is not empty."""
        found: list[Balance] = []
        query = {"limit": str(ACCOUNTS_PER_PAGE)}
        for _ in range(MOST_PAGES):
            page = await self._get("/accounts", query, _ACCOUNTS)
            found += [
                Balance(row.currency, amount(row.available_balance.value), amount(row.hold.value))
                for row in page.accounts
            ]
            if not page.has_next or not page.cursor:
                return tuple(balance for balance in found if balance.quantity)
            query = _turned(query, page.cursor)
        raise MalformedMessage(f"the list of accounts does not end after {MOST_PAGES} pages")

    async def tier(self) -> FeeTier:
        """What is charged at present, with volume and fees of the last 30 days."""
        found = await self._get("/transaction_summary", {}, _SUMMARY)
        tier = found.fee_tier
        return FeeTier(
            tier.pricing_tier or None,
            amount(tier.maker_fee_rate),
            amount(tier.taker_fee_rate),
            _written(found.total_volume),
            _written(found.total_fees),
        )

    async def fills(self, since: Millis, until: Millis, symbols: Sequence[str] = ()) -> FillHistory:
        """The fills in ``[since, until)``, oldest first; of `symbols`, or of all where none are named."""
        query = {"limit": str(FILLS_PER_PAGE), "end_sequence_timestamp": _iso(until + POSTED_WITHIN)}
        if since > 0:
            query["start_sequence_timestamp"] = _iso(since)
        rows: dict[str, _Fill] = {}
        remarks: list[str] = []
        for _ in range(MOST_PAGES):
            page = await self._get("/orders/historical/fills", query, _FILLS)
            rows |= {row.entry_id: row for row in page.fills}
            # This list has no `has_next`: it ends with an empty cursor.
            if not page.cursor or not page.fills:
                break
            query = _turned(query, page.cursor)
        else:
            remarks.append(f"only the newest {len(rows)} fills were read: ask for a shorter period")
        wanted = set(symbols)
        named = [row for row in rows.values() if not wanted or row.product_id in wanted]
        fills = [_fill(row) for row in named if row.trade_type == "FILL"]
        adjusted = len(named) - len(fills)
        if adjusted:
            remarks.append(
                f"corrections of the exchange (reversed or adjusted fills), which are not counted: {adjusted}"
            )
        inside = (fill for fill in fills if since <= fill.filled_at < until)
        return FillHistory(tuple(sorted(inside, key=lambda fill: (fill.filled_at, fill.id))), tuple(remarks))

    async def _get(self, path: str, query: Mapping[str, str], reply: msgspec.json.Decoder[Reply]) -> Reply:
        try:
            return await self._http.get(_PATH + path, query, reply)
        except ExchangeRefused as exc:
            status = exc.context.get("status")
            if status == 401:
                cure = "its name and its secret must belong together, and this machine's clock must be right"
                raise CredentialsRefused(f"Coinbase does not accept the key: {cure}", status=status) from exc
            if status == 403:
                said = "Coinbase does not let this key do that: it needs the permission to view, and this address"
                raise CredentialsRefused(said, status=status) from exc
            raise


def _turned(query: Mapping[str, str], cursor: str) -> dict[str, str]:
    """The query for the next page.

    Raises:
        MalformedMessage: when the cursor has not moved; following it would go round for ever.
    """
    if query.get("cursor") == cursor:
        raise MalformedMessage("the cursor of a list does not advance")
    return {**query, "cursor": cursor}


def _fill(row: _Fill) -> Fill:
    side = _SIDES.get(row.side)
    base, dash, quote = row.product_id.partition("-")
    price, size = amount(row.price), amount(row.size)
    if side is None or not (base and dash and quote) or price <= 0 or size < 0:
        raise MalformedMessage(f"an impossible fill of {row.product_id!r}: {row.side} {row.size} at {row.price}")
    value = size if row.size_in_quote else times(size, price)
    return Fill(
        id=row.entry_id,
        order_id=row.order_id,
        symbol=row.product_id,
        side=side,
        filled_at=_millis(row.trade_time),
        price=price,
        size=DIVIDED.divide(size, price) if row.size_in_quote else size,
        value=value,
        fee=amount(row.commission),
        fee_currency=quote,
        is_maker=_IS_MAKER.get(row.liquidity_indicator),
    )


def _written(raw: msgspec.Raw) -> Decimal | None:
    """The amount as the exchange wrote it, with or without quotes."""
    text = bytes(raw).decode("utf-8", "replace").strip('"')
    return None if text in ("", "null") else amount(text)


def _millis(instant: datetime) -> Millis:
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    # Never up: the last microsecond of a month is of that month.
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def _iso(instant: Millis) -> str:
    seconds, millis = divmod(instant, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"
