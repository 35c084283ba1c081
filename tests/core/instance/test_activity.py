"""What an entry says about its instance."""

from livermore.core.instance.activity import Actor, actor_of
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status


def test_the_actor_is_the_instance_of_the_status() -> None:
    status = Status(
        1, "coinbase", "abc", 4, State.ACTIVE, FeedState.LIVE, 1, 2, 3, "box", 99, "0.1.0", ip_address="192.0.2.7"
    )

    assert actor_of(status) == Actor(1, "coinbase", "abc", 4, "box", "192.0.2.7", None)
