"""The house keeps its own laws."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import laws
from house.laws import Law
from house.reading import Function, Module, handlers

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "livermore"
OTHERS = ("tests", "bench", "scripts")


def read(path: Path, root: Path) -> Module:
    return Module(path.relative_to(root).as_posix(), path.read_text())


SOURCE = [read(path, SRC) for path in sorted(SRC.rglob("*.py"))]
ELSEWHERE = [read(path, ROOT) for room in OTHERS for path in sorted((ROOT / room).rglob("*.py"))]
CORE = [module for module in SOURCE if module.path.startswith("core/")]
WIRES = [module for module in SOURCE if module.path.startswith("exchanges/") and module.path.endswith("/wire.py")]
PREMISES = (
    [(law, [*SOURCE, *ELSEWHERE]) for law in laws.EVERYWHERE]
    + [(law, SOURCE) for law in laws.IN_SOURCE]
    + [(law, CORE) for law in laws.IN_CORE]
    + [(law, WIRES) for law in laws.IN_WIRES]
)


def complaints(law: Law, modules: list[Module]) -> Iterator[str]:
    for module in modules:
        for complaint in law(module):
            line, _, words = complaint.partition(": ")
            yield f"{module.path}:{line}: {words}"


@pytest.mark.parametrize(("law", "modules"), PREMISES, ids=lambda value: getattr(value, "__name__", ""))
def test_the_law_is_kept(law: Law, modules: list[Module]) -> None:
    assert not list(complaints(law, modules)), law.__doc__


def test_there_is_something_to_read() -> None:
    """An empty list of modules would keep every law."""
    assert {"errors.py", "core/messages.py", "runtime/ports.py"} <= {module.path for module in SOURCE}
    assert "tests/house/test_source.py" in {module.path for module in ELSEWHERE}


def test_the_places_of_broad_excepts_still_exist() -> None:
    """A place that is gone must not stay allowed."""
    places = {f"{module.path}:{owner}" for module in SOURCE for owner, _ in handlers(module)}
    assert places >= laws.BROAD_EXCEPTS


def computes(module: Module) -> bool:
    return any(isinstance(node, Function) for node in ast.walk(module.tree))


def test_every_core_module_that_computes_has_its_test_file() -> None:
    """`core/market/candle.py` is tested by a `test_candle.py` under `tests/core`."""
    tested = {path.name for path in (ROOT / "tests" / "core").rglob("test_*.py")}
    names = {module.path: module.path.rpartition("/")[2] for module in CORE if computes(module)}
    assert not [path for path, name in names.items() if name != "__init__.py" and f"test_{name}" not in tested]


def test_only_a_module_with_functions_computes() -> None:
    assert computes(Module("core/a.py", "class A:\n    @property\n    def b(self): return 1"))
    assert not computes(Module("core/a.py", "@dataclass\nclass A:\n    b: int"))
