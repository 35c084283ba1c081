"""The settings of people, versioned: nobody overwrites what they have not seen, and what was can be had again."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from psycopg.types.json import Jsonb

from livermore.core.account.patch import Json, merged
from livermore.core.account.people import Role
from livermore.core.account.settings import Settings, parse_settings, settings_json
from livermore.core.account.transfer import upgraded
from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query, Statement
from livermore.errors import Conflict, CorruptRecord, InvalidRequest, NotFound

VERSIONS_KEPT: Final = 200
PATCH_ATTEMPTS: Final = 50


class ChangeReason(StrEnum):
    """How a version of the settings came about."""

    UPDATE = "update"
    PATCH = "patch"
    IMPORT = "import"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class SettingsRow:
    """A version of a document as it is stored."""

    document: dict[str, Any]
    version: int
    changed_at: Millis


@dataclass(frozen=True, slots=True)
class SettingsOfUser:
    """The document of one of all users."""

    user_id: int
    role: Role
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """The settings at one version; 0 before anything was set."""

    settings: Settings
    version: int
    changed_at: Millis


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """The settings of one of all users."""

    user_id: int
    role: Role
    settings: Settings


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """That there was a version, who made it, how and when."""

    version: int
    reason: ChangeReason
    changed_by: str
    changed_at: Millis


_OF_USER: Final = Query("settings.settings_of_user", SettingsRow)
_OF_EMAIL: Final = Query("settings.settings_of_email", SettingsRow)
_OF_ALL: Final = Query("settings.all_settings", SettingsOfUser)
_REPLACE: Final = Query("settings.replace_settings", SettingsRow)
_RECORD: Final = Statement("settings.record_version")
_HISTORY: Final = Query("settings.settings_history", VersionEntry)
_VERSION: Final = Query("settings.settings_version", SettingsRow)
_FORGET: Final = Statement("settings.forget_versions")


async def settings_of(connection: Connection, user_id: int) -> StoredSettings:
    """The settings of a user.

    Raises:
        NotFound: when there is no such user.
        CorruptRecord: when somebody else wrote what cannot be read.
    """
    row = await _OF_USER.one(connection, user_id=user_id)
    if row is None:
        raise NotFound(f"there is no user {user_id}")
    return _read(row)


async def settings_of_email(connection: Connection, email: str) -> StoredSettings | None:
    """The settings of the user with that e-mail address, or None where there is none."""
    row = await _OF_EMAIL.one(connection, email=email)
    return None if row is None else _read(row)


async def all_settings(connection: Connection) -> tuple[PersonSettings, ...]:
    """The settings of everybody who may sign in; what cannot be read counts as not set."""
    found = []
    for row in await _OF_ALL.all(connection):
        try:
            settings = parse_settings(upgraded(row.document))
        except InvalidRequest:
            settings = Settings()
        found.append(PersonSettings(row.user_id, row.role, settings))
    return tuple(found)


async def update_settings(
    connection: Connection,
    user_id: int,
    settings: Settings,
    expected: int,
    *,
    by: str,
    at: Millis,
    reason: ChangeReason = ChangeReason.UPDATE,
) -> StoredSettings:
    """Replace the settings, if `expected` is still their version; belongs into a transaction.

    Raises:
        Conflict: when somebody else has changed them since; the context has the present `version`.
        NotFound: when there is no such user.
    """
    document = Jsonb(settings_json(settings))
    row = await _REPLACE.one(connection, user_id=user_id, document=document, expected=expected, at=at)
    if row is None:
        present = await settings_of(connection, user_id)
        raise Conflict(
            f"the settings are of version {present.version} by now, not {expected}; read them again and repeat",
            version=present.version,
        )
    version = row.version
    await _RECORD.run(connection, user_id=user_id, version=version, document=document, reason=reason, by=by, at=at)
    await _FORGET.run(connection, user_id=user_id, up_to=version - VERSIONS_KEPT)
    return StoredSettings(settings, version, row.changed_at)


async def patch_settings(
    connection: Connection, user_id: int, patch: Json, *, by: str, at: Millis, expected: int | None = None
) -> StoredSettings:
    """Change a part of the settings by a merge patch (RFC 7396).

    Without an `expected` version the patch is applied to whatever they are: two that change different parts at once
    both last.

    Raises:
        Conflict: when they are of another version than the expected one.
        InvalidRequest: when they would be no settings; nothing is changed.
        NotFound: when there is no such user.
    """
    for _ in range(PATCH_ATTEMPTS):
        present = await settings_of(connection, user_id)
        patched = parse_settings(merged(settings_json(present.settings), patch))
        version = present.version if expected is None else expected
        try:
            return await update_settings(connection, user_id, patched, version, by=by, at=at, reason=ChangeReason.PATCH)
        except Conflict:
            if expected is not None:
                raise
    raise Conflict("the settings change all the time; try again")


async def settings_history(
    connection: Connection, user_id: int, *, before: int | None = None, limit: int = 50
) -> tuple[VersionEntry, ...]:
    """The versions there were, newest first, those before one; the newest 200 are kept."""
    return await _HISTORY.all(connection, user_id=user_id, before=2**31 - 1 if before is None else before, limit=limit)


async def settings_version(connection: Connection, user_id: int, version: int) -> StoredSettings:
    """The settings as they were at a version.

    Raises:
        NotFound: when that version is not kept.
    """
    row = await _VERSION.one(connection, user_id=user_id, version=version)
    if row is None:
        raise NotFound(f"there is no version {version} of these settings")
    return _read(row)


async def restore_settings(
    connection: Connection, user_id: int, version: int, expected: int, *, by: str, at: Millis
) -> StoredSettings:
    """Make the settings again what they were at a version; that is a new version. 0 are those that one begins with.

    Raises:
        NotFound: when that version is not kept.
        Conflict: when somebody else has changed them since.
    """
    old = Settings() if version == 0 else (await settings_version(connection, user_id, version)).settings
    return await update_settings(connection, user_id, old, expected, by=by, at=at, reason=ChangeReason.RESTORE)


def _read(row: SettingsRow) -> StoredSettings:
    try:
        return StoredSettings(parse_settings(upgraded(row.document)), row.version, row.changed_at)
    except InvalidRequest as exc:
        raise CorruptRecord(f"the stored settings cannot be read: {exc}") from exc
