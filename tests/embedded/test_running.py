from pathlib import Path

from redis.asyncio import Redis

from livermore.embedded.running import running_valkey
from livermore.embedded.valkey import PID_NAME, open_valkey


async def test_a_server_is_found_while_it_runs_and_only_then(tmp_path: Path) -> None:
    data = tmp_path / "valkey"
    assert running_valkey(data) is None

    async with open_valkey(data) as owned:
        found = running_valkey(data)
        assert found is not None
        assert (found.host, found.port, found.secret) == (owned.host, owned.port, owned.secret)
        assert owned.secret not in repr(found)
        async with Redis(host=found.host, port=found.port, password=found.secret) as redis:
            assert await redis.ping()

    assert running_valkey(data) is None


async def test_a_note_of_a_process_that_is_gone_finds_nothing(tmp_path: Path) -> None:
    """A server that was killed leaves its notes behind."""
    async with open_valkey(tmp_path) as owned:
        pid = owned.pid
    (tmp_path / PID_NAME).write_text(f"{pid}\n")

    assert running_valkey(tmp_path) is None


def test_notes_that_say_nothing_find_nothing(tmp_path: Path) -> None:
    (tmp_path / PID_NAME).write_bytes(b"\xff not a number")

    assert running_valkey(tmp_path) is None
