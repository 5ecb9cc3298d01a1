"""The words, links, pictures and films of a post: what a calendar's fields say → the parts of a message."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as FilePath

from scheduler.domain.blanks import explain_blank, find_blanks, may_hold_blanks
from scheduler.domain.campaign import Image, Link, Part, Target, Video
from scheduler.domain.curly_quotes import OPENING, find_inside
from scheduler.domain.hidden_signs import find_hidden_signs
from scheduler.domain.stale_hints import may_be_stale
from scheduler.sources.media_folder import MediaFolder
from scheduler.sources.models import (
    CalendarFields,
    ImageFields,
    LinkFields,
    PartFields,
    PostFields,
    TargetFields,
    VideoFields,
)
from scheduler.sources.reporting import Reporter
from scheduler.sources.yaml_text import Path

_NONE = "none"  # what takes a comment or a content warning out
_MAY_MEAN_NONE = frozenset({"no", "off", "false", "null", "nil", "~", "-", "n/a", "nothing", "no comment", "empty"})
_NO_CAPTIONS_NEEDED = {"burnt in", "burned in", "no speech"}


class MessageReader:
    """Reads the messages of one calendar; `media` fill while it does. `year` is what placeholders become.

    `folder` is the calendar's own, `root` that of the settings, out of which no file is taken.
    """

    def __init__(
        self,
        reporter: Reporter,
        fields: CalendarFields,
        folder: FilePath,
        failed: frozenset[int | str],
        root: FilePath | None = None,
    ) -> None:
        self.reporter, self.fields = reporter, fields
        self.document = reporter.document
        self.folder = folder
        self._bounds = MediaFolder(folder, root)
        self.failed = failed  # the numbers of posts of which something is left out
        self.year = 2000
        self.media: list[Image | Video] = []
        self.dated: dict[Path, str] = {}  # the texts that may be of another year, as written

    def read_target(self, target: TargetFields, path: Path, post: PostFields, post_path: Path) -> Target:
        """Return what differs for one account; what a variant leaves out is the post's own."""
        hashtags = None
        if target.hashtags is not None:
            hashtags = self.read_hashtags(target.hashtags, (*path, "hashtags"))
        parts = None
        if target.thread is not None:
            parts = self.read_parts(target, path)
        elif target.text is None and post.text is None and _has_more(target):
            self.reporter.report(
                path, "A variant of a thread must write its own text.", "Add 'text: …' or 'thread:' to it."
            )
        elif target.text is not None or _has_more(target):
            parts = (self._read_part(target, path, post, post_path),)
        if target.comment is None and target.content_warning is None:
            return Target(parts, hashtags)
        comment, warning = self.read_comment(target, path), self.read_content_warning(target, path)
        return Target(parts, hashtags, comment, target.comment is not None and comment is None, warning)

    def read_parts(self, post: TargetFields, path: Path) -> tuple[Part, ...] | None:
        """Return the parts of a post or a variant, None if it has neither text nor thread."""
        if post.thread is None:
            whole = self._read_part(post, path)  # without a text too, for the problems of its pictures and its link
            return None if post.text is None else (whole,)
        for name in ("text", "link", "images", "video"):
            if getattr(post, name) is not None:
                self.reporter.report(
                    (*path, name), f"A thread has '{name}' in its parts only.", "Move it into a part below."
                )
        parts = []
        for number, part in enumerate(post.thread):
            if part.text is None and path[1] not in self.failed:
                self.reporter.report((*path, "thread", number), "This part has no text.", "Add 'text: …' to it.")
            parts.append(self._read_part(part, (*path, "thread", number)))
        if not parts:
            self.reporter.report((*path, "thread"), "This thread has no parts.", "Add '- text: …' below it.")
        return tuple(parts)

    def _read_part(self, part: PartFields, path: Path, post: PartFields | None = None, post_path: Path = ()) -> Part:
        """Read one message; what it leaves out is taken from the post's own, if that is given."""
        texts = links = shown = part
        text_path = link_path = shown_path = path
        if post is not None:
            texts, text_path = (part, path) if part.text is not None else (post, post_path)
            links, link_path = (part, path) if part.link is not None else (post, post_path)
            has_own = part.images is not None or part.video is not None
            shown, shown_path = (part, path) if has_own else (post, post_path)
        text_path = (*text_path, "text")
        link, images, video = links.link, shown.images, shown.video
        if images and video is not None:
            self.reporter.report((*shown_path, "video"), "A post shows pictures or a film, not both.", "Take one out.")
        return Part(
            text=self.expand(texts.text or "", text_path),
            place=self.document.place(text_path),
            link=None if link is None else self._read_link(link, (*link_path, "link")),
            images=tuple(self._read_image(image, (*shown_path, "images", at)) for at, image in enumerate(images))
            if images
            else (),
            video=None if video is None else self._read_video(video, (*shown_path, "video")),
        )

    def _read_link(self, link: LinkFields, path: Path) -> Link:
        expand = self.expand
        return Link(
            expand(link.url, (*path, "url")),
            expand(link.title or "", (*path, "title")),
            expand(link.description or "", (*path, "description")),
        )

    def _read_image(self, image: ImageFields, path: Path) -> Image:
        place = self.document.place((*path, "file"))
        read = Image(str(self.folder / image.file), self.expand(image.alt, (*path, "alt")), place)
        if self._is_within(image.file, (*path, "file")):
            self._expect(read, path)
        return read

    def _read_video(self, video: VideoFields, path: Path) -> Video:
        expand, captions, needed = self.expand, video.captions or "", True
        if " ".join(captions.lower().split()) in _NO_CAPTIONS_NEEDED:
            captions, needed = "", False
        is_within = self._is_within(video.file, (*path, "file"))
        is_within &= not captions or self._is_within(captions, (*path, "captions"))
        captions = str(self.folder / captions) if captions else ""
        alt, title = expand(video.alt, (*path, "alt")), expand(video.title or "", (*path, "title"))
        read = Video(str(self.folder / video.file), alt, self.document.place((*path, "file")), captions, title, needed)
        if is_within:
            self._expect(read, path)
        return read

    def _is_within(self, file: str, path: Path) -> bool:
        """Return whether a file may be taken from where it lies; if not, that is noted, of a draft too."""
        why = self._bounds.explain_refusal(file)
        if why:
            self.reporter.report(path, why, "Copy the file beside the calendar and write its path from there.")
        return not why

    def _expect(self, medium: Image | Video, path: Path) -> None:
        """Note that a file must be there; a draft, which is shown with its problems and never sent, may wait for it."""
        if not self._is_draft(path):
            self.media.append(medium)

    def read_comment(self, post: TargetFields, path: Path) -> Part | None:
        """Return the first comment below a post or a variant, None if it has none or says `none`."""
        comment, path = post.comment, (*path, "comment")
        if comment is None or (comment.link is None and self._is_none(comment.text, path)):
            return None
        link = None if comment.link is None else self._read_link(comment.link, (*path, "link"))
        return Part(self.expand(comment.text, (*path, "text")), self.document.place((*path, "text")), link)

    def read_content_warning(self, post: TargetFields, path: Path) -> str | None:
        """Return what readers of a post or a variant see first: empty if it says `none`, None if it says nothing."""
        warning, path = post.content_warning, (*path, "content_warning")
        if warning is None:
            return None
        return "" if self._is_none(warning, path) else self.expand(warning, path)

    def _is_none(self, words: str, path: Path) -> bool:
        """Return whether words say that there is to be nothing; those that may mean it are an error."""
        word = words.strip().lower()
        if word in _MAY_MEAN_NONE:
            name = str(path[-1])
            message = f"'{words.strip()}' would be posted as the {name.replace('_', ' ')}."
            self.reporter.report(path, message, f"Type `{name}: none` if there is to be none.")
        return word == _NONE

    def read_hashtags(self, hashtags: Iterable[str], path: Path) -> tuple[str, ...]:
        """Return hashtags with the year put in."""
        return tuple(self.expand(tag, (*path, number)) for number, tag in enumerate(hashtags))

    def expand(self, text: str, path: Path) -> str:
        """Put the year in; any other word in braces, or a toolkit's blank, is one that somebody forgot to fill."""
        if not text:
            return text
        if may_hold_blanks(text):
            self._report_blanks(text, path)
        if "\\" in text or ("&" in text and ";" in text):  # few have a code, and only they load what knows them
            self._warn_of_codes(text, path)
        if not text.isascii():
            self._warn_of_hidden_signs(text, path)
            if text[0] in OPENING:
                self._warn_of_curly_quotes(text, path)
        if path[-1] != "url" and may_be_stale(text):
            self.dated[path] = text
        if "{" not in text:
            return text
        return text.replace("{yyyy}", f"{self.year:04}").replace("{yy}", f"{self.year % 100:02}")

    def _warn_of_hidden_signs(self, text: str, path: Path) -> None:
        for sign in find_hidden_signs(text):
            place = self.document.place_of(path, sign.sign, text.count(sign.sign, 0, sign.start))
            self.reporter.warn_at(place, sign.message, "Delete it: type the words around it again.")

    def _warn_of_curly_quotes(self, text: str, path: Path) -> None:
        """Warn of curly quotes in place of straight ones; within straight ones, or below |, they are meant."""
        place = self.document.place(path)
        inside = find_inside(text.strip())
        if inside and self.document.line(place.line)[place.column - 1 : place.column] == text[0]:
            from scheduler.sources.yaml_advice import quote

            hint = f"Type {quote(inside)} with straight quotes, or, if they are meant, put straight ones around them."
            self.reporter.warn_at(place, "These curly quotes are part of the text, and would be posted.", hint)

    def _warn_of_codes(self, text: str, path: Path) -> None:
        from scheduler.domain.typed_codes import find_typed_codes

        for code in find_typed_codes(text):
            place = self.document.place_of(path, code.words, text.count(code.words, 0, code.start))
            self.reporter.warn_at(place, code.message, code.hint)

    def _report_blanks(self, text: str, path: Path) -> None:
        """A blank keeps the calendar from being used; in a draft, which is never sent, it may wait."""
        is_draft = self._is_draft(path)
        for blank in find_blanks(text):
            if not (self.reporter.is_full_of_warnings if is_draft else self.reporter.is_full):
                message, hint = explain_blank(blank)
                report = self.reporter.warn_at if is_draft else self.reporter.report_at
                report(self.document.place_of(path, blank), message, hint)

    def _is_draft(self, path: Path) -> bool:
        post = self.fields.posts[path[1]] if path[0] == "posts" and isinstance(path[1], int) else None
        return bool(self.fields.draft or (post is not None and post.draft))


def _has_more(target: PartFields) -> bool:
    return target.link is not None or target.images is not None or target.video is not None
