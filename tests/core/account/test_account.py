"""A key that may do more than look is warned of."""

from decimal import Decimal

from core.account.trades import a_fill
from livermore.core.account.account import Balance, KeyPermissions


def test_a_key_that_may_only_view_has_no_warnings() -> None:
    assert KeyPermissions(may_view=True, may_trade=False, may_transfer=False).warnings() == ()


def test_trading_and_moving_money_are_two_warnings() -> None:
    warnings = KeyPermissions(may_view=True, may_trade=True, may_transfer=True).warnings()

    assert [warning.code for warning in warnings] == ["may_trade", "may_transfer"]
    assert all("only view" in warning.text for warning in warnings)


def test_permissions_of_the_account_alone_are_said_to_be_so() -> None:
    permissions = KeyPermissions(may_view=True, may_trade=True, may_transfer=False, is_of_account=True)

    assert [warning.code for warning in permissions.warnings()] == ["may_trade", "permissions_of_account"]


def test_a_balance_is_what_is_free_and_what_is_held() -> None:
    assert Balance("BTC", Decimal("0.1"), Decimal("0.2")).quantity == Decimal("0.3")


def test_a_fill_knows_its_currencies() -> None:
    fill = a_fill(symbol="ETH-USDT")

    assert (fill.base, fill.quote) == ("ETH", "USDT")
