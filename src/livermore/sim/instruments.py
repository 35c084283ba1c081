"""What the simulated exchanges list: realistic names, from liquid to so thin that most 5m buckets are empty."""

import math
from dataclasses import dataclass
from enum import StrEnum

from livermore.sim.noise import key_of, uniform_at
from livermore.sim.price import Asset

_LEADERS = """
BTC Bitcoin 68000|ETH Ethereum 3400|SOL Solana 165|XRP XRP 1.9|DOGE Dogecoin 0.21|ADA Cardano 0.62
LINK Chainlink 17.5|AVAX Avalanche 31|LTC Litecoin 96|BCH Bitcoin-Cash 455|DOT Polkadot 5.9|UNI Uniswap 9.2
XLM Stellar 0.29|HBAR Hedera 0.21|SUI Sui 2.7|NEAR NEAR-Protocol 4.1|APT Aptos 7.8|AAVE Aave 215
ICP Internet-Computer 8.3|ETC Ethereum-Classic 24|FIL Filecoin 4.4|ATOM Cosmos 6.3|ARB Arbitrum 0.52
OP Optimism 1.15|INJ Injective 16|RENDER Render 5.6|GRT The-Graph 0.16|ALGO Algorand 0.23
SHIB Shiba-Inu 0.0000192|PEPE Pepe 0.0000118|TIA Celestia 4.6|SEI Sei 0.38|IMX Immutable 1.05|STX Stacks 1.35
MKR Maker 1720|CRV Curve-DAO 0.61|LDO Lido-DAO 1.6|SAND The-Sandbox 0.42|MANA Decentraland 0.39
AXS Axie-Infinity 4.9|ENS Ethereum-Name-Service 24|COMP Compound 58|SNX Synthetix 1.3|ZRX 0x 0.37
BAT Basic-Attention 0.19|CHZ Chiliz 0.066|FLOW Flow 0.61|EOS EOS 0.72|XTZ Tezos 0.94|ZEC Zcash 48|DASH Dash 31
KSM Kusama 23|ENJ Enjin 0.17|ANKR Ankr 0.027|SKL SKALE 0.041|STORJ Storj 0.42|KNC Kyber-Network 0.49
RAD Radworks 1.02|BAL Balancer 2.1|BAND Band 1.2
"""
_SYLLABLES = ("ZA", "KO", "MI", "RE", "TU", "VA", "LO", "NI", "QU", "SY", "PE", "DA", "FO", "GI", "HU", "XE")
_STABLE_RANK = 5
_LIQUID_SHARE, _MEDIUM_SHARE = 0.45, 0.25
_DELISTED = ("RNDR", "Render (old)", 4.2)
_MOST_SYMBOLS = 4_000
_BUSIEST = 2_000.0


class Liquidity(StrEnum):
    """How often a symbol trades."""

    LIQUID = "liquid"
    MEDIUM = "medium"
    THIN = "thin"


@dataclass(frozen=True, slots=True)
class Listed:
    """One product of one simulated exchange; prices and sizes are whole numbers of its increments.

    Turnover is counted in ``10**-turnover_decimals`` of the quote currency.

    `bursts` is the mean number of trading moments in a 5m bucket and `burst` the trades in each of them; `usual_size`
    is the size of a trade. `aliases` are other spellings that answer as this product.
    """

    symbol: str
    product: str
    base: str
    quote: str
    base_name: str
    asset: Asset
    price_decimals: int
    size_decimals: int
    turnover_decimals: int
    bursts: float
    burst: int
    usual_size: int
    is_trading: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Coin:
    base: str
    name: str
    price: float


def listing(seed: int, exchange: str, count: int) -> tuple[Listed, ...]:
    """The `count` products of an exchange, the most liquid first, and after them a stable coin and a delisted one.

    An asset has the same fair price on every exchange. `exchange` is ``coinbase``, ``binance`` or ``binance_us``.
    """
    coins = _coins(count)
    products = [_listed(seed, exchange, coin, rank, count) for rank, coin in enumerate(coins)]
    stable = _listed(seed, exchange, _Coin("", "", 1.0), min(_STABLE_RANK, count - 1), count)
    gone = _listed(seed, exchange, _Coin(*_DELISTED), count, count, is_trading=False)
    return (*products, stable, gone)


