"""People as they are shown: themselves, their keys, and how they sign in."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from livermore.api.models.shape import Asked, Instant, Shown
from livermore.api.scopes import Scope
from livermore.core.account.people import Role


class UserShown(Shown):
    """Somebody who may sign in while `isActive`."""

    id: str = Field(examples=["7"])
    username: str
    email: str = Field(examples=["ada@example.org"])
    display_name: str
    picture_url: str | None
    role: Role
    is_active: bool
    identity_provider: str | None = Field(examples=["https://clerk.example.org"])
    last_login_at: Instant | None
    created_at: Instant


class UserChange(Asked):
    """What an admin changes of somebody."""

    role: Role | None = None
    is_active: bool | None = None


class SyncAsked(Asked):
    """What the front end adds to its own person's token; who that is, and their address, the token alone says."""

    username: str | None = Field(default=None, max_length=100)
    display_name: str | None = Field(default=None, max_length=255)
    picture_url: str | None = Field(default=None, max_length=2_000, pattern=r"^https://")


class SignInAsked(Asked):
    """The token of a sign-in link."""

    token: str = Field(min_length=1, max_length=200)


class GrantShown(Shown):
    """An access token; its renewal is in a cookie that only the server reads."""

    access_token: str
    expires_at: Instant


class LinkAsked(Asked):
    """For whom a sign-in link is to be."""

    email: str = Field(max_length=255, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.org"])


class LinkShown(Shown):
    """A sign-in link, to be opened once within a day."""

    path: str = Field(description="append it to the address of the server", examples=["/sign-in#token=…"])
    expires_at: Instant


class ServerShown(Shown):
    """What a front end has to know before anybody has signed in."""

    version: str = Field(examples=["0.1.0"])
    time: Instant
    sign_in: Literal["local", "oidc"]
    issuers: Sequence[str] = Field(examples=[["https://clerk.example.org"]])
    clerk_publishable_key: str | None = Field(
        description="where the screens have people sign in with Clerk", examples=["pk_live_Y2xlcmsuZXhhbXBsZS5vcmck"]
    )


class KeyAsked(Asked):
    """A key to be made for a partner's program."""

    name: str = Field(min_length=1, max_length=100, pattern=r"\S", examples=["dashboard of a partner"])
    scopes: Sequence[Scope] = Field(min_length=1, max_length=20)
    expires_at: Instant | None = Field(default=None, ge=0, le=2**52, description="ms UTC")
    requests_per_minute: int = Field(default=120, ge=1, le=60_000)


class KeyShown(Shown):
    """A key without its secret."""

    id: str = Field(examples=["3"])
    user_id: str = Field(examples=["7"])
    name: str
    prefix: str = Field(description="the beginning of the key, by which people know it", examples=["lvm_a1b2c3d4"])
    scopes: Sequence[str]
    requests_per_minute: int
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None


class KeyMade(Shown):
    """A new key: `secret` is shown this once and kept nowhere."""

    key: KeyShown
    secret: str = Field(examples=["lvm_…"])


class WebhookTaken(Shown):
    """What became of a message from Clerk."""

    outcome: Literal["created", "updated", "deleted", "ignored"]
