"""One row of a toolkit's table → one post."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scheduler.domain.blanks import find_blanks
from scheduler.domain.campaign import Link
from scheduler.domain.columns import PLATFORM_NAMES, Column, simplify
from scheduler.domain.content import compose_text
from scheduler.domain.problem import suggest
from scheduler.domain.toolkit_when import Timing, read_moment, read_timing, reads_as_day
from scheduler.sources.spreadsheet import FORMULA_SIGNS, Cell, CellPlace, Sheet, SheetRow
from scheduler.sources.toolkit import Fields, Finding, Surroundings, ToolkitPost

ALT_TO_WRITE = "[insert alt text: what the picture shows, with every word in it]"
WITHHELD = "(withheld: embargoed until"
"""How an export begins what stands in place of a text whose embargo has not ended."""

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_THREAD = re.compile(r"\n[ \t]*---[ \t]*\n")
_URL = re.compile(r"(?:https?://|www\.)[^\s,;]+", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+(?:uk|org|com|net|police|eu|wales|scot|london|cymru)(?:/\S*)?", re.IGNORECASE)
_DRAFTY = re.compile(r"draft|tb[ac]|await|pending|review|not (?:yet )?approved|in progress|to be|reject", re.IGNORECASE)
_OPEN = re.compile(r"\bTB[ACD]\b")
_PHONE = range(10**8, 10**10)  # a British number of ten or eleven figures without its first zero
_LANGUAGES = {"english": "en", "welsh": "cy", "cymraeg": "cy", "gaelic": "gd", "scots": "sco", "irish": "ga",
              "polish": "pl", "urdu": "ur", "punjabi": "pa", "arabic": "ar", "romanian": "ro"}  # fmt: skip
KEPT_AS_NOTES = ("theme", "audience", "contact", "mentions", "owner", "status", "notes")
_EVERY = {"all", "all channels", "all platforms", "all accounts", "all socials", "all social media",
          "all social channels", "every account", "every channel", "everywhere"}  # fmt: skip
_PICTURE_END = re.compile(r"\.(?:jpe?g|png|gif|webp|mp4|mov|heic|tiff?|pdf|svg|bmp|avif)$", re.IGNORECASE)


def unguard(text: str) -> str:
    """Return a text without the apostrophe by which an export keeps a spreadsheet from taking it for a formula."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA_SIGNS) else text


