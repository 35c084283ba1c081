"""The logs of the processes on this machine, read backwards."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from livermore.api.access import ADMINS, need
from livermore.api.log_files import CURSOR, LogFilter, log_names, log_page
from livermore.api.models.logs import LogLineShown, LogPageShown
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE
from livermore.api.window import TheWindow

router = APIRouter(tags=["logs"])


@router.get("/logs", dependencies=[Depends(need(ADMINS))], summary="The lines of a log, the newest first")
async def list_log_lines(
    window: TheWindow,
    file: Annotated[str | None, Query(max_length=100, description="the first one there is unless named")] = None,
    level: Annotated[Literal["debug", "info", "warning", "error"], Query(description="and worse")] = "info",
    search: Annotated[str | None, Query(max_length=200)] = None,
    correlation_id: Annotated[str | None, Query(alias="correlationId", max_length=64)] = None,
    cursor: Annotated[str | None, Query(pattern=CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
) -> LogPageShown:
    """Of one process; its rotated files follow by themselves."""
    folder = window.logs
    files = () if folder is None or not folder.is_dir() else log_names(folder)
    if folder is None or not files:
        return LogPageShown(items=[], next=None, files=[])
    wanted = LogFilter(level, search, correlation_id, file or files[0])
    page = await asyncio.to_thread(log_page, folder, wanted, limit, cursor)
    items = [LogLineShown.model_validate(line) for line in page.lines]
    return LogPageShown(items=items, next=page.next, files=files)
