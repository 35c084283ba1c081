"""Each law complains of a sin and is silent where there is none."""

import pytest

from house import laws
from house.laws import Law
from house.reading import Module

SINS: list[tuple[Law, str, str]] = [
    (laws.introduces_itself, "a.py", "import math"),
    (laws.introduces_itself, "a.py", '"""No full stop"""'),
    (laws.introduces_itself, "a.py", '"""Two sentences. On one line."""'),
    (laws.introduces_itself, "a.py", '"""A sentence that runs.\non and on.\n"""'),
    (laws.is_small, "a.py", "x = 1\n" * 401),
    (laws.is_small, "a.py", "def f():\n" + "    x = 1\n" * 61),
    (laws.is_pure, "core/a.py", "async def f(): pass"),
    (laws.is_pure, "core/a.py", "import time\nx = time.monotonic()"),
    (laws.is_pure, "core/a.py", "import uuid\nx = uuid.uuid4()"),
    (laws.imports_only_pure, "core/a.py", "import asyncio"),
    (laws.imports_only_pure, "core/a.py", "from msgspec import json"),
    (laws.imports_only_pure, "core/a.py", "from livermore.cache.keys import key"),
    (laws.has_owned_tasks, "a.py", "asyncio.create_task(f(), name='f')"),
    (laws.has_owned_tasks, "a.py", "create_task(f(), name='f')"),
    (laws.has_owned_tasks, "a.py", "asyncio.get_running_loop().create_task(f(), name='f')"),
    (laws.has_owned_tasks, "a.py", "asyncio.ensure_future(f())"),
    (laws.has_owned_tasks, "a.py", "tasks.create_task(f())"),
    (laws.waits_in_the_open, "a.py", "asyncio.gather(f(), g())"),
    (laws.waits_in_the_open, "a.py", "asyncio.wait_for(f(), 3)"),
    (laws.never_blocks, "a.py", "time.sleep(1)"),
    (laws.never_blocks, "a.py", "from time import sleep as nap\nnap(1)"),
    (laws.swallows_nothing, "a.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (laws.swallows_nothing, "a.py", "try:\n    f()\nexcept (KeyError, BaseException):\n    g()"),
    (laws.swallows_nothing, "a.py", "try:\n    f()\nexcept:\n    if g(): raise"),
    (laws.swallows_nothing, "a.py", "try:\n    f()\nexcept asyncio.CancelledError:\n    pass"),
    (laws.swallows_nothing, "a.py", "with suppress(asyncio.CancelledError):\n    f()"),
    (laws.mocks_nothing, "a.py", "from unittest import mock"),
    (laws.mocks_nothing, "a.py", "from unittest.mock import Mock"),
    (laws.mocks_nothing, "a.py", "import unittest.mock"),
    (laws.is_finished, "a.py", "# TO" + "DO: the rest"),
    (laws.is_finished, "a.py", "raise NotImplemented" + "Error"),
    (laws.is_no_stub, "a.py", 'def f():\n    """Do it."""'),
    (laws.is_no_stub, "a.py", "class A:\n    def f(self): ..."),
    (laws.is_named_well, "a.py", "class CandleManager: pass"),
    (laws.is_named_well, "a.py", "class WSHandler: pass"),
    (laws.is_named_well, "core/utils/a.py", ""),
    (laws.is_named_well, "core/helpers.py", ""),
    (laws.speaks_our_language, "core/a.py", "def parse(kline): pass"),
    (laws.speaks_our_language, "cache/a.py", "class ProductList: pass"),
    (laws.speaks_our_language, "runtime/a.py", "self.poll_interval = 3"),
    (laws.leaves_names_where_they_are, "a.py", "from .b import c"),
    (laws.leaves_names_where_they_are, "core/__init__.py", "from livermore.core.a import b"),
    (laws.leaves_names_where_they_are, "a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b"),
    (laws.spells_no_redis_name, "runtime/a.py", "key = f'candles:{exchange}:{symbol}'"),
    (laws.spells_no_redis_name, "runtime/a.py", "channel = 'channel:alerts:exchange:1'"),
    (laws.spells_no_redis_name, "cache/a.py", "pattern = 'exchange:*:status'"),
    (laws.spells_no_sql, "a.py", "query = '''\n    SELECT id\n    FROM users'''"),
    (laws.spells_no_sql, "a.py", "query = f'DELETE FROM {table}'"),
]

VIRTUES: list[tuple[Law, str, str]] = [
    (laws.introduces_itself, "a.py", '"""One sentence (5.3 of them).\n\nAnd then. More.\n"""'),
    (laws.is_small, "a.py", "x = 1\n" * 400),
    (laws.is_pure, "core/a.py", "import uuid\nx = uuid.uuid5(space, 'a')\ny = event.now"),
    (
        laws.imports_only_pure,
        "core/a.py",
        "import math\nfrom livermore.core.a import b\nimport livermore.errors",
    ),
    (laws.has_owned_tasks, "a.py", "tasks.create_task(f(), name='f')"),
    (laws.waits_in_the_open, "a.py", "ready.wait()"),
    (laws.never_blocks, "a.py", "asyncio.sleep(delay)"),
    (laws.swallows_nothing, "a.py", "try:\n    f()\nexcept asyncio.CancelledError:\n    g()\n    raise"),
    (laws.swallows_nothing, "a.py", "try:\n    f()\nexcept KeyError:\n    pass"),
    (laws.swallows_nothing, "a.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
    (laws.mocks_nothing, "a.py", "import unittest"),
    (laws.is_finished, "a.py", "todos = 3"),
    (laws.is_no_stub, "a.py", 'class A(Protocol):\n    def f(self):\n        """Do it."""'),
    (laws.is_named_well, "errors.py", "class DataError(Exception): pass\nclass Database: pass"),
    (laws.speaks_our_language, "exchanges/binance/wire.py", "kline = 1"),
    (laws.speaks_our_language, "runtime/a.py", "connect(url, ping_interval=3)"),
    (laws.leaves_names_where_they_are, "core/__init__.py", "from a import b\nb()"),
    (laws.spells_no_redis_name, "cache/keys.py", "key = f'candles:{exchange}'"),
    (laws.spells_no_redis_name, "a.py", '"""alerts:1 is a stream."""\nprint("commands:", f"{x}:candles:")'),
    (laws.spells_no_sql, "a.py", '"""SELECT a FROM b."""\nx = "SELECT one"'),
]


@pytest.mark.parametrize(("law", "path", "source"), SINS)
def test_a_sin_is_found(law: Law, path: str, source: str) -> None:
    """The law complains, so that it can fail."""
    assert list(law(Module(path, source)))


@pytest.mark.parametrize(("law", "path", "source"), VIRTUES)
def test_a_virtue_is_left_alone(law: Law, path: str, source: str) -> None:
    """The law is silent where the rule is kept."""
    assert list(law(Module(path, source))) == []


def test_every_law_is_shown_to_bite() -> None:
    """A law without a sin and a virtue above could be one that never complains, or always."""
    known = {*laws.EVERYWHERE, *laws.IN_SOURCE, *laws.IN_CORE, *laws.IN_WIRES}
    assert known == {law for law, _, _ in SINS} == {law for law, _, _ in VIRTUES}
