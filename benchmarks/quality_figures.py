"""What the tables of `quality.py` are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from measuring import markdown
from quality_texts import Setting

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a table says: its columns, its rows, and lines below it."""

    header: tuple[str, ...]
    rows: list[list[Cell]]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        table = markdown(self.header, [[_shown(cell) for cell in row] for row in self.rows])
        return "\n\n".join((table, *self.notes))

    def to_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {"rows": [dict(zip(self.header, row)) for row in self.rows], "notes": self.notes}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, its title, the files that it needs, and what makes its lines."""

    name: str
    title: str
    needs: tuple[str, ...]
    make: Callable[[Setting], Figures]


def _shown(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)
