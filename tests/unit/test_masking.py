"""Secrets blotted out of words; what passes by with each call is not kept for ever."""

from __future__ import annotations

from scheduler.masking import Mask


def test_what_passes_is_blotted_out_and_forgotten_in_time() -> None:
    mask = Mask(["a-secret"])
    signatures = [f'oauth_signature="{number:03}-signature"' for number in range(300)]
    for signature in signatures:
        mask.add_passing(signature)
        assert mask(f"refused: {signature} of a-secret") == "refused: ••• of •••"
    assert mask(signatures[-2]) == "•••"
    assert mask(signatures[0]) == signatures[0]
    assert len(mask._pattern.pattern) < 5000


def test_a_token_used_again_and_again_stays() -> None:
    mask = Mask([])
    for number in range(50):
        mask.add_passing("a.bearer.token")
        mask.add_passing(f"another-{number}" if number < 3 else "a.bearer.token")
    assert mask("says a.bearer.token") == "says •••"


def test_nothing_is_no_secret() -> None:
    mask = Mask([""])
    mask.add_passing("")
    mask.add_passing("abc")
    assert mask("abc") == "abc"
