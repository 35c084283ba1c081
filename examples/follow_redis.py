"""Follow the alerts of one exchange over Redis, and go on after a break where it was left."""

import argparse
import sys
import time
from pathlib import Path

import redis

BLOCK_MILLISECONDS = 2_000
ENTRIES_PER_READ = 100
LONGEST_PAUSE_SECONDS = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="such as redis://:SECRET@127.0.0.1:6379, or rediss:// with TLS")
    parser.add_argument("--exchange", type=int, default=1, help="1 coinbase, 2 binance, 3 binance_us")
    parser.add_argument("--place", type=Path, default=Path("alerts.place"), help="where to remember what was read")
    parser.add_argument("--count", type=int, help="end after so many alerts")
    asked = parser.parse_args()
    follow(asked.url, f"alerts:{asked.exchange}", asked.place, asked.count)


def follow(url: str, stream: str, place: Path, count: int | None) -> None:
    """Print each alert, then remember it: after a crash the last one may come again, but none is missed."""
    client = redis.Redis.from_url(url, decode_responses=True)
    last = place.read_text().strip() if place.exists() else "0-0"
    warn_if_lost(client, stream, last)
    pause = 1.0
    while count is None or count > 0:
        try:
            answer = client.xread({stream: last}, count=count or ENTRIES_PER_READ, block=BLOCK_MILLISECONDS)
        except redis.RedisError as error:
            say(f"Redis is away ({error}); again in {pause:g} s")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            continue
        pause = 1.0
        for _, entries in answer or []:
            for last, fields in entries:
                print(fields["alert"], flush=True)
                place.write_text(last)
                count = None if count is None else count - 1


def warn_if_lost(client: redis.Redis, stream: str, last: str) -> None:
    """The stream keeps 90 days: who was away for longer has missed something, and a store may have been emptied."""
    if last == "0-0":
        return
    oldest = client.xrange(stream, count=1)
    if not oldest or place_of(oldest[0][0]) > place_of(last):
        say(f"{stream} does not reach back to {last} any more: something may be lost")
    newest = client.xrevrange(stream, count=1)
    if not newest or place_of(newest[0][0]) < place_of(last):
        say(f"{stream} ends before {last}: the store is another one than before; delete the place to begin anew")


def place_of(entry: str) -> tuple[int, int]:
    milliseconds, _, number = entry.partition("-")
    return int(milliseconds), int(number)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
