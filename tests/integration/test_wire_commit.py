"""The door to a server, against raw sockets: the one call that makes a post public, and what is never told."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import quote, quote_plus

import pytest

from scheduler.domain.delivery import Status
from scheduler.domain.ports import Withdrawn
from scheduler.errors import OutcomeUnknown, Rejected, Unauthorised, Unavailable
from tests.doors import SECRET, Door, fail, open_door
from tests.servers.process import pick_free_port
from tests.servers.requirement import start_or_skip
from tests.servers.scripted import hang_up, make_certificate, reset, start_scripted, write_answer


@pytest.fixture
def door() -> Iterator[Door]:
    with open_door() as opened:
        yield opened


# --- The committing call ---------------------------------------------------------------------------------------------


class TestCommit:
    def test_the_last_look_comes_once_just_before_the_committing_call(self, door: Door) -> None:
        wire = door.wire()
        wire.request("POST", "/upload")
        assert door.looks.taken == 0
        wire.request("POST", "/post", commit=True)
        wire.request("POST", "/after")
        assert (door.looks.taken, len(door.server.requests)) == (1, 3)

    def test_what_the_last_look_raises_keeps_the_call_from_being_made(self, door: Door) -> None:
        wire, door.looks.refusal = door.wire(), Withdrawn(Status.HELD, "national mourning")
        with pytest.raises(Withdrawn, match="national mourning"):
            wire.request("POST", "/post", commit=True)
        assert door.server.requests == []
        door.looks.refusal = None
        wire.request("POST", "/upload")  # the mark went with the call that was not made
        assert door.looks.taken == 1

    def test_a_library_s_call_takes_the_mark_once(self, door: Door) -> None:
        wire = door.wire()
        with wire.commit():
            wire.session().post("https://api.x.com/2/tweets", json={})
            wire.session().get("https://api.x.com/2/users/me")
        wire.session().post("https://api.x.com/2/tweets", json={})
        assert door.looks.taken == 1
        assert [request.path for request in door.server.requests] == ["/2/tweets", "/2/users/me", "/2/tweets"]
        door.server.acts = [hang_up, hang_up]
        with pytest.raises(OutcomeUnknown), wire.commit():
            wire.session().post("https://api.x.com/2/tweets", json={})
        with pytest.raises(Unavailable):
            wire.session().post("https://api.x.com/2/tweets", json={})

    def test_each_call_has_a_fresh_connection(self, door: Door) -> None:
        """On one that a server drops meanwhile a reply would be lost."""
        wire = door.wire()
        wire.request("POST", "/upload")
        wire.request("POST", "/upload")
        wire.request("POST", "/post", commit=True)
        assert [request.connection for request in door.server.requests] == [0, 1, 2]

    def test_a_connection_dropped_after_the_upload_costs_nothing(self, door: Door) -> None:
        wire = door.wire()
        door.server.send(write_answer(200, b"{}"))  # says it stays, and leaves
        wire.request("POST", "/upload")
        door.server.answer(200, b'{"id": "1"}')
        assert wire.request("POST", "/post", commit=True).field("id") == "1"


# --- Secrets and proxies ---------------------------------------------------------------------------------------------


class TestSecrets:
    FORMS = (
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        json.dumps(SECRET),
        SECRET.upper(),
    )

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("status", [200, 302, 400, 401, 429, 500])
    def test_what_a_server_echoes_is_blotted_out(self, door: Door, status: int, form: str) -> None:
        for before in ("", "x" * 290, "<p>" * 1330):  # also where the words are cut
            door.server.answer(status, f"{before} you sent {form} to us".encode())
            words = str(fail(door.wire(), commit=True))
            assert form not in words
            assert not any(form.strip('"')[:length] in words for length in range(6, len(form))), words

    def test_so_is_the_token_of_a_session(self, door: Door) -> None:
        wire = door.wire()
        door.server.answer(400, b"bad token: abc.def.ghi")
        with pytest.raises(Rejected, match="bad token: •••"):
            wire.request("POST", "/post", headers={"Authorization": "Bearer abc.def.ghi"})

    def test_so_it_is_in_what_a_platform_makes_of_it(self, door: Door) -> None:
        door.server.answer(400, json.dumps({"message": f"no {SECRET}"}).encode())
        with pytest.raises(Rejected) as caught:
            door.wire().request("POST", "/post", explain=lambda reply: Rejected(reply.json()["message"]))
        assert str(caught.value) == "no •••"

    def test_an_address_with_a_password_is_not_quoted(self, door: Door) -> None:
        error = fail(door.wire(f"http://user:hunter2@127.0.0.1:{pick_free_port()}"), commit=True)
        assert "hunter2" not in str(error)
        assert error.__cause__ is None

    def test_a_secret_that_no_header_can_hold_is_the_account_s_trouble(self, door: Door) -> None:
        with pytest.raises(Unauthorised, match="holds a character"):
            door.wire().request("GET", "/", headers={"Authorization": "Bearer “quoted”"})
        assert door.server.requests == []


class TestEnvironment:
    def test_a_proxy_is_used_unless_the_host_is_excepted(self, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
        with start_scripted() as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.base_url)
            monkeypatch.setenv("http_proxy", proxy.base_url)
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            door.wire().request("GET", "/post")
            assert [request.path for request in proxy.requests] == [f"{door.server.base_url}/post"]
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            door.wire().request("GET", "/post")
        assert (len(proxy.requests), len(door.server.requests)) == (1, 1)

    def test_a_password_file_adds_nothing(
        self,
        door: Door,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        netrc = tmp_path_factory.mktemp("home") / "netrc"
        netrc.write_text("machine 127.0.0.1 login someone password else\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        door.wire().request("GET", "/post")
        assert "authorization" not in door.server.requests[0].headers


@pytest.fixture(scope="module")
def certificate() -> Iterator[Path]:
    with start_or_skip(make_certificate()) as path:
        yield path


class TestHttps:
    """What the wire makes of a secure connection that fails before, and after, a request left."""

    def test_a_certificate_that_nobody_vouches_for_is_not_trusted(self, door: Door, certificate: Path) -> None:
        with start_scripted(certificate) as server:
            error = fail(door.wire(server.base_url), commit=True)
            assert server.requests == []
        assert type(error) is Unavailable
        assert "its certificate is not good). Nothing was sent" in str(error)

    def test_one_that_the_organisation_vouches_for_is(
        self, door: Door, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with start_scripted(certificate) as server:
            server.answer(200, b'{"id": "1"}')
            assert door.wire(server.base_url).request("POST", "/post", commit=True).field("id") == "1"
            server.acts = [hang_up]
            assert type(fail(door.wire(server.base_url), commit=True)) is OutcomeUnknown

    def test_a_connection_cut_while_it_is_made_secure_carried_nothing(self, door: Door) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            Thread(target=lambda: reset(listener.accept()[0]), daemon=True).start()
            error = fail(door.wire(f"https://127.0.0.1:{listener.getsockname()[1]}"), commit=True)
        assert type(error) is Unavailable
        assert "Nothing was sent" in str(error)
