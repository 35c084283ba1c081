"""What people were told, what they were not, and trying once more."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query

from livermore.api.access import PEOPLE, need
from livermore.api.auth.person import Person
from livermore.api.models.provenance import DeliveryPage, DeliveryShown
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE
from livermore.api.window import TheWindow
from livermore.core.account.people import Role
from livermore.database.connect import transaction
from livermore.database.deliveries import Delivery, DeliveryStatus, list_deliveries
from livermore.database.told import retry_delivery
from livermore.errors import NotFound

CURSOR: Final = r"^\d{1,16}$"
HIGHEST_ID: Final = 2**53

router = APIRouter(tags=["alerts"])


@router.get("/deliveries", summary="What was told to whom, the newest first")
async def list_all_deliveries(
    window: TheWindow,
    person: Annotated[Person, Depends(need(PEOPLE))],
    status: DeliveryStatus | None = None,
    cursor: Annotated[str | None, Query(pattern=CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
) -> DeliveryPage:
    """One's own; an admin sees everybody's."""
    async with transaction(window.pool) as connection:
        found = await list_deliveries(
            connection,
            user_id=_only(person),
            status=status,
            before=None if cursor is None else int(cursor),
            limit=limit + 1,
        )
    page = found[:limit]
    following = str(page[-1].id) if len(found) > limit else None
    return DeliveryPage(items=[delivery_shown(one) for one in page], next=following)


@router.post("/deliveries/{delivery_id}/retry", status_code=204, summary="Try a delivery that was given up once more")
async def retry_one_delivery(
    delivery_id: Annotated[int, Path(ge=1, le=HIGHEST_ID, examples=[1])],
    window: TheWindow,
    person: Annotated[Person, Depends(need(PEOPLE))],
) -> None:
    """It is tried as often as a new one. One that was not given up is not found."""
    async with transaction(window.pool) as connection:
        is_due = await retry_delivery(connection, delivery_id, _only(person), window.now())
    if not is_due:
        raise NotFound("there is no such delivery that was given up")


def _only(person: Person) -> int | None:
    return None if person.role is Role.ADMIN else person.user_id


def delivery_shown(delivery: Delivery) -> DeliveryShown:
    """A delivery in the API's shape."""
    return DeliveryShown(
        id=delivery.id,
        alert_id=delivery.alert_id,
        user_id=delivery.user_id,
        channel=delivery.channel,
        status_told=delivery.status_told,
        status=delivery.status,
        reason=delivery.reason,
        silent=delivery.is_silent,
        attempts=delivery.attempts,
        due_at=delivery.due_at,
        created_at=delivery.created_at,
        finished_at=delivery.finished_at,
    )
