"""Whether the server lives, whether it can work, and what it counts."""

from typing import Literal

from fastapi import APIRouter, Depends, Response

from livermore.api.access import everybody
from livermore.api.instance_metrics import instance_metrics
from livermore.api.models.shape import Shown
from livermore.api.routes.network import network_of
from livermore.api.window import TheWindow, Window
from livermore.cache.connect import answered
from livermore.database.connect import transaction
from livermore.errors import StoreError

router = APIRouter(tags=["health"], dependencies=[Depends(everybody)])


class Alive(Shown):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Shown):
    """Which of its parts work: stores, and the reader of the live stream."""

    status: Literal["ready", "not_ready"]
    redis: bool
    postgres: bool
    stream: bool


@router.get("/healthz", summary="Whether the process answers")
async def show_health() -> Alive:
    """It asks nobody else."""
    return Alive()


@router.get("/readyz", summary="Whether everything works", responses={503: {"model": Ready}})
async def show_readiness(window: TheWindow, response: Response) -> Ready:
    """503 where something does not; what that is, it says."""
    redis, postgres = await _redis_answers(window), await _postgres_answers(window)
    stream = window.hub.is_streaming and window.hub.is_listening
    is_ready = redis and postgres and stream
    if not is_ready:
        response.status_code = 503
    return Ready(status="ready" if is_ready else "not_ready", redis=redis, postgres=postgres, stream=stream)


@router.get("/metrics", summary="What is counted, for Prometheus", response_class=Response)
async def show_metrics(window: TheWindow) -> Response:
    """In the text format; for those who can reach the server, so keep it inside."""
    window.metrics.clients.set(window.hub.clients)
    redis = await _redis_answers(window)
    window.metrics.store_up.labels("redis").set(redis)
    window.metrics.store_up.labels("postgres").set(await _postgres_answers(window))
    text = window.metrics.text()
    if redis:
        text += instance_metrics(await network_of(window))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _redis_answers(window: Window) -> bool:
    try:
        async with answered(window.redis):
            await window.redis.ping()
    except StoreError:
        return False
    return True


async def _postgres_answers(window: Window) -> bool:
    try:
        async with transaction(window.pool) as connection:
            await connection.execute("SELECT 1")
    except StoreError:
        return False
    return True
