"""What an exchange tells of somebody's account: balances, fills, what is paid, and what the key may do."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from livermore.core.account.money import EXACT
from livermore.core.market.timeframe import Millis

MAY_TRADE: Final = "may_trade"
MAY_TRANSFER: Final = "may_transfer"
PERMISSIONS_OF_ACCOUNT: Final = "permissions_of_account"


class Side(StrEnum):
    """Which way a fill went, seen by the owner of the account."""

    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True)
class CredentialNames:
    """The names of the environment variables that hold a key and its secret."""

    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class KeyWarning:
    """Why a key should be replaced: a stable `code`, and the words for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class KeyPermissions:
    """What a key may do.

    `is_of_account` says that the exchange told only what the account may do: the key itself may be allowed less.
    """

    may_view: bool
    may_trade: bool
    may_transfer: bool
    is_of_account: bool = False

    def warnings(self) -> tuple[KeyWarning, ...]:
        """What is wrong with using this key for reading alone."""
        found = []
        subject = "the account of this key" if self.is_of_account else "this key"
        if self.may_trade:
            text = f"{subject} may trade: Livermore only reads, so use a key that may only view"
            found.append(KeyWarning(MAY_TRADE, text))
        if self.may_transfer:
            text = f"{subject} may move money out: Livermore only reads, so use a key that may only view"
            found.append(KeyWarning(MAY_TRANSFER, text))
        if found and self.is_of_account:
            text = "the exchange does not tell what the key alone may do: look at it on the exchange's own page"
            found.append(KeyWarning(PERMISSIONS_OF_ACCOUNT, text))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Balance:
    """How much of a currency is there: free to use, and held for open orders."""

    currency: str
    available: Decimal
    held: Decimal

    @property
    def quantity(self) -> Decimal:
        """All of it."""
        return EXACT.add(self.available, self.held)


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an order.

    `size` is in the base currency, `value` in the quote currency before fees, `fee` in `fee_currency`; a rebate is a
    negative fee. `is_maker` is None where the exchange does not say.
    """

    id: str
    order_id: str
    symbol: str
    side: Side
    filled_at: Millis
    price: Decimal
    size: Decimal
    value: Decimal
    fee: Decimal
    fee_currency: str
    is_maker: bool | None = None

    @property
    def base(self) -> str:
        """What was bought or sold."""
        return self.symbol.partition("-")[0]

    @property
    def quote(self) -> str:
        """What was paid with."""
        return self.symbol.partition("-")[2]


@dataclass(frozen=True, slots=True)
class FillHistory:
    """The fills of a period, oldest first, and what has to be said of them: what was left out, and why."""

    fills: tuple[Fill, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeTier:
    """What the exchange charges at present; rates are fractions (0.006 is 0.6 %).

    `name` is None where the exchange has no name for it. `volume_30d` and `fees_30d` are in dollars and None where the
    exchange does not tell.
    """

    name: str | None
    maker_rate: Decimal
    taker_rate: Decimal
    volume_30d: Decimal | None = None
    fees_30d: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountReport:
    """All that was read of an account at once; the warnings of its key travel with it."""

    permissions: KeyPermissions
    balances: tuple[Balance, ...]
    tier: FeeTier
    history: FillHistory

    def warnings(self) -> tuple[KeyWarning, ...]:
        """What is wrong with the key."""
        return self.permissions.warnings()
