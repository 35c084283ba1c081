"""A cursor comes back as it went out, and what may have been lost is never said to be complete."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.api.live.cursor import Cursor, StreamExtent, cursor_of, is_complete_after, place_of
from livermore.errors import InvalidRequest

places = st.tuples(st.integers(0, 10**13), st.integers(0, 10**6)).map(lambda pair: f"{pair[0]}-{pair[1]}")


@given(
    st.from_regex(r"[0-9a-f]{12}", fullmatch=True), st.dictionaries(st.integers(1, 99), places, min_size=1, max_size=6)
)
def test_a_cursor_is_read_as_it_was_written(store: str, found: dict[int, str]) -> None:
    assert cursor_of(str(Cursor(store, found))) == Cursor(store, found)


@given(st.text(max_size=400))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidRequest):
        assert str(cursor_of(text)).startswith(text[:1])


@given(st.lists(st.integers(1, 60), unique=True, max_size=30).map(sorted), st.integers(0, 30), st.integers(0, 61))
def test_what_is_said_to_be_complete_is(ids: list[int], trimmed: int, at: int) -> None:
    """Entries with these ids were written, the first few dropped; a client stands behind `at`."""
    kept = ids[trimmed:]
    last = f"{ids[-1]}-0" if ids else "0-0"
    extent = StreamExtent(f"{kept[0]}-0" if kept else None, last, len(kept) < len(ids)) if ids else None

    if is_complete_after(f"{at}-0", extent):
        assert [one for one in ids if one > at] == [one for one in kept if one > at]
        assert place_of(f"{at}-0") <= place_of(last)


@given(st.lists(st.integers(1, 60), unique=True, min_size=1, max_size=30).map(sorted), st.integers(0, 29))
def test_whoever_stands_at_an_entry_that_is_kept_has_lost_nothing(ids: list[int], trimmed: int) -> None:
    kept = ids[min(trimmed, len(ids) - 1) :]
    extent = StreamExtent(f"{kept[0]}-0", f"{ids[-1]}-0", len(kept) < len(ids))

    assert all(is_complete_after(f"{one}-0", extent) for one in kept)


@pytest.mark.parametrize("text", ["", "ab", "ab.1", "ab.1_5", "ab.1_5-0." + "x" * 400, "../etc.1_5-0"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        cursor_of(text)
