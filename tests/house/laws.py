"""The laws that are checked by reading source: each takes a module and names what is wrong with it.

A law is a pure function from a `Module` to its complaints. `test_laws_bite.py` shows that every law can complain.
"""

import ast
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from house.reading import (
    Function,
    Module,
    calls,
    caught,
    dotted,
    handlers,
    identifiers,
    imports,
    is_bare_constant,
    texts,
)


def words(listed: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(listed.split())


MOST_LINES = 400
MOST_FUNCTION_LINES = 60

# The four places of docs/house.md, as "path:function". A new one has to be argued for there.
BROAD_EXCEPTS: frozenset[str] = frozenset(
    {
        "runtime/instance.py:_serve",
        "runtime/control.py:_performed",
        "app/delivery.py:_serve",
        "app/watchdog.py:_sent",
        "api/frame.py:_served",
    }
)

PURE_IMPORTS = words(
    "__future__ abc array bisect collections contextlib dataclasses datetime decimal enum fractions functools "
    "graphlib hashlib heapq itertools json math operator re statistics string struct textwrap types typing uuid"
)
CLOCKS_AND_DICE = words(
    "monotonic monotonic_ns now perf_counter perf_counter_ns time_ns today urandom utcnow uuid1 uuid4"
)
SUSPECT_CLASSES = ("Manager", "Handler", "Helper", "Helpers", "Service", "Util", "Utils", "Data", "Info", "Base")
SUSPECT_MODULES = words("base common handlers helper helpers managers misc services shared types util utils")
EXCHANGE_WORDS = words("granularities granularity interval intervals kline klines product products")
EXCHANGE_WORDS_AT_HOME = ("exchanges/", "sim/", "core/market/instrument.py")
REDIS_NAMES = re.compile(
    r"^(?:candles|usercandles|indicator|userindicator|ticker|alerts|commands|exchange|logs|channel|livermore):(\S|$)"
)
SQL = re.compile(
    r"^\s*(?:SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s.+\sSET\s|DELETE\s+FROM\s|CREATE\s+TABLE\s)", re.DOTALL
)
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|NotImplemented" r"Error)\b")


Law: TypeAlias = Callable[[Module], Iterator[str]]


def introduces_itself(module: Module) -> Iterator[str]:
    """A module begins with one sentence that ends with a full stop."""
    lines = (ast.get_docstring(module.tree) or "").splitlines()
    if not lines or not lines[0].endswith(".") or re.search(r"[.!?] [A-Z]", lines[0]) or any(lines[1:2]):
        yield "1: the docstring does not begin with one sentence on one line, ended by a full stop"


def is_small(module: Module) -> Iterator[str]:
    """A module has at most 400 lines, a function at most 60."""
    lines = len(module.source.splitlines())
    if lines > MOST_LINES:
        yield f"{lines}: more than {MOST_LINES} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            if (node.end_lineno or node.lineno) - first.lineno + 1 > MOST_FUNCTION_LINES:
                yield f"{node.lineno}: {node.name} has more than {MOST_FUNCTION_LINES} lines"


def is_pure(module: Module) -> Iterator[str]:
    """What decides never awaits, asks no clock and rolls no dice."""
    waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    for node in ast.walk(module.tree):
        if isinstance(node, waits):
            yield f"{node.lineno}: awaits"
    for call, name in calls(module):
        if name.rpartition(".")[2] in CLOCKS_AND_DICE:
            yield f"{call.lineno}: {name} asks the clock or rolls dice"


def imports_only_pure(module: Module) -> Iterator[str]:
    """Core imports core, the errors, and the part of the standard library that only computes."""
    for line, name in imports(module):
        at_home = name == "livermore.errors" or name == "livermore.core" or name.startswith("livermore.core.")
        if not at_home and name.partition(".")[0] not in PURE_IMPORTS:
            yield f"{line}: {name} is not for core"


def has_owned_tasks(module: Module) -> Iterator[str]:
    """Tasks are born in a TaskGroup and have a name."""
    for call, name in calls(module):
        owner, _, verb = name.rpartition(".")
        if verb not in {"create_task", "ensure_future"}:
            continue
        if verb == "ensure_future" or owner in {"", "asyncio"} or "loop" in owner.rpartition(".")[2]:
            yield f"{call.lineno}: {name} makes a task without a parent"
        elif all(keyword.arg != "name" for keyword in call.keywords):
            yield f"{call.lineno}: the task has no name"


def waits_in_the_open(module: Module) -> Iterator[str]:
    """Timeouts are asyncio.timeout around the await; several awaits at once are a TaskGroup."""
    for call, name in calls(module):
        if name in {"asyncio.gather", "asyncio.wait_for", "gather", "wait_for"}:
            yield f"{call.lineno}: {name} where asyncio.timeout or a TaskGroup does it"


