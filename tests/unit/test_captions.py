"""Captions: SubRip and WebVTT, in whatever encoding, read, checked and written as the other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.captions import Captions, Cue, check_end, list_words, read_captions, write_captions
from scheduler.domain.problem import Severity, has_errors

SRT = (
    "1\n00:00:01,000 --> 00:00:04,000\nShe noticed.\n\n2\n00:00:05,500 --> 00:01:07,250\nAnd she asked:\n“What's up?”\n"
)
VTT = (
    "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nShe noticed.\n\n"
    "00:00:05.500 --> 00:01:07.250\nAnd she asked:\n“What's up?”\n"
)


def read(text: str | bytes) -> Captions:
    return read_captions(text if isinstance(text, bytes) else text.encode(), "film.srt")


def tell(captions: Captions) -> list[tuple[int, str, str]]:
    """Return the line, severity and message of each problem."""
    return [(each.place.line, str(each.severity), each.message) for each in captions.problems]


def show(words: str, form: str = "srt") -> str:
    """Return the words of a caption as the other form has them."""
    head, point, other = ("1\n", ",", "vtt") if form == "srt" else ("WEBVTT\n\n", ".", "srt")
    captions = read(f"{head}00:00:01{point}000 --> 00:00:04{point}000\n{words}\n")
    assert not has_errors(captions.problems), captions.problems
    return write_captions(captions, other).partition("--> ")[2].partition("\n")[2].rstrip("\n")


class TestBothWays:
    def test_each_becomes_the_other(self) -> None:
        assert write_captions(read(SRT), "vtt") == VTT
        assert write_captions(read(VTT), "srt") == SRT
        assert read(SRT).problems == read(VTT).problems == ()

    def test_a_file_that_is_sent_in_its_own_form_is_sent_as_it_is(self) -> None:
        vtt = VTT.replace("WEBVTT\n", "WEBVTT - She noticed\n\nSTYLE\n::cue {color: white}\n").replace(
            "4.000", "4.000 line:0"
        )
        assert write_captions(read(vtt), "vtt") == vtt
        srt = SRT.replace("She noticed.", "{\\an8}<font color=red>She noticed.</font>")
        assert write_captions(read(srt), "srt") == srt

    @pytest.mark.parametrize("form", ["srt", "vtt"])
    @given(
        cues=st.lists(
            st.tuples(
                st.integers(0, 359_000_000),
                st.integers(1, 60_000),
                st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
            ),
            min_size=1,
            max_size=5,
        )
    )
    def test_what_is_written_is_read_again(self, form: str, cues: list[tuple[int, int, str]]) -> None:
        made = [
            Cue(start, start + long, words.replace("&", "").replace("<", "").replace(">", ""), 0)
            for start, long, words in cues
        ]
        made = sorted((cue for cue in made if cue.text), key=lambda cue: cue.start)
        again = read(write_captions(Captions("", tuple(made), ()), form))
        assert again.form == form or not made
        assert [cue._replace(line=0) for cue in again.cues] == made


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_each_is_read(self, encoding: str, newline: str) -> None:
        words = SRT.replace("noticed", "noticed £5").replace("\n", newline)
        captions = read(words.encode(encoding))
        assert list_words(captions)[0] == "She noticed £5."
        told = ["The file is not in UTF-8; it was read as Windows text."] if encoding == "cp1252" else []
        assert [message for _, _, message in tell(captions)] == told

    @pytest.mark.parametrize(
        "content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\x00" * 40, b"\x81\x8d", b"\xff\xfe1", b"a\0" * 200 + b"\0\0\0"]
    )
    def test_what_is_no_text_is_refused(self, content: bytes) -> None:
        captions = read(content)
        assert has_errors(captions.problems)
        assert captions.problems[0].hint


class TestWords:
    SRT_WORDS = (
        ("<i>Mum</i> & <B>Dad</B>", "<i>Mum</i> &amp; <b>Dad</b>"),
        ("I <3 you, 2 > 1", "I &lt;3 you, 2 &gt; 1"),
        ("<font color='red'>Call 101</font>", "Call 101"),
        ("{\\an8}Above", "Above"),
        ("{i}Softly{/i}", "<i>Softly</i>"),
        ("one --> two", "one --&gt; two"),
        ("  spaces  \n  around ", "spaces\naround"),
        ("<not a tag>", "&lt;not a tag&gt;"),
    )
    VTT_WORDS = (
        ("<v Anna>Are you all right?</v>", "Anna: Are you all right?"),
        ("<v.loud Mr O'Brien>Hi", "Mr O'Brien: Hi"),
        ("<c.yellow.bg_blue>Call</c> 101", "Call 101"),
        ("Tom &amp; Jerry &lt;3 &nbsp;ok", "Tom & Jerry <3 \u00a0ok"),
        ("<b.loud>No</b>", "<b>No</b>"),
        ("<00:00:02.000>one <00:00:03.000>two", "one two"),
        ("<lang cy>Siarad</lang>", "Siarad"),
    )

    @pytest.mark.parametrize(("words", "shown"), SRT_WORDS)
    def test_of_subrip_in_webvtt(self, words: str, shown: str) -> None:
        assert show(words) == shown

    @pytest.mark.parametrize(("words", "shown"), VTT_WORDS)
    def test_of_webvtt_in_subrip(self, words: str, shown: str) -> None:
        assert show(words, "vtt") == shown

    def test_what_the_other_form_cannot_hold_is_said_with_its_line(self) -> None:
        told = tell(read(SRT.replace("She", "{\\an8}She").replace("“", "<font size=9>“").replace("?”", "?”</font>")))
        assert [(line, severity) for line, severity, _ in told] == [(3, "warning"), (7, "warning")]
        assert all(".vtt" in message for _, _, message in told)
        told = tell(read(VTT.replace("4.000", "4.000 align:start").replace("WEBVTT\n", "WEBVTT\n\nSTYLE\n::cue {}\n")))
        assert [(line, severity) for line, severity, _ in told] == [(3, "warning"), (6, "warning")]
        assert all(".srt" in message for _, _, message in told)


class TestOddities:
    def test_numbers_and_times_are_put_right(self) -> None:
        odd = "7\n0:00:01.5-->00:00:04,000\nShe noticed.\n\n\n00:05,500 -->  1:07,25\nAnd she asked:\n\n“What's up?”\n"
        assert write_captions(read(odd), "srt") == SRT.replace("01,000", "01,500")
        assert read(odd).problems == ()

    def test_captions_without_an_empty_line_between_them(self) -> None:
        assert write_captions(read(SRT.replace("\n\n", "\n")), "vtt") == VTT

    def test_those_out_of_order_are_put_in_order_and_said(self) -> None:
        first, second = SRT.split("\n\n")
        captions = read(f"{second.strip()}\n\n{first}\n")
        assert write_captions(captions, "srt") == SRT
        ((line, severity, message),) = tell(captions)
        assert (line, severity) == (7, "warning")
        assert "not in order" in message

    def test_those_that_overlap_are_said_once(self) -> None:
        told = tell(read(SRT.replace("04,000", "09,000") + "\n3\n00:00:06,000 --> 00:00:07,000\nYes?\n"))
        ((line, _, message),) = told
        assert line == 6
        assert "2 times" in message

    def test_one_without_words_is_left_out_and_said(self) -> None:
        captions = read(SRT + "\n3\n00:02:00,000 --> 00:02:01,000\n\n")
        assert write_captions(captions, "vtt") == VTT
        assert [(line, severity) for line, severity, _ in tell(captions)] == [(11, "warning")]

    def test_notes_of_webvtt_are_shown_to_nobody(self) -> None:
        noted = VTT.replace("\n\n00:00:05", "\n\nNOTE checked by Ann\nand Bob\n\nlast words\n00:00:05")
        assert write_captions(read(noted), "srt") == SRT
        assert read(noted).problems == ()

    def test_those_that_go_on_after_the_film(self) -> None:
        assert check_end(read(SRT), 5.0, "film.srt") == []
        ((place, hint),) = [(each.place, each.hint) for each in check_end(read(SRT), 4.0, "film.srt")]
        assert (place.file, place.line, hint) == ("film.srt", 6, "Are they another film's?")


BROKEN = {
    "no times after a number": ("1\n00:00:01,000 --> 00:00:02,000\na\n\n2\nb\n", 5),
    "one dash": (SRT.replace("00:00:05,500 -->", "00:00:05,500 ->"), 6),
    "a long dash": (SRT.replace("00:00:05,500 -->", "00:00:05,500 –"), 6),
    "a letter for a digit": (SRT.replace("00:00:05,500", "OO:00:05,500"), 6),
    "no end": (SRT.replace("--> 00:01:07,250", "-->"), 6),
    "the end before the start": (SRT.replace("00:01:07,250", "00:00:05,500"), 6),
    "no such minute": (SRT.replace("00:01:07,250", "00:61:07,250"), 6),
    "words before the first time": ("Captions by Ann\n\n" + SRT, 1),
    "words of no time in WebVTT": (VTT.replace("asked:\n", "asked:\n\n"), 9),
    "nothing": ("", 1),
    "only a head": ("WEBVTT\n", 1),
    "a letter to the editor": ("Dear Sir,\n\nyours\n", 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_an_error_with_its_line(name: str) -> None:
    text, line = BROKEN[name]
    errors = [problem for problem in read(text).problems if problem.severity is Severity.ERROR]
    assert [problem.place.line for problem in errors][:1] == [line]
    assert errors[0].hint
    assert errors[0].line_text == text.split("\n")[line - 1]


def test_an_error_is_never_lost_among_warnings() -> None:
    many = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n\n" for n in range(1, 41))
    captions = read(many + "41\n00:00:41,000 -> 00:00:42,000\nx\n")
    assert len(captions.problems) <= 20
    assert has_errors(captions.problems)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_nothing_makes_it_stumble(content: bytes) -> None:
    for head in (b"", b"WEBVTT\n\n", b"1\n00:00:01,000 --> 00:00:02,000\n"):
        captions = read(head + content)
        for form in ("srt", "vtt"):
            assert isinstance(write_captions(captions, form), str)
        assert captions.cues or has_errors(captions.problems)
        assert not any(re.search(r"<(?!/?[biu]>)", cue.text) for cue in captions.cues)
