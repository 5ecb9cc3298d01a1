"""The check of content against what a platform can carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scheduler.domain.capabilities import (
    Capabilities,
    Count,
    ImageLimits,
    Length,
    Limits,
    VideoLimits,
    measure_content,
    name_media,
)
from scheduler.domain.content import Content, ContentPart, Media, find_title
from scheduler.domain.measure import find_cashtags, find_urls, measure
from scheduler.domain.problem import Place, Problem, error, warning

_HASHTAG = re.compile(r"(?<!\w)#\w+")
_SAVE_ANEW = "Save it as MP4 (H.264, AAC)."
_IN_DOUBT = "The service does not confirm that limit: the post is sent as it is, and may be refused."


def check_content(
    content: Content, capabilities: Capabilities, limits: Limits, account: str, lengths: Sequence[Length] | None = None
) -> list[Problem]:
    """Return what keeps the content from being sent as it stands (errors) and what a person should know (warnings).

    `lengths` are those of its parts, if they are known already.
    """
    lengths = lengths or measure_content(content, capabilities, limits)
    parts = content.parts
    problems: list[Problem] = []
    if len(parts) > 1 or content.content_warning or content.replies or capabilities.media_required:
        problems += _check_form(content, capabilities, account)
    if capabilities.hashtags or capabilities.links:
        problems += _check_counts(parts, capabilities, account)
    if capabilities.cashtags:
        problems += _check_cashtags(parts, capabilities.cashtags, account)
    if capabilities.forbidden:
        problems += _check_characters(content.thread, capabilities.forbidden, account)
    for number, (part, length) in enumerate(zip(parts, lengths, strict=True), start=1):
        if part.text and length.length <= length.limit and not part.media:
            continue  # as nearly all are
        which = _name_part(part, number, len(content.thread) if len(parts) > 1 else 1, account)
        problems += _check_text(part, length, which, with_media=bool(part.media and capabilities.text_with_media))
        if part.media:
            problems += _check_media(part, capabilities, limits, which)
    return problems


def _judge(message: str, place: Place, hint: str, *, certain: bool) -> Problem:
    """Return an error, or a warning where the limit is none that the service itself is known to state."""
    return error(message, place, hint) if certain else warning(f"{message} {_IN_DOUBT}", place, hint)


def _name_part(part: ContentPart, number: int, count: int, account: str) -> str:
    if part.is_comment:
        return f"{account} (first comment)"
    return f"{account} (part {number} of {count})" if count > 1 else account


def _check_form(content: Content, capabilities: Capabilities, account: str) -> Iterator[Problem]:
    """Look at what a post is made of, apart from its words."""
    thread, first = content.thread, content.parts[0]
    if len(thread) > 1 and not capabilities.threads:
        message = f"{account} cannot carry a thread, and this post has {len(thread)} parts."
        yield error(message, thread[1].place, "Give this account a variant with one text.")
    if len(thread) < len(content.parts) and not capabilities.comments:
        message = f"{account} cannot carry a first comment."
        hint = "Put its words into the text, or give this account a variant with `comment: none`."
        yield error(message, content.parts[-1].place, hint)
    if capabilities.media_required and not all(part.media for part in thread):
        message = f"{account} carries no post without {name_media(capabilities)}."
        yield error(message, first.place, "Add one, or leave this account out.")
    if content.content_warning and not capabilities.content_warnings:
        message = f"{account} has no content warnings: readers there will not see it."
        hint = "Give this account a variant whose text begins with it, and with `content_warning: none`."
        yield warning(message, first.place, hint)
    if content.replies is not None and content.replies not in capabilities.replies:
        known = ", ".join(capabilities.replies) or "none"
        message = f"{account} cannot be told who may answer ({content.replies}); it knows: {known}."
        yield warning(message, first.place, "Set it on the account itself, or watch the answers.")


def _check_counts(parts: Sequence[ContentPart], capabilities: Capabilities, account: str) -> Iterator[Problem]:
    for part in parts:
        tags, links = len(_HASHTAG.findall(part.text)), len({url for _, _, url in find_urls(part.text)})
        yield from _check_count(part, capabilities.hashtags, tags, "hashtags", account)
        yield from _check_count(part, capabilities.links, links, "links", account)


def _check_cashtags(parts: Sequence[ContentPart], count: Count, account: str) -> Iterator[Problem]:
    for part in parts:
        if part.text.count("$") > count.maximum:  # hardly any
            found = len(find_cashtags(part.text))
            yield from _check_count(part, count, found, "cashtag" if count.maximum == 1 else "cashtags", account)


def _check_count(part: ContentPart, count: Count | None, found: int, noun: str, account: str) -> Iterator[Problem]:
    if count is not None and found > count.maximum:
        surely = 0 < count.refused_above < found
        most = count.refused_above if surely else count.maximum
        message = f"{account} takes at most {most} {noun} in a post, and this one has {found}."
        hint = "Take some out, or give this account a variant."
        yield _judge(message, part.place, hint, certain=surely or count.certain)


def _check_characters(parts: Sequence[ContentPart], forbidden: str, account: str) -> Iterator[Problem]:
    for part in parts:
        words = "".join([part.text, *(media.title for media in part.media)])
        if found := [character for character in forbidden if character in words]:
            message = f"{account} takes no {' and no '.join(found)}, neither in a text nor in the title of a film."
            yield error(message, part.place, "Take it out, or give this account a variant.")


def _check_text(part: ContentPart, length: Length, account: str, *, with_media: bool) -> list[Problem]:
    if not part.text:
        return [error(f"The text for {account} is empty.", part.place, "Write what the post says.")]
    if length.excess <= 0:
        return []
    limit = f"with a picture or a film the limit is {length.limit}" if with_media else f"the limit is {length.limit}"
    message = f"The text for {account} is {length.length} {length.unit} long; {limit}."
    hint = f"Take out {length.excess}, or give this account a shorter variant. The link and the hashtags count as well."
    return [_judge(message, part.place, hint, certain=length.certain)]


def _check_media(part: ContentPart, capabilities: Capabilities, limits: Limits, account: str) -> Iterator[Problem]:
    films = [media for media in part.media if media.is_video]
    pictures = [media for media in part.media if not media.is_video]
    if films and (pictures or len(films) > 1):
        yield error(f"{account} carries either pictures or one film in a post.", part.place, "Take some out.")
    elif films:
        yield from _check_film(films[0], part.place, capabilities.videos, limits, account)
        yield from _check_title(films[0], part, capabilities.videos, account)
    else:
        yield from _check_images(part, capabilities, limits, account)


def _check_film(
    film: Media, place: Place, videos: VideoLimits | None, limits: Limits, account: str
) -> Iterator[Problem]:
    if videos is None:
        message = f"{account} cannot carry films."
        yield error(message, place, "Give this account a variant with a link to the film, or with a picture.")
        return
    if not film.digest:
        return  # it could not be read, which is said already
    refused = limits.get(film.content_type) == 0
    if refused or film.content_type not in videos.types:
        message = f"{account} does not take {film.content_type}: {film.path}."
        yield _judge(message, place, _SAVE_ANEW, certain=refused or "types" not in videos.uncertain)
    yield from _check_bytes(film, place, videos, limits, account)
    yield from _check_seconds(film, place, videos, account)
    yield from _check_encoding(film, place, videos, account)
    yield from _check_shape(film, place, videos, account)
    yield from _check_captions(film, place, videos, account)
    length, maximum = measure(film.alt, videos.alt_unit), limits.get("alt_length", videos.alt_length)
    if videos.alt_length and length > maximum:
        message = f"The description of {film.path} is {length} {videos.alt_unit} long; {account} takes {maximum}."
        certain = "alt_length" in limits or "alt_length" not in videos.uncertain
        yield _judge(message, place, "Say it in fewer words.", certain=certain)


def _check_title(film: Media, part: ContentPart, videos: VideoLimits | None, account: str) -> Iterator[Problem]:
    length = len(find_title(film, part.text))
    if videos is not None and 0 < videos.title_length < length:
        what = "title" if film.title else "first line of the text, which stands in for the title"
        message = f"The {what} of {film.path} is {length} characters long; {account} takes {videos.title_length}."
        hint = "Give the film a short title: a line `title:` below its file."
        yield _judge(message, part.place, hint, certain="title_length" not in videos.uncertain)


def _check_bytes(film: Media, place: Place, videos: VideoLimits, limits: Limits, account: str) -> Iterator[Problem]:
    maximum = limits.get("max_video_bytes", videos.max_bytes)
    if film.size > maximum:
        message = f"{film.path} has {film.size:,} bytes; {account} takes {maximum:,}."
        certain = "max_video_bytes" in limits or "max_bytes" not in videos.uncertain
        yield _judge(message, place, "Export it smaller: films are never cut or encoded anew here.", certain=certain)
    if film.size < videos.min_bytes:
        message = f"{film.path} has {film.size:,} bytes; {account} takes none below {videos.min_bytes:,}."
        yield _judge(message, place, "Export it at a better quality.", certain="min_bytes" not in videos.uncertain)


def _check_seconds(film: Media, place: Place, videos: VideoLimits, account: str) -> Iterator[Problem]:
    if film.seconds and not videos.shortest <= film.seconds <= videos.longest:
        message = f"{film.path} runs {film.seconds:.1f} s; {account} takes {videos.shortest:g} to {videos.longest:g} s."
        broken = "shortest" if film.seconds < videos.shortest else "longest"
        hint = "Give this account a cut of that length."
        yield _judge(message, place, hint, certain=broken not in videos.uncertain)
    elif 0 < videos.doubtful_after < film.seconds:
        message = f"{film.path} runs {film.seconds:.1f} s; {account} may refuse more than {videos.doubtful_after:g} s."
        yield warning(message, place, "Give this account a shorter cut, or try one of that length there first.")


def _check_encoding(film: Media, place: Place, videos: VideoLimits, account: str) -> Iterator[Problem]:
    """Look at how a film is encoded; what could not be found out is passed over."""
    if film.codec and videos.codecs and film.codec not in videos.codecs:
        message = f"{film.path} is encoded as {film.codec}; {account} takes {' and '.join(videos.codecs)}."
        yield _judge(message, place, _SAVE_ANEW, certain="codecs" not in videos.uncertain)
    if film.sound and videos.sounds and film.sound not in videos.sounds:
        message = f"The sound of {film.path} is encoded as {film.sound}; {account} takes {' and '.join(videos.sounds)}."
        yield _judge(message, place, _SAVE_ANEW, certain="sounds" not in videos.uncertain)
    if film.frame_rate and (film.frame_rate < videos.min_rate or 0 < videos.max_rate < film.frame_rate):
        message = f"{film.path} has {film.frame_rate:g} frames a second; {account} takes {_say_rates(videos)}."
        broken = "min_rate" if film.frame_rate < videos.min_rate else "max_rate"
        hint = "Export it at 25 or 30 frames a second."
        yield _judge(message, place, hint, certain=broken not in videos.uncertain)


def _say_rates(videos: VideoLimits) -> str:
    if not videos.max_rate:
        return f"{videos.min_rate:g} or more"
    return f"{videos.min_rate:g} to {videos.max_rate:g}" if videos.min_rate else f"at most {videos.max_rate:g}"


def _check_shape(film: Media, place: Place, videos: VideoLimits, account: str) -> Iterator[Problem]:
    if not is_within_ratio(film, videos):
        yield _refuse_shape(film, place, videos, "films", account)
    if 0 < videos.max_side < max(film.width, film.height):
        message = (
            f"{film.path} is {film.width} by {film.height} pixels; {account} takes no side over {videos.max_side}."
        )
        hint = "Export it smaller: films are never scaled here."
        yield _judge(message, place, hint, certain="max_side" not in videos.uncertain)


def is_within_ratio(media: Media, limits: ImageLimits | VideoLimits) -> bool:
    """Return whether the shape of a picture or film is within the limits, as far as there are any.

    A pixel more or less is rounding: 1200 by 628 is what everybody means by 1.91 to 1.
    """
    if not media.width or not media.height:
        return True
    narrowest, widest = media.width / (media.height + 1), (media.width + 1) / media.height
    return widest >= limits.min_ratio and (not limits.max_ratio or narrowest <= limits.max_ratio)


def _refuse_shape(media: Media, place: Place, limits: ImageLimits | VideoLimits, noun: str, account: str) -> Problem:
    if limits.min_ratio and limits.max_ratio:
        bounds = f"{limits.min_ratio:.3g} to {limits.max_ratio:.3g}"
    else:
        bounds = f"at most {limits.max_ratio:.3g}" if limits.max_ratio else f"at least {limits.min_ratio:.3g}"
    size = f"{media.width} by {media.height} pixels"
    message = f"{media.path} is {size}; {account} takes {noun} {bounds} times as wide as high."
    broken = "min_ratio" if media.width < media.height * limits.min_ratio else "max_ratio"
    hint = "Give this account one of another shape: nothing is ever cropped here."
    return _judge(message, place, hint, certain=broken not in limits.uncertain)


def _check_captions(film: Media, place: Place, videos: VideoLimits, account: str) -> Iterator[Problem]:
    """Look whether people who cannot hear a film get to know what is said in it."""
    if not film.captions and film.captions_needed:
        hint = "Name their file under 'captions:', or write there `burnt in`, or `no speech` if nothing is said."
        yield error(f"{film.path} has no captions.", place, hint)
    elif film.captions and not videos.captions:
        message = f"{account} takes no file of captions: people who cannot hear {film.path} would not understand it."
        yield error(message, place, "Give this account a variant whose film has them burnt in: `captions: burnt in`.")
    elif 0 < videos.captions_bytes < film.captions_size:
        size = f"{film.captions_size:,} bytes"
        message = f"The captions {film.captions} have {size}; {account} takes {videos.captions_bytes:,}."
        hint = "Give this account a shorter film, or one with its captions burnt in."
        yield _judge(message, place, hint, certain="captions_bytes" not in videos.uncertain)


def _check_images(part: ContentPart, capabilities: Capabilities, limits: Limits, account: str) -> list[Problem]:
    images = capabilities.images
    if images is None:
        return [
            error(f"{account} cannot carry pictures.", part.place, "Give this account a variant with `images: []`.")
        ]
    problems, images = [], images.within(limits)
    maximum = limits.get("max_images", images.maximum)
    if len(part.media) > maximum:
        pictures = "1 picture" if maximum == 1 else f"{maximum} pictures"
        message = f"{account} carries at most {pictures}, and this post has {len(part.media)}."
        certain = "max_images" in limits or "maximum" not in images.uncertain
        problems.append(_judge(message, part.place, "Take some out, or spread them over a thread.", certain=certain))
    for media in part.media:
        problems += _check_picture(media, part.place, images, limits, account)
    return problems


def _check_picture(media: Media, place: Place, images: ImageLimits, limits: Limits, account: str) -> Iterator[Problem]:
    length, maximum = measure(media.alt, images.alt_unit), limits.get("alt_length", images.alt_length)
    if not images.alt_length:
        message = f"{account} shows nobody the alt text of {media.path}."
        yield warning(message, place, "Say in the text what the picture shows.")
    elif length > maximum:
        message = f"The alt text of {media.path} is {length} {images.alt_unit} long; {account} takes {maximum}."
        certain = "alt_length" in limits or "alt_length" not in images.uncertain
        yield _judge(message, place, "Say it in fewer words.", certain=certain)
    if media.animated:
        if beyond := images.list_excesses(media.content_type, media.size, max(media.width, media.height)):
            message = f"{media.path} is animated, and {account} cannot take it as it is."
            hint = "Give this account a variant with a still picture."
            yield _judge(message, place, hint, certain=not images.doubts(beyond))
    elif media.content_type not in images.types:
        yield warning(f"{account} does not take {media.content_type}: {media.path} will be sent as a JPEG.", place)
    if not is_within_ratio(media, images):
        yield _refuse_shape(media, place, images, "pictures", account)
    if 0 < media.width < images.min_width:
        message = f"{media.path} is {media.width} pixels wide; {account} takes none narrower than {images.min_width}."
        hint = "Save a larger one: nothing is ever enlarged here."
        yield _judge(message, place, hint, certain="min_width" not in images.uncertain)


def check_fetching(content: Content, capabilities: Capabilities, account: str) -> list[Problem]:
    """Return an error for each message whose media the platform would fetch, where there is no place to fetch them."""
    return [
        error(
            f"{account} fetches {'films' if media.is_video else 'pictures'} from a public address, and there is none.",
            part.place,
            "Add 'public_media:' to the settings, with a folder that your web server shows and its address.",
        )
        for part in content.parts
        for media in part.media[:1]
        if (limits := capabilities.videos if media.is_video else capabilities.images) and limits.fetched
    ]
