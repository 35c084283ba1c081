"""Settings: read, changed whole or in part, exported, imported, and brought back as they were."""

import re
from functools import cache
from typing import Annotated, Any, Final
from zoneinfo import available_timezones

from fastapi import APIRouter, Body, Depends, Header, Query, Response

from livermore.api.access import READERS, need
from livermore.api.auth.person import Person
from livermore.api.models.settings import (
    ExportShown,
    ImportAsked,
    ImportShown,
    RestoreAsked,
    SettingsChange,
    SettingsShown,
    VersionShown,
)
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE, Page
from livermore.api.window import TheWindow
from livermore.core.account.patch import Change, merged
from livermore.core.account.settings import parse_settings, settings_json, settings_schema
from livermore.core.account.transfer import exported, imported, upgraded
from livermore.database.connect import transaction
from livermore.database.settings import (
    ChangeReason,
    StoredSettings,
    patch_settings,
    restore_settings,
    settings_history,
    settings_of,
    update_settings,
)
from livermore.errors import Conflict, InvalidRequest

VERSION: Final = re.compile(r'(?:W/)?"(\d{1,9})"')
ZONE_LENGTH: Final = 64
DEPTH: Final = 40

_zones = cache(available_timezones)
router = APIRouter(tags=["settings"])
Me = Annotated[Person, Depends(need(READERS))]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="the ETag that was read; a change meanwhile is then a conflict (409)"),
]


