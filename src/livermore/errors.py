"""Every error the house raises, as one tree.

LivermoreError                        message = what; ``context`` = keys for the log line
|-- ConfigError                       the operator must act; the process does not start
|   |-- UnknownExchange               a name no adapter answers to
|   `-- UnknownTimeframe              a length we do not keep
|-- RequestError                      the caller is wrong
|   |-- InvalidRequest   NotFound   Conflict
|   |-- NobodyListens                 a command was sent where no instance is
|   |-- Unauthenticated   Forbidden   nobody knows who is asking; who is asking may not
|   |-- TooManyRequests               whoever asks has to wait
|-- DataError                         the outside sent nonsense: drop that datum, count it, keep a sample
|   |-- MalformedMessage   InvalidCandle
|-- ExchangeError
|   |-- ExchangeUnavailable           connection, time-out, 5xx [transient]
|   |-- RateLimited                   429 or 418 [transient]
|   `-- ExchangeRefused               geo block, unknown product
|       `-- CredentialsRefused        the key is unknown, wrong or may not do that
|-- StoreError
|   |-- StoreUnavailable              Redis or PostgreSQL is away [transient]
|   |-- CorruptRecord                 what the store holds is not what we wrote
|   |-- StoreFellBack                 the store has lost what was written to it last: read it anew
|   `-- ClaimLost                     another instance serves this exchange: stop the session
|-- NotifyError
|   |-- ChannelUnavailable            a channel to people is away or wants us to wait [transient]
|   |-- ChannelRefused                a channel will never take that: a wrong address, a forbidden target
|   `-- PictureFailed                 the picture of an alert was not drawn; the alert goes without it
`-- StateError
    |-- AlreadyServed                 another instance has the claim; the message says which
    |-- NotPossibleNow                a command that the present state does not allow
    |-- CommandUnanswered             an instance may have a command, and has not answered in time
    `-- IllegalTransition             the state table has no such edge
"""

from typing import ClassVar


class LivermoreError(Exception):
    """Something went wrong."""

    transient: ClassVar[bool] = False

    def __init__(self, message: str = "", **context: object) -> None:
        super().__init__(message or self.__class__.__doc__ or "")
        self.context = context


class ConfigError(LivermoreError):
    """The configuration cannot be used."""


class UnknownExchange(ConfigError):
    """No adapter answers to that name."""


class UnknownTimeframe(ConfigError):
    """That timeframe is not kept."""


class RequestError(LivermoreError):
    """The request cannot be carried out as it stands."""


class InvalidRequest(RequestError):
    """The request is not well formed."""


class NotFound(RequestError):
    """There is no such thing."""


class NobodyListens(RequestError):
    """No instance of the exchange is there to hear a command."""


class Unauthenticated(RequestError):
    """Sign in first."""


class Forbidden(RequestError):
    """That is not allowed to you."""


class TooManyRequests(RequestError):
    """Too many requests."""

    def __init__(self, message: str = "", *, retry_after_seconds: float, **context: object) -> None:
        super().__init__(message, **context)
        self.retry_after_seconds = retry_after_seconds


class Conflict(RequestError):
    """Somebody else was faster; look again and repeat."""


class DataError(LivermoreError):
    """The outside sent something impossible."""


class MalformedMessage(DataError):
    """A message could not be read."""


class InvalidCandle(DataError):
    """A candle contradicts itself."""


class ExchangeError(LivermoreError):
    """The exchange did not do what was asked."""


class ExchangeUnavailable(ExchangeError):
    """The exchange cannot be reached or is out of order."""

    transient: ClassVar[bool] = True


class RateLimited(ExchangeError):
    """The exchange asks us to wait."""

    transient: ClassVar[bool] = True

    def __init__(self, message: str = "", *, retry_after_seconds: float, **context: object) -> None:
        super().__init__(message, **context)
        self.retry_after_seconds = retry_after_seconds


class ExchangeRefused(ExchangeError):
    """The exchange understood and said no."""


class CredentialsRefused(ExchangeRefused):
    """The exchange does not accept the credentials."""


class StoreError(LivermoreError):
    """The store did not do what was asked."""


class StoreUnavailable(StoreError):
    """The store cannot be reached."""

    transient: ClassVar[bool] = True


class CorruptRecord(StoreError):
    """The store holds something we did not write."""


class StoreFellBack(StoreError):
    """The store has lost what was written to it last."""


class ClaimLost(StoreError):
    """Another instance serves this exchange now."""


class NotifyError(LivermoreError):
    """People could not be told."""


class ChannelUnavailable(NotifyError):
    """The channel cannot be reached, or wants us to wait; `retry_after_seconds` says how long, where it does."""

    transient = True

    def __init__(self, message: str = "", *, retry_after_seconds: float | None = None, **context: object) -> None:
        super().__init__(message, **context)
        self.retry_after_seconds = retry_after_seconds


class ChannelRefused(NotifyError):
    """The channel will never take that."""


class PictureFailed(NotifyError):
    """The picture was not drawn."""


class StateError(LivermoreError):
    """That is not possible in the present state."""


class AlreadyServed(StateError):
    """Another instance serves this exchange."""


class NotPossibleNow(StateError):
    """The present state does not allow that command."""


class CommandUnanswered(StateError):
    """No answer to the command has come in time; it may still be carried out."""


class IllegalTransition(StateError):
    """The state table has no such edge."""
