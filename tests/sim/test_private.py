"""The simulated exchanges answer private questions only to those who sign them rightly and in time."""

import base64
import hashlib
import hmac
import time
from decimal import Decimal
from urllib.parse import quote, urlencode

import aiohttp
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from yarl import URL

from livermore.sim.keys import SimKey, binance_keys, coinbase_keys, keys_by_exchange
from livermore.sim.portfolio import FeePlan, SimPortfolio, opened_at
from livermore.sim.server import SimServer, market_of
from sim.conftest import START, settings_of

COINBASE = {key.role: key for key in coinbase_keys()}
BINANCE = {key.role: key for key in binance_keys("binance")}
ACCOUNTS = "/api/v3/brokerage/accounts"


def a_token(key: SimKey, uri: str | None, *, now: float | None = None, **changes: object) -> str:
    """A token as a client makes it, with changed claims, header (``nonce``, ``kid``) or none of a name (None)."""
    issued = int(time.time() if now is None else now)
    header = {"kid": key.key, "nonce": "5f1c", **{k: changes.pop(k) for k in ("kid", "nonce") if k in changes}}
    claims = {"sub": key.key, "iss": "cdp", "nbf": issued, "exp": issued + 120, "uri": uri, **changes}
    secret: object = key.secret
    if key.algorithm == "EdDSA":
        secret = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key.secret)[:32])
    kept = {name: value for name, value in header.items() if value is not None}
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        secret,  # type: ignore[arg-type]
        algorithm=key.algorithm,
        headers=kept,
    )


class Coinbase:
    """Requests to the simulated Coinbase with a token."""

    def __init__(self, sim: SimServer, http: aiohttp.ClientSession) -> None:
        self.origin = sim.urls["coinbase"].rest
        self.host = self.origin.removeprefix("http://")
        self.http = http

    async def ask(self, path: str, token: str | None) -> tuple[int, bytes]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.http.get(self.origin + path, headers=headers) as response:
            return response.status, await response.read()

    async def get(self, path: str, key: SimKey = COINBASE["view"]) -> dict:
        bare = path.partition("?")[0]
        status, body = await self.ask(path, a_token(key, f"GET {self.host}{bare}"))
        assert status == 200, body
        return msgspec.json.decode(body)


@pytest.fixture
def coinbase(sim: SimServer, http: aiohttp.ClientSession) -> Coinbase:
    return Coinbase(sim, http)


@pytest.mark.parametrize("role", ["view", "view-ed25519", "trade"])
async def test_a_token_of_a_known_key_is_let_in(coinbase: Coinbase, role: str) -> None:
    body = await coinbase.get("/api/v3/brokerage/key_permissions", COINBASE[role])

    assert body["can_view"] is True
    assert body["can_trade"] is body["can_transfer"] is (role == "trade")


async def test_the_real_host_may_be_signed_for_too(coinbase: Coinbase) -> None:
    token = a_token(COINBASE["view"], f"GET api.coinbase.com{ACCOUNTS}")

    assert (await coinbase.ask(ACCOUNTS, token))[0] == 200


async def test_everything_else_is_unauthorised_in_plain_text(coinbase: Coinbase) -> None:
    view, uri = COINBASE["view"], f"GET {coinbase.host}{ACCOUNTS}"
    stranger = {
        "none": None,
        "no token": "nonsense",
        "another path": a_token(view, f"GET {coinbase.host}/api/v3/brokerage/orders/historical/fills"),
        "another host": a_token(view, f"GET example.org{ACCOUNTS}"),
        "another method": a_token(view, uri.replace("GET", "POST")),
        "no uri": a_token(view, None),
        "expired": a_token(view, uri, now=time.time() - 200),
        "too early": a_token(view, uri, now=time.time() + 200),
        "too long": a_token(view, uri, exp=int(time.time()) + 500),
        "no nonce": a_token(view, uri, nonce=None),
        "unknown key": a_token(view, uri, kid="organizations/x/apiKeys/y"),
        "another's signature": a_token(view, uri, kid=COINBASE["trade"].key, sub=COINBASE["trade"].key),
        "another issuer": a_token(view, uri, iss="me"),
    }
    for why, token in stranger.items():
        assert await coinbase.ask(ACCOUNTS, token) == (401, b"Unauthorized\n"), why
    head, body, signature = a_token(view, uri).split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","kid":"x","nonce":"y"}').decode().rstrip("=")
    for token in (f"{unsigned}.{body}.", f"{unsigned}.{body}.{signature}", f"{head}.{body}.{signature[:-8]}AAAAAAAA"):
        assert (await coinbase.ask(ACCOUNTS, token))[0] == 401


async def test_a_key_that_may_not_view_is_forbidden(coinbase: Coinbase) -> None:
    token = a_token(COINBASE["blind"], f"GET {coinbase.host}{ACCOUNTS}")
    status, body = await coinbase.ask(ACCOUNTS, token)

    assert status == 403
    assert msgspec.json.decode(body)["error_details"] == "Missing required scopes"


