"""The logs as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from livermore.api.models.shape import Page, Shown


class LogLineShown(Shown):
    """A line of a log."""

    file: str = Field(examples=["server.log"])
    timestamp: str = Field(
        description="ISO 8601, UTC; empty where the line has none", examples=["2026-01-22T14:55:00Z"]
    )
    level: str = Field(examples=["info"])
    event: str = Field(examples=["request"])
    fields: Mapping[str, Any]


class LogPageShown(Page[LogLineShown]):
    """Lines, the newest first; a page without lines but with `next` means that the search may go on."""

    files: Sequence[str] = Field(description="the logs there are", examples=[["server.log"]])
