"""Warnings of words in a calendar that are of another year or cannot be, each at the very words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from scheduler.domain.awareness import DayBook
from scheduler.domain.date_doubts import Finding, Occasion
from scheduler.domain.staleness import Proofreader
from scheduler.errors import ConfigError
from scheduler.sources.reporting import Reporter
from scheduler.sources.yaml_text import Path


def warn_of_stale_words(
    reporter: Reporter,
    texts: Mapping[Path, str],
    occasion: Occasion,
    days: DayBook | None,
    posted: Mapping[int | str, date],
) -> None:
    """Note in `reporter` what is stale in the texts of a campaign, which are given by where they stand, as written.

    `posted` holds the days on which posts go out, by their numbers, as far as these are known.
    """
    reader = Proofreader(occasion, days)
    for path, text in texts.items():
        if reporter.is_full_of_warnings:
            return
        day = posted.get(path[1]) if path[0] == "posts" else None
        try:
            findings = reader.read(text, day)
        except ConfigError:  # the team's own days have errors, which are told of where these are read
            reader = Proofreader(occasion)
            findings = reader.read(text, day)
        for finding in findings:
            _warn(reporter, path, text, finding)


def _warn(reporter: Reporter, path: Path, text: str, finding: Finding) -> None:
    words = text[finding.start : finding.stop]
    pattern = r"\s+".join(map(re.escape, words.split()))
    before = sum(1 for _ in re.finditer(pattern, text[: finding.start]))
    reporter.warn_at(reporter.document.place_of(path, words, before), finding.message, finding.hint)
