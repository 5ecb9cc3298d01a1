"""Where a log-in may go, and where it may not, whatever a service's answer says."""

from __future__ import annotations

import pytest

from scheduler.domain.account import Account
from scheduler.domain.trusted_hosts import keep_log_in_home, list_trusted
from scheduler.errors import Unavailable
from scheduler.platforms import load_platform

SERVER = "https://api.linkedin.com"
TRUSTED = frozenset({"www.linkedin.com", "127.0.0.1:8080", ".facebook.com"})
LOG_IN = {"authorization": "Bearer word"}


@pytest.mark.parametrize(
    "address",
    [
        "https://api.linkedin.com/rest/posts",
        "https://API.linkedin.com/rest/posts",
        "https://api.linkedin.com:443/rest/posts",
        "https://www.linkedin.com/dms-uploads/1",
        "http://127.0.0.1:8080/upload",
        "https://rupload.facebook.com/film",
    ],
)
def test_a_log_in_goes_to_the_accounts_servers(address: str) -> None:
    keep_log_in_home(address, SERVER, TRUSTED, LOG_IN)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.org/dms-uploads/1",
        "http://www.linkedin.com/dms-uploads/1",
        "http://api.linkedin.com/rest/posts",
        "https://www.linkedin.com@evil.example.org/1",
        "https://www.linkedin.com.evil.example.org/1",
        "https://api.linkedin.com.evil.example.org",
        "https://www.linkedin.com:8443/1",
        "https://notfacebook.com/1",
        "http://rupload.facebook.com/1",
        "https://rupload.facebook.com@evil.example.org/1",
        "https://[/1",
        "https:///1",
    ],
)
def test_a_log_in_goes_nowhere_else(address: str) -> None:
    keep_log_in_home(address, SERVER, TRUSTED, {"Content-Type": "image/png"})
    with pytest.raises(Unavailable, match="not sent to"):
        keep_log_in_home(address, SERVER, TRUSTED, LOG_IN)


def test_a_platform_and_a_person_say_which_others_may_see_it() -> None:
    account = Account("force", "bluesky", "https://bsky.social", {"video_server": "http://127.0.0.1:9", "handle": "a"})
    assert list_trusted(load_platform("bluesky"), account) == {"video.bsky.app", "127.0.0.1:9"}
    assert list_trusted(load_platform("x"), account._replace(settings={})) == frozenset()
