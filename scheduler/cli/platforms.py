"""campaign platforms"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import click

from scheduler.cli.output import count_of, say_price
from scheduler.domain.capabilities import Capabilities, Idempotency, Rate, TextLimit, Tokens, VideoLimits, name_media
from scheduler.domain.measure import Unit
from scheduler.domain.ports import Platform
from scheduler.domain.problem import suggest
from scheduler.errors import UsageError
from scheduler.platforms import list_platforms, load_platform

_LOST_REPLIES = {
    Idempotency.OWN_KEY: "it is looked up by its own key",
    Idempotency.KEY_HEADER: "it is sent with the same key again, which posts nothing twice",
    Idempotency.LISTING: "it is looked for among the account's own posts",
    Idempotency.NONE: "a person looks whether it is out",
}
_DOUBT = " (not certain: a warning)"
_IN_WORDS = {
    "maximum": "number",
    "max_bytes": "bytes",
    "types": "types",
    "alt_length": "length of alt text",
    "max_side": "pixels",
    "min_ratio": "narrowest shape",
    "longest": "length",
    "codecs": "encoding",
}
_LINK_CARDS = {
    "server": "drawn by the platform",
    "client": "from the calendar's title and description",
    "none": "none",
}
_WHERE_MORE_IS = """\
A grapheme is one character as readers see it: an emoji is one, whatever it is made of.
All of one platform, with its settings: campaign platforms NAME
A block for config.yaml: campaign platforms NAME --example"""


@click.command(name="platforms")
@click.argument("name", required=False)
@click.option("--example", is_flag=True, help="A block to paste under accounts: in config.yaml.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
def command(name: str | None, example: bool, form: str) -> int:
    """Show what each platform can carry, and its settings.

    Without a NAME a line of each, with the day on which its figures were last checked; with one, all that is known of
    it: limits, settings, and where the figures are from.
    """
    if name is not None and name not in list_platforms():
        known = list_platforms()
        raise UsageError(f"No platform is called '{name}'. {suggest(name, known) or 'Known: ' + ', '.join(known)}")
    if example and name is None:
        raise UsageError("Say which platform, such as `campaign platforms mastodon --example`.")
    platforms = [load_platform(each) for each in ([name] if name else list_platforms())]
    if form == "json" and not example:
        click.echo(json.dumps([_list_fields(platform) for platform in platforms], ensure_ascii=False, indent=1))
        return 0
    if name is None:
        _echo_overview(platforms)
        return 0
    for platform in platforms:
        click.echo(_write_example(platform) if example else _write_facts(platform))
    return 0


def _echo_overview(platforms: Sequence[Platform]) -> None:
    heads = [(each.name, each.title, _say_checked(each)) for each in platforms]
    widths = [max(map(len, column)) for column in zip(*heads, strict=True)]
    for platform, head in zip(platforms, heads, strict=True):
        columns = [f"{words:<{width}}" for words, width in zip(head, widths, strict=True)]
        click.echo("  ".join([*columns, ", ".join(_list_carried(platform.capabilities))]))
    click.echo(_WHERE_MORE_IS, err=True)


def _say_checked(platform: Platform) -> str:
    """Return when the figures of a platform were last held against its own pages."""
    return f"{platform.capabilities.source.checked:%-d %b %Y}"


def _list_carried(facts: Capabilities) -> Iterator[str]:
    """Yield what a post can be made of, the length of its text first."""
    yield _say_length(facts.text[0])
    if facts.images is not None:
        yield count_of(facts.images.maximum, "picture")
    if facts.videos is not None:
        yield "film"
    if facts.threads:
        yield "threads"
    if facts.comments:
        yield "comment"
    if facts.media_required:
        yield "never words alone"
    if facts.price is not None:
        yield f"{say_price(facts.price.post)} a post"


def _write_example(platform: Platform) -> str:
    lines = [f"my-{platform.name}:", f"  platform: {platform.name}"]
    if _needs_server(platform):
        lines.append(f"  server: {_show_server(platform)}")
    for setting in platform.settings:
        mark = "" if setting.required else "# "
        lines.append(f"  {mark}{setting.name}: {setting.example}  # {setting.help}")
    return "\n".join(lines)


def _needs_server(platform: Platform) -> bool:
    """Return whether an account must say on which server it lives."""
    return not platform.server and not any(setting.name == "folder" for setting in platform.settings)


def _show_server(platform: Platform) -> str:
    return str(getattr(platform, "server_example", "https://social.example.org"))


def _say_time(length: timedelta) -> str:
    if length < timedelta(minutes=1):
        return count_of(round(length.total_seconds()), "second")
    minutes = round(length.total_seconds() / 60)
    return count_of(minutes // 60, "hour") if minutes % 60 == 0 else count_of(minutes, "minute")


def _say_size(size: int) -> str:
    """Return a number of bytes as people read it; a megabyte is a million bytes."""
    if size >= 1_000_000_000:
        return f"{size / 1e9:.3g} GB"
    return f"{size / 1e6:.3g} MB" if size >= 1_000_000 else f"{size / 1e3:.3g} kB"


def _say_running_time(videos: VideoLimits) -> str:
    """Return how long films may be, such as `3 s to 15 min`."""
    unit, seconds = ("h", 3600) if videos.longest >= 7200 else ("min", 60) if videos.longest >= 180 else ("s", 1)
    longest = f"{videos.longest / seconds:g} {unit}"
    return f"{videos.shortest:g} s to {longest}" if videos.shortest else f"at most {longest}"


def _say_media(facts: Capabilities) -> list[str]:
    """Return a line on pictures, one on films, and one if no post goes without."""
    lines = []
    if (images := facts.images) is not None:
        alt = f"alt text {images.alt_length} {images.alt_unit}" if images.alt_length else "no alt text"
        fetched = ", fetched from a public address" if images.fetched else ""
        most = f"{images.maximum}, up to {_say_size(images.max_bytes)}"
        lines.append(f"  pictures: {most}, {alt}{fetched}{_say_doubts(images.uncertain)}")
    if (videos := facts.videos) is not None:
        types = ", ".join(kind.removeprefix("video/") for kind in videos.types)
        captions = f"captions as .{videos.captions}" if videos.captions else "captions burnt in"
        fetched = ", fetched from a public address" if videos.fetched else ""
        most = f"up to {_say_size(videos.max_bytes)}, {_say_running_time(videos)}"
        lines.append(f"  films: one, {most}, {types}, {captions}{fetched}{_say_doubts(videos.uncertain)}")
    return lines + ([f"  every post needs {name_media(facts)}"] if facts.media_required else [])


def _say_doubts(names: Sequence[str]) -> str:
    """Return which figures the service itself does not state, empty if it states them all."""
    words = ", ".join(_IN_WORDS.get(name, name.replace("_", " ")) for name in names)
    return f" (not certain, a warning: {words})" if words else ""


def _write_facts(platform: Platform) -> str:
    facts = platform.capabilities
    lines = [f"{platform.name}: {platform.title}"]
    texts = {"text": facts.text, "text with a picture or film": facts.text_with_media, "first comment": facts.comments}
    lines += [f"  {what}: {_say_limits(limits)}" for what, limits in texts.items() if limits]
    lines += [*_say_media(facts), *_say_forms(facts)]
    lines.append(f"  after a lost reply: {_LOST_REPLIES[facts.repeat.idempotency]}")
    lines.append(f"  taking back: {facts.retract}")
    lines += [_say_rate(facts.rate, "posts")] if facts.rate is not None else []
    lines += [_say_rate(facts.reply_rate, "replies")] if facts.reply_rate is not None else []
    if facts.price is not None:
        price = facts.price
        lines.append(f"  price: {say_price(price.post)} a post, {say_price(price.post_with_link)} with a link")
    if facts.tokens is not None:
        lines.append(f"  token: lasts {count_of(facts.tokens.lifetime.days, 'day')}, {_say_renewal(facts.tokens)}")
    lines.append(f"  source: {facts.source.where}, checked {facts.source.checked:%-d %B %Y}")
    if _needs_server(platform):
        lines.append(f"  setting server: the address of the server it is on, such as {_show_server(platform)}")
    for setting in platform.settings:
        need = "" if setting.required else " (may be left out)"
        secret = ", a reference to a secret" if setting.secret else ""
        lines.append(f"  setting {setting.name}{need}: {setting.help}{secret}")
    return "\n".join([*lines, ""])


def _say_limits(limits: Sequence[TextLimit]) -> str:
    """Return how long a text may be; the limits of one are all certain or all not."""
    lengths = " and ".join(map(_say_length, limits))
    both = ", whichever is full first" if len(limits) > 1 else ""
    links = "".join(f", a link counts {limit.url_weight}" for limit in limits if limit.url_weight)
    return f"{lengths}{both}{links}{'' if limits[0].certain else _DOUBT}"


def _say_length(limit: TextLimit) -> str:
    return _say_size(limit.maximum) if limit.unit is Unit.BYTES else f"{limit.maximum} {limit.unit}"


def _say_forms(facts: Capabilities) -> Iterator[str]:
    yield f"  threads: {'yes' if facts.threads else 'no'} · link card: {_LINK_CARDS[facts.link_card]}"
    warnings = "yes" if facts.content_warnings else "no"
    yield f"  content warnings: {warnings} · who may answer: {', '.join(facts.replies) or 'cannot be set'}"
    for noun, count in (("hashtags", facts.hashtags), ("links", facts.links), ("cashtags", facts.cashtags)):
        if count is not None:
            most = f", surely at most {count.refused_above}" if count.refused_above else ""
            yield f"  {noun}: at most {count.maximum}{'' if count.certain else _DOUBT}{most}"


def _say_renewal(tokens: Tokens) -> str:
    if not tokens.refreshed:
        return "then somebody must log in again"
    if not tokens.needs:
        return "renewed by the daemon"
    return f"renewed by the daemon if there are {', '.join(tokens.needs)}; if not, somebody must log in again"


def _say_rate(rate: Rate, noun: str) -> str:
    apart = "" if rate.counts_replies else ", comments and replies not among them"
    return f"  rate: {rate.posts} {noun} in {_say_time(rate.every)}{apart}{'' if rate.certain else _DOUBT}"


def _list_fields(platform: Platform) -> dict[str, Any]:
    """Return a platform as JSON output gives it; documented in the README and stable."""
    settings = [
        {
            "name": each.name,
            "help": each.help,
            "example": each.example,
            "secret": each.secret,
            "required": each.required,
        }
        for each in platform.settings
    ]
    return {
        "name": platform.name,
        "title": platform.title,
        "server": platform.server or None,
        "server_required": _needs_server(platform),
        "capabilities": _make_plain(platform.capabilities),
        "settings": settings,
    }


def _make_plain(value: Any) -> Any:
    """Return a value of the capabilities as JSON knows them: times in seconds, dates as ISO 8601."""
    if hasattr(value, "_asdict"):
        return {name: _make_plain(each) for name, each in value._asdict().items()}
    if isinstance(value, tuple):
        return [_make_plain(each) for each in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, date) else value
