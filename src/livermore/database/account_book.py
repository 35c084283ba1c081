"""What an instance keeps of its admin's account: holdings, fees, and whether the exchange takes the credentials."""

from livermore.core.account.account import CredentialNames, KeyPermissions
from livermore.core.account.portfolio import KeptAccount
from livermore.core.market.exchange import WATCHED
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Pool, transaction
from livermore.database.exchanges import ConnectionStatus, record_connection, user_exchanges
from livermore.database.positions import replace_fees, replace_positions
from livermore.database.settings import settings_of_email
from livermore.database.users import user_by_email


class PostgresAccountBook:
    """The book in PostgreSQL.

    Each call is a transaction of its own and raises StoreUnavailable when PostgreSQL cannot be used.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def credential_names(self, email: str, exchange_id: int) -> CredentialNames | None:
        """The variables that somebody has named for the credentials of an exchange; None unless both are.

        What was set up for the exchange goes before what their settings say of it.
        """
        async with transaction(self._pool) as connection:
            user = await user_by_email(connection, email)
            rows = () if user is None else await user_exchanges(connection, user.id)
            stored = await settings_of_email(connection, email)
        found = [(row.api_key_env_var, row.api_secret_env_var) for row in rows if row.exchange_id == exchange_id]
        if stored is not None:
            said = (stored.settings.exchanges.get(one.name) for one in WATCHED if one.id == exchange_id)
            found += [(access.api_key_env, access.api_secret_env) for access in said if access is not None]
        return next((CredentialNames(key, secret) for key, secret in found if key and secret), None)

    async def keep_account(self, email: str, exchange_id: int, account: KeptAccount, at: Millis) -> bool:
        """Make what somebody holds and has paid what was just read; what is not held any more goes.

        Raises:
            NotFound: when the exchange was never set up or tried for them.
        """
        async with transaction(self._pool) as connection:
            user = await user_by_email(connection, email)
            if user is None:
                return False
            await replace_positions(connection, user.id, exchange_id, account.holdings, account.symbols, at)
            await replace_fees(connection, user.id, exchange_id, account.fees, at)
        return True

    async def keep_connection(
        self, email: str, exchange_id: int, error: str | None, permissions: KeyPermissions | None, at: Millis
    ) -> bool:
        """Note whether the exchange takes somebody's credentials, and what their key may do."""
        status = ConnectionStatus.CONNECTED if error is None else ConnectionStatus.FAILED
        async with transaction(self._pool) as connection:
            user = await user_by_email(connection, email)
            if user is None:
                return False
            await record_connection(
                connection,
                user.id,
                exchange_id,
                status,
                at,
                error=error,
                can_trade=None if permissions is None else permissions.may_trade,
                can_transfer=None if permissions is None else permissions.may_transfer,
            )
        return True