def never_blocks(module: Module) -> Iterator[str]:
    """Nobody sleeps with the loop in hand, or instead of waiting for what is awaited."""
    sleeps = {"time.sleep"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            sleeps.update(alias.asname or alias.name for alias in node.names if alias.name == "sleep")
    for call, name in calls(module):
        if name in sleeps:
            yield f"{call.lineno}: {name} blocks"


def swallows_nothing(module: Module) -> Iterator[str]:
    """A broad except stands only in the named places, unless it cleans up and passes on; a cancellation always is."""
    for owner, handler in handlers(module):
        raises = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
        last = handler.body[-1]
        if isinstance(last, ast.Raise) and last.exc is None:
            continue
        if caught(handler) & {"Exception", "BaseException"} and f"{module.path}:{owner}" not in BROAD_EXCEPTS:
            yield f"{handler.lineno}: a broad except in {owner or 'the module'}"
        if "CancelledError" in caught(handler) and not raises:
            yield f"{handler.lineno}: swallows a cancellation"
    for call, name in calls(module):
        if name.rpartition(".")[2] == "suppress":
            given = {dotted(argument).rpartition(".")[2] for argument in call.args}
            if given & {"Exception", "BaseException", "CancelledError"}:
                yield f"{call.lineno}: suppresses {', '.join(sorted(given))}"


def mocks_nothing(module: Module) -> Iterator[str]:
    """Fakes, not mocks."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "unittest":
            yield from (f"{node.lineno}: imports mock" for alias in node.names if alias.name == "mock")
    for line, name in imports(module):
        if name in {"mock", "pytest_mock"} or name.startswith("unittest.mock"):
            yield f"{line}: imports {name}"


def is_finished(module: Module) -> Iterator[str]:
    """Nothing is left for later."""
    for number, line in enumerate(module.source.splitlines(), start=1):
        if UNFINISHED.search(line):
            yield f"{number}: unfinished"


def is_no_stub(module: Module) -> Iterator[str]:
    """A function without a body belongs in a Protocol."""
    promised: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and any(dotted(base).endswith("Protocol") for base in node.bases):
            promised.update(id(child) for child in node.body)
    for node in ast.walk(module.tree):
        if not isinstance(node, Function) or id(node) in promised or node.decorator_list:
            continue
        if all(isinstance(step, ast.Pass) or is_bare_constant(step) for step in node.body):
            yield f"{node.lineno}: {node.name} does nothing"


def is_named_well(module: Module) -> Iterator[str]:
    """No class and no module is named after what everything is."""
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    rooms = module.path.split("/")[:-1]
    yield from (f"1: {room} is no name for a room" for room in [*rooms, stem] if room in SUSPECT_MODULES)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            last = re.findall(r"[A-Z][a-z]*", node.name)[-1:]
            if last and last[0] in SUSPECT_CLASSES and not node.name.endswith("Error"):
                yield f"{node.lineno}: {node.name} is named after nothing in particular"


def speaks_our_language(module: Module) -> Iterator[str]:
    """The exchange's words stay at the exchange's door."""
    if module.path.startswith(EXCHANGE_WORDS_AT_HOME):
        return
    for line, name in identifiers(module):
        words = set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))
        if words & EXCHANGE_WORDS:
            yield f"{line}: {name} is the exchange's word"


def leaves_names_where_they_are(module: Module) -> Iterator[str]:
    """Imports are absolute, nothing is exported twice, and no cycle hides behind the type checker."""
    yield from (f"{line}: relative import" for line, name in imports(module) if name.startswith("."))
    names = {name for _, name in identifiers(module)}
    if "TYPE_CHECKING" in names:
        yield "1: TYPE_CHECKING hides a cycle"
    if module.path.rpartition("/")[2] != "__init__.py":
        return
    for node in module.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            given = {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
            yield from (f"{node.lineno}: {name} is exported a second time" for name in sorted(given - names))


def spells_no_redis_name(module: Module) -> Iterator[str]:
    """Keys and channels are spelled in cache/keys.py."""
    if module.path == "cache/keys.py":
        return
    for line, text, goes_on in texts(module):
        name = REDIS_NAMES.match(text)
        if name and (name.group(1) or goes_on):
            yield f"{line}: {text!r} is a Redis name"


def spells_no_sql(module: Module) -> Iterator[str]:
    """SQL lives in SQL files."""
    yield from (f"{line}: SQL in Python" for line, text, _ in texts(module) if SQL.match(text))


EVERYWHERE: tuple[Law, ...] = (has_owned_tasks, never_blocks, mocks_nothing, is_finished)
IN_SOURCE: tuple[Law, ...] = (
    introduces_itself,
    is_small,
    waits_in_the_open,
    swallows_nothing,
    is_no_stub,
    is_named_well,
    speaks_our_language,
    leaves_names_where_they_are,
    spells_no_redis_name,
    spells_no_sql,
)
IN_CORE: tuple[Law, ...] = (is_pure, imports_only_pure)
IN_WIRES: tuple[Law, ...] = (is_pure,)
