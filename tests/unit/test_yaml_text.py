"""Reading YAML as text with places: what comes back, what cannot be read, and that nothing makes it fall over."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.sources.yaml_text import Document, Path, read_yaml
from tests.reading import CAMPAIGN, JARGON, POST, read, spot_of, unmark

QUICK = settings(max_examples=120, deadline=None)
MB = 2**20
BOMB = "a: &a [" + ", ".join("x" * 9) + "]\n"
BOMB += "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))

# Bytes of a file, what is said, where (line, column).
UNREADABLE: dict[str, tuple[bytes, str, tuple[int, int]]] = {
    "empty": (b"", "The file is empty", (1, 1)),
    "spaces": (b" \n \n", "The file is empty", (1, 1)),
    "only notes": (b"# one\n# two\n", "nothing but notes", (1, 1)),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not saved as UTF-8|not a plain text file", (3, 1)),
    "a spreadsheet": (b"PK\x03\x04\x14\0", "a document of Word, Excel or the like", (1, 1)),
    "a document": (b"{\\rtf1 Speak out.}", "a document of Word, Excel or the like", (1, 1)),
    "a table": (b"id,when,text\na,b,c\n", "no name followed by a colon", (1, 1)),
    "NUL": (b"campaign: a\0b\n", "not a plain text file", (1, 12)),
    "UTF-16": ("campaign: a\n".encode("utf-16"), "saved as UTF-16", (1, 1)),
    "UTF-16 without a mark": ("campaign: a\n".encode("utf-16-le"), "saved as UTF-16", (1, 1)),
    "UTF-32": ("campaign: a\n".encode("utf-32-be"), "not a plain text file", (1, 1)),
    "Windows": ("a: b\nname: caf\u00e9\n".encode("cp1252"), "perhaps \u00e9", (2, 10)),
    "Windows quotes": ("name: \u201chi\u201d\n".encode("cp1252"), "perhaps \u201c", (1, 7)),
    "a lone surrogate": (b"name: \xed\xa0\x80\n", "not saved as UTF-8", (1, 7)),
    "too large": (b"#" * (50 * 10**6), "larger than 16 MB", (1, 1)),
    "too many values": (b"a: [" + b"b," * (8 * MB - 10) + b"]", "too many values", (1, 1)),
    "a bomb": (BOMB.encode(), "repeat far too many values", (6, 8)),
    "a loop": (b"a: &a [*a]\n", "inside the very part it repeats", (1, 8)),
    "a loop of names": (b"a: &a\n  b: *a\n", "inside the very part it repeats", (2, 6)),
    "deep brackets": (b"a: " + b"[" * 100_000, "not closed with ]", (1, 4)),
    "deep braces": (b"a: " + b"{a: " * 3000, "More than 40 lists or groups", (1, 160)),
    "deep lines": ("".join(" " * n + "a:\n" for n in range(500)).encode(), "More than 40 lists or groups", (41, 41)),
    "two documents": (b"a: b\n---\nc: d\n", "begins a second file", (2, 1)),
    "after the dots": (b"a: b\n...\nc: d\n", "cannot be understood where it stands", (3, 1)),
    "a tab": (b"a:\n\t- b\n", "A tab stands here", (2, 1)),
    "nothing of that name": (b"a: *b\n", "cannot begin with '*'", (1, 4)),
    "a percent": (b"%50\n", "cannot begin with '%'", (1, 1)),
    "a list": (b"- a\n", "lines such as `name: value`", (1, 1)),
    "a word": (b"hello\n", "no name followed by a colon", (1, 1)),
    "a web page": (b"<!DOCTYPE html><html></html>", "no name followed by a colon", (1, 1)),
}


@pytest.mark.parametrize(("content", "says", "where"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_gets_one_clear_message(content: bytes, says: str, where: tuple[int, int]) -> None:
    document = read_yaml(content, "a.yaml")
    assert document.data is None
    (problem,) = document.problems
    assert re.search(says, problem.message)
    assert problem.hint
    assert (problem.place.line, problem.place.column) == where
    assert not [word for word in JARGON if word in re.sub("<!DOCTYPE|UTF-16", "", problem.message).lower()]
    assert read(content).campaign is None


def test_a_calendar_of_exactly_16_mb_is_read() -> None:
    head = f"{CAMPAIGN}posts:\n{POST}    text: ".encode()
    content = head + b"x" * (16 * MB - len(head) - 1) + b"\n"
    assert len(content) == 16 * MB
    assert read(content).problems == ()
    assert "larger than 16 MB" in read(content + b"\n").problems[0].message


WATCHED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from scheduler.sources.yaml_text import read_yaml
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
document = read_yaml(sys.stdin.buffer.read(), "a.yaml")
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(len(document.problems), grown // 1024)
"""
HEAVY = {
    "a bomb": BOMB.encode(),
    "notes after a name": b"a:\n" + b"#tag\n" * 200_000,
    "open brackets": b"[" * MB,
    "dashes": b"a:\n  " + b"- " * MB,
    "apostrophes": b"a: " + b"'" * MB,
    "repeated names": b"a: b\n" * 100_000,
    "characters that cannot be seen": b"a: " + b"\x07" * MB,
    "tabs": b"a: b\n" + b"\t\n" * 200_000,
    "glued dashes": b"a:\n" + b"  -b\n" * 100_000,
    "signs": b"a:\n" + b"- !x y\n" * 100_000,
}


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux gives it")
@pytest.mark.parametrize("content", HEAVY.values(), ids=HEAVY)
def test_no_file_costs_much_time_or_memory(content: bytes) -> None:
    """In a process of its own, stopped after 20 s of work: a scan that goes over the rest for each line takes hours."""
    done = subprocess.run([sys.executable, "-c", WATCHED], input=content, capture_output=True, check=True)
    problems, grown = map(int, done.stdout.split())
    assert problems <= 100
    assert grown < 100


