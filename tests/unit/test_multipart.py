"""A form with a film in it says what the same form made whole says."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
import requests

from scheduler.multipart import Files, StreamedForm, holds_film

FIELDS = [("description", "A teacher’s “new” phone\r\n&"), ("empty", "")]
SIZE = 2_500_000


@pytest.fixture
def film(tmp_path: Path) -> Iterator[mmap.mmap]:
    (tmp_path / "film").write_bytes(bytes(range(256)) * (SIZE // 256))
    with (tmp_path / "film").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def read_form(kind: str, body: bytes) -> list[tuple[dict[str, str], bytes]]:
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = []
    for part in message.get_payload():
        assert isinstance(part, Message)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        parts.append((dict(part.items()), content))
    return parts


def test_it_says_the_same(film: mmap.mmap) -> None:
    files: Files = {
        "file": ("film-1 “é”.mp4", film, "video/mp4"),
        "captions": ("film.srt", b"1\n00:00:00,000", "text/srt"),
    }
    form = StreamedForm(FIELDS, files)
    whole = {name: (file, content[:], kind) for name, (file, content, kind) in files.items()}
    made = requests.Request("POST", "http://localhost", data=FIELDS, files=whole).prepare()
    assert isinstance(made.body, bytes)
    body = b"".join(form)
    assert read_form(form.content_type, body) == read_form(str(made.headers["Content-Type"]), made.body)
    assert len(form) == len(body) == len(b"".join(form))
    assert max(map(len, form)) == 2**20


def test_only_a_film_is_streamed(film: mmap.mmap) -> None:
    assert holds_film({"a": ("a.png", b"1", "image/png"), "file": ("film.mp4", film, "video/mp4")})
    assert not holds_film({"a": ("a.png", b"1", "image/png")})
    assert not holds_film(None)
