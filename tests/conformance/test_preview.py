"""Point 14: what the preview shows is what the server received, byte for byte."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.bootstrap import inspect_media
from scheduler.domain.delivery import Delivery, Receipt
from scheduler.domain.plan import plan_deliveries
from scheduler.domain.rendering import render_delivery
from scheduler.ledger.prepared import read_prepared, write_prepared
from scheduler.preview import Row, Shown, build_rows
from scheduler.sources.calendar import Defaults, read_calendar
from tests.conformance.harness import Harness
from tests.conformance.samples import is_about_pictures

NOW = datetime(2027, 3, 1, tzinfo=UTC)
CALENDAR = """\
campaign: ce
name: National Child Exploitation Awareness Day
date: 18 March 2027
accounts: [force]
hashtags: ["#CEADay{yy}", "#HelpingHands"]
posts:
  - id: plain
    when: on the day at 08:00
    text: Think, spot, speak out.
  - id: link
    when: on the day at 08:10
    text: |
      Know the signs: what to look for, and whom to tell.

      It may be a child you know.
    link: https://www.example.org/signs/of/exploitation?from=social&for=parents#top
  - id: links
    when: on the day at 08:20
    text: 'Read https://example.org/a_(b), www.example.org/c and http://example.org/d?e=f&g=%20h. #CEADay27'
  - id: quotes
    when: on the day at 08:30
    text: "“It's not your fault,” she said \\\\ \\"none of it\\" & <b>not</b> 'yours' %s {0}"
  - id: emoji
    when: on the day at 08:40
    text: "👨‍👩‍👧‍👦 👩🏾‍🚒 🏳️‍🌈 🇬🇧 1️⃣ ✋🏿 £5 ½ … – •"
  - id: languages
    when: on the day at 08:50
    text: "सोचिए, क्षत्रिय। فَكِّرْ وتكلّم. Meddyliwch ŵ. e\\u0301 é ﬁ 각"
  - id: lines
    when: on the day at 09:00
    text: "One  two\\n\\n\\n  three\\twith a tab\\n– four\\u00a0five"
  - id: handles
    when: on the day at 09:10
    text: "Thanks to @partner, @partner.example.org, @partner@example.org and help@example.org! #Ünïcödé_1 #2"
"""
THREAD = """\
  - id: films
    when: on the day at 12:30
    thread:
      - text: "First: 🎬 https://example.org/one"
      - text: "Second\\n\\n“and last” #CEADay27"
"""


def drop_forbidden(harness: Harness, words: str) -> str:
    """Return words without the characters that the platform takes in no text."""
    return "".join(each for each in words if each not in harness.platform.capabilities.forbidden)


def plan(harness: Harness) -> list[Delivery]:
    """Return the deliveries of the calendar, with a thread if the platform has such."""
    words = CALENDAR + (THREAD if harness.platform.capabilities.threads else "")
    if required := harness.draw_required():
        captions = {"captions": "burnt in"} if required[0].is_video else {}
        media = json.dumps({"file": Path(required[0].path).name, "alt": "An open hand.", **captions})
        line = f"video: {media}" if required[0].is_video else f"images: [{media}]"
        words = re.sub(
            r"^( +)(-? *)(id: (?!films)|text: \"(?:First|Second))", rf"\1\2{line}\n\1  \3", words, flags=re.MULTILINE
        )
    words = drop_forbidden(harness, words)
    defaults = Defaults(ZoneInfo("Europe/London"), timedelta(hours=2), {"force"})
    read = read_calendar(words.encode(), str(harness.folder / "ce.yaml"), defaults)  # beside what is drawn
    assert read.campaign is not None, read.problems
    return plan_deliveries([read.campaign])


def preview(harness: Harness, delivery: Delivery) -> Row:
    """Return the row that the preview shows."""
    shown = {harness.account.name: Shown(harness.account, harness.platform, harness.channel.limits())}
    rows = build_rows([delivery], shown, inspect_media, records={}, holds=(), seen=lambda key: False, now=NOW)
    return next(iter(rows))


def send(harness: Harness, delivery: Delivery) -> list[str]:
    """Send a delivery as the publisher does, out of the ledger; return the text of each part as it arrived."""
    limits = harness.channel.limits()
    rendered = render_delivery(delivery, harness.platform, harness.account, limits, inspect_media)
    assert rendered.prepared is not None, rendered.problems
    arrived: list[str] = []
    receipts: list[Receipt] = []
    for part in read_prepared(write_prepared(rendered.prepared)).parts:
        receipts.append(harness.publish(part, *receipts, key=delivery.key))
        found = harness.read_calls(harness.replies.text)
        arrived += found[-1] if harness.door.board is None else found[len(receipts) - 1]
    harness.door.forget()
    return arrived


@pytest.mark.point(14)
def test_the_text_previewed_is_the_text_sent(harness: Harness) -> None:
    deliveries = plan(harness)
    assert len(deliveries) >= 8
    for delivery in deliveries:
        row = preview(harness, delivery)
        assert [problem for problem in row.problems if not is_about_pictures(problem)] == []
        arrived = send(harness, delivery)
        assert [text.encode() for text in arrived] == [part.text.encode() for part in row.parts]


@pytest.mark.point(14)
def test_the_calendars_words_are_in_what_is_sent(harness: Harness) -> None:
    sent = {delivery.post.id: send(harness, delivery) for delivery in plan(harness)}
    assert sent["plain"] == ["Think, spot, speak out.\n\n#CEADay27 #HelpingHands"]
    assert sent["links"][0].endswith("h. #CEADay27\n\n#HelpingHands")
    assert drop_forbidden(harness, '\\ "none of it" & <b>not</b>') in sent["quotes"][0]
