"""What Discord, Slack, Teams and Telegram get, beyond the fourteen points that every channel keeps."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Pillow

from scheduler.domain.campaign import Image, Link
from scheduler.domain.delivery import Found, Receipt
from scheduler.errors import Rejected, Unavailable
from scheduler.media import inspect_image
from tests.accounts import PLACE, make_part, make_picture
from tests.chats import answer, is_live, open_chat, post, read_body, take_back
from tests.servers.scripted import ScriptedServer, start_scripted

SENT = {"ok": True, "result": {"message_id": 7, "chat": {"id": -1001234567890, "type": "channel"}}}
MESSAGE = {"ok": True, "ts": "1805356800.000100", "channel": "C0123456789"}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with start_scripted() as scripted:
        yield scripted


# --- Discord ---------------------------------------------------------------------------------------------------------


def test_discord_wakes_nobody(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("discord", server, tmp_path)
    answer(server, {"id": "7", "channel_id": "5"})
    post(sender, "@everyone, speak out")
    assert read_body(server) == {"content": "@everyone, speak out", "allowed_mentions": {"parse": []}}


def test_discord_is_asked_once_which_server_it_is_on(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("discord", server, tmp_path, thread="123456789012345678")
    for number in (7, 8):
        answer(server, {"id": str(number), "channel_id": "5"})
        assert post(sender).url == f"https://discord.com/channels/3/5/{number}"
    assert [request.method for request in server.requests] == ["GET", "POST", "POST"]
    assert server.requests[-1].path.endswith("?wait=true&thread_id=123456789012345678")


def test_discord_s_boosted_servers_get_large_pictures_as_they_are(server: ScriptedServer, tmp_path: Path) -> None:
    """Elsewhere a picture is made fit, and arrives as a JPEG."""
    noise = Pillow.frombytes("RGB", (2000, 1900), random.Random(1).randbytes(2000 * 1900 * 3))
    noise.save(tmp_path / "noise.png", compress_level=0)
    media = inspect_image(Image(str(tmp_path / "noise.png"), "Noise", PLACE))
    assert 10 * 2**20 < media.size < 50 * 2**20
    kinds = []
    for number, limit in enumerate(("10", "50")):
        sender = open_chat("discord", server, tmp_path, upload_limit=limit)
        answer(server, {"id": str(number), "channel_id": "5"})
        sender.publish(sender.prepare(make_part("Look", media)))
        kinds.append(re.findall(rb"Content-Type: (image/\w+)", server.requests[-1].body))
        assert (len(server.requests[-1].body) > 10 * 2**20) is (limit == "50")
    assert kinds == [[b"image/jpeg"], [b"image/png"]]


# --- Slack -----------------------------------------------------------------------------------------------------------


def answer_upload(server: ScriptedServer) -> None:
    """Let a picture be uploaded."""
    answer(server, {"ok": True, "upload_url": f"{server.base_url}/upload", "file_id": "F01"})
    answer(server, "OK - 99")
    answer(server, {"ok": True, "files": [{"id": "F01"}]})


def test_slack_posts_a_picture_once_it_has_looked_at_it(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("slack", server, tmp_path)
    answer_upload(server)
    for kind in ("", "", "image/png"):
        answer(server, {"ok": True, "file": {"id": "F01", "mimetype": kind}})
    answer(server, MESSAGE)
    part = make_part("Speak out", make_picture(tmp_path, "teal", "A palm."))
    assert sender.publish(sender.prepare(part)).remote_id == "1805356800.000100"
    block = {"type": "image", "slack_file": {"id": "F01"}, "alt_text": "A palm."}
    assert read_body(server)["attachments"] == [{"fallback": "A palm.", "blocks": [block]}]
    assert len(sender.clock.slept) == 3


def test_slack_posts_nothing_while_it_is_working_on_a_picture(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("slack", server, tmp_path)
    answer_upload(server)
    for _ in range(20):
        answer(server, {"ok": True, "file": {"id": "F01", "mimetype": ""}})
    part = make_part("Speak out", make_picture(tmp_path, "teal", "A palm."))
    with pytest.raises(Unavailable, match="Nothing was sent"):
        sender.publish(sender.prepare(part))
    assert sender.looks == 0


def test_slack_is_told_what_is_no_markup(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("slack", server, tmp_path)
    answer(server, MESSAGE)
    post(sender, "<!channel> R&D *not bold*")
    assert read_body(server)["text"] == "&lt;!channel&gt; R&amp;D *not bold*"
    assert read_body(server)["mrkdwn"] is False


def test_a_part_of_a_slack_thread_is_looked_for_in_it_and_on_each_page(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("slack", server, tmp_path)
    prepared = sender.prepare(make_part("One"), make_part("Two"))
    first = Receipt("1805356800.000100")
    other = {"event_type": "campaign_post", "event_payload": {"delivery": sender.key, "part": 0}}
    ours = {"event_type": "campaign_post", "event_payload": {"delivery": sender.key, "part": 1}}
    page = {"ok": True, "messages": [{"ts": "1.1", "metadata": other}], "response_metadata": {"next_cursor": "next"}}
    answer(server, page)
    answer(server, {"ok": True, "messages": [{"ts": "1.2", "metadata": ours}]})
    found = sender.find(prepared, [first])
    assert isinstance(found, Receipt)
    assert (found.remote_id, dict(found.data)) == ("1.2", {"thread": first.remote_id})
    assert "/api/conversations.replies?" in server.requests[-1].path
    assert "cursor=next" in server.requests[-1].path


def test_what_another_entry_is_bound_to_is_not_taken_for_ours(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("slack", server, tmp_path)
    sender.bound = frozenset({"1.1"})
    ours = {"event_type": "campaign_post", "event_payload": {"delivery": sender.key, "part": 0}}
    answer(server, {"ok": True, "messages": [{"ts": "1.1", "metadata": ours}]})
    assert sender.find(sender.prepare(make_part("One"))) is Found.UNSURE


def test_a_reply_in_a_slack_thread_is_looked_at_in_it(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("slack", server, tmp_path)
    server.acts.clear()  # nothing is asked first
    receipt = Receipt("1.2", "", {"thread": "1.1"})
    answer(server, {"ok": True, "messages": [{"ts": "1.1"}, {"ts": "1.2"}]})
    assert is_live(sender, receipt)
    assert "conversations.replies" in server.requests[-1].path
    answer(server, {"ok": False, "error": "thread_not_found"})
    assert not is_live(sender, receipt)


# --- Teams -----------------------------------------------------------------------------------------------------------


def test_a_card_for_teams_has_a_button_for_each_link(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("teams", server, tmp_path)
    answer(server, "", 202)
    text = "Read https://example.org/a and http://www.example.org/b. Ymunwch â ni"
    part = make_part(text)._replace(link=Link("https://example.org/a", "Know the signs"))
    assert sender.publish(sender.prepare(part)).url == ""
    assert "Ymunwch â ni".encode() in server.requests[0].body
    card = read_body(server)["attachments"][0]["content"]
    assert card["body"] == [{"type": "TextBlock", "text": text, "wrap": True}]
    assert [(button["title"], button["url"]) for button in card["actions"]] == [
        ("Know the signs", "https://example.org/a"),
        ("www.example.org", "http://www.example.org/b"),
    ]


def test_a_card_that_is_too_large_for_teams_is_refused_beforehand(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("teams", server, tmp_path)
    picture = make_picture(tmp_path, "teal", "x" * 1000)
    with pytest.raises(Rejected, match="shorter variant"):
        sender.prepare(make_part("x" * 23_000, *[picture] * 10))


# --- Telegram --------------------------------------------------------------------------------------------------------


def test_a_group_that_moved_is_followed(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("telegram", server, tmp_path, chat="-123456")
    moved = {"ok": False, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat"}
    answer(server, {**moved, "parameters": {"migrate_to_chat_id": -1001234567890}}, 400)
    with pytest.raises(Unavailable, match='Write `chat: "-1001234567890"`'):
        post(sender)
    answer(server, SENT)
    assert post(sender).url == "https://t.me/c/1234567890/7"
    assert read_body(server)["chat_id"] == "-1001234567890"


def test_a_small_groups_message_has_no_address(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("telegram", server, tmp_path)
    answer(server, {"ok": True, "result": {"message_id": 7, "chat": {"id": -123456, "type": "group"}}})
    assert post(sender) == Receipt("7")


def test_telegram_takes_a_text_as_it_is(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("telegram", server, tmp_path)
    answer(server, SENT)
    part = make_part("*Speak* <b>out</b> & _ask_")._replace(link=Link("https://example.org/a"))
    sender.publish(sender.prepare(part))
    sent = read_body(server)
    assert sent["text"] == "*Speak* <b>out</b> & _ask_"
    assert "parse_mode" not in sent
    assert sent["link_preview_options"] == {"url": "https://example.org/a"}


def test_each_picture_of_an_album_is_taken_back(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("telegram", server, tmp_path)
    album = [{"message_id": number, "chat": {"id": -1001, "username": "example_force"}} for number in (7, 8)]
    answer(server, {"ok": True, "result": album})
    pictures = [make_picture(tmp_path, colour, "A palm.") for colour in ("teal", "plum")]
    receipt = sender.publish(sender.prepare(make_part("Speak out", *pictures)))
    assert (receipt.remote_id, receipt.url) == ("7", "https://t.me/example_force/7")
    answer(server, {"ok": False, "error_code": 400, "description": "Bad Request: message to delete not found"}, 400)
    answer(server, {"ok": True, "result": True})
    take_back(sender, receipt)
    assert [json.loads(request.body)["message_id"] for request in server.requests[1:]] == [7, 8]


def test_a_message_that_is_too_old_to_be_taken_back_says_so(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("telegram", server, tmp_path)
    words = "Bad Request: message can't be deleted for everyone"
    answer(server, {"ok": False, "error_code": 400, "description": words}, 400)
    with pytest.raises(Rejected, match="can't be deleted"):
        take_back(sender, Receipt("7"))
