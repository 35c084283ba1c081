"""Coinbase's private REST side: permissions, accounts, orders, fills and fees, for those who prove who they are.

A request without a token, or whose token is forged, stale or for something else, is answered with 401; one whose key
may not view with 403. The owner's limit is his own, not his address's.
"""

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from aiohttp import web

from livermore.core.market.timeframe import DAY, SECOND, Millis
from livermore.sim.coinbase.errors import UNAUTHORIZED, Refused, forbidden, invalid, not_found, too_many_requests
from livermore.sim.coinbase.stamps import millis_of, rfc3339
from livermore.sim.coinbase.tokens import signer
from livermore.sim.keys import SimKey, coinbase_keys
from livermore.sim.limits import RollingLimit
from livermore.sim.portfolio import FeePlan, SimFill, SimPortfolio, opened_at
from livermore.sim.simulation import Simulation
from livermore.sim.tap import Answer, json_answer

REQUESTS_PER_SECOND = 30
PLAN = FeePlan(maker=Decimal("0.006"), taker=Decimal("0.012"), buyers_pay_in_base=False)
_PATH = "/api/v3/brokerage"
_ACCOUNTS_BY_DEFAULT, _MOST_ACCOUNTS = 49, 250
_ROWS_BY_DEFAULT, _MOST_ROWS = 100, 1_000
_PORTFOLIO = str(uuid.UUID(bytes=hashlib.sha256(b"livermore simulator portfolio").digest()[:16], version=4))

Row = TypeVar("Row")
Handler = Callable[[web.Request, Millis, SimKey], Awaitable[Answer]]


