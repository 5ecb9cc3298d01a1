"""What to type instead is said of settings too, but never with a word of a secret that somebody typed there."""

from __future__ import annotations

import pytest

from tests.unit.test_settings import read

ACCOUNT = "accounts:\n  a:\n    platform: mastodon\n    server: https://a.org\n"
SLIPS = (
    "access_token; hunter2secret", "access_token = hunter2secret", '"access_token: hunter2secret"',
    "access_token: “hunter2secret”", "access_token: hunter2secret # a note", "access_token: [hunter2secret] x",
    "access_token: [x](https://hunter2secret.org)", "access_token: a text: hunter2secret",
    "access_token：hunter2secret",
    'access_token: "hunter2secret", "b"', 'access_token: ["hunter2secret" "b"]', "access_token: {hunter2secret}",
    "access_token: |hunter2secret", "- •hunter2secret", "access_token: * hunter2secret", "-hunter2secret",
    "access_token: 'hunter2secret' more", "text: Gate # hunter2secret", "Access_Token: hunter2secret",
)  # fmt: skip


@pytest.mark.parametrize("line", SLIPS)
def test_a_secret_beside_a_slip_is_not_repeated(line: str) -> None:
    settings, problems = read(f"{ACCOUNT}    {line}\n")
    assert settings is None
    assert problems
    assert not [problem for problem in problems if "hunter2" in f"{problem} {problem.line_text}"]
