"""Which post a receipt means, also where only a person has seen it."""

from __future__ import annotations

import pytest

from scheduler.domain.delivery import Receipt
from scheduler.domain.receipts import find_post_id
from scheduler.errors import Rejected


@pytest.mark.parametrize(
    ("receipt", "word"),
    [
        (Receipt("7", "https://x.com/i/status/8"), "7"),
        (Receipt("at://did:plc:force/app.bsky.feed.post/3mhc"), "3mhc"),
        (Receipt("", "https://x.com/force/status/7?s=20"), "7"),
        (Receipt("", "https://social.example.org/@force/7/"), "7"),
        (Receipt("", "https://bsky.app/profile/force.example.org/post/3mhc#now"), "3mhc"),
    ],
)
def test_it_is_the_last_word_of_the_id_or_of_the_address(receipt: Receipt, word: str) -> None:
    assert find_post_id(receipt) == word


def test_what_stands_behind_it_is_passed_over() -> None:
    receipt = Receipt("", "https://x.com/force/status/7/photo/1")
    assert (find_post_id(receipt, "status"), find_post_id(receipt)) == ("7", "1")
    assert find_post_id(Receipt("", "https://x.com/7/status"), "status") == "status"


@pytest.mark.parametrize("address", ["", "https://x.com", "https://x.com/", "http://["])
def test_what_names_no_post_is_refused_and_nothing_is_asked_for(address: str) -> None:
    with pytest.raises(Rejected, match="cannot be told"):
        find_post_id(Receipt("", address))
