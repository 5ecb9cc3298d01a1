"""From a calendar's words to a post on X."""

from __future__ import annotations

from typing import Any

from scheduler.domain.campaign import Replies
from scheduler.domain.content import Content, ContentPart
from scheduler.domain.delivery import PreparedPart
from scheduler.domain.measure import find_mentions, find_urls
from scheduler.errors import Rejected

REPLY_SETTINGS = {Replies.MENTIONED: "mentionedUsers", Replies.NOBODY: "mentionedUsers"}
"""Who may answer, as X names it; without a setting, everyone.

Whom the account follows (`following`) is none of a calendar's words.
"""


def prepare_part(part: ContentPart, content: Content) -> PreparedPart:
    """Return what one part of a content says on X: its words and alt texts, and who may answer.

    Raise Rejected for a GIF among other pictures, and where nobody is to answer a post that mentions somebody.
    """
    if len(part.media) > 1 and any(media.content_type == "image/gif" for media in part.media):
        raise Rejected("X shows a GIF only by itself. Take the other pictures out, or save the GIF as a PNG.")
    body: dict[str, Any] = {"text": part.text, "alts": [media.alt for media in part.media]}
    if part is content.parts[0] and content.replies in REPLY_SETTINGS:  # it is of a whole thread
        body["reply_settings"] = REPLY_SETTINGS[content.replies]
        mentions = find_mentions(part.text)
        if mentions and content.replies is Replies.NOBODY:
            raise Rejected(
                f"X keeps everybody from answering only where nobody is mentioned, and this post mentions "
                f"{mentions[0][2]}. Take the mention out, or write `replies: mentioned`."
            )
    if part.is_comment:
        body["is_comment"] = True
    if any(media.captions for media in part.media):
        body["language"] = content.language
    links = tuple([url for _, _, url in find_urls(part.text, bare_domains=True)])  # X charges for both
    return PreparedPart(part.text, body, part.media, links)