def clean_text(text: str) -> str:
    """Return the words of a cell: plain line breaks, nothing that cannot be seen, no space around them."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", unguard(text))).strip()


def read_rows(
    sheet: Sheet,
    columns: Sequence[Column],
    rows: Iterable[SheetRow],
    surroundings: Surroundings,
    findings: list[Finding],
    length: int | None = None,
) -> list[ToolkitPost]:
    """Return the posts of some rows; what is to be said of their cells is added to `findings`.

    `length` is how many days the campaign has, None if that is not known.
    """
    posts: list[ToolkitPost] = []
    above = Cell()
    headings = [column.heading for column in columns]
    for row in rows:
        if [" ".join(cell.text.split()) for cell in row.cells][: len(headings)] == headings:
            continue  # printed again for a next page
        reader = _Row(sheet, columns, row, surroundings, findings, length)
        if reader.is_heading():
            above = reader.take_heading(above)
            continue
        post = reader.read(above)
        if reader.cell("date").text.strip():
            above = reader.cell("date")
        if post is not None:
            posts.append(post)
    return posts


class _Row:
    """Reads one row; `notes` and `to_settle` fill while it does."""

    def __init__(
        self,
        sheet: Sheet,
        columns: Sequence[Column],
        row: SheetRow,
        surroundings: Surroundings,
        findings: list[Finding],
        length: int | None,
    ) -> None:
        self.length = length
        self.sheet, self.row, self.surroundings, self.findings = sheet, row, surroundings, findings
        self.columns = {column.field: column for column in columns if column.field}
        self.all_columns = columns
        self.notes: list[str] = []
        self.to_settle: list[str] = []
        self.unknown: list[str] = []  # channels that are no account
        self.has_spare = False  # short words that no account needs

    def cell(self, field: str) -> Cell:
        column = self.columns.get(field)
        return self.row.cell(column.number) if column is not None else Cell()

    def text(self, field: str) -> str:
        return clean_text(self.cell(field).text)

    def place(self, field: str) -> CellPlace:
        column = self.columns.get(field)
        if column is None:
            return self.sheet.place(self.row.number, 0)
        return self.sheet.place(self.row.number, column.number, column.heading)

    def warn(self, field: str, message: str, hint: str = "", blank: str = "") -> None:
        self.findings.append(Finding(self.place(field), message, hint, blank))

    def settle(self, field: str, what: str, message: str, hint: str = "", blank: str = "") -> None:
        """Note what keeps the post a draft, in the calendar and at the cell."""
        self.to_settle.append(what)
        self.warn(field, message, hint, blank)

    def is_heading(self) -> bool:
        """Return whether one cell only is filled, and that not with a post: "Monday 15 March" or "Week one"."""
        filled = [column.field for column in self.all_columns if self.row.cell(column.number).text.strip()]
        return len(filled) == 1 and not filled[0].startswith("text") and filled[0] != "image"

    def take_heading(self, above: Cell) -> Cell:
        """Return the cell that says the day of the rows below: this one if it does, else that from before."""
        [cell] = [cell for cell in self.row.cells if cell.text.strip()][:1] or [Cell()]
        if cell.text.strip() and reads_as_day(cell.text):
            return cell
        place = self.sheet.place(self.row.number, list(self.row.cells).index(cell), "")
        self.findings.append(Finding(place, f"'{cell.text.strip()[:60]}' stands alone; taken for a heading, left out."))
        return above

    def read(self, above: Cell) -> ToolkitPost | None:
        self._look_at_cells()
        words = self._read_words()
        if words.startswith(WITHHELD):
            self.warn("text", "the words of this post were withheld when it was exported; it is left out.")
            return None
        if not words:
            self.warn("text", "there are no words to post in this row; it is left out.")
            return None
        timing = self._read_timing(above)
        accounts = self._read_channels()
        fields: Fields = {"when": timing.words, "draft": "yes", "accounts": accounts, **_split_thread(words)}
        extras = self._read_extras(timing)
        first = fields["thread"][0] if "thread" in fields else fields
        for name in ("link", "images"):
            if name in extras:
                first[name] = extras.pop(name)
        fields |= extras
        if variants := self._read_variants(words, accounts, first.get("link"), fields.get("hashtags", [])):
            fields["variants"] = variants
        self._note_rest()
        self._find_blanks(fields)
        if not self.to_settle:
            del fields["draft"]
        ref = self.text("ref")
        return ToolkitPost(
            "", ref, self.sheet.place(self.row.number, 0), fields, tuple(self.notes),
            tuple(dict.fromkeys(self.to_settle)), timing.needs_day, timing.day, self.text("campaign"),
            ref.lower() == "example", homeless=tuple(self.unknown), has_spare=self.has_spare,
        )  # fmt: skip

    def _look_at_cells(self) -> None:
        if self.row.hidden:
            what = "the row is hidden in the spreadsheet"
            self.settle("ref", what, "this row is hidden.", "It is imported as a draft.")
        for column in self.all_columns:
            cell = self.row.cell(column.number)
            place = self.sheet.place(self.row.number, column.number, column.heading)
            if cell.fault:
                self.findings.append(Finding(place, f"here is {cell.fault}."))
                if column.field:
                    self.to_settle.append(f"{column.heading} holds {cell.fault.partition(':')[0]}")
            number = cell.value if column.field not in {"date", "time", "ref"} else None
            if isinstance(number, (int, float)) and int(number) in _PHONE:
                said = f"{cell.text} is kept as a number, and may have lost a zero."
                hint = f"If it is a telephone number, it is 0{cell.text}: type it as text, an apostrophe before it."
                self.findings.append(Finding(place, said, hint))
            if isinstance(cell.value, str) and _UNSEEN.search(cell.value):
                self.findings.append(Finding(place, "characters that cannot be seen are left out."))

    def _read_words(self) -> str:
        """Return the words of the post: the long ones, else the short ones, else those for one platform."""
        fields = ["text", "short", *[field for field in self.columns if field.startswith("text:")]]
        words = next((found for field in fields if (found := self.text(field))), "")
        if _OPEN.search(words):
            self.settle("text", "TBC in the text", f"the text says '{_OPEN.findall(words)[0]}'.", "Fill it in.")
        return words

    def _read_timing(self, above: Cell) -> Timing:
        own, clock = self.cell("date"), self.cell("time")
        carried = not own.text.strip() and bool(above.text.strip())
        day = above if carried else own
        timing = read_timing(day.value, clock.value, self.surroundings.day, self.surroundings.zone, self.length)
        self._settle_doubts(timing)
        if carried and self.row.number and "date" in self.columns:
            message = f"the day is left out; taken from above, {above.text.strip()}."
            self.settle("date", message.rstrip("."), message)
        return timing

    def _settle_doubts(self, timing: Timing) -> None:
        for doubt in timing.doubts:
            what = (doubt.message[:1].lower() + doubt.message[1:]).removeprefix("there is ").removesuffix(".")
            self.settle(doubt.column, what, doubt.message, doubt.hint)

    def _read_channels(self) -> list[str]:
        """Return the accounts that a row names, by their names or their platforms'; else those of the campaign."""
        default = list(self.surroundings.accounts)
        every = default or list(self.surroundings.platforms)
        found: list[str] = []
        unknown = self.unknown
        for word in re.split(r"[,;/\n&+|]|\band\b", self.text("channels")):
            name = simplify(word)
            if not name:
                continue
            matches = every if name in _EVERY else self._find_accounts(word.strip(), name)
            found += matches
            if not matches:
                unknown.append(word.strip())
        if unknown:
            self.notes.append(f"not posted to: {', '.join(unknown)} (no such account)")
            hint = suggest_accounts(unknown, self.surroundings.platforms)
            self.warn("channels", f"there is no account for {', '.join(unknown)}.", hint)
        if unknown and not found:
            self.to_settle.append(f"no account for {', '.join(unknown)}")
        return list(dict.fromkeys(found)) or default

    def _find_accounts(self, word: str, name: str) -> list[str]:
        platforms = self.surroundings.platforms
        named = [account for account in platforms if account.lower() == word.lower()]
        if named:
            return named
        platform = PLATFORM_NAMES.get(name, "")
        same = [account for account in platforms if platform and platforms[account] == platform]
        preferred = [account for account in same if account in self.surroundings.accounts]
        if len(same) > 1 and not preferred:
            self.warn("channels", f"'{word}' is several accounts here: {', '.join(same)}.", "Take out those not meant.")
        return preferred or same

    def _read_extras(self, timing: Timing) -> Fields:
        extras: Fields = {}
        if link := self._read_link():
            extras["link"] = link
        if images := self._read_images():
            extras["images"] = images
        if hashtags := self._read_hashtags():
            extras["hashtags"] = hashtags
        if language := self._read_language():
            extras["language"] = language
        if embargo := self._read_embargo():
            extras["embargo"] = embargo
        return extras

    def _read_link(self) -> str:
        cell, words = self.cell("link"), self.text("link")
        found = _URL.findall(words) or _URL.findall(cell.address)
        if not found and _DOMAIN.fullmatch(words):
            found = [words]
        if not found:
            if words and simplify(words) not in {"n a", "none", "no", ""}:
                self.settle(
                    "link", f"the link: '{words[:60]}'", f"'{words[:60]}' is no web address.", "Add 'link: https://…'."
                )
            return ""
        if len(found) > 1:
            self.notes.append(f"further links: {' '.join(found[1:])}")
            self.warn("link", "a post has one link; the first is taken.")
        return found[0] if found[0].lower().startswith("http") else f"https://{found[0]}"

    def _read_images(self) -> list[dict[str, str]]:
        words = self.text("image") or self.cell("image").address
        names = [name.strip() for name in re.split(r"[\n;|]|,\s", words) if name.strip()]
        if not names or simplify(words) in {"n a", "none", "no", "text only"}:
            return []
        alts = [alt.strip() for alt in self.text("alt").split("\n") if alt.strip()]
        if len(alts) != len(names):  # one text for one picture, else the first ones have theirs
            alts = [" ".join(alts)] if len(names) == 1 else [*alts, *[""] * len(names)][: len(names)]
        images = []
        for name, alt in zip(names, alts, strict=True):
            if _URL.match(name) or not _PICTURE_END.search(name):
                self.notes.append(f"picture: {name}")
                self.settle("image", f"the picture: {name[:60]}", f"'{name[:60]}' is no file that can be posted.",
                            "Save it in the calendar's folder, and add 'images:'.")  # fmt: skip
                continue
            images.append({"file": self._find_picture(name), "alt": alt or ALT_TO_WRITE})
        return images

    def _find_picture(self, name: str) -> str:
        """Return the path at which the calendar names a picture; while there is none, it cannot be sent."""
        path, is_there, elsewhere = self.surroundings.find_picture(name)
        if elsewhere:
            said = f"{elsewhere} is outside the folder of the settings, and nothing is taken from there."
            hint = f"Copy it beside the calendar, as {path}: so it is named there."
            self.settle("image", f"copy the picture to {path}", said, hint)
        elif not is_there:
            self.settle("image", f"the picture {path} is not there", f"{name} is not there.", f"Save it as {path}.")
        return path

    def _read_hashtags(self) -> list[str]:
        found = []
        for word in re.split(r"[\s,;]+", self.text("hashtags")):
            tag = "#" + word.strip("#.")
            if len(tag) > 1 and re.fullmatch(r"#[^\s#]+", tag) and simplify(word) not in {"n a", "none", "tbc"}:
                found.append(tag)
            elif word.strip("#.-"):
                self.settle("hashtags", f"the hashtag: '{word}'", f"'{word}' is no hashtag.")
        return list(dict.fromkeys(found))

    def _read_language(self) -> str:
        words = self.text("language")
        language = _LANGUAGES.get(words.lower(), words)
        if words and not re.fullmatch(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*", language):
            self.warn("language", f"'{words}' is no language that is known.", "Write a code such as en or cy.")
            self.notes.append(f"language: {words}")
            return ""
        return "" if language == "en" else language

    def _read_embargo(self) -> str:
        cell = self.cell("embargo")
        words = self.text("embargo")
        if not words or simplify(words) in {"n a", "none", "no"}:
            return ""
        moment = read_moment(cell.value, self.surroundings.day, self.surroundings.zone, self.length)
        if moment is None:
            self.settle("embargo", f"the embargo: '{words[:60]}'", f"'{words[:60]}' is no day that can be read.",
                        "Add 'embargo: 18 March 2027 00:01'.")  # fmt: skip
            return ""
        self._settle_doubts(moment)
        return moment.words

    def _read_variants(self, words: str, accounts: Sequence[str], link: Any, hashtags: Sequence[str]) -> Fields:
        """Return the words of the accounts that have their own: written for their platform, or short enough for it."""
        variants: Fields = {}
        short = self.text("short")
        for account in accounts:
            own = self.text(f"text:{self.surroundings.platforms.get(account, '')}")
            whole = compose_text(words, Link(link) if link else None, tuple(hashtags))
            if not own and short and short != words and not self.surroundings.fits(account, whole):
                own = short
            if own and own != words:
                variants[account] = _split_thread(own)
        self.has_spare = bool(short) and short != words and _split_thread(short) not in variants.values()
        if self.has_spare:
            self.notes.append(f"{self.columns['short'].heading}: {short}")
        return variants

    def _note_rest(self) -> None:
        for field in KEPT_AS_NOTES:
            if words := self.text(field):
                self.notes.append(f"{self.columns[field].heading}: {words}")
        if self.text("alt") and not self.text("image"):
            self.notes.append(f"alt text: {self.text('alt')}")
        if _DRAFTY.search(self.text("status")):
            self.to_settle.append(f"status: {self.text('status')[:60]}")

    def _find_blanks(self, fields: Fields) -> None:
        for blank in list_blanks(fields):
            field = next((field for field in self.columns if blank in self.text(field)), "text")
            if blank != ALT_TO_WRITE:
                self.settle(field, blank, f"{blank} is to be filled in.", blank=blank)
            else:
                hint = "Write in 'alt:' what the picture shows."
                self.settle("alt", "the alt text", "there is no alt text.", hint, blank)


def suggest_accounts(unknown: Iterable[str], platforms: Mapping[str, str]) -> str:
    """Return what may be meant by channels that are not known, else which are, given the platforms of the accounts."""
    near = [suggest(word, [*platforms.values(), *platforms]) for word in unknown]
    return " ".join(dict.fromkeys(filter(None, near))) or f"Known: {', '.join(platforms)}."


def list_blanks(fields: Any) -> list[str]:
    """Return every blank in the texts of a post's fields, each once."""
    if isinstance(fields, str):
        return find_blanks(fields)
    inner = fields.values() if isinstance(fields, dict) else fields
    return list(dict.fromkeys(blank for value in inner for blank in list_blanks(value)))


def _split_thread(words: str) -> Fields:
    """Return a text, or a thread if lines of three dashes part it, as an export writes one."""
    parts = [part.strip() for part in _THREAD.split(words)]
    if len(parts) < 2 or not all(parts):
        return {"text": words}
    return {"thread": [{"text": part} for part in parts]}
