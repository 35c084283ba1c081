"""What there is to say of a command: lines and a bar for people, JSON lines for programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from livermore.app.fitting import GAP, Column, fitted, pieces_that_fit, table_of
from livermore.app.network_table import ago
from livermore.app.status_words import to_the_second
from livermore.core.instance import commands
from livermore.core.instance.command_record import CommandRecord, Step
from livermore.core.instance.commands import Ack, Answer, Command, Result
from livermore.errors import LivermoreError

ROWS_SHOWN: Final = 8
HISTORY_HEADINGS: Final = ("issued", "command", "by", "outcome", "took", "what")
LEAST_INSTANT: Final = 10**12
"""Where a number called somethingAt is as large as this, it is an instant in ms."""
_STEP_COLOURS: Final = {Step.DONE: "green", Step.FAILED: "red", Step.REFUSED: "red", Step.UNHEARD: "red"}


class Teller(Protocol):
    """Who is told what becomes of a command."""

    def sent(self, command: Command) -> None:
        """Somebody hears it."""

    def answer(self, command: Command, answer: Answer) -> None:
        """An instance has answered."""

    def failed(self, command: Command, error: LivermoreError) -> None:
        """Nobody has heard it, or finished it in time."""

    def left(self, command: Command) -> None:
        """We do not wait for it any longer."""

    def history(self, records: Sequence[CommandRecord]) -> None:
        """What became of earlier ones, the newest first."""


class Words:
    """For people: outcomes on standard output, troubles on `complaints`."""

    def __init__(self, console: Console, complaints: Console) -> None:
        self._console = console
        self._complaints = complaints
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._sent: str | None = None
        self._is_heard = False

    def sent(self, command: Command) -> None:
        """No line: the ack comes at once or not at all."""
        self._sent = command.correlation_id

    def answer(self, command: Command, answer: Answer) -> None:
        """A line for the ack and the result, a bar or lines for what lies between."""
        match answer:
            case Ack():
                self._is_heard = True
                self._say(f"{command.type}: instance {answer.instance_id[:8]} has heard it")
            case commands.Progress():
                self._progress(answer)
            case Result():
                self._end_bar()
                self._result(command, answer)

    def failed(self, command: Command, error: LivermoreError) -> None:
        """One line."""
        self._end_bar()
        self._complain(f"{command.type} failed: {error}")

    def left(self, command: Command) -> None:
        """Where to look for what becomes of it."""
        self._end_bar()
        if self._sent is None:
            self._complain(f"{command.type} was not sent")
            return
        heard = "goes on on the instance" if self._is_heard else "may still be carried out"
        self._complain(
            f"{command.type} {heard}; `livermore ctl … history` tells what becomes of it (id {command.correlation_id})"
        )

    def history(self, records: Sequence[CommandRecord]) -> None:
        """A table, the newest command first."""
        if not records:
            self._say("no command in the last 90 days")
            return
        cells = [_history_cells(record) for record in records]
        columns = [
            Column(heading, number, [row[number] for row in cells]) for number, heading in enumerate(HISTORY_HEADINGS)
        ]
        if not self._console.is_terminal:
            # A pipe has no width; whoever reads there wants all columns.
            self._console.width = sum(column.width + GAP for column in columns)
        if len(fitted(columns, self._console.width)) == len(columns):
            self._console.print(table_of(columns))
            return
        # What was asked for and why it failed is what people look for: below its line there is room for all of it.
        lines = [pieces_that_fit(row[:-1], self._console.width) for row in cells]
        for line, row in zip(lines, cells, strict=True):
            self._console.print(line)
            if row[-1]:
                self._console.print(Padding(row[-1], (0, 0, 0, 4)))

    def _progress(self, step: commands.Progress) -> None:
        if not self._console.is_terminal:
            self._say(f"{step.done}/{step.total} {step.text}")
            return
        if self._bar is None:
            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=self._console, auto_refresh=False)
            self._bar.start()
            self._task = self._bar.add_task("", total=step.total)
        if self._task is not None:
            self._bar.update(self._task, completed=step.done, total=step.total, description=step.text, refresh=True)

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _result(self, command: Command, result: Result) -> None:
        failure = failure_of(result)
        if failure is None:
            self._console.print(Text(f"{command.type}: done", style="green"))
        else:
            self._complain(f"{command.type} failed: {failure}")
        for line in _lines(result.details):
            self._say(line)

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _complain(self, line: str) -> None:
        self._complaints.print(f"livermore: {' '.join(line.split())}", highlight=False, markup=False, soft_wrap=True)


class JsonLines:
    """For programs: one JSON object on each line, the last one the result, as on the bus."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def sent(self, command: Command) -> None:
        """The command itself, with its id."""
        self._write(command, "sent", ordered=command.type.value, issuedBy=command.issued_by, at=command.issued_at)

    def answer(self, command: Command, answer: Answer) -> None:
        """An answer."""
        match answer:
            case Ack():
                self._write(command, "ack", instanceId=answer.instance_id, at=answer.at)
            case commands.Progress():
                self._write(command, "progress", at=answer.at, done=answer.done, total=answer.total, text=answer.text)
            case Result():
                error = answer.error
                self._write(
                    command,
                    "success" if answer.is_success else "error",
                    at=answer.at,
                    data=dict(answer.details),
                    error=None if error is None else {"code": error.code, "message": error.message},
                )

    def failed(self, command: Command, error: LivermoreError) -> None:
        """Why there is no result."""
        code = "nobody_listens" if type(error).__name__ == "NobodyListens" else "unanswered"
        self._write(command, "error", error={"code": code, "message": str(error)})

    def left(self, command: Command) -> None:
        """That nobody waits any longer."""
        self._write(command, "left")

    def history(self, records: Sequence[CommandRecord]) -> None:
        """One record on each line."""
        for record in records:
            self._out(_record_fields(record))

    def _write(self, command: Command, kind: str, **fields: Any) -> None:
        self._out({"correlationId": command.correlation_id, "type": kind, **fields})

    def _out(self, fields: Mapping[str, Any]) -> None:
        self._console.out(msgspec.json.encode(fields).decode(), highlight=False)