def test_a_mark_of_byte_order_and_line_ends_of_windows_change_nothing() -> None:
    plain = "a: |\n  one\n  two\nb: 'x\n\n  y'\n"
    expected = {"a": "one\ntwo\n", "b": "x\ny"}
    for text in (plain, "\ufeff" + plain, plain.replace("\n", "\r\n"), plain.replace("\n", "\r")):
        assert read_yaml(text.encode(), "a.yaml").data == expected


def test_what_is_wrong_is_reported_all_at_once() -> None:
    text, spots = unmark("a: b ‹#c›\nd: ‹!›e f\n‹a›: g\nh:\n  - ‹#i›\nj: x‹\u2028›y\n")
    document = read_yaml(text.encode(), "a.yaml")
    assert [spot_of(problem) for problem in document.problems] == spots


def test_places_of_names_items_and_values() -> None:
    text, (name, item, inner) = unmark("a: 1\n‹list›:\n  - x\n  - ‹b›: ‹'two words'›\nlast: y\n")
    document = read_yaml(text.encode(), "a.yaml")
    assert document.key_place(("list",))[1:] == name
    assert document.place(("list", 1))[1:] == item
    assert document.place(("list", 1, "b"))[1:] == inner
    assert document.key_place(("list", 1, "b"))[1:] == item
    assert document.place(("list", 1, "b", "[key]"))[1:] == item
    assert document.place(("list", 1, "missing"))[1:] == item  # the nearest thing around it
    assert document.place_within(("list", 1, "b"), 4, 9)[1:] == (4, 13, 5)
    assert document.place_of(("list", 1, "b"), "words")[1:] == (4, 13, 5)
    assert document.line(4) == "  - b: 'two words'"
    assert document.line(0) == document.line(99) == ""


def test_a_repeated_part_has_the_places_of_the_first() -> None:
    text, (spot,) = unmark("a: &here\n  b: ‹c›\nd: *here\n")
    document = read_yaml(text.encode(), "a.yaml")
    assert document.data == {"a": {"b": "c"}, "d": {"b": "c"}}
    assert document.place(("d", "b"))[1:] == spot


def test_an_excerpt_of_a_long_line_is_short() -> None:
    document = read_yaml(b"a: " + b"x" * MB, "a.yaml")
    assert len(document.line(1)) == 2000


# Property tests

SEEN = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff")
TEXTS = st.text(SEEN | st.sampled_from("\n #:'\"-[]{},&*!|>%@`\\0123456789"), min_size=1)
TRAPS = ("#CEADay26", "01163050005", "9:00", "no", "~", "👋🏽", "'", '"', ": ", " #", "- ", "\n", "@x", "%5", "*b*",
         "word", "é", "\\n", "{yy}", "|")  # fmt: skip
HASHY = st.lists(st.sampled_from(TRAPS), min_size=1).map("".join)
ANY = TEXTS | HASHY


def write_block(text: str) -> str:
    """Return a text after | (with a digit where its first line is further in or empty), kept as it ends."""
    return "|2+\n" + "".join(f"  {line}\n" for line in text.split("\n"))


@QUICK
@given(ANY)
@example(" first\n\n last ")
def test_any_text_comes_back_from_a_block(text: str) -> None:
    document = read_yaml(f"a: {write_block(text)}".encode(), "a.yaml")
    assert document.problems == ()
    assert document.data == {"a": text + "\n"}


