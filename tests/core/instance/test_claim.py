"""A refusal says who is in the way."""

from dataclasses import replace

from livermore.core.instance.claim import Refusal
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status

HOLDER = Status(1, "coinbase", "one", 4, State.ACTIVE, FeedState.LIVE, 1, 2, 3, "box", 4711, "0.1.0")


def test_a_refusal_names_the_machine_the_process_and_the_time_left() -> None:
    sentence = Refusal(HOLDER, 31_400).sentence

    for part in ("coinbase", "box", "4711", "active", "31 s"):
        assert part in sentence


def test_a_refusal_names_the_admin_and_the_address_where_they_are_known() -> None:
    holder = replace(HOLDER, admin_email="ada@example.org", ip_address="192.0.2.7")

    assert "ada@example.org" in Refusal(holder, 1).sentence
    assert "(192.0.2.7)" in Refusal(holder, 1).sentence
