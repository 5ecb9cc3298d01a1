"""Films: what is read of them, what is refused, and what is opened to be sent."""

from __future__ import annotations

import mmap
import os
import shutil
from pathlib import Path

import pytest

from scheduler.domain.campaign import Video
from scheduler.domain.content import Media
from scheduler.domain.problem import Place
from scheduler.errors import Rejected, Unavailable, UnfitPicture
from scheduler.film_boxes import read_boxes
from scheduler.film_probe import FilmFacts, probe_by_ffprobe, probe_by_mediainfo, probe_film
from scheduler.video import MAX_BYTES, check_captions, inspect_video, open_captions, open_film
from tests.odd_films import GOOD, NO_FILMS, PLACES, make

PLACE = Place("a.yaml", 7, 5)
SRT = "1\n00:00:00,000 --> 00:00:01,000\nShe noticed.\n"


def write(folder: Path, name: str, content: bytes | None = None) -> Path:
    path = folder / name
    path.write_bytes(make(name) if content is None else content)
    return path


def inspect(path: Path, captions: str = "") -> Media:
    return inspect_video(Video(str(path), "A teacher asks.", PLACE, captions, "She noticed"))


class TestFacts:
    def test_of_a_film(self, tmp_path: Path) -> None:
        path = write(tmp_path, "sound.mp4")
        media = inspect(path)
        assert media.is_video
        assert (media.content_type, media.width, media.height) == ("video/mp4", 320, 180)
        assert (media.codec, media.sound, media.frame_rate) == ("h264", "aac", 25.0)
        assert (media.size, media.title, media.alt) == (path.stat().st_size, "She noticed", "A teacher asks.")
        assert 0.9 < media.seconds < 1.1

    @pytest.mark.parametrize(
        ("name", "content_type", "codec", "sound"),
        [
            ("film.mov", "video/quicktime", "h264", ""),
            ("hevc.mp4", "video/mp4", "hevc", ""),
            ("film.webm", "video/webm", "vp9", "opus"),
            ("film.mkv", "video/x-matroska", "h264", ""),
            ("film.avi", "video/x-msvideo", "mpeg4", ""),
        ],
    )
    def test_of_other_kinds(self, tmp_path: Path, name: str, content_type: str, codec: str, sound: str) -> None:
        media = inspect(write(tmp_path, name))
        assert (media.content_type, media.codec, media.sound) == (content_type, codec, sound)

    def test_one_held_upright_is_high(self, tmp_path: Path) -> None:
        media = inspect(write(tmp_path, "turned.mp4"))
        assert (media.width, media.height) == (180, 320)

    @pytest.mark.parametrize("name", [*GOOD, *PLACES])
    def test_both_programs_tell_the_same(self, tmp_path: Path, name: str) -> None:
        program = shutil.which("ffprobe")
        if program is None:
            pytest.skip("ffprobe is not on this machine")
        path = write(tmp_path, name)
        told, known = probe_by_ffprobe(path, program), probe_by_mediainfo(path)
        assert told is not None
        assert known is not None
        assert _round(told) == _round(known)

    @pytest.mark.parametrize("script", ["exit 127", "echo no JSON", "kill -9 $$"])
    def test_an_ffprobe_that_does_not_work_is_done_without(
        self, tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = tmp_path / "bin/ffprobe"
        broken.parent.mkdir()
        broken.write_text(f"#!/bin/sh\n{script}\n")
        broken.chmod(0o755)
        monkeypatch.setenv("PATH", str(broken.parent), prepend=os.pathsep)
        assert probe_film(write(tmp_path, "plain.mp4")) == probe_by_mediainfo(tmp_path / "plain.mp4")

    @pytest.mark.parametrize("program", ["MediaInfo", "ffprobe"])
    @pytest.mark.parametrize("kind", ["a JPEG", "a GIF", "a sound", "words", "a playlist", "nothing"])
    def test_neither_takes_for_a_film_what_is_none(self, tmp_path: Path, kind: str, program: str) -> None:
        found = shutil.which("ffprobe")
        if program == "ffprobe" and found is None:
            pytest.skip("ffprobe is not on this machine")
        path = write(tmp_path, "none.mp4", make(kind))
        facts = probe_by_mediainfo(path) if program == "MediaInfo" else probe_by_ffprobe(path, str(found))
        assert facts is None or not facts.seconds


def _round(facts: FilmFacts) -> FilmFacts:
    return facts._replace(seconds=round(facts.seconds, 1), frame_rate=round(facts.frame_rate, 1))


class TestRefusals:
    @pytest.mark.parametrize("kind", NO_FILMS)
    def test_what_is_no_film(self, tmp_path: Path, kind: str) -> None:
        path = write(tmp_path, "none.mp4", make(kind))
        with pytest.raises(UnfitPicture, match=r"is not a film that can be read\. Save it as MP4") as failure:
            inspect(path)
        assert not failure.value.passing

    @pytest.mark.parametrize("name", ["plain.mp4", "fast start.mp4", "film.mov", "fragments.mp4"])
    @pytest.mark.parametrize("left", [0.3, 0.6, 0.95])
    def test_what_is_cut_short(self, tmp_path: Path, name: str, left: float) -> None:
        whole = make(name)
        path = write(tmp_path, name, whole[: int(len(whole) * left)])
        with pytest.raises(UnfitPicture, match=r"its end is missing|not a film that can be read"):
            inspect(path)

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UnfitPicture, match="is not there") as failure:
            inspect(tmp_path / "film.mp4")
        assert failure.value.passing
        with pytest.raises(UnfitPicture, match="is not a file"):
            inspect(tmp_path)
        with pytest.raises(UnfitPicture, match="no file can have that name"):
            inspect_video(Video("a\0b.mp4", "", PLACE))

    def test_what_is_huge(self, tmp_path: Path) -> None:
        path = tmp_path / "film.mp4"
        with path.open("wb") as file:
            file.truncate(MAX_BYTES + 1)  # a hole, which takes no room
        with pytest.raises(UnfitPicture, match="1024 MB: too large"):
            inspect(path)

    @pytest.mark.parametrize("name", PLACES)
    def test_what_tells_where_it_was_filmed(self, tmp_path: Path, name: str) -> None:
        path = write(tmp_path, name)
        with pytest.raises(UnfitPicture, match=r"tells where it was filmed\. Export it without its location"):
            inspect(path)

    @pytest.mark.parametrize("name", GOOD)
    def test_the_others_tell_no_place_and_are_whole(self, tmp_path: Path, name: str) -> None:
        assert read_boxes(write(tmp_path, name)) == (False, True)
        inspect(tmp_path / name)

    def test_any_byte_may_be_wrong(self, tmp_path: Path) -> None:
        whole = make("sound.mp4")
        path = tmp_path / "film.mp4"
        for start in range(0, len(whole), max(len(whole) // 120, 1)):
            damaged = bytearray(whole)
            damaged[start : start + 4] = b"\xff\xff\xff\xff"
            path.write_bytes(damaged)
            try:
                assert inspect(path).seconds > 0
            except UnfitPicture as failure:
                assert str(path) in str(failure)


class TestOpening:
    def test_it_is_mapped_byte_for_byte(self, tmp_path: Path) -> None:
        path = write(tmp_path, "plain.mp4")
        file = open_film(inspect(path))
        assert isinstance(file.content, mmap.mmap)
        assert file.content[:] == path.read_bytes()
        assert (file.content_type, file.width, file.height) == ("video/mp4", 320, 180)

    def test_what_becomes_of_the_file_meanwhile_does_not_matter(self, tmp_path: Path) -> None:
        path = write(tmp_path, "plain.mp4")
        file = open_film(inspect(path), tmp_path)
        os.truncate(path, 0)  # of a mapping of the file itself, reading would end the process
        assert file.content[:] == make("plain.mp4")
        assert [each.name for each in tmp_path.iterdir()] == [path.name]  # the copy has no name

    def test_another_film_by_now_is_refused(self, tmp_path: Path) -> None:
        media = inspect(write(tmp_path, "plain.mp4"))
        write(tmp_path, "plain.mp4", make("sound.mp4"))
        with pytest.raises(Rejected, match="was changed after"):
            open_film(media)

    def test_a_film_out_of_reach_may_come_back(self, tmp_path: Path) -> None:
        media = inspect(write(tmp_path, "plain.mp4"))
        (tmp_path / "plain.mp4").unlink()
        with pytest.raises(Unavailable, match="cannot be read"):
            open_film(media)
        write(tmp_path, "plain.mp4")
        with pytest.raises(Unavailable, match="cannot be read or copied"):
            open_film(media, tmp_path / "nowhere")


class TestCaptions:
    def test_they_belong_to_the_film(self, tmp_path: Path) -> None:
        words = tmp_path / "film.srt"
        words.write_text(SRT)
        media = inspect(write(tmp_path, "plain.mp4"), str(words))
        vtt = open_captions(media, "vtt")
        assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> ")
        assert media.captions_size == len(vtt.encode())
        assert open_captions(media, "srt") == SRT

    def test_other_captions_by_now_are_refused(self, tmp_path: Path) -> None:
        words = tmp_path / "film.srt"
        words.write_text(SRT)
        media = inspect(write(tmp_path, "plain.mp4"), str(words))
        words.write_text(SRT.replace("noticed", "did not notice"))
        with pytest.raises(Rejected, match="were changed after"):
            open_captions(media, "vtt")
        words.unlink()
        with pytest.raises(Unavailable, match="is not there"):
            open_captions(media, "vtt")

    def test_broken_ones_are_refused_with_their_line(self, tmp_path: Path) -> None:
        words = tmp_path / "film.srt"
        words.write_text(SRT.replace("-->", "->"))
        with pytest.raises(UnfitPicture, match=r"film\.srt cannot be used. Line 2: "):
            inspect(write(tmp_path, "plain.mp4"), str(words))
        with pytest.raises(UnfitPicture, match=r"file of captions .* is not there"):
            inspect(write(tmp_path, "plain.mp4"), str(tmp_path / "none.srt"))
        with words.open("wb") as file:
            file.truncate(50 * 2**20)
        with pytest.raises(UnfitPicture, match="too large for captions"):
            inspect(write(tmp_path, "plain.mp4"), str(words))

    def test_those_of_a_longer_film_are_doubted(self, tmp_path: Path) -> None:
        words = tmp_path / "film.srt"
        words.write_text(SRT.replace("00:00:00,000 --> 00:00:01", "00:03:00,000 --> 00:03:01"))
        (problem,) = check_captions(Video(str(write(tmp_path, "plain.mp4")), "", PLACE, str(words)))
        assert problem.place == (str(words), 2, 1, 0)
        assert "the film is over at" in problem.message