async def test_accounts_and_fills_are_paged_by_cursor_without_loss(coinbase: Coinbase) -> None:
    for path, name, key in (
        (f"{ACCOUNTS}?limit=3", "accounts", "uuid"),
        ("/api/v3/brokerage/orders/historical/fills?limit=40", "fills", "entry_id"),
        ("/api/v3/brokerage/orders/historical/batch?limit=40", "orders", "order_id"),
    ):
        whole = (await coinbase.get(path.partition("?")[0] + "?limit=250"))[name]
        seen: list[str] = []
        cursor = ""
        while True:
            page = await coinbase.get(f"{path}&cursor={cursor}" if cursor else path)
            seen += [row[key] for row in page[name]]
            cursor = page["cursor"]
            if not cursor:
                break
        assert len(seen) > 3
        assert seen == [row[key] for row in whole]
        assert len(set(seen)) == len(seen)


async def test_orders_add_up_to_their_fills(coinbase: Coinbase) -> None:
    orders = (await coinbase.get("/api/v3/brokerage/orders/historical/batch?limit=1000"))["orders"]
    fills = (await coinbase.get("/api/v3/brokerage/orders/historical/fills?limit=1000"))["fills"]

    for order in orders:
        mine = [fill for fill in fills if fill["order_id"] == order["order_id"]]
        assert sum(Decimal(fill["commission"]) for fill in mine) == Decimal(order["total_fees"])
        assert len(mine) == int(order["number_of_fills"])
    one = (await coinbase.get(f"/api/v3/brokerage/orders/historical/{orders[0]['order_id']}"))["order"]
    assert one == orders[0]


async def test_fills_are_filtered_by_product_and_time(coinbase: Coinbase) -> None:
    path = "/api/v3/brokerage/orders/historical/fills?limit=1000"
    since = "2026-03-01T00:00:00Z"
    found = (await coinbase.get(f"{path}&product_ids=BTC-USD&start_sequence_timestamp={since}"))["fills"]

    assert found
    assert {fill["product_id"] for fill in found} == {"BTC-USD"}
    assert min(fill["trade_time"] for fill in found) >= since[:-1]


class Binance:
    """Requests to the simulated Binance, signed."""

    def __init__(self, sim: SimServer, http: aiohttp.ClientSession, name: str = "binance") -> None:
        self.origin = sim.urls[name].rest
        self.http = http

    async def now(self) -> int:
        async with self.http.get(self.origin + "/api/v3/time") as response:
            return (await response.json())["serverTime"]

    async def ask(self, path: str, query: str, key: str | None) -> tuple[int, object]:
        headers = {} if key is None else {"X-MBX-APIKEY": key}
        async with self.http.get(URL(f"{self.origin}{path}?{query}", encoded=True), headers=headers) as response:
            return response.status, await response.json()

    async def get(self, path: str, key: SimKey = BINANCE["view"], **query: object) -> tuple[int, object]:
        named = {"recvWindow": 60_000, "timestamp": await self.now(), **query}
        payload = urlencode({name: value for name, value in named.items() if value is not None})
        return await self.ask(path, f"{payload}&signature={quote(sign(key, payload), safe='')}", key.key)


