"""Reading source: what a module calls, imports, names, catches and says."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Module:
    """One source file; `path` is relative to `src/livermore`, or to the checkout where it lies outside."""

    path: str
    source: str
    tree: ast.Module = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.source))


Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def dotted(node: ast.expr) -> str:
    """The name as written, such as ``asyncio.create_task``; what is not a plain name is ``?``."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name):
            return f"{dotted(owner)}.{name}"
        case ast.Call(func=function):
            return f"{dotted(function)}()"
    return "?"


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the name of what is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Every imported module with its line; a relative import begins with a dot."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def docstrings(module: Module) -> set[int]:
    """The ids of the nodes that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr):
            found.add(id(node.body[0].value))
    return found


def texts(module: Module) -> Iterator[tuple[int, str, bool]]:
    """Every string but the docstrings: line, text, and whether an f-string goes on after it."""
    skipped = docstrings(module)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr):
            for index, part in enumerate(node.values):
                skipped.add(id(part))
                if index == 0 and isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.lineno, part.value, len(node.values) > 1
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value, False


def caught(handler: ast.ExceptHandler) -> set[str]:
    """The last parts of the names of what a handler catches."""
    if handler.type is None:
        return {"BaseException"}
    caught_types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {dotted(caught_type).rpartition(".")[2] for caught_type in caught_types}


def handlers(module: Module) -> Iterator[tuple[str, ast.ExceptHandler]]:
    """Every except clause with the function it stands in (the innermost one)."""

    def walk(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.ExceptHandler]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ExceptHandler):
                yield owner, child
            yield from walk(child, child.name if isinstance(child, Function) else owner)

    yield from walk(module.tree, "")


def is_bare_constant(step: ast.stmt) -> bool:
    """Whether a statement is only a docstring or an ellipsis."""
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)


def identifiers(module: Module) -> Iterator[tuple[int, str]]:
    """Every name that the module itself gives or uses; the names of other people's parameters are theirs."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
