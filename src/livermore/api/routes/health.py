"""Whether the server lives, whether it can work, and what it counts."""

from typing import Final, Literal

from fastapi import APIRouter, Depends, Response

from livermore.api.access import everybody
from livermore.api.instance_metrics import instance_metrics
from livermore.api.models.shape import Shown
from livermore.api.routes.network import network_of
from livermore.api.window import TheWindow, Window
from livermore.cache.connect import answered
from livermore.cache.keys import WRITE_TRIAL
from livermore.database.connect import transaction
from livermore.errors import StoreError

WRITE_TRIAL_SECONDS: Final = 10
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

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
    redis, postgres = await _redis_takes_writes(window), await _postgres_answers(window)
    stream = window.hub.is_streaming and window.hub.is_listening
    is_ready = redis and postgres and stream
    if not is_ready:
        response.status_code = 503
    return Ready(status="ready" if is_ready else "not_ready", redis=redis, postgres=postgres, stream=stream)


@router.get("/metrics", summary="What is counted, for Prometheus", response_class=Response)
async def show_metrics(window: TheWindow) -> Response:
    """In the text format; for those who can reach the server, so keep it inside."""
    window.metrics.clients.set(window.hub.clients)
    window.metrics.store_up.labels("redis").set(await _redis_takes_writes(window))
    window.metrics.store_up.labels("postgres").set(await _postgres_answers(window))
    text = window.metrics.text()
    try:
        text += instance_metrics(await network_of(window))
    except StoreError:
        # That it does not answer is said above.
        return Response(text, media_type=METRICS_TYPE)
    return Response(text, media_type=METRICS_TYPE)


async def _redis_takes_writes(window: Window) -> bool:
    try:
        async with answered(window.redis):
            # A store that is full, or cannot save, still answers a ping; what it refuses are writes.
            await window.redis.set(WRITE_TRIAL, window.now(), ex=WRITE_TRIAL_SECONDS)
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
