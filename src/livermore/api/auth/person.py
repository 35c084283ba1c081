"""Who is asking: a person by a token, or a partner's program by a key."""

from dataclasses import dataclass

from livermore.api.scopes import Scope
from livermore.core.account.people import Role
from livermore.core.market.timeframe import Millis
from livermore.errors import Forbidden


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """The key by which a program asks."""

    id: int
    scopes: frozenset[Scope]
    requests_per_minute: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was let in until `until`; with a `key` it is a program of theirs."""

    user_id: int
    email: str
    role: Role
    until: Millis | None
    key: PartnerKey | None = None

    @property
    def name(self) -> str:
        """How they are called in the log."""
        return self.email if self.key is None else f"{self.email} by key {self.key.id}"

    def check_admin(self, deed: str) -> None:
        """Let an admin pass.

        Raises:
            Forbidden: when this is none, or only a key.
        """
        if self.role is not Role.ADMIN or self.key is not None:
            raise Forbidden(f"{deed} needs the role admin")
