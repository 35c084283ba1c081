"""What is written down about the house is so: verbs, commands, paths and locks."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
VERBS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TEXTS = {".py", ".md", ".toml", ".lock", ".lua", ".sql", ".json", ".jsonl", ".sh", ".cfg", ".txt", ""}
ROOMS = ("src", "tests", "bench", "docs", "scripts", ".ci")
# Written in pieces, so that this file does not contain what it looks for.
ADDRESSES = re.compile(
    r"pypi\."
    r"(?:org|python)|python"
    r"hosted\.org|registry\."
    r"npm|--(?:extra-)?index-"
    r"url[ =]\S|--find-"
    r"links[ =]\S"
)
MACHINE = re.compile(r"(?<![\w.<>}])/(?:work|root|home|opt|Users|tmp/w)" r"/[\w.]|\.\./\.lib" r"rary")


def files() -> Iterator[Path]:
    """Every text file of the project, as far as its rooms are known."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in TEXTS and path.name != "uv.lock")
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.is_file() and path.suffix in TEXTS and "__pycache__" not in path.parts:
                yield path


def addresses(text: str) -> list[str]:
    return [found.group() for found in ADDRESSES.finditer(text)]


def machine_paths(text: str) -> list[str]:
    return [found.group() for found in MACHINE.finditer(text)]


def fences(text: str) -> str:
    """The lines inside the fences of a shell."""
    return "\n".join(re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def made(text: str) -> set[str]:
    """The verbs that are asked of make, in a shell's fence or between backticks."""
    spans = re.findall(r"`([^`\n]+)`", text)
    return set(re.findall(r"(?:^|\s)make ([a-z]+)\b", "\n".join([fences(text), *spans]), re.MULTILINE))


def named_paths(text: str) -> set[str]:
    """The files and folders of this project that are named between backticks or linked to."""
    spans = re.findall(r"`((?:src|tests|docs|scripts|bench|\.ci)/[\w./-]*)`", text)
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    return {*spans, *links}


def pins(lock: Path) -> dict[str, str]:
    """The version of each name; where markers choose between several, all of them."""
    found: dict[str, str] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock.read_text(), re.MULTILINE):
        found[name.lower()] = f"{found[name.lower()]} {version}" if name.lower() in found else version
    return found