def listed_pair(symbol: str, exchange: str, price: float, decimals: tuple[int, int, int]) -> Listed:
    """A product known only by its ``BASE-QUOTE`` symbol; `decimals` are those of price, size and turnover."""
    base, quote = symbol.split("-")
    product = symbol if exchange == "coinbase" else base + quote
    asset = Asset(base, price, 0.0)
    return Listed(symbol, product, base, quote, base, asset, *decimals, 1.0, 1, 1)


def _coins(count: int) -> list[_Coin]:
    leaders = [line.rsplit(" ", 1) for line in _LEADERS.replace("\n", "|").split("|") if line]
    coins = [_Coin(name.split(" ")[0], name.split(" ")[1].replace("-", " "), float(price)) for name, price in leaders]
    known = {coin.base for coin in coins}
    for number in range(_MOST_SYMBOLS):
        if len(coins) >= count:
            break
        base = "".join(_SYLLABLES[number // 16**place % 16] for place in range(3))
        if base not in known:
            coins.append(_Coin(base, base.capitalize(), 0.001 * 1.9 ** (number % 17)))
    return coins[:count]


def _listed(seed: int, exchange: str, coin: _Coin, rank: int, count: int, *, is_trading: bool = True) -> Listed:
    quote = _quote(exchange, rank)
    if not coin.base:
        # The stable coin is whatever the exchange does not already count in.
        coin = _Coin("USDT", "Tether", 1.0) if exchange == "coinbase" else _Coin("USDC", "USD Coin", 1.0)
        volatility = 0.000002
    else:
        volatility = 0.0006 + 0.0007 * uniform_at(key_of(seed, "volatility", coin.base), 0)
    size_decimals = min(8, max(0, round(math.log10(coin.price)) + 3))
    bursts, burst, notional = _liquidity(seed, exchange, coin.base, rank, count)
    price_decimals = min(8, max(2, 5 - math.floor(math.log10(coin.price))))
    symbol = f"{coin.base}-{quote}"
    return Listed(
        symbol=symbol,
        product=symbol if exchange == "coinbase" else coin.base + quote,
        base=coin.base,
        quote=quote,
        base_name=coin.name,
        asset=Asset(coin.base, coin.price, volatility),
        price_decimals=price_decimals,
        size_decimals=size_decimals,
        turnover_decimals=price_decimals + size_decimals,
        bursts=bursts,
        burst=burst,
        usual_size=max(1, round(notional / coin.price * 10**size_decimals)),
        is_trading=is_trading,
        aliases=(f"{coin.base}-USDC",) if exchange == "coinbase" and is_trading and rank < 3 else (),
    )


def _quote(exchange: str, rank: int) -> str:
    if exchange == "coinbase":
        return "USD"
    return "USD" if exchange == "binance_us" and rank % 3 == 1 else "USDT"


def liquidity_of(rank: int, count: int) -> Liquidity:
    """How liquid the product of a rank is, of so many."""
    place = rank / count
    if place < _LIQUID_SHARE:
        return Liquidity.LIQUID
    return Liquidity.MEDIUM if place < _LIQUID_SHARE + _MEDIUM_SHARE else Liquidity.THIN


def _liquidity(seed: int, exchange: str, base: str, rank: int, count: int) -> tuple[float, int, float]:
    """Mean trading moments in a bucket, trades in each, and the usual worth of a trade in the quote currency."""
    chance = uniform_at(key_of(seed, "liquidity", exchange, base), 0)
    liquidity = liquidity_of(rank, count)
    if liquidity is Liquidity.LIQUID:
        # The busiest trade several times a second, as they do, and in smaller pieces.
        bursts = 40.0 + 140.0 * chance / (1 + rank) + _BUSIEST / (1 + rank)
        return bursts, 1, 1_500.0 * (bursts - _BUSIEST / (1 + rank)) / bursts
    if liquidity is Liquidity.MEDIUM:
        return 2.0 + 8.0 * chance, 1, 350.0
    return 0.08 + 0.2 * chance, 3, 90.0
