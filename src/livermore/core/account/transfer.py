"""Settings on the move: exported to a file, imported from one, be it of an older version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from livermore.core.account.patch import Change, Json, changes_between
from livermore.core.account.settings import SCHEMA_VERSION, Settings, parse_settings, settings_json
from livermore.core.market.timeframe import Millis
from livermore.errors import InvalidRequest

EARLIER_NAMES: Final = {
    "ApiKeyEnvironmentVariableName": "apiKeyEnv",
    "SecretEnvironmentVariableName": "apiSecretEnv",
    "PasswordEnvironmentVariableName": "passwordEnv",
    "enabled": "isEnabled",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import would make of the settings: the new ones, and every place where they differ from the present."""

    settings: Settings
    changes: tuple[Change, ...]


def exported(settings: Settings, at: Millis) -> dict[str, Json]:
    """The settings as a file to keep, stamped with the instant."""
    return {"exportedAt": at, "exportVersion": SCHEMA_VERSION, "settings": settings_json(settings)}


def imported(present: Settings, document: Json) -> Imported:
    """What importing the document into the present settings would make of them; nothing is changed.

    The document is an export or the settings alone, of this version or an older one.

    Raises:
        InvalidRequest: when it is neither, is of a newer version, or holds something that cannot be.
    """
    if not isinstance(document, dict):
        raise InvalidRequest("an import is an object: an export, or the settings alone")
    inner = document.get("settings", document) if "exportVersion" in document else document
    if not isinstance(inner, dict):
        raise InvalidRequest("/settings must be an object")
    settings = parse_settings(upgraded(inner))
    return Imported(settings, changes_between(settings_json(present), settings_json(settings)))


def upgraded(document: Mapping[str, Json]) -> dict[str, Json]:
    """The document in the words of the present version.

    Raises:
        InvalidRequest: when it is of a version that this program does not know.
    """
    found = dict(document)
    version = found.get("schemaVersion", found.get("version", SCHEMA_VERSION))
    while version != SCHEMA_VERSION:
        step = STEPS.get(version) if isinstance(version, int) and not isinstance(version, bool) else None
        if step is None:
            raise InvalidRequest(f"the settings are of version {version}; this program knows 1 to {SCHEMA_VERSION}")
        found = step(found)
        version = found["schemaVersion"]
    return found


def _from_version_1(document: Mapping[str, Json]) -> dict[str, Json]:
    """From the document of the TypeScript implementation; what nothing ever read is left behind.

    ``{"version":1,"perseus_profile":{"public_name":"Jesse","primary_exchange":"coinbase","timezone":"UTC"},
    "livermore_runtime":{"auto_start":true},"exchanges":{"coinbase":{"enabled":true,
    "ApiKeyEnvironmentVariableName":"Coinbase_ApiKeyId"}},"symbols":["BTC-USD"]}``
    """
    result: dict[str, Json] = {"schemaVersion": 2}
    profile = _object(document.get("perseus_profile"))
    renamed = {"public_name": "name", "primary_exchange": "primaryExchange"}
    kept = {"timezone", "locale", "currency", *renamed}
    result["profile"] = {renamed.get(name, name): value for name, value in profile.items() if name in kept}
    runtime = _object(document.get("livermore_runtime"))
    result["runtime"] = {"autoStart": runtime["auto_start"]} if "auto_start" in runtime else {}
    result["exchanges"] = {
        name: {EARLIER_NAMES[key]: value for key, value in _object(access).items() if key in EARLIER_NAMES}
        for name, access in _object(document.get("exchanges")).items()
    }
    symbols = document.get("symbols")
    result["symbols"] = {"always": symbols} if isinstance(symbols, list) else {}
    return result


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


STEPS: Final[Mapping[int, Callable[[Mapping[str, Json]], dict[str, Json]]]] = {1: _from_version_1}
"""What leads a document of each older version to the next one."""
