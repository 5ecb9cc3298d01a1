"""campaign platforms"""

from __future__ import annotations

from datetime import timedelta

import click

from scheduler.cli.output import count_of, say_price
from scheduler.domain.capabilities import Idempotency
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
_LINK_CARDS = {
    "server": "drawn by the platform",
    "client": "from the calendar's title and description",
    "none": "none",
}


@click.command(name="platforms")
@click.argument("name", required=False)
@click.option("--example", is_flag=True, help="A block to paste under accounts: in config.yaml.")
def command(name: str | None, example: bool) -> int:
    """Show what each platform can carry, and its settings."""
    if name is not None and name not in list_platforms():
        known = list_platforms()
        raise UsageError(f"No platform is called '{name}'. {suggest(name, known) or 'Known: ' + ', '.join(known)}")
    if example and name is None:
        raise UsageError("Say which platform, such as `campaign platforms mastodon --example`.")
    for each in [name] if name else list_platforms():
        platform = load_platform(each)
        click.echo(_write_example(platform) if example else _write_facts(platform))
    return 0


def _write_example(platform: Platform) -> str:
    lines = [f"my-{platform.name}:", f"  platform: {platform.name}"]
    if not platform.server and not any(setting.name == "folder" for setting in platform.settings):
        lines.append("  server: https://social.example.org")
    for setting in platform.settings:
        mark = "" if setting.required else "# "
        lines.append(f"  {mark}{setting.name}: {setting.example}  # {setting.help}")
    return "\n".join(lines)


def _say_time(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return count_of(minutes // 60, "hour") if minutes % 60 == 0 else count_of(minutes, "minute")


def _say_size(size: int) -> str:
    """Return a number of bytes as people read it; a megabyte is a million bytes."""
    return f"{size / 1e6:.3g} MB" if size >= 1_000_000 else f"{size / 1e3:.3g} kB"


def _write_facts(platform: Platform) -> str:
    facts = platform.capabilities
    lines = [f"{platform.name}: {platform.title}"]
    for limit in facts.text:
        url = f", a link counts {limit.url_weight}" if limit.url_weight else ""
        lines.append(f"  text: {limit.maximum} {limit.unit}{url}")
    if facts.images is not None:
        images = facts.images
        alt = f"alt text {images.alt_length} {images.alt_unit}"
        lines.append(f"  pictures: {images.maximum}, up to {_say_size(images.max_bytes)}, {alt}")
    lines.append(f"  threads: {'yes' if facts.threads else 'no'} · link card: {_LINK_CARDS[facts.link_card]}")
    lines.append(f"  after a lost reply: {_LOST_REPLIES[facts.repeat.idempotency]}")
    if facts.rate is not None:
        lines.append(f"  rate: {facts.rate.posts} posts in {_say_time(facts.rate.every)}")
    if facts.price is not None:
        price = facts.price
        lines.append(f"  price: {say_price(price.post)} a post, {say_price(price.post_with_link)} with a link")
    lines.append(f"  source: {facts.source.where}, checked {facts.source.checked:%-d %B %Y}")
    for setting in platform.settings:
        need = "" if setting.required else " (may be left out)"
        secret = ", a reference to a secret" if setting.secret else ""
        lines.append(f"  setting {setting.name}{need}: {setting.help}{secret}")
    return "\n".join([*lines, ""])
