"""Public media behind a real web server: what is put into their folder, and what keeps a platform from fetching it."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scheduler.domain.capabilities import Capabilities
from scheduler.domain.ports import MediaFile
from scheduler.domain.problem import Place, Severity
from scheduler.errors import Rejected, Unavailable
from scheduler.platforms.noticeboard import Noticeboard
from scheduler.public_address import check_address, check_public_media, check_where_needed
from scheduler.public_media import PublicFolder, put_file
from scheduler.video import open_film
from tests.films import make_film

PLACE = Place("config.yaml", 3, 1)
CONTENT = b"\xff\xd8 a picture"
PICTURE = MediaFile(CONTENT, "image/jpeg", 16, 9)


class _Site(SimpleHTTPRequestHandler):
    """Shows a folder. `answer` of its server may answer a path in its stead: status, headers, body."""

    def do_GET(self) -> None:
        self._serve(super().do_GET)

    def do_HEAD(self) -> None:
        self._serve(super().do_HEAD)

    def _serve(self, otherwise: Callable[[], None]) -> None:
        site = self.server
        assert isinstance(site, _Server)
        site.agents.append(str(self.headers["User-Agent"]))
        answer = site.answers.get(f"{self.command} {self.path}") or site.answers.get(self.path)
        if answer is None:
            otherwise()
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Site, directory=str(folder)))
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.agents: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serve(folder: Path) -> Iterator[_Server]:
    server = _Server(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[_Server]:
    (tmp_path / "www/media").mkdir(parents=True)
    with serve(tmp_path / "www") as server:
        yield server


@pytest.fixture
def public(tmp_path: Path, site: _Server) -> PublicFolder:
    return PublicFolder(tmp_path / "www/media", f"{site.address}/media")


def check(public: PublicFolder) -> list[str]:
    return [f"{problem.severity}: {problem.message}" for problem in check_public_media(public, PLACE)]


class TestPutting:
    def test_a_file_is_fetched_byte_for_byte_from_where_it_is_said_to_be(self, public: PublicFolder) -> None:
        address = put_file(PICTURE, public)
        assert address.startswith(f"{public.address}/")
        assert address.endswith(".jpg")
        assert check_address(address, PICTURE, PLACE) == []

    def test_it_is_named_by_its_content_readable_by_all_and_put_there_once(self, public: PublicFolder) -> None:
        address = put_file(PICTURE, public)
        (path,) = public.folder.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        inode = path.stat().st_ino
        os.utime(path, (1, 1))
        assert put_file(PICTURE, public) == address
        assert path.stat().st_ino == inode  # not written again
        assert path.stat().st_mtime > 1  # but fresh, for whoever clears away what is old
        other = MediaFile(CONTENT[:-1] + b"!", "image/jpeg", 16, 9)
        assert put_file(other, public) != address

    def test_one_that_was_cut_short_is_put_right(self, public: PublicFolder) -> None:
        address = put_file(PICTURE, public)
        (path,) = public.folder.iterdir()
        path.write_bytes(CONTENT[:4])
        assert put_file(PICTURE, public) == address
        assert path.read_bytes() == CONTENT
        assert [each.name for each in public.folder.iterdir()] == [path.name]

    def test_a_film_goes_there_too(self, public: PublicFolder, tmp_path: Path) -> None:
        media = make_film(tmp_path, "A teacher asks.")
        film = open_film(media)
        address = put_file(film, public)
        assert address == f"{public.address}/{media.digest}.mp4"
        assert check_address(address, film, PLACE) == []

    def test_a_folder_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(Unavailable, match="public_media"):
            put_file(PICTURE, PublicFolder(tmp_path / "file", "https://media.example.org"))

    def test_a_type_that_nobody_fetches_is_refused(self, public: PublicFolder) -> None:
        with pytest.raises(Rejected, match="image/tiff"):
            put_file(MediaFile(b"II", "image/tiff", 1, 1), public)
        assert list(public.folder.iterdir()) == []


class TestFetching:
    def test_a_folder_that_can_be_fetched_from_has_no_problem(self, public: PublicFolder, site: _Server) -> None:
        assert check(public) == []
        assert set(site.agents) == {"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}

    def test_nobody_answers(self, public: PublicFolder) -> None:
        away = public._replace(address="http://127.0.0.1:9/media")
        (problem,) = check(away)
        assert "error" in problem
        assert "cannot be reached" in problem

    def test_it_is_another_folder(self, public: PublicFolder, site: _Server) -> None:
        (problem,) = check(public._replace(address=f"{site.address}/elsewhere"))
        assert problem.endswith("was answered with 404.")

    def test_it_leads_to_a_log_in(self, public: PublicFolder, site: _Server) -> None:
        address = put_file(PICTURE, public).removeprefix(site.address)
        site.answers[address] = (302, {"Location": "/login?token=secret"}, b"")
        (problem,) = check_address(f"{site.address}{address}", PICTURE, PLACE)
        assert problem.message.endswith(f"it leads to {site.address}/login.")
        assert "secret" not in str(problem)

    @pytest.mark.parametrize("status", [401, 403, 500])
    def test_it_is_not_for_everybody(self, public: PublicFolder, site: _Server, status: int) -> None:
        address = put_file(PICTURE, public).removeprefix(site.address)
        site.answers[address] = (status, {}, b"")
        (problem,) = check_address(f"{site.address}{address}", PICTURE, PLACE)
        assert problem.message.endswith(f"was answered with {status}.")
        assert problem.severity is Severity.ERROR

    def test_it_has_another_type(self, public: PublicFolder, site: _Server) -> None:
        address = put_file(PICTURE, public).removeprefix(site.address)
        site.answers[address] = (200, {"Content-Type": "text/html; charset=utf-8"}, CONTENT)
        (problem,) = check_address(f"{site.address}{address}", PICTURE, PLACE)
        assert "is shown as text/html; it must be image/jpeg" in problem.message

    @pytest.mark.parametrize("body", [CONTENT[:-1], CONTENT[:-1] + b"?"])
    def test_it_is_another_file(self, public: PublicFolder, site: _Server, body: bytes) -> None:
        address = put_file(PICTURE, public).removeprefix(site.address)
        site.answers[address] = (200, {"Content-Type": "image/jpeg"}, body)
        (problem,) = check_address(f"{site.address}{address}", PICTURE, PLACE)
        assert "is not the file" in problem.message

    def test_a_server_that_knows_no_head_is_asked_with_get(self, public: PublicFolder, site: _Server) -> None:
        address = put_file(PICTURE, public).removeprefix(site.address)
        site.answers[f"HEAD {address}"] = (405, {}, b"")
        assert check_address(f"{site.address}{address}", PICTURE, PLACE) == []


class TestWhereItIsNeeded:
    def test_it_is_asked_only_where_a_platform_fetches(self, public: PublicFolder, site: _Server) -> None:
        plain, fetching = Noticeboard.capabilities, _list_fetching()
        assert check_where_needed(public, [plain], PLACE) == []
        assert check_where_needed(None, [plain], PLACE) == []
        assert site.agents == []
        for facts in fetching:
            (problem,) = check_where_needed(None, [plain, facts], PLACE)
            assert (problem.severity, "public_media" in problem.hint) == (Severity.WARNING, True)
            site.agents.clear()
            assert check_where_needed(public, [plain, facts], PLACE) == []
            assert site.agents != []


def _list_fetching() -> list[Capabilities]:
    facts = Noticeboard.capabilities
    assert facts.images is not None
    assert facts.videos is not None
    return [
        facts._replace(images=facts.images._replace(fetched=True)),
        facts._replace(images=None, videos=facts.videos._replace(fetched=True)),
    ]


ROBOTS = {
    "User-agent: *\nDisallow: /": ["error"],
    "User-agent: *\nDisallow: /media/": ["error"],
    "User-agent: facebookexternalhit\nDisallow: /": ["error"],
    "User-agent: meta-externalagent\nUser-agent: GPTBot\nDisallow: /": ["warning"],
    "User-agent: *\nDisallow: /private/": [],
    "User-agent: *\nDisallow: /\n\nUser-agent: facebookexternalhit\nUser-agent: meta-externalagent\nAllow: /": [],
    "\ufeffUser-agent: *\r\nDisallow: /\r\n": ["error"],
    "<html>nothing of the kind</html>": [],
    "": [],
}


@pytest.mark.parametrize("robots", ROBOTS)
def test_robots_may_bar_metas_fetcher(public: PublicFolder, site: _Server, robots: str) -> None:
    (public.folder.parent / "robots.txt").write_bytes(robots.encode())
    found = check(public)
    assert [each.partition(":")[0] for each in found] == ROBOTS[robots]
    assert all("robots.txt bars" in each for each in found)


def test_robots_that_cannot_be_read_bar_everybody(public: PublicFolder, site: _Server) -> None:
    site.answers["/robots.txt"] = (503, {}, b"")
    (problem,) = check(public)
    assert "robots.txt was answered with 503" in problem
