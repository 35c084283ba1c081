"""Settings as the API takes and tells them: one versioned document for each person."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from livermore.api.models.shape import Asked, Instant, Shown
from livermore.database.settings import ChangeReason


class SettingsShown(Shown):
    """The settings at one version; the version is also the ETag."""

    version: int = Field(description="0 before anything was set", examples=[3])
    changed_at: Instant
    settings: Mapping[str, Any] = Field(description="as /settings/schema describes it")


class SettingsChange(Shown):
    """One place that differs, by its JSON Pointer."""

    path: str = Field(examples=["/alerts/firstLevel"])
    before: Any
    after: Any


class ImportAsked(Asked):
    """An export, of this version or an older one, or the settings alone."""

    document: dict[str, Any]


class ImportShown(Shown):
    """What an import changes, or has changed."""

    is_dry_run: bool
    changes: Sequence[SettingsChange]
    version: int = Field(description="the version of the settings after it")


class VersionShown(Shown):
    """That there was a version of the settings."""

    version: int = Field(examples=[3])
    reason: ChangeReason
    changed_by: str
    changed_at: Instant


class RestoreAsked(Asked):
    """Which version is to be had again."""

    version: int = Field(ge=0, le=2_000_000_000, description="0 for what one begins with")


class ExportShown(Shown):
    """The settings as a file to keep."""

    exported_at: Instant
    export_version: int
    settings: Mapping[str, Any]
