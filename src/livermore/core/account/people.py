"""Who uses Livermore, and what they may do there."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do: run everything, use it, or follow what they subscribed to."""

    ADMIN = "admin"
    USER = "user"
    SUBSCRIBER_BASIC = "subscriber_basic"
    SUBSCRIBER_PRO = "subscriber_pro"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an issuer says somebody is; `provider` and `subject` never change, all else may."""

    provider: str
    subject: str
    email: str
    is_email_verified: bool = False
    username: str | None = None
    display_name: str | None = None
    picture_url: str | None = None