def wanted(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", requirement)[0].lower() for requirement in requirements}


def test_every_verb_is_explained_in_the_readme() -> None:
    assert made((ROOT / "README.md").read_text()) >= VERBS
    assert set(re.findall(r"^([a-z]+): ## \S", MAKEFILE, re.MULTILINE)) == VERBS, "a verb does not explain itself"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_names_only_verbs_and_paths_that_exist(document: Path) -> None:
    text = document.read_text()
    missing = {path for path in named_paths(text) if not ((document.parent / path).exists() or (ROOT / path).exists())}

    assert made(text) <= VERBS
    assert not missing


def test_the_readme_names_only_commands_that_exist() -> None:
    """A command is a function or a string of the command line's own source."""
    room = ROOT / "src" / "livermore" / "cli"
    source = "\n".join(path.read_text() for path in sorted(room.rglob("*.py")))
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"\blivermore ([a-z-]+)\b", "\n".join([fences(text), *re.findall(r"`([^`\n]+)`", text)])))
    options = set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", "\n".join(re.findall(r"`(livermore [^`\n]+)`", text)))) - {
        "help"
    }

    assert named
    assert not {name for name in named if not re.search(rf'def {name.replace("-", "_")}\b|"{name}"', source)}
    assert not {name for name in options if not re.search(rf'\b{name.replace("-", "_")}\b|"--{name}', source)}


def fields(source: str, name: str) -> set[str]:
    """The annotated names in the body of a class."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name == name:
            steps = [step.target for step in node.body if isinstance(step, ast.AnnAssign)]
            return {target.id for target in steps if isinstance(target, ast.Name)}
    return set()


def test_the_readme_explains_every_variable_and_no_other() -> None:
    config = ROOT / "src" / "livermore" / "config.py"
    variables = {f"LIVERMORE_{field.upper()}" for field in fields(config.read_text(), "Environment")}

    # Those that hold keys are read when they are needed, and never kept in the configuration.
    keys = ROOT / "src" / "livermore" / "exchanges" / "credentials.py"
    variables |= set(re.findall(r'"(LIVERMORE_[A-Z_]+)"', keys.read_text()))

    assert variables
    assert set(re.findall(r"`(LIVERMORE_[A-Z_]+)`", (ROOT / "README.md").read_text())) == variables


def test_the_version_is_the_same_wherever_it_is_told() -> None:
    source = (ROOT / "src" / "livermore" / "__init__.py").read_text()
    told = re.findall(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    assert told == [PROJECT["project"]["version"]]


def test_the_door_of_the_change_runs_the_same_verbs() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert {"test", "check"} <= set(re.findall(r"^make ([a-z]+)$", script, re.MULTILINE))
    assert "set -eu" in script


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_by_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    entries = re.split(r"\n(?=[\w.-]+(?:\[[^\]]*\])?(?:==| @))", text)[1:]

    assert entries
    assert not [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
    assert "://" not in text
    assert not addresses(text)
    assert not re.search(r"^(?:-e|--(?!hash))|^\S+ @ |file:", text, re.MULTILINE)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    run, dev, setup = (pins(ROOT / f"requirements{kind}.lock") for kind in ("", "-dev", "-setup"))
    groups = PROJECT["dependency-groups"]

    assert wanted(PROJECT["project"]["dependencies"]) <= run.keys()
    assert wanted(groups["dev"]) <= dev.keys()
    assert wanted(groups["setup"]) <= setup.keys()
    assert run.items() <= dev.items(), "tests would run other versions than users do"


def test_no_file_knows_a_registry_or_the_machine_it_was_written_on() -> None:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(errors="replace") for path in files()}

    assert "pyproject.toml" in texts
    assert "src/livermore/errors.py" in texts
    assert not {name: found for name, text in texts.items() if (found := addresses(text) + machine_paths(text))}


def test_the_lock_of_another_tool_stays_out() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "https://files.python" + "hosted.org/packages/a.whl",
        "--index-" + "url https://example.org/simple",
        "resolved: https://registry." + "npmjs.org/a",
        "see /wo" + "rk/main/README.md",
        '"/ro' + 'ot/.cache"',
        "../.lib" + "rary/README.md",
    ],
)
def test_an_address_or_a_path_of_a_machine_is_noticed(text: str) -> None:
    assert addresses(text) + machine_paths(text)


@pytest.mark.parametrize(
    "text", ["GET /api/v3/home/x", "tests/wo" + "rk/a.py", "--no-emit-index-" + "url", "./ro" + "ot/x", "a/opt/b"]
)
def test_an_ordinary_path_is_not(text: str) -> None:
    assert not addresses(text) + machine_paths(text)


def test_verbs_and_paths_are_read_from_fences_and_backticks() -> None:
    text = (
        "We make tests.\n```sh\nmake fly ARGS=x\n```\nor `make up`, [a](docs/a.md#b), [c](https://d.e), `tests/f.py`."
    )
    assert made(text) == {"fly", "up"}
    assert named_paths(text) == {"docs/a.md", "tests/f.py"}


def test_every_kind_of_report_is_explained_to_operators() -> None:
    """A kind is the first argument of a `Report`, or of the function that reports."""
    kinds: set[str] = set()
    for path in sorted((ROOT / "src" / "livermore").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in {"Report", "report", "_report"} and isinstance(node.args[0].value, str):
                    kinds.add(node.args[0].value)

    assert kinds
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert not {kind for kind in kinds if f"| `{kind}`" not in operations}


def test_every_page_of_the_screens_is_explained_with_its_key() -> None:
    """A page's heading names it as the navigation does, with the letter that opens it."""
    pages = re.findall(r'title: "([^"]+)".*?key: "(\w)"', (ROOT / "ui/src/app/pages.ts").read_text())
    headings = set(re.findall(r"^## (.+)$", (ROOT / "docs/ui.md").read_text(), re.MULTILINE))

    assert pages
    assert not {f"{title} (`g {key}`)" for title, key in pages} - headings
