"""Fault scripts: TOML files, and bodies of requests, as faults; what is wrong with them is told entry by entry."""

import dataclasses
import math
import tomllib
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import msgspec

from livermore.errors import ConfigError, InvalidRequest
from livermore.sim.faults.check import reasons
from livermore.sim.faults.fault import KINDS, Fault, kind_of

MOST_FAULTS = 2_000


def read_script(path: Path, symbols_by_exchange: Mapping[str, Set[str]]) -> tuple[Fault, ...]:
    """The faults of a script.

    ``[[fault]] kind = "disconnect"  exchange = "binance"  start = 60  duration = 5  code = 1001``

    Raises:
        ConfigError: naming the file, and the entries that are impossible with their lines.
    """
    try:
        text = path.read_text(encoding="utf-8")
        script = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(f"the fault script {path} cannot be read: {exc}") from exc
    entries = script.pop("fault", [])
    if script or not isinstance(entries, list) or not entries:
        raise ConfigError(f"the fault script {path} must hold [[fault]] entries and nothing else")
    lines = [
        number for number, line in enumerate(text.splitlines(), 1) if line.replace(" ", "").startswith("[[fault]]")
    ]
    places = [f"line {line}" for line in lines] if len(lines) == len(entries) else [""] * len(entries)
    try:
        return faults_of(entries, symbols_by_exchange, places)
    except InvalidRequest as exc:
        raise ConfigError(f"the fault script {path} is impossible: {exc}") from exc


def faults_of(
    entries: Sequence[object], symbols_by_exchange: Mapping[str, Set[str]], places: Sequence[str] = ()
) -> tuple[Fault, ...]:
    """The faults of these entries, JSON objects or TOML tables; `places` says where each of them stands.

    Raises:
        InvalidRequest: naming every entry that is impossible, and why.
    """
    if len(entries) > MOST_FAULTS:
        raise InvalidRequest(f"{len(entries)} faults are more than {MOST_FAULTS}")
    faults = []
    wrong = []
    for number, entry in enumerate(entries, 1):
        where = f"fault {number}" + (f" ({places[number - 1]})" if places and places[number - 1] else "")
        try:
            fault = _fault(entry)
        except InvalidRequest as exc:
            wrong.append(f"{where}: {exc}")
            continue
        faults.append(fault)
        wrong += [f"{where}, {kind_of(fault)}: {reason}" for reason in reasons(fault, symbols_by_exchange)]
    if wrong:
        raise InvalidRequest("; ".join(wrong))
    return tuple(faults)


def written(fault: Fault) -> dict[str, object]:
    """A fault as an entry."""
    return {"kind": kind_of(fault), **dataclasses.asdict(fault)}


def _fault(entry: object) -> Fault:
    if not isinstance(entry, dict):
        raise InvalidRequest("not a table of settings")
    settings = {name: value for name, value in entry.items() if name != "kind"}
    kind = KINDS.get(entry["kind"]) if isinstance(entry.get("kind"), str) else None
    if kind is None:
        raise InvalidRequest(f"unknown kind {entry.get('kind')!r}; known are {', '.join(KINDS)}")
    names = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(settings.keys() - names)
    if unknown:
        raise InvalidRequest(f"{entry['kind']} has no {', '.join(unknown)}; it has {', '.join(sorted(names))}")
    if any(isinstance(value, float) and not math.isfinite(value) for value in settings.values()):
        raise InvalidRequest(f"{entry['kind']}: a number must be finite")
    try:
        return msgspec.convert(settings, kind)
    except msgspec.ValidationError as exc:
        raise InvalidRequest(f"{entry['kind']}: {exc}") from exc