@QUICK
@given(ANY.filter(lambda text: "\n" not in text))
def test_any_line_comes_back_from_single_quotes(text: str) -> None:
    document = read_yaml(f"a: '{text.replace(chr(39), chr(39) * 2)}'".encode(), "a.yaml")
    assert document.problems == ()
    assert document.data == {"a": text}


@QUICK
@given(ANY)
def test_any_text_comes_back_from_double_quotes(text: str) -> None:
    document = read_yaml(f"a: {json.dumps(text, ensure_ascii=False)}".encode(), "a.yaml")
    assert document.problems == ()
    assert document.data == {"a": text}


@QUICK
@given(ANY.filter(lambda text: "\n" not in text and text.strip()))
@example("Speak out. #CEADay26")
@example("a: b")
def test_a_plain_line_comes_back_or_is_refused_at_a_place(text: str) -> None:
    document = read_yaml(f"a: {text}\n".encode(), "a.yaml")
    as_meant = {"a": text.strip(" ")}
    if not document.problems and document.data != as_meant:
        # Left: what YAML itself has lists, groups, quotes, blocks and notes for, each as its author wrote it.
        assert re.match(r"\s*(?:['\"\[{|>]|# |#$|##)|.*(?:\s#(?:[\s#]|$)).*", text)
    assert all(problem.place.line >= 1 and problem.hint for problem in document.problems)


def assert_places_inside(document: Document, text: str) -> None:
    lines = text.split("\n")
    for problem in document.problems:
        assert 1 <= problem.place.line <= len(lines)
        assert 1 <= problem.place.column <= len(lines[problem.place.line - 1]) + 1


SIGNS = ("a: ", "b:", "- ", "\n", "  ", "    ", "x", "#", " #", "'", '"', "[", "]", "{", "}", ",", ":", "|", ">", "&a ",
         "*a", "!t ", "?", "? ", "%", "@", "`", "---", "...", "\t", "\r", "\u00a0", "\u2028", "\u0085", "\\", "<<: ",
         "é", "😀", "\\u", "\x07", "posts:", "id: a", "~")  # fmt: skip
YAML_PIECES = st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)


@settings(max_examples=400, deadline=None)
@given(YAML_PIECES)
@example("!t {}")
def test_pieces_of_yaml_are_read_or_refused_inside_the_file(text: str) -> None:
    document = read_yaml(text.encode(), "a.yaml")
    assert document.data is not None or document.problems
    assert_places_inside(document, text.replace("\r\n", "\n").replace("\r", "\n"))
    for problem in read(text).problems:
        assert problem.message and problem.hint


@QUICK
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"{.")
@example(b"\r\0")
def test_any_bytes_are_read_or_refused_inside_the_file(content: bytes) -> None:
    document = read_yaml(content, "a.yaml")
    assert document.data is not None or document.problems
    text = content.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    assert_places_inside(document, text)
    read(content)


NAMES = st.text("abcdefgh", min_size=1, max_size=3)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.just("leaf"),
    lambda inner: st.lists(inner, min_size=1, max_size=20) | st.dictionaries(NAMES, inner, min_size=1, max_size=20),
    max_leaves=30,
)


def plant(tree: Any, path: Path, leaves: list[Path]) -> Any:
    """Return the tree with a different word at each leaf, noting where they are."""
    if isinstance(tree, dict):
        return {name: plant(value, (*path, name), leaves) for name, value in tree.items()}
    if isinstance(tree, list):
        return [plant(value, (*path, number), leaves) for number, value in enumerate(tree)]
    leaves.append(path)
    return f"marker{len(leaves):04}"


def write_lines(tree: Any, indent: int) -> Iterator[str]:
    pairs = tree.items() if isinstance(tree, dict) else (("-", value) for value in tree)
    for name, value in pairs:
        head = " " * indent + (name if name == "-" else name + ":")
        if isinstance(value, dict | list):
            yield head
            yield from write_lines(value, indent + 2)
        else:
            yield f"{head} {value}"


@QUICK
@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=20), st.booleans())
def test_places_agree_with_a_search_for_what_was_planted(tree: dict[str, Any], in_brackets: bool) -> None:
    leaves: list[Path] = []
    planted = plant(tree, (), leaves)
    text = json.dumps(planted, indent=1) if in_brackets else "\n".join(write_lines(planted, 0))
    document = read_yaml(text.encode(), "a.yaml")
    assert document.data == planted
    for number, path in enumerate(leaves, 1):
        before = text[: text.index(f"marker{number:04}")]
        place = document.place(path)
        assert (place.line, place.column + in_brackets) == (before.count("\n") + 1, len(before) - before.rfind("\n"))
