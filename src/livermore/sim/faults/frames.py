"""What becomes of a frame on its way out."""

from collections.abc import Sequence

from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.fault import Duplicate, Malformed, Reorder, SequenceGap, Stall
from livermore.sim.faults.malformed import damaged
from livermore.sim.faults.plan import chance, millis
from livermore.sim.tap import Frame, Sent


def outgoing(faults: ExchangeFaults, frame: Frame) -> Sequence[Sent]:
    """What is sent in place of a frame: it, something else, it twice, later, or nothing."""
    if not faults.board.posted:
        return (Sent(frame.text),)
    for one, _ in faults.acting(Stall):
        one.hits += 1
        return ()
    # Answers to requests are the connection's own; the faults are about what is pushed.
    if frame.channel in ("reply", "error"):
        return (Sent(frame.text),)
    return _pushed(faults, frame)


def _pushed(faults: ExchangeFaults, frame: Frame) -> Sequence[Sent]:
    product = frame.product
    if any(one.strikes() for one, _ in faults.acting(SequenceGap, product)):
        return ()
    text = frame.text
    for one, malformed in faults.acting(Malformed, product):
        if one.strikes():
            text = damaged(text, malformed.how, chance(malformed, "how", one.hits))
    for one, reorder in faults.acting(Reorder, product):
        if one.strikes():
            return (Sent(text, reorder.behind, millis(reorder.within)),)
    copies = sum(one.strikes() for one, _ in faults.acting(Duplicate, product))
    return (Sent(text),) * (1 + copies)
