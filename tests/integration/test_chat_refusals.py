"""What Discord, Matrix, Slack, Teams and Telegram say when they refuse, as documented, and what becomes of a post."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.errors import OutcomeUnknown, PublishError, RateLimited, Rejected, Unauthorised, Unavailable
from tests.accounts import make_part, make_picture
from tests.chats import SECRETS, TOKEN, answer, open_chat, post
from tests.servers.scripted import ScriptedServer, start_scripted


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with start_scripted() as scripted:
        yield scripted


def slack(error: str, **more: Any) -> tuple[str, int, dict[str, Any]]:
    return "slack", 200, {"ok": False, "error": error, **more}


def telegram(status: int, description: str, **parameters: Any) -> tuple[str, int, dict[str, Any]]:
    body = {"ok": False, "error_code": status, "description": description}
    return "telegram", status, {**body, "parameters": parameters} if parameters else body


def discord(status: int, code: int, message: str) -> tuple[str, int, dict[str, Any]]:
    return "discord", status, {"code": code, "message": message}


def matrix(status: int, code: str, words: str, **more: Any) -> tuple[str, int, dict[str, Any]]:
    return "matrix", status, {"errcode": code, "error": words, **more}


def teams(status: int, code: str, message: str) -> tuple[str, int, dict[str, Any]]:
    return "teams", status, {"error": {"code": code, "message": message}}


BAD_FILE = "invalid slack file [json-pointer:/attachments/0/blocks/0/slack_file]"
REFUSALS = [
    (discord(404, 10015, "Unknown Webhook"), Unauthorised, "new webhook"),
    (discord(401, 50027, "Invalid Webhook Token"), Unauthorised, "new webhook"),
    (discord(404, 10003, "Unknown Channel"), Unauthorised, "Check the channel"),
    (discord(403, 50013, "Missing Permissions"), Unauthorised, "Check the channel"),
    (discord(400, 50006, "Cannot send an empty message"), Rejected, "50006"),
    (discord(413, 40005, "Request entity too large"), Rejected, "smaller"),
    (discord(429, 20028, "The write action has hit the rate limit"), RateLimited, "429"),
    (discord(500, 0, "Internal Server Error"), OutcomeUnknown, "may be out"),
    (matrix(401, "M_UNKNOWN_TOKEN", "Invalid access token", soft_logout=False), Unauthorised, "Log in anew"),
    (matrix(401, "M_MISSING_TOKEN", "Missing access token"), Unauthorised, "Log in anew"),
    (matrix(401, "M_USER_LOCKED", "User account has been locked", soft_logout=True), Unauthorised, "Log in anew"),
    (matrix(403, "M_FORBIDDEN", "User @force:example.org not in room"), Unauthorised, "joined the room"),
    (matrix(403, "M_RESOURCE_LIMIT_EXCEEDED", "This server is full"), Unauthorised, r"full \(M_RESOURCE_LIMIT"),
    (matrix(404, "M_UNRECOGNIZED", "Unrecognized request"), Rejected, "Check the account's server setting"),
    (matrix(400, "M_BAD_JSON", "Not a valid event"), Rejected, r"Not a valid event \(M_BAD_JSON\)"),
    (matrix(413, "M_TOO_LARGE", "event too large"), Rejected, "shorter"),
    (matrix(429, "M_LIMIT_EXCEEDED", "Too Many Requests", retry_after_ms=35_000), RateLimited, "asks for a rest"),
    (matrix(429, "M_LIMIT_EXCEEDED", "Too Many Requests", retry_after_ms="soon"), RateLimited, "429"),
    (matrix(500, "M_UNKNOWN", "Internal server error"), OutcomeUnknown, "may be out"),
    (("matrix", 403, "<h1>Forbidden</h1>"), Rejected, "403"),  # by a proxy before it
    (slack("invalid_auth"), Unauthorised, "Check the account's token"),
    (slack("missing_scope", needed="chat:write"), Unauthorised, r"missing_scope \(chat:write\)"),
    (slack("channel_not_found"), Unauthorised, "the app is a member"),
    (slack("is_archived"), Unauthorised, "the app is a member"),
    (slack("msg_too_long"), Rejected, "msg_too_long"),
    (slack("invalid_blocks", errors=[BAD_FILE]), Unavailable, "still working"),
    (slack("invalid_blocks", errors=["must be less than 51 items"]), Rejected, "less than 51"),
    (slack("ratelimited"), RateLimited, "rest"),
    (slack("fatal_error"), OutcomeUnknown, "may be out"),
    (slack("internal_error"), OutcomeUnknown, "may be out"),
    (("slack_webhook", 404, "no_service"), Unauthorised, "Make a new one"),
    (("slack_webhook", 404, "channel_not_found"), Unauthorised, "Check its channel"),
    (("slack_webhook", 403, "action_prohibited"), Unauthorised, "Check its channel"),
    (("slack_webhook", 410, "channel_is_archived"), Unauthorised, "Check its channel"),
    (("slack_webhook", 400, "invalid_payload"), Rejected, "invalid_payload"),
    (("slack_webhook", 500, "rollup_error"), OutcomeUnknown, "may be out"),
    (
        teams(401, "DirectApiAuthorizationRequired", "The request must be authenticated"),
        Unauthorised,
        "Copy the address",
    ),
    (teams(404, "WorkflowNotFound", "The workflow could not be found"), Unauthorised, "Copy the address"),
    (teams(400, "WorkflowTriggerIsNotEnabled", "Could not execute workflow trigger"), Unauthorised, "switched off"),
    (teams(400, "TriggerInputSchemaMismatch", "The input body does not match"), Rejected, "does not match"),
    (teams(413, "RequestEntityTooLarge", "Request entity too large"), Rejected, "too large"),
    (("teams", 200, "Webhook message delivery failed with error: HTTP error 429"), RateLimited, "takes no more"),
    (telegram(401, "Unauthorized"), Unauthorised, "BotFather"),
    (telegram(404, "Not Found"), Unauthorised, "BotFather"),
    (telegram(400, "Bad Request: chat not found"), Unauthorised, "administrator"),
    (telegram(403, "Forbidden: bot was kicked from the channel chat"), Unauthorised, "administrator"),
    (telegram(400, "Bad Request: need administrator rights in the channel chat"), Unauthorised, "administrator"),
    (telegram(400, "Bad Request: message is too long"), Rejected, "too long"),
    (telegram(429, "Too Many Requests: retry after 35", retry_after=35), RateLimited, "retry after 35"),
    (telegram(502, "Bad Gateway"), OutcomeUnknown, "may be out"),
]
FOR_NOW = (
    "joined the room",
    r"full \(M_RESOURCE_LIMIT",
    "Check the channel",
    "the app is a member",
    "Check its channel",
    "switched off",
    "administrator",
)
"""What somebody may mend without a new secret, so that it is tried again now and then."""


@pytest.mark.parametrize(("refusal", "kind", "says"), REFUSALS, ids=lambda value: str(value)[:60])
def test_a_refusal_has_its_kind_and_says_what_to_do(
    server: ScriptedServer, tmp_path: Path, refusal: tuple[str, int, Any], kind: type[PublishError], says: str
) -> None:
    name, status, body = refusal
    sender = open_chat(name, server, tmp_path)
    answer(server, body, status)
    with pytest.raises(PublishError, match=says) as caught:
        post(sender)
    assert type(caught.value) is kind
    assert TOKEN not in str(caught.value)
    if isinstance(caught.value, Unauthorised):
        assert caught.value.retry is (says in FOR_NOW)


def test_telegram_tells_in_the_answer_how_long_to_rest(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("telegram", server, tmp_path)
    _, status, body = telegram(429, "Too Many Requests: retry after 35", retry_after=35)
    answer(server, body, status)
    with pytest.raises(RateLimited) as caught:
        post(sender)
    assert caught.value.until is not None
    assert timedelta(seconds=25) < caught.value.until - datetime.now(UTC) <= timedelta(seconds=35)


def test_slack_tells_in_a_header_how_long_to_rest(server: ScriptedServer, tmp_path: Path) -> None:
    sender = open_chat("slack", server, tmp_path)
    answer(server, {"ok": False, "error": "ratelimited"}, 429, Retry_After="40")
    with pytest.raises(RateLimited) as caught:
        post(sender)
    assert caught.value.until is not None
    assert timedelta(seconds=30) < caught.value.until - datetime.now(UTC) <= timedelta(seconds=40)


@pytest.mark.parametrize(
    ("more", "headers"),
    [({"retry_after_ms": 35_000}, {}), ({"retry_after_ms": 1}, {"Retry_After": "35"}), ({}, {"Retry_After": "35"})],
    ids=["in the answer, as older servers do", "in both: the header counts", "in a header"],
)
def test_matrix_tells_how_long_to_rest(
    server: ScriptedServer, tmp_path: Path, more: dict[str, int], headers: dict[str, str]
) -> None:
    sender = open_chat("matrix", server, tmp_path)
    answer(server, {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", **more}, 429, **headers)
    with pytest.raises(RateLimited) as caught:
        post(sender)
    assert caught.value.until is not None
    assert timedelta(seconds=25) < caught.value.until - datetime.now(UTC) <= timedelta(seconds=35)


def test_a_picture_that_is_too_large_for_a_matrix_server_keeps_the_post_back(
    server: ScriptedServer, tmp_path: Path
) -> None:
    sender = open_chat("matrix", server, tmp_path)
    answer(server, {"errcode": "M_TOO_LARGE", "error": "Upload request body is too large"}, 413)
    with pytest.raises(Rejected, match="a smaller picture"):
        sender.publish(sender.prepare(make_part("Look", make_picture(tmp_path, "teal", "A palm."))))
    assert [request.path.partition("?")[0] for request in server.requests] == ["/_matrix/media/v3/upload"]


@pytest.mark.parametrize("name", ["discord", "slack_webhook", "teams"])
@pytest.mark.parametrize("secret", ["https://example.org/canary-elsewhere", "canary-alone", "https://[canary"])
def test_what_is_no_webhook_is_refused_and_not_repeated(
    server: ScriptedServer, tmp_path: Path, name: str, secret: str
) -> None:
    sender = open_chat(name, server, tmp_path, secret)
    with pytest.raises(Unauthorised, match="Copy it anew") as caught:
        post(sender)
    assert "canary" not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize("name", ["discord", "slack_webhook", "teams"])
def test_a_token_is_blotted_out_where_a_server_repeats_only_that(
    server: ScriptedServer, tmp_path: Path, name: str
) -> None:
    sender = open_chat(name, server, tmp_path)
    answer(server, f"There is no {TOKEN} here, nor {SECRETS[name][1]}", 400)
    with pytest.raises(Rejected) as caught:
        post(sender)
    assert TOKEN not in str(caught.value)
    assert "•••" in str(caught.value)
