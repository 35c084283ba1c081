"""Binance's private REST side: the account, its trades and orders, commissions, and what a key may do."""

import re
from collections.abc import Awaitable, Callable
from decimal import ROUND_DOWN, Decimal

from aiohttp import web

from livermore.core.market.exchange import BINANCE
from livermore.core.market.timeframe import DAY, Millis
from livermore.sim.binance import errors
from livermore.sim.binance.signed import signer
from livermore.sim.instruments import Listed
from livermore.sim.keys import SimKey, binance_keys
from livermore.sim.portfolio import FeePlan, SimFill, SimPortfolio, opened_at
from livermore.sim.simulation import Simulation
from livermore.sim.tap import Answer, json_answer

PLAN = FeePlan(maker=Decimal("0.001"), taker=Decimal("0.001"), buyers_pay_in_base=True)
ROWS_BY_DEFAULT = 500
MOST_ROWS = 1_000
_FIRST_ID = 10_000
_NUMBER = re.compile(r"[0-9]{1,18}")
_PLACES = Decimal("1E-8")

Handler = Callable[[web.Request, Millis], Awaitable[Answer]]
Weight = Callable[[web.Request], int]
Signed = Callable[[web.Request, Millis, SimKey], Answer]


class BinancePrivate:
    """The answers that need a key."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._market = simulation.market
        started_at = opened_at(simulation.clock.started_at)
        self._portfolio = SimPortfolio(simulation.market, simulation.seed, PLAN, started_at)
        self._keys = {key.key: key for key in binance_keys(simulation.market.exchange)}

    def paths(self) -> dict[str, tuple[Handler, Weight]]:
        """Every path that is answered, and its weight."""
        answers: dict[str, tuple[Signed, int]] = {
            "/api/v3/account": (self._account, 20),
            "/api/v3/account/commission": (self._commission, 20),
            "/api/v3/myTrades": (self._trades, 20),
            "/api/v3/allOrders": (self._orders, 20),
            "/sapi/v1/asset/tradeFee": (self._fees, 1),
        }
        if self._market.exchange == BINANCE.name:
            answers["/sapi/v1/account/apiRestrictions"] = (self._restrictions, 1)
        return {path: (self._signed(answer), _weighing(weight)) for path, (answer, weight) in answers.items()}

    def _signed(self, answer: Signed) -> Handler:
        async def signed(request: web.Request, now: Millis) -> Answer:
            return answer(request, now, signer(request, self._keys, now, self._simulation.clock))

        return signed

    def _account(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        """``{"makerCommission":15,…,"commissionRates":{"maker":"0.00150000",…},"canTrade":true,"balances":[…]}``."""
        balances = self._portfolio.balances_at(now)
        known = sorted({one for listed in self._market.listed for one in (listed.base, listed.quote)} | set(balances))
        if request.query.get("omitZeroBalances") == "true":
            known = [currency for currency in known if currency in balances and any(balances[currency])]
        nothing = (Decimal(0), Decimal(0))
        points = int(PLAN.maker * 10_000)
        return json_answer(
            {
                "makerCommission": points,
                "takerCommission": points,
                "buyerCommission": 0,
                "sellerCommission": 0,
                "commissionRates": {**_rates(), "buyer": _text(Decimal(0)), "seller": _text(Decimal(0))},
                "canTrade": True,
                "canWithdraw": True,
                "canDeposit": True,
                "brokered": False,
                "requireSelfTradePrevention": False,
                "preventSor": False,
                "updateTime": now,
                "accountType": "SPOT",
                "balances": [
                    {"asset": currency, "free": _text(free), "locked": _text(locked)}
                    for currency in known
                    for free, locked in (balances.get(currency, nothing),)
                ],
                "permissions": ["SPOT"],
                "uid": 354_937_868,
            }
        )

    def _commission(self, request: web.Request, _: Millis, __: SimKey) -> Answer:
        listed = self._listed(request)
        none = {name: _text(Decimal(0)) for name in ("maker", "taker", "buyer", "seller")}
        discount = {"enabledForAccount": False, "enabledForSymbol": False, "discountAsset": "BNB", "discount": "0.75"}
        return json_answer(
            {
                "symbol": listed.product,
                "standardCommission": {**none, **_rates()},
                "specialCommission": none,
                "taxCommission": none,
                "discount": discount,
            }
        )

    def _fees(self, request: web.Request, _: Millis, __: SimKey) -> Answer:
        wanted = [self._listed(request)] if "symbol" in request.query else self._market.listed
        rates = {"makerCommission": _text(PLAN.maker), "takerCommission": _text(PLAN.taker)}
        return json_answer([{"symbol": listed.product, **rates} for listed in wanted])

    def _restrictions(self, _: web.Request, __: Millis, key: SimKey) -> Answer:
        return json_answer(
            {
                "ipRestrict": False,
                "createTime": self._portfolio.opened_at,
                "enableReading": key.may_view,
                "enableWithdrawals": key.may_transfer,
                "enableInternalTransfer": False,
                "enableMargin": False,
                "enableFutures": False,
                "permitsUniversalTransfer": key.may_transfer,
                "enableVanillaOptions": False,
                "enableFixApiTrade": False,
                "enableFixReadOnly": True,
                "enableSpotAndMarginTrading": key.may_trade,
                "enablePortfolioMarginTrading": True,
            }
        )

    def _trades(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        """``[{"symbol":"BNBBTC","id":28457,"orderId":100234,"price":"4.00000100","qty":"12.00000000",…}]``."""
        listed = self._listed(request)
        found = [fill for fill in self._portfolio.fills_until(now) if fill.listed == listed]
        order = _number(request, "orderId", -1)
        if order >= 0:
            found = [fill for fill in found if _FIRST_ID + fill.order == order]
        return json_answer([_trade(fill) for fill in _selected(request, found, lambda fill: fill.number)])

    def _orders(self, request: web.Request, now: Millis, _: SimKey) -> Answer:
        listed = self._listed(request)
        by_order: dict[int, list[SimFill]] = {}
        for fill in self._portfolio.fills_until(now):
            if fill.listed == listed:
                by_order.setdefault(fill.order, []).append(fill)
        firsts = _selected(request, [fills[0] for fills in by_order.values()], lambda fill: fill.order, "orderId")
        return json_answer([_order(by_order[fill.order]) for fill in firsts])

    def _listed(self, request: web.Request) -> Listed:
        name = request.query.get("symbol", "")
        if not name:
            raise errors.missing("symbol")
        listed = self._market.by_product.get(name)
        if listed is None:
            raise errors.invalid_symbol()
        return listed


def _weighing(weight: int) -> Weight:
    return lambda _: weight


def _selected(
    request: web.Request, fills: list[SimFill], number: Callable[[SimFill], int], first: str = "fromId"
) -> list[SimFill]:
    """What a request asks for of rows that are oldest first: from a number on, or of a day, or the newest."""
    limit = _number(request, "limit", ROWS_BY_DEFAULT)
    start, end, from_id = (_number(request, name, -1) for name in ("startTime", "endTime", first))
    if start >= 0 and end >= 0 and end - start > DAY:
        raise errors.Refused(-1127, "More than 24 hours between startTime and endTime.")
    if limit == 0 or limit > MOST_ROWS:
        raise errors.Refused(-1130, "Data sent for parameter 'limit' is not valid.")
    found = [fill for fill in fills if fill.at >= start and (end < 0 or fill.at <= end)]
    if from_id >= 0:
        return [fill for fill in found if _FIRST_ID + number(fill) >= from_id][:limit]
    return found[:limit] if start >= 0 else found[-limit:]


def _number(request: web.Request, name: str, absent: int) -> int:
    text = request.query.get(name)
    if text is None:
        return absent
    if not _NUMBER.fullmatch(text):
        raise errors.illegal(name, "^[0-9]{1,20}$")
    return int(text)


def _rates() -> dict[str, str]:
    return {"maker": _text(PLAN.maker), "taker": _text(PLAN.taker)}


def _text(value: Decimal) -> str:
    return f"{value.quantize(_PLACES, rounding=ROUND_DOWN):f}"


def _trade(fill: SimFill) -> dict[str, object]:
    return {
        "symbol": fill.listed.product,
        "id": _FIRST_ID + fill.number,
        "orderId": _FIRST_ID + fill.order,
        "orderListId": -1,
        "price": _text(fill.price),
        "qty": _text(fill.size),
        "quoteQty": _text(fill.value),
        "commission": _text(fill.fee),
        "commissionAsset": fill.fee_currency,
        "time": fill.at,
        "isBuyer": fill.is_buy,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def _order(fills: list[SimFill]) -> dict[str, object]:
    first = fills[0]
    size = _text(sum((fill.size for fill in fills), Decimal(0)))
    return {
        "symbol": first.listed.product,
        "orderId": _FIRST_ID + first.order,
        "orderListId": -1,
        "clientOrderId": f"sim-{first.order}",
        "price": "0.00000000",
        "origQty": size,
        "executedQty": size,
        "cummulativeQuoteQty": _text(sum((fill.value for fill in fills), Decimal(0))),
        "status": "FILLED",
        "timeInForce": "GTC",
        "type": "MARKET",
        "side": "BUY" if first.is_buy else "SELL",
        "stopPrice": "0.00000000",
        "icebergQty": "0.00000000",
        "time": first.at,
        "updateTime": fills[-1].at,
        "isWorking": True,
        "workingTime": first.at,
        "origQuoteOrderQty": "0.00000000",
        "selfTradePreventionMode": "NONE",
    }