class CoinbasePrivate:
    """The answers that need a key."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        started_at = opened_at(simulation.clock.started_at)
        self._portfolio = SimPortfolio(simulation.market, simulation.seed, PLAN, started_at)
        self._keys = {key.key: key for key in coinbase_keys()}
        self._requests = RollingLimit(REQUESTS_PER_SECOND, SECOND)

    def routes(self) -> list[web.RouteDef]:
        """Every path that is answered."""
        paths: dict[str, Handler] = {
            "/key_permissions": self._permissions,
            "/accounts": self._accounts,
            "/accounts/{account}": self._account,
            "/transaction_summary": self._summary,
            "/orders/historical/fills": self._fills,
            "/orders/historical/batch": self._orders,
            "/orders/historical/{order}": self._order,
        }
        return [web.get(_PATH + path, self._guarded(answer)) for path, answer in paths.items()]

    def _guarded(self, answer: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            return await self._simulation.respond(request, await self._answer(request, answer))

        return guarded

    async def _answer(self, request: web.Request, answer: Handler) -> Answer:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        uris = [f"{request.method} {host}{request.path}" for host in (request.host, "api.coinbase.com")]
        key = signer(token, self._simulation.clock.wall(), uris, self._keys) if kind == "Bearer" else None
        if key is None:
            return UNAUTHORIZED
        if not self._requests.admits(key.key, self._simulation.clock.now()):
            return too_many_requests()
        if not key.may_view:
            return forbidden().answer
        try:
            return await answer(request, self._simulation.now(), key)
        except Refused as refused:
            return refused.answer

    async def _permissions(self, _: web.Request, __: Millis, key: SimKey) -> Answer:
        return json_answer(
            {
                "can_view": key.may_view,
                "can_trade": key.may_trade,
                "can_transfer": key.may_transfer,
                "portfolio_uuid": _PORTFOLIO,
                "portfolio_type": "DEFAULT",
            }
        )

    async def _accounts(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        limit = min(_whole(request, "limit", _ACCOUNTS_BY_DEFAULT), _MOST_ACCOUNTS)
        rows = self._account_rows(now)
        page, cursor = _page(rows, limit, request.query.get("cursor", ""), lambda row: str(row["uuid"]))
        return json_answer({"accounts": page, "has_next": bool(cursor), "cursor": cursor, "size": len(page)})

    async def _account(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        name = request.match_info["account"]
        for row in self._account_rows(now):
            if row["uuid"] == name:
                return json_answer({"account": row})
        raise not_found("account not found")

    def _account_rows(self, now: Millis) -> list[dict[str, object]]:
        balances = self._portfolio.balances_at(now)
        opened = rfc3339(self._portfolio.opened_at, 0)
        return [_account_row(currency, *balances[currency], opened) for currency in sorted(balances)]

    async def _summary(self, _: web.Request, now: Millis, __: SimKey) -> Answer:
        recent = [fill for fill in self._portfolio.fills_until(now) if fill.at > now - 30 * DAY]
        volume = float(sum((fill.value for fill in recent), Decimal(0)))
        fees = float(sum((fill.fee for fill in recent), Decimal(0)))
        tier = {
            "pricing_tier": "Intro 1",
            "usd_from": "",
            "usd_to": "",
            "taker_fee_rate": str(PLAN.taker),
            "maker_fee_rate": str(PLAN.maker),
            "aop_from": "",
            "aop_to": "",
        }
        return json_answer(
            {
                "total_volume": volume,
                "total_fees": fees,
                "fee_tier": tier,
                "margin_rate": None,
                "goods_and_services_tax": None,
                "advanced_trade_only_volume": volume,
                "advanced_trade_only_fees": fees,
                "coinbase_pro_volume": 0,
                "coinbase_pro_fees": 0,
                "total_balance": "",
                "has_promo_fee": False,
            }
        )

    async def _fills(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        since, until = _span(request, "start_sequence_timestamp", "end_sequence_timestamp", now)
        products, orders = _named(request, "product_id"), _named(request, "order_id")
        found = [
            fill
            for fill in reversed(self._portfolio.fills_until(now))
            if since <= fill.at <= until
            and (not products or fill.listed.product in products)
            and (not orders or _order_id(fill) in orders)
        ]
        limit = min(_whole(request, "limit", _ROWS_BY_DEFAULT), _MOST_ROWS)
        page, cursor = _page(found, limit, request.query.get("cursor", ""), lambda fill: str(fill.number))
        return json_answer({"fills": [_fill_row(fill) for fill in page], "cursor": cursor})

    async def _orders(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        since, until = _span(request, "start_date", "end_date", now)
        products, statuses = _named(request, "product_id"), _named(request, "order_status")
        side = request.query.get("order_side", "")
        found = [
            fills
            for fills in reversed(self._fills_by_order(now))
            if since <= fills[0].at <= until
            and (not products or fills[0].listed.product in products)
            and (not statuses or "FILLED" in statuses)
            and side in ("", _side(fills[0]))
        ]
        limit = min(_whole(request, "limit", _ROWS_BY_DEFAULT), _MOST_ROWS)
        page, cursor = _page(found, limit, request.query.get("cursor", ""), lambda fills: str(fills[0].order))
        rows = [_order_row(fills) for fills in page]
        return json_answer({"orders": rows, "sequence": "0", "has_next": bool(cursor), "cursor": cursor})

    async def _order(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        name = request.match_info["order"]
        for fills in self._fills_by_order(now):
            if _order_id(fills[0]) == name:
                return json_answer({"order": _order_row(fills)})
        raise not_found(f"order with this orderID was not found: {name}")

    def _fills_by_order(self, now: Millis) -> list[list[SimFill]]:
        found: dict[int, list[SimFill]] = {}
        for fill in self._portfolio.fills_until(now):
            found.setdefault(fill.order, []).append(fill)
        return list(found.values())


def _page(rows: Sequence[Row], limit: int, cursor: str, name: Callable[[Row], str]) -> tuple[list[Row], str]:
    """So many rows after the one that `cursor` names, and the cursor to go on with; empty at the end."""
    first = 0
    if cursor:
        first = next((place + 1 for place, row in enumerate(rows) if name(row) == cursor), -1)
        if first < 0:
            raise invalid("invalid cursor")
    page = list(rows[first : first + limit])
    return page, name(page[-1]) if page and first + limit < len(rows) else ""


def _named(request: web.Request, name: str) -> set[str]:
    """What a repeated parameter names; its name may be in the singular or the plural."""
    return {*request.query.getall(name, []), *request.query.getall(f"{name}s", [])}


def _span(request: web.Request, start: str, end: str, now: Millis) -> tuple[Millis, Millis]:
    since, until = request.query.get(start, ""), request.query.get(end, "")
    try:
        return (millis_of(since) if since else 0), (millis_of(until) if until else now)
    except ValueError as exc:
        raise invalid(f"{start} or {end} is no RFC3339 timestamp") from exc


def _whole(request: web.Request, name: str, absent: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return absent
    if not text.isascii() or not text.isdigit() or len(text) > 9 or text == "0":
        raise invalid(f"{name} argument is invalid")
    return int(text)


def _uuid(*labels: str) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256("/".join(labels).encode()).digest()[:16], version=4))


def _order_id(fill: SimFill) -> str:
    return _uuid("order", fill.listed.product, str(fill.order))


def _side(fill: SimFill) -> str:
    return "BUY" if fill.is_buy else "SELL"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _account_row(currency: str, available: Decimal, held: Decimal, opened: str) -> dict[str, object]:
    return {
        "uuid": _uuid("account", currency),
        "name": f"{currency} Wallet",
        "currency": currency,
        "available_balance": {"value": _plain(available), "currency": currency},
        "default": currency == "USD",
        "active": True,
        "created_at": opened,
        "updated_at": opened,
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if currency == "USD" else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": {"value": _plain(held), "currency": currency},
        "retail_portfolio_id": _PORTFOLIO,
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }


def _fill_row(fill: SimFill) -> dict[str, object]:
    """``{"entry_id":"22222-…","trade_id":"1111-…","trade_type":"FILL","liquidity_indicator":"MAKER",…}``.

    Every fourth order was placed in the quote currency, and so is the size of its fills.
    """
    in_quote = fill.order % 4 == 0
    return {
        "entry_id": hashlib.sha256(f"entry/{fill.number}".encode()).hexdigest(),
        "trade_id": _uuid("trade", str(fill.number)),
        "order_id": _order_id(fill),
        "trade_time": rfc3339(fill.at, fill.number),
        "trade_type": "FILL",
        "price": _plain(fill.price),
        "size": _plain(fill.value if in_quote else fill.size),
        "commission": _plain(fill.fee),
        "product_id": fill.listed.product,
        "sequence_timestamp": rfc3339(fill.at, fill.number),
        "liquidity_indicator": "MAKER" if fill.is_maker else "TAKER",
        "size_in_quote": in_quote,
        "user_id": _PORTFOLIO,
        "side": _side(fill),
        "retail_portfolio_id": _PORTFOLIO,
    }


def _order_row(fills: list[SimFill]) -> dict[str, object]:
    """A filled order, all of its numbers as strings."""
    first = fills[0]
    size = sum((fill.size for fill in fills), Decimal(0))
    value = sum((fill.value for fill in fills), Decimal(0))
    fees = sum((fill.fee for fill in fills), Decimal(0))
    at = rfc3339(first.at, 0)
    return {
        "order_id": _order_id(first),
        "product_id": first.listed.product,
        "user_id": _PORTFOLIO,
        "order_configuration": {"market_market_ioc": {"base_size": _plain(size)}},
        "side": _side(first),
        "client_order_id": _uuid("client", str(first.order)),
        "status": "FILLED",
        "time_in_force": "IMMEDIATE_OR_CANCEL",
        "created_time": at,
        "completion_percentage": "100",
        "filled_size": _plain(size),
        "average_filled_price": _plain(value / size),
        "fee": "",
        "number_of_fills": str(len(fills)),
        "filled_value": _plain(value),
        "pending_cancel": False,
        "size_in_quote": first.order % 4 == 0,
        "total_fees": _plain(fees),
        "size_inclusive_of_fees": False,
        "total_value_after_fees": _plain(value + fees if first.is_buy else value - fees),
        "trigger_status": "INVALID_ORDER_TYPE",
        "order_type": "MARKET",
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "settled": True,
        "product_type": "SPOT",
        "reject_message": "",
        "cancel_message": "",
        "order_placement_source": "RETAIL_ADVANCED",
        "outstanding_hold_amount": "0",
        "is_liquidation": False,
        "last_fill_time": rfc3339(fills[-1].at, 0),
        "retail_portfolio_id": _PORTFOLIO,
    }
