"""Who a token says somebody is."""

from dataclasses import dataclass

from livermore.core.market.timeframe import Millis


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified token says; `issuer` and `subject` together name somebody for ever."""

    issuer: str
    subject: str
    expires_at: Millis
    email: str | None = None
    is_email_verified: bool = False
    name: str | None = None
    picture_url: str | None = None