def failure_of(result: Result) -> str | None:
    """Why a command did not do what whoever gave it wanted; None where it did.

    That an exchange does not take our key is what `test-connection` found out, and yet no connection.
    """
    if not result.is_success:
        return result.error.message if result.error else "no reason was given"
    return _no_connection(result.details)


def _no_connection(details: Mapping[str, Any]) -> str | None:
    if details.get("isConnected") is not False:
        return None
    return str(details.get("error") or "the exchange does not take the credentials")


def _lines(details: Mapping[str, Any], indent: str = "  ") -> list[str]:
    """Details as lines; what is inside something stands below it."""
    lines: list[str] = []
    for name, value in details.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            lines.append(f"{indent}{name}:")
            lines += [f"{indent}  {_row(one)}" for one in value[:ROWS_SHOWN]]
            if len(value) > ROWS_SHOWN:
                lines.append(f"{indent}  … and {len(value) - ROWS_SHOWN} more; --json shows all")
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: {', '.join(map(str, value)) or 'none'}")
        else:
            lines.append(f"{indent}{name}: {_plain(name, value)}")
    return lines


def _plain(name: str, value: object) -> object:
    """A value as people read it; milliseconds are for programs."""
    if name.endswith("At") and isinstance(value, int) and value >= LEAST_INSTANT:
        return f"{to_the_second(value)} UTC"
    return "none" if value is None else value


def _row(fields: Mapping[str, Any]) -> str:
    """What there is to say of one of many, without what is empty."""
    return ", ".join(f"{name} {value}" for name, value in fields.items() if value is not None and value != [])


def _history_cells(record: CommandRecord) -> tuple[Text, ...]:
    order = record.order
    issued = order.issued_at or record.heard_at or record.ended_at
    began = record.began_at or record.heard_at
    took = "" if began is None or record.ended_at is None else ago(max(0, record.ended_at - began))
    asked = " ".join(f"{name}={_short(value)}" for name, value in order.payload.items() if _is_told(name, value))
    no_connection = _no_connection(record.details)
    reason = no_connection or "" if record.error is None else record.error.message
    step = Step.FAILED if no_connection is not None else record.step
    return (
        Text("" if issued is None else to_the_second(issued)),
        Text(order.type or "unreadable"),
        Text(order.issued_by or ""),
        Text(step.value, style=_STEP_COLOURS.get(step, "yellow")),
        Text(took),
        Text("; ".join(part for part in (asked, reason) if part)),
    )


def _is_told(name: str, value: object) -> bool:
    """Whether a part of a command says something; that clear-cache was confirmed is clear, or it were not there."""
    return value is not None and name != "confirm"


def _short(value: object) -> str:
    if isinstance(value, list):
        shown = ",".join(map(str, value[:3]))
        return f"{shown},… ({len(value)})" if len(value) > 3 else shown
    return str(value)


def _record_fields(record: CommandRecord) -> dict[str, Any]:
    order, error = record.order, record.error
    return {
        "correlationId": record.correlation_id,
        "type": order.type,
        "payload": dict(order.payload),
        "issuedBy": order.issued_by,
        "issuedAt": order.issued_at,
        "priority": order.priority,
        "expiresAt": order.expires_at,
        "step": record.step.value,
        "instanceId": record.instance_id,
        "epoch": record.epoch,
        "heardAt": record.heard_at,
        "beganAt": record.began_at,
        "endedAt": record.ended_at,
        "data": dict(record.details),
        "error": None if error is None else {"code": error.code, "message": error.message},
    }