def sign(key: SimKey, payload: str) -> str:
    if key.algorithm == "HMAC":
        return hmac.new(key.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    private = load_pem_private_key(key.secret.encode(), None)
    return base64.b64encode(private.sign(payload.encode())).decode()  # type: ignore[union-attr,call-arg]


@pytest.fixture
def binance(sim: SimServer, http: aiohttp.ClientSession) -> Binance:
    return Binance(sim, http)


@pytest.mark.parametrize("role", ["view", "view-ed25519", "trade"])
async def test_a_signed_request_is_answered(binance: Binance, role: str) -> None:
    status, body = await binance.get("/sapi/v1/account/apiRestrictions", BINANCE[role])

    assert status == 200
    assert body["enableSpotAndMarginTrading"] is (role == "trade")


async def test_what_is_wrong_with_a_request_is_told_by_its_code(binance: Binance) -> None:
    view, path = BINANCE["view"], "/api/v3/account"
    now = await binance.now()
    payload = f"timestamp={now}"

    async def code(query: str, key: str | None = view.key) -> tuple[int, int]:
        status, body = await binance.ask(path, query, key)
        return status, body["code"]

    assert await code(f"{payload}&signature=00", None) == (401, -2014)
    assert await code(f"{payload}&signature=00", "short") == (401, -2014)
    assert await code(f"{payload}&signature=00", "x" * 64) == (401, -2015)
    assert await code(f"{payload}&signature=00") == (400, -1022)
    assert await code(f"{payload}&signature=nonsense") == (400, -1022)
    assert await code(payload) == (400, -1102)
    assert await code("signature=00") == (400, -1102)
    assert await code(f"{payload}&recvWindow=60001&signature=00") == (400, -1131)


async def test_a_timestamp_must_be_of_now_by_the_exchanges_clock(
    slow_sim: SimServer, http: aiohttp.ClientSession
) -> None:
    binance = Binance(slow_sim, http)
    now = await binance.now()
    for timestamp in (now - 60_000, now + 60_000):
        status, body = await binance.get("/api/v3/account", recvWindow=None, timestamp=timestamp)
        assert (status, body["code"]) == (400, -1021)

    assert (await binance.get("/api/v3/account"))[0] == 200
    assert (await binance.get("/api/v3/account", timestamp=now * 1_000))[0] == 200, "microseconds"


async def test_a_key_that_may_not_read_is_refused(binance: Binance) -> None:
    status, body = await binance.get("/api/v3/account", BINANCE["blind"])

    assert (status, body["code"]) == (401, -2015)


async def test_a_signature_is_for_one_exchange(sim: SimServer, http: aiohttp.ClientSession) -> None:
    status, body = await Binance(sim, http, "binance_us").get("/api/v3/account")

    assert (status, body["code"]) == (401, -2015)


async def test_trades_go_on_from_a_number_and_come_by_the_day(binance: Binance) -> None:
    _, whole = await binance.get("/api/v3/myTrades", symbol="ETHUSDT", limit=1000)
    assert [row["id"] for row in whole] == sorted(row["id"] for row in whole)
    middle = whole[len(whole) // 2]

    _, later = await binance.get("/api/v3/myTrades", symbol="ETHUSDT", fromId=middle["id"], limit=2)
    assert later == whole[len(whole) // 2 :][:2]
    day = {"startTime": middle["time"], "endTime": middle["time"] + 86_400_000}
    _, of_day = await binance.get("/api/v3/myTrades", symbol="ETHUSDT", **day)
    assert middle in of_day
    status, body = await binance.get("/api/v3/myTrades", symbol="ETHUSDT", startTime=0, endTime=86_400_001)
    assert (status, body["code"]) == (400, -1127)
    _, orders = await binance.get("/api/v3/allOrders", symbol="ETHUSDT", limit=1000)
    assert {row["orderId"] for row in orders} == {row["orderId"] for row in whole}


async def test_private_requests_weigh_on_the_address_as_others_do(binance: Binance) -> None:
    async with binance.http.get(f"{binance.origin}/api/v3/account", headers={"X-MBX-APIKEY": "x"}) as response:
        used = int(response.headers["X-MBX-USED-WEIGHT-1M"])

    assert used >= 20


def a_portfolio(exchange: str, *, in_base: bool, seed: int = 7) -> SimPortfolio:
    settings = settings_of(seed=seed)
    plan = FeePlan(Decimal("0.001"), Decimal("0.002"), in_base)
    return SimPortfolio(market_of(settings, exchange, ()), seed, plan, opened_at(START))


@pytest.mark.parametrize(("exchange", "in_base"), [("coinbase", False), ("binance", True)])
def test_balances_are_what_fills_have_left(exchange: str, in_base: bool) -> None:
    early, late = a_portfolio(exchange, in_base=in_base), a_portfolio(exchange, in_base=in_base)
    before = early.balances_at(early.opened_at)
    fills = late.fills_until(START)
    after = late.balances_at(START)

    assert len(fills) > 100
    assert all(sum(pair) >= 0 for pair in after.values()), "nothing is sold that is not held"
    for currency, (free, held) in after.items():
        change = Decimal(0)
        for fill in fills:
            sign = 1 if fill.is_buy else -1
            change += sign * fill.size if fill.listed.base == currency else 0
            change -= sign * fill.value if fill.listed.quote == currency else 0
            change -= fill.fee if fill.fee_currency == currency else 0
        assert free + held == sum(before.get(currency, (Decimal(0),))) + change, currency


def test_the_account_is_the_same_however_often_it_is_looked_at() -> None:
    often, once = a_portfolio("coinbase", in_base=False), a_portfolio("coinbase", in_base=False)
    for weeks in range(40, 0, -1):
        often.fills_until(START - weeks * 7 * 86_400_000)

    assert often.fills_until(START) == once.fills_until(START)
    assert often.fills_until(START) != a_portfolio("coinbase", in_base=False, seed=8).fills_until(START)


def test_keys_are_the_same_in_every_run_and_different_from_each_other() -> None:
    first, second = keys_by_exchange(), keys_by_exchange()
    flat = [(key.key, key.secret) for keys in first.values() for key in keys]

    assert flat == [(key.key, key.secret) for keys in second.values() for key in keys]
    assert len({key for key, _ in flat}) == len(flat) == len({secret for _, secret in flat})
    assert all(key.secret not in repr(key) for keys in first.values() for key in keys)