@router.get("/settings", summary="One's own settings")
async def show_settings(
    person: Me,
    window: TheWindow,
    response: Response,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> SettingsShown:
    """All of them, defaults included."""
    async with transaction(window.pool) as connection:
        stored = await settings_of(connection, person.user_id)
    if if_none_match is not None and _version_in(if_none_match) == stored.version:
        response.status_code = 304
    return _shown(stored, response)


@router.put("/settings", summary="Replace one's settings")
async def replace_settings(
    person: Me,
    window: TheWindow,
    response: Response,
    document: Annotated[dict[str, Any], Body(examples=[{}])],
    if_match: IfMatch = None,
) -> SettingsShown:
    """What is absent gets its default. Needs the version that was read, so that nobody overwrites the unseen."""
    expected = _expected(if_match)
    if expected is None:
        raise InvalidRequest("If-Match has to name the version of the settings that is to be replaced")
    settings = parse_settings(upgraded(checked(document)))
    _check_zone(settings.profile.timezone)
    async with transaction(window.pool) as connection:
        stored = await update_settings(connection, person.user_id, settings, expected, by=person.email, at=window.now())
    return _shown(stored, response)


@router.patch("/settings", summary="Change a part of one's settings")
async def change_settings(
    person: Me,
    window: TheWindow,
    response: Response,
    patch: Annotated[dict[str, Any], Body(media_type="application/merge-patch+json", examples=[{}])],
    if_match: IfMatch = None,
) -> SettingsShown:
    """By a JSON merge patch (RFC 7396): null takes away. Without If-Match two that change different parts both last."""
    checked(patch)
    async with transaction(window.pool) as connection:
        stored = await patch_settings(
            connection, person.user_id, patch, by=person.email, at=window.now(), expected=_expected(if_match)
        )
    return _shown(stored, response)


@router.post("/settings/check", summary="What a change would do")
async def check_settings(
    person: Me, window: TheWindow, patch: Annotated[dict[str, Any], Body(examples=[{}])]
) -> ImportShown:
    """As PATCH, but nothing is changed."""
    async with transaction(window.pool) as connection:
        stored = await settings_of(connection, person.user_id)
    document = merged(settings_json(stored.settings), checked(patch))
    result = imported(stored.settings, document)
    return ImportShown(is_dry_run=True, changes=_changes(result.changes), version=stored.version)


@router.get("/settings/schema", dependencies=[Depends(need(READERS))], summary="What settings look like")
async def show_settings_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document, for editors."""
    return dict(settings_schema())


@router.get("/settings/export", summary="One's settings as a file")
async def export_settings(person: Me, window: TheWindow, response: Response) -> ExportShown:
    """Holds names of environment variables and never a secret."""
    async with transaction(window.pool) as connection:
        stored = await settings_of(connection, person.user_id)
    response.headers["Content-Disposition"] = 'attachment; filename="livermore-settings.json"'
    return ExportShown.model_validate(exported(stored.settings, window.now()))


@router.post("/settings/import", summary="Take in an export")
async def import_settings(
    person: Me,
    window: TheWindow,
    asked: ImportAsked,
    dry_run: Annotated[bool, Query(alias="dryRun", description="only say what would change")] = True,
    if_match: IfMatch = None,
) -> ImportShown:
    """An older export is read in the words of today."""
    document = checked(asked.document)
    async with transaction(window.pool) as connection:
        stored = await settings_of(connection, person.user_id)
        result = imported(stored.settings, document)
        changes = _changes(result.changes)
        if dry_run:
            return ImportShown(is_dry_run=True, changes=changes, version=stored.version)
        expected = _expected(if_match)
        if expected is not None and expected != stored.version:
            raise Conflict(f"the settings are of version {stored.version} by now", version=stored.version)
        after = await update_settings(
            connection,
            person.user_id,
            result.settings,
            stored.version,
            by=person.email,
            at=window.now(),
            reason=ChangeReason.IMPORT,
        )
    return ImportShown(is_dry_run=False, changes=changes, version=after.version)


@router.get("/settings/history", summary="The versions there were")
async def list_settings_versions(
    person: Me,
    window: TheWindow,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,9}$")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
) -> Page[VersionShown]:
    """The newest first; the newest 200 are kept."""
    before = None if cursor is None else int(cursor)
    async with transaction(window.pool) as connection:
        found = await settings_history(connection, person.user_id, before=before, limit=limit + 1)
    page = found[:limit]
    return Page(
        items=[VersionShown.model_validate(entry) for entry in page],
        next=str(page[-1].version) if len(found) > limit else None,
    )


@router.post("/settings/restore", summary="Have an old version again")
async def bring_back_settings(
    person: Me, window: TheWindow, asked: RestoreAsked, response: Response, if_match: IfMatch = None
) -> SettingsShown:
    """It becomes a new version."""
    async with transaction(window.pool) as connection:
        present = await settings_of(connection, person.user_id)
        expected = _expected(if_match)
        stored = await restore_settings(
            connection,
            person.user_id,
            asked.version,
            present.version if expected is None else expected,
            by=person.email,
            at=window.now(),
        )
    return _shown(stored, response)


def checked(document: dict[str, Any]) -> dict[str, Any]:
    """The document, if PostgreSQL can hold it.

    Raises:
        InvalidRequest: when it is nested too deeply, holds characters that are none, or names no time zone.
    """
    _check(document, DEPTH)
    profile = document.get("profile")
    if isinstance(profile, dict) and isinstance(profile.get("timezone"), str):
        _check_zone(profile["timezone"])
    return document


def _check_zone(name: str) -> None:
    """Refuse a time zone that nobody could keep quiet hours in.

    Raises:
        InvalidRequest: when the machine's database of zones has none of that name.
    """
    if name not in _zones():
        problem = f"{name[:ZONE_LENGTH]!r} is no time zone; one looks like Europe/Berlin"
        raise InvalidRequest(f"/profile/timezone: {problem}", problems={"/profile/timezone": problem})


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise InvalidRequest("the document is nested too deeply")
    match value:
        case str():
            if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
                raise InvalidRequest("a text has characters that cannot be stored")
        case dict():
            for name, inner in value.items():
                _check(name, depth)
                _check(inner, depth - 1)
        case list():
            for inner in value:
                _check(inner, depth - 1)
        case _:
            return


def _version_in(tag: str) -> int | None:
    found = VERSION.fullmatch(tag.strip())
    return None if found is None else int(found.group(1))


def _expected(if_match: str | None) -> int | None:
    if if_match is None:
        return None
    version = _version_in(if_match)
    if version is None:
        raise InvalidRequest('If-Match is the ETag of the settings, such as "3"')
    return version


def _shown(stored: StoredSettings, response: Response) -> SettingsShown:
    response.headers["ETag"] = f'"{stored.version}"'
    return SettingsShown(version=stored.version, changed_at=stored.changed_at, settings=settings_json(stored.settings))


def _changes(changes: tuple[Change, ...]) -> list[SettingsChange]:
    return [SettingsChange(path=one.path, before=one.before, after=one.after) for one in changes]
