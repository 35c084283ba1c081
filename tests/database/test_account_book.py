"""What an instance read of its admin's account is kept under the admin's address."""

from decimal import Decimal

from database.examples import a_user
from database.server import NOW
from livermore.core.account.account import CredentialNames, KeyPermissions
from livermore.core.account.portfolio import Holding, KeptAccount
from livermore.core.account.settings import ExchangeAccess
from livermore.database.account_book import PostgresAccountBook
from livermore.database.connect import Pool, transaction
from livermore.database.exchanges import ConnectionStatus, save_user_exchange, user_exchanges
from livermore.database.positions import AccountFees, fees_of, positions_of

VIEWER = KeyPermissions(may_view=True, may_trade=False, may_transfer=False)
JESSE = "jesse@example.com"


async def test_holdings_and_connection_are_kept_for_a_person_and_for_nobody_else(pool: Pool) -> None:
    book = PostgresAccountBook(pool)
    async with transaction(pool) as connection:
        user = await a_user(connection)
    bitcoin = Holding("BTC", Decimal("0.3"), Decimal("0.1"), Decimal("0.2"), Decimal("12345.67890123456789"))

    assert await book.keep_connection(JESSE, 1, None, VIEWER, NOW)
    kept = KeptAccount([bitcoin], {"BTC": "BTC-USD"}, {"fills": 3})
    assert await book.keep_account(JESSE, 1, kept, NOW)
    assert not await book.keep_connection("nobody@example.com", 1, None, VIEWER, NOW)
    assert not await book.keep_account("nobody@example.com", 1, kept, NOW)
    async with transaction(pool) as connection:
        (position,) = await positions_of(connection, user.id)
        (access,) = await user_exchanges(connection, user.id)
        fees = await fees_of(connection, user.id, 1)
        assert await fees_of(connection, user.id, 2) is None
    assert fees == AccountFees({"fills": 3}, NOW)
    assert (position.holding, position.symbol) == (bitcoin, "BTC-USD")
    assert (access.connection_status, access.can_trade) == (ConnectionStatus.CONNECTED, False)


async def test_a_refusal_is_kept_with_its_reason(pool: Pool) -> None:
    book = PostgresAccountBook(pool)
    async with transaction(pool) as connection:
        user = await a_user(connection)
    await book.keep_connection(JESSE, 2, "the key is unknown", None, NOW)

    async with transaction(pool) as connection:
        (access,) = await user_exchanges(connection, user.id)
    assert (access.connection_status, access.connection_error) == (ConnectionStatus.FAILED, "the key is unknown")


async def test_the_names_of_credentials_are_those_that_were_set_up(pool: Pool) -> None:
    book = PostgresAccountBook(pool)
    async with transaction(pool) as connection:
        user = await a_user(connection)
        access = ExchangeAccess(api_key_env="MY_KEY", api_secret_env="MY_SECRET")
        await save_user_exchange(connection, user.id, 1, access, NOW)
        await save_user_exchange(connection, user.id, 2, ExchangeAccess(api_key_env="ONLY_A_KEY"), NOW)

    assert await book.credential_names(JESSE, 1) == CredentialNames("MY_KEY", "MY_SECRET")
    assert await book.credential_names(JESSE, 2) is None
    assert await book.credential_names("nobody@example.com", 1) is None
