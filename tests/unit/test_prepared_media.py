"""Pictures made fit are kept: what is found again, what is made anew, and how much is kept."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from scheduler.domain.campaign import Image
from scheduler.domain.capabilities import ImageLimits, Source
from scheduler.domain.content import Media
from scheduler.domain.ports import MediaFile
from scheduler.domain.problem import Place
from scheduler.errors import Rejected, Unavailable
from scheduler.media import fit_image, inspect_image
from scheduler.prepared_media import PreparedMedia

SOURCE = Source("a test", date(2026, 11, 25))
JPEG_ONLY = ImageLimits(4, 50_000, ("image/jpeg",), 1000, SOURCE, max_side=400)
OTHERS = [
    JPEG_ONLY._replace(max_side=300),
    JPEG_ONLY._replace(max_bytes=40_000),
    JPEG_ONLY._replace(types=("image/jpeg", "image/png")),
]


def draw(folder: Path, name: str = "a.png", size: tuple[int, int] = (900, 600)) -> Media:
    from PIL import Image as Pillow

    path = folder / name
    Pillow.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(path)
    return inspect_image(Image(str(path), "Noise", Place("a.yaml")))


def list_kept(store: PreparedMedia) -> list[Path]:
    return sorted(path for path in store.folder.iterdir() if path.suffix == ".picture")


@pytest.fixture
def store(tmp_path: Path) -> PreparedMedia:
    return PreparedMedia(tmp_path / "state/media")


class TestFindingAgain:
    def test_it_is_what_fitting_gives(self, tmp_path: Path, store: PreparedMedia) -> None:
        media = draw(tmp_path)
        made = store.fit(media, JPEG_ONLY)
        assert made == fit_image(media, JPEG_ONLY)
        assert made.content_type == "image/jpeg"
        assert max(made.width, made.height) == 400
        assert store.fit(media, JPEG_ONLY) == made

    def test_another_account_and_another_start_reuse_it(self, tmp_path: Path, store: PreparedMedia) -> None:
        media = draw(tmp_path)
        store.fit(media, JPEG_ONLY)
        (kept,) = list_kept(store)
        content = kept.read_bytes()
        marked = _mark(content)
        kept.write_bytes(marked)
        later = PreparedMedia(store.folder)
        equal = JPEG_ONLY._replace(maximum=1, alt_length=5)  # of another platform: what matters to the file is equal
        assert later.fit(media, equal).content == b"marked"

    @pytest.mark.parametrize("other", OTHERS)
    def test_other_limits_have_another(self, tmp_path: Path, store: PreparedMedia, other: ImageLimits) -> None:
        media = draw(tmp_path)
        store.fit(media, JPEG_ONLY)
        assert store.fit(media, other) == fit_image(media, other)
        assert len(list_kept(store)) == 2

    def test_a_picture_that_fits_as_it_is_is_not_kept(self, tmp_path: Path, store: PreparedMedia) -> None:
        media = draw(tmp_path, size=(100, 80))
        limits = ImageLimits(4, 10**6, ("image/png",), 1000, SOURCE)
        assert store.fit(media, limits).content == Path(media.path).read_bytes()
        assert not store.folder.exists()

    def test_it_is_made_once_for_all_that_ask_at_the_same_time(self, tmp_path: Path, store: PreparedMedia) -> None:
        media = draw(tmp_path, size=(1500, 1000))
        start = threading.Barrier(8)

        def ask(_: int) -> MediaFile:
            start.wait()
            return store.fit(media, JPEG_ONLY)

        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(ask, range(8)))
        assert len({file.content for file in made}) == 1
        assert len(list_kept(store)) == 1

    def test_only_its_owner_may_read_it(self, tmp_path: Path, store: PreparedMedia) -> None:
        store.fit(draw(tmp_path), JPEG_ONLY)
        assert store.folder.stat().st_mode & 0o077 == 0


class TestTheOriginal:
    def test_another_picture_by_now_is_refused_however_much_is_kept(self, tmp_path: Path, store: PreparedMedia) -> None:
        media = draw(tmp_path)
        store.fit(media, JPEG_ONLY)
        draw(tmp_path)
        with pytest.raises(Rejected, match="was changed after"):
            store.fit(media, JPEG_ONLY)
        Path(media.path).unlink()
        with pytest.raises(Unavailable, match="cannot be read"):
            store.fit(media, JPEG_ONLY)


class TestTrouble:
    @pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "no head", "a folder"])
    def test_what_is_damaged_is_made_anew(self, tmp_path: Path, store: PreparedMedia, damage: str) -> None:
        media = draw(tmp_path)
        made = store.fit(media, JPEG_ONLY)
        (kept,) = list_kept(store)
        content = kept.read_bytes()
        ways = {"cut": content[:-9], "empty": b"", "no head": content.partition(b"\n")[2]}
        ways["flipped"] = content[:-1] + bytes([content[-1] ^ 1])
        if damage == "a folder":
            kept.unlink()
            kept.mkdir()
        else:
            kept.write_bytes(ways[damage])
        assert store.fit(media, JPEG_ONLY) == made
        if damage != "a folder":
            assert kept.read_bytes() == content  # mended

    def test_a_folder_that_cannot_be_written_is_only_slower(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("no folder")
        store = PreparedMedia(tmp_path / "state/media")
        media = draw(tmp_path)
        assert store.fit(media, JPEG_ONLY) == fit_image(media, JPEG_ONLY)
        assert store.find_room() is None

    def test_no_more_is_kept_than_may_be(self, tmp_path: Path, store: PreparedMedia) -> None:
        pictures = [draw(tmp_path, f"{number}.png") for number in range(5)]
        store.fit(pictures[0], JPEG_ONLY)
        size = list_kept(store)[0].stat().st_size
        store.max_bytes = size * 3 + size // 2
        for number, picture in enumerate(pictures[:3]):
            store.fit(picture, JPEG_ONLY)
            for path in list_kept(store):  # so that the order in which they were used shows
                if path.stat().st_mtime > time.time() - 100:
                    os.utime(path, (1000 + number, 1000 + number))
        store.fit(pictures[0], JPEG_ONLY)  # used again: not the oldest any more
        store.fit(pictures[3], JPEG_ONLY)
        assert sum(path.stat().st_size for path in list_kept(store)) <= store.max_bytes
        before = set(list_kept(store))
        store.fit(pictures[0], JPEG_ONLY)
        assert set(list_kept(store)) == before  # still there
        store.fit(pictures[1], JPEG_ONLY)
        assert set(list_kept(store)) != before  # was dropped, and is made anew

    def test_what_was_left_half_written_goes(self, tmp_path: Path, store: PreparedMedia) -> None:
        store.folder.mkdir(parents=True)
        old, fresh = store.folder / ".a.1.part", store.folder / ".b.2.part"
        for path in (old, fresh):
            path.write_bytes(b"half")
        os.utime(old, (1000, 1000))
        store.fit(draw(tmp_path), JPEG_ONLY)
        assert not old.exists()
        assert fresh.exists()


def _mark(content: bytes) -> bytes:
    """Return what is kept of a picture with other bytes, rightly sealed."""
    import hashlib
    import json

    head = json.loads(content.partition(b"\n")[0])
    head["digest"] = hashlib.sha256(b"marked").hexdigest()
    return json.dumps(head).encode() + b"\nmarked"
