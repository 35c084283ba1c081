"""Columns in the room there is: what does not fit is left out whole, and what is least needed goes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table
from rich.text import Text

GAP: Final = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of cells, the larger its `rank` the sooner left out; it is at least so many characters wide."""

    heading: str
    rank: int
    cells: Sequence[Text]
    least: int = 0
    is_number: bool = False

    @property
    def width(self) -> int:
        """How wide it must be so that nothing in it is cut."""
        return max(self.least, len(self.heading), *(cell.cell_len for cell in self.cells), 1)


def fitted(columns: Sequence[Column], width: int) -> list[Column]:
    """Those of the columns that fit side by side; one stays in any case."""
    chosen = list(columns)
    while len(chosen) > 1 and sum(column.width + GAP for column in chosen) - GAP > width:
        chosen.remove(max(chosen, key=lambda column: column.rank))
    return chosen


def table_of(columns: Sequence[Column], styles: Sequence[str] = (), *, with_heading: bool = True) -> Table:
    """The columns as a table, as wide as they are; `styles` are those of its rows."""
    table = Table(
        box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="grey62", show_header=with_heading, expand=False
    )
    for column in columns:
        table.add_column(
            column.heading,
            justify="right" if column.is_number else "left",
            min_width=column.width,
            no_wrap=True,
            overflow="crop",
        )
    for number, cells in enumerate(zip(*(column.cells for column in columns), strict=True)):
        table.add_row(*cells, style=styles[number] if styles else None)
    return table


def pieces_that_fit(pieces: Sequence[Text], width: int, gap: int = 2) -> Text:
    """As many of the pieces, the most needed first, as fit into a line; the first one in any case."""
    line = Text(no_wrap=True, overflow="ellipsis")
    for piece in pieces:
        if line and line.cell_len + gap + piece.cell_len > width:
            break
        line.append(" " * gap if line else "")
        line.append_text(piece)
    return line
