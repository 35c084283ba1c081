"""What commands about accounts do: what is read is kept whole, and what is wrong is said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from livermore.core.account.account import CredentialNames, KeyPermissions
from livermore.core.account.portfolio import KeptAccount
from livermore.core.instance.commands import CommandType, SyncAccounts, TestConnection, a_command
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError, CredentialsRefused, ExchangeUnavailable, InvalidRequest, StoreUnavailable
from livermore.runtime.account_executors import (
    NO_ADMIN,
    NO_DATABASE,
    NO_PERSON,
    AccountBook,
    Accounts,
    account_executors,
)
from livermore.runtime.control import Details, Later
from runtime.test_accounts import FakeAccount

STATUS = Status(
    1, "coinbase", "one", 4, State.ACTIVE, FeedState.LIVE, 1, 2, 3, "box", 1, "0", admin_email="ada@example.org"
)
NAMES = CredentialNames("A_KEY", "A_SECRET")


@dataclass
class FakeBook:
    """A book in memory that knows one person."""

    person: str | None = "ada@example.org"
    is_away: bool = False
    kept: list[tuple[str, KeptAccount]] = field(default_factory=list)
    connections: list[tuple[str | None, KeyPermissions | None]] = field(default_factory=list)

    async def credential_names(self, email: str, exchange_id: int) -> CredentialNames | None:
        return NAMES if email == self.person else None

    async def keep_account(self, email: str, exchange_id: int, account: KeptAccount, at: Millis) -> bool:
        if self.is_away:
            raise StoreUnavailable("away")
        self.kept.append((email, account))
        return True

    async def keep_connection(
        self, email: str, exchange_id: int, error: str | None, permissions: KeyPermissions | None, at: Millis
    ) -> bool:
        self.connections.append((error, permissions))
        return email == self.person


@dataclass
class Desk:
    """An instance with an account, and what it was opened with."""

    account: FakeAccount = field(default_factory=FakeAccount)
    book: AccountBook | None = None
    status: Status = STATUS
    missing: ConfigError | None = None
    opened: list[CredentialNames | None] = field(default_factory=list)

    async def does(self, kind: CommandType) -> Details:
        @asynccontextmanager
        async def opening(names: CredentialNames | None) -> AsyncIterator[FakeAccount]:
            if self.missing is not None:
                raise self.missing
            self.opened.append(names)
            yield self.account

        payload = SyncAccounts() if kind is CommandType.SYNC_ACCOUNTS else TestConnection()
        command = a_command(1, "c-1", payload, "somebody@else.org", 1)
        executors = account_executors(Accounts(lambda: self.status, opening, self.book, lambda: 7))
        outcome = await executors[kind](command, lambda *_: None)
        assert isinstance(outcome, Later), "an exchange that takes its time holds nobody up"
        return await outcome.rest()


async def test_a_connection_that_works_is_told_and_kept_with_the_warnings_of_its_key() -> None:
    book = FakeBook()
    trader = KeyPermissions(may_view=True, may_trade=True, may_transfer=False)
    desk = Desk(FakeAccount(can=trader), book)
    details = await desk.does(CommandType.TEST_CONNECTION)

    assert (details["isConnected"], details["isKept"], details["error"]) == (True, True, None)
    assert [warning["code"] for warning in details["warnings"]] == ["may_trade"]  # type: ignore[union-attr,index,call-overload]
    assert book.connections == [(None, trader)]
    assert desk.opened == [NAMES], "the admin's variables, whoever gave the command"


async def test_a_refused_key_is_a_result_and_kept_as_a_failure() -> None:
    book = FakeBook()
    desk = Desk(FakeAccount(errors={"permissions": CredentialsRefused("not that key")}), book)
    details = await desk.does(CommandType.TEST_CONNECTION)

    assert (details["isConnected"], details["error"]) == (False, "not that key")
    assert book.connections == [("not that key", None)]


async def test_variables_that_are_not_set_are_no_connection() -> None:
    details = await Desk(missing=ConfigError("X is not set")).does(CommandType.TEST_CONNECTION)

    assert (details["isConnected"], details["error"], details["note"]) == (False, "X is not set", NO_DATABASE)


async def test_an_exchange_that_is_away_says_nothing_of_the_key() -> None:
    book = FakeBook()
    with pytest.raises(ExchangeUnavailable):
        await Desk(FakeAccount(errors={"permissions": ExchangeUnavailable("away")}), book).does(
            CommandType.TEST_CONNECTION
        )

    assert book.connections == []


async def test_an_account_is_read_kept_and_told() -> None:
    book = FakeBook()
    details = await Desk(book=book).does(CommandType.SYNC_ACCOUNTS)

    ((email, kept),) = book.kept
    assert email == "ada@example.org"
    assert [(one.currency, one.quantity, one.cost) for one in kept.holdings] == [("BTC", Decimal(1), Decimal("100.6"))]
    assert kept.symbols == {"BTC": "BTC-USD"}
    assert kept.fees == {name: details[name] for name in ("fills", "remarks", "tier", "fees")}
    assert (details["holdings"], details["fills"], details["warnings"], details["isKept"]) == (1, 1, [], True)
    assert details["fees"]["totals"][0]["fees"] == "0.6"  # type: ignore[index,call-overload]
    assert details["tier"]["name"] == "Intro 1"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("part", ["balances", "tier", "fills"])
async def test_what_was_read_in_part_is_not_kept(part: str) -> None:
    book = FakeBook()
    with pytest.raises(ExchangeUnavailable):
        await Desk(FakeAccount(errors={part: ExchangeUnavailable("away")}), book).does(CommandType.SYNC_ACCOUNTS)

    assert book.kept == []


async def test_a_key_that_is_refused_while_reading_is_kept_as_a_failure() -> None:
    book = FakeBook()
    with pytest.raises(CredentialsRefused):
        await Desk(FakeAccount(errors={"fills": CredentialsRefused("not that")}), book).does(CommandType.SYNC_ACCOUNTS)

    assert book.connections == [("not that", None)]


async def test_missing_credentials_fail_the_reading_by_their_names() -> None:
    with pytest.raises(InvalidRequest, match="X is not set"):
        await Desk(missing=ConfigError("X is not set")).does(CommandType.SYNC_ACCOUNTS)


async def test_a_database_that_is_away_fails_the_command() -> None:
    with pytest.raises(StoreUnavailable):
        await Desk(book=FakeBook(is_away=True)).does(CommandType.SYNC_ACCOUNTS)


@pytest.mark.parametrize(
    ("book", "status", "note"),
    [
        (None, STATUS, NO_DATABASE),
        (FakeBook(), replace(STATUS, admin_email=None), NO_ADMIN),
        (FakeBook(person="another@example.org"), STATUS, NO_PERSON),
    ],
)
async def test_where_nothing_can_be_kept_the_account_is_told_all_the_same(
    book: FakeBook | None, status: Status, note: str
) -> None:
    details = await Desk(book=book, status=status).does(CommandType.SYNC_ACCOUNTS)

    assert (details["isKept"], details["note"], details["holdings"]) == (False, note, 1)
    assert book is None or book.kept == []
