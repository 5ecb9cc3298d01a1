"""Campaigns of which nothing can be sent any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from scheduler.domain.campaign import Campaign
from scheduler.domain.problem import Problem, Severity
from scheduler.domain.when import write_date
from scheduler.sources.calendar import CalendarFile
from scheduler.sources.field_problems import find_problem
from scheduler.sources.yaml_text import read_yaml


def find_past(file: CalendarFile, now: datetime) -> Problem | None:
    """Return a warning, at its date, of a calendar whose every post is past its not-after time; None of another."""
    campaign = file.campaign
    if campaign is None or not _is_over(campaign, now):
        return None
    document = read_yaml(file.content, file.file)  # again, for the place: of a campaign ahead it is not needed
    name = next(name for name in ("date", "year", "campaign") if name in document.data)
    last = max(post.due for post in campaign.posts)
    message = f"All posts of this campaign are over: the last was due on {write_date(last.date())}."
    hint = f"`campaign roll {file.file} {_next_year(campaign, now)}` writes it anew; if it is not over, mend its dates."
    return find_problem(document, (name,), message, hint, Severity.WARNING)


def list_past(files: Iterable[CalendarFile], now: datetime) -> list[str]:
    """Return the files of campaigns that are over, as they are shown, but for those that have a later year's file."""
    campaigns = [file.campaign for file in files if file.campaign is not None]
    latest: dict[str, date] = {}
    for campaign in campaigns:
        latest[campaign.id] = max(campaign.date, latest.get(campaign.id, campaign.date))
    return [each.file for each in campaigns if each.date == latest[each.id] and _is_over(each, now)]


def _is_over(campaign: Campaign, now: datetime) -> bool:
    return bool(campaign.posts) and not any(post.due + post.not_after >= now for post in campaign.posts)


def _next_year(campaign: Campaign, now: datetime) -> int:
    """Return the first year in which the campaign's date is still ahead."""
    today = now.astimezone(UTC).date()
    is_ahead = (campaign.date.month, campaign.date.day) > (today.month, today.day)
    return today.year if is_ahead and today.year > campaign.date.year else max(today.year, campaign.date.year) + 1
