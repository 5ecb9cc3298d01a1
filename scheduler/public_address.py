"""Whether the folder of public media can really be fetched from: asked of the network, as Meta's fetcher would.

Meta fetches as `facebookexternalhit` and keeps to robots.txt: what that bars fails with its error 2207052 (ayrshare's
help page on it, checked 25 November 2026; Meta's own pages do not say). Many sites bar `meta-externalagent`, which
feeds language models; whether it is ever sent for a post's media is not certain, so that barring it is a warning.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from scheduler.domain.capabilities import Capabilities
from scheduler.domain.ports import MediaFile
from scheduler.domain.problem import Place, Problem, error, warning
from scheduler.errors import PublishError
from scheduler.public_media import PublicFolder, put_file
from scheduler.wire import HttpWire

_FETCHER = "facebookexternalhit"
_SECOND_FETCHER = "meta-externalagent"
_AGENT = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
_LONGEST_ROBOTS = 500 * 1024  # what RFC 9309 asks a crawler to read at least


def check_where_needed(public: PublicFolder | None, platforms: Iterable[Capabilities], place: Place) -> list[Problem]:
    """Return what keeps these platforms from fetching media; nothing if none of them fetches any.

    `place` is that of the settings.
    """
    limits = [each for facts in platforms for each in (facts.images, facts.videos)]
    if not any(each is not None and each.fetched for each in limits):
        return []
    if public is None:
        message = (
            "There are accounts whose platform fetches pictures and films, and no place for it to fetch them from."
        )
        return [
            warning(message, place, "Add 'public_media:', with a folder that your web server shows and its address.")
        ]
    return check_public_media(public, place)


def check_public_media(public: PublicFolder, place: Place) -> list[Problem]:
    """Return what keeps a platform from fetching out of the folder, found with a small picture that is put there.

    `place` is where the setting stands.
    """
    probe = _draw_probe()
    try:
        address = put_file(probe, public)
    except PublishError as failure:
        return [error(str(failure), place)]
    return check_address(address, probe, place)


def check_address(address: str, file: MediaFile, place: Place) -> list[Problem]:
    """Return what keeps a platform from fetching a file, put into the folder before, from its public address."""
    problems = _check_robots(address, place)
    answer = _ask("HEAD", address)
    if not isinstance(answer, str) and answer.status_code in {405, 501}:
        answer = _ask("GET", address)  # a server that answers no HEAD
    hint = "Show the folder of 'public_media:' there, to everybody, without a log-in."
    if isinstance(answer, str):
        return [*problems, error(f"{address} cannot be reached: {answer}", place, hint)]
    if 300 <= answer.status_code < 400:
        target = urljoin(address, answer.headers.get("Location", ""))
        return [*problems, error(f"{address} is not there: it leads to {_strip(target)}.", place, hint)]
    if answer.status_code >= 300:
        return [*problems, error(f"{address} was answered with {answer.status_code}.", place, hint)]
    found = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if found != file.content_type:
        message = f"{address} is shown as {found or 'nothing'}; it must be {file.content_type}."
        return [*problems, error(message, place, "Tell the web server the types of .jpg, .png, .mp4 and .mov.")]
    return [*problems, *_check_bytes(address, answer, file, place)]


def _check_bytes(address: str, answer: Any, file: MediaFile, place: Place) -> list[Problem]:
    """Look whether what is served is the file: by its length, and a picture by its bytes."""
    length = answer.headers.get("Content-Length", "")
    is_other = length.isdigit() and int(length) != len(file.content)
    if not is_other and file.content_type.startswith("image/"):
        whole = _ask("GET", address)
        is_other = isinstance(whole, str) or hashlib.sha256(whole.content).digest() != _digest(file)
    if not is_other:
        return []
    message = f"{address} is not the file that was put into the folder: something else is shown there."
    return [error(message, place, "Let the address of 'public_media:' show exactly its folder.")]


def _digest(file: MediaFile) -> bytes:
    return hashlib.sha256(file.content).digest()


def _check_robots(address: str, place: Place) -> list[Problem]:
    """Return who is barred by robots.txt (RFC 9309: none there bars nobody, one that cannot be read bars everybody)."""
    parts = urlsplit(address)
    robots = f"{parts.scheme}://{parts.netloc}/robots.txt"
    answer = _ask("GET", robots, follow=True)
    hint = f"Allow {_FETCHER} to fetch {parts.path.rpartition('/')[0] or '/'}/."
    if isinstance(answer, str):
        return []  # nor can the address itself be reached, which is said then
    if answer.status_code >= 500:
        return [error(f"{robots} was answered with {answer.status_code}: Meta then fetches nothing.", place, hint)]
    if answer.status_code >= 300:
        return []
    parser = RobotFileParser()
    parser.parse(answer.content[:_LONGEST_ROBOTS].decode("utf-8-sig", "replace").splitlines())
    if not parser.can_fetch(_FETCHER, address):
        return [error(f"{robots} bars Meta's fetcher, {_FETCHER}.", place, hint)]
    if not parser.can_fetch(_SECOND_FETCHER, address):
        return [warning(f"{robots} bars {_SECOND_FETCHER}, as which Meta may fetch as well.", place, hint)]
    return []


def _ask(method: str, address: str, *, follow: bool = False) -> Any:
    """Return the answer to a request whatever its status, or why there is none in words."""
    wire, answers = HttpWire("", last_look=lambda: None), []
    try:
        wire.session().request(
            method,
            address,
            allow_redirects=follow,
            headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"},
            hooks={"response": lambda answer, *_, **__: answers.append(answer)},
        )
    except PublishError as failure:
        if not answers or answers[-1].status_code < 300 or (answers[-1].is_redirect and follow):
            return str(failure)
    finally:
        wire.close()
    return answers[-1]


def _strip(address: str) -> str:
    """Return an address without its query, in which log-ins carry what is nobody's business."""
    return urlsplit(address)._replace(query="", fragment="").geturl()


def _draw_probe() -> MediaFile:
    from PIL import Image as Pillow

    out = io.BytesIO()
    Pillow.new("RGB", (320, 320), "white").save(out, "JPEG")
    return MediaFile(out.getvalue(), "image/jpeg", 320, 320)
