"""A figure, its bar, and the line that says whether it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value. `words` say what was measured against what; `at_most` whether the bar is a ceiling."""

    name: str
    value: float
    bar: float
    unit: str
    words: str
    at_most: bool = True

    @property
    def holds(self) -> bool:
        """Return whether the value keeps the bar."""
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def __str__(self) -> str:
        """Return one line: name, value, bar, verdict, and the words."""
        sign = "≤" if self.at_most else "≥"
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        measured = f"{self.value:.2f} {self.unit}"
        return f"{self.name:<22} {measured:<22} bar {sign} {self.bar:.2f}  {verdict:<14} {self.words}"
