"""X's answers when it refuses, word for word where they are known from bug reports of 2026."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_PROBLEMS = "https://api.twitter.com/2/problems"


@dataclass(frozen=True)
class Answer:
    """A status, a JSON body and headers beside the usual ones."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def refuse(status: int, title: str, detail: str) -> Answer:
    """Return a refusal without a type of its own."""
    return Answer(status, {"title": title, "detail": detail, "type": "about:blank", "status": status})


def refuse_request(message: str, parameters: dict[str, list[str]] | None = None) -> Answer:
    """Return the 400 for a request whose form or parameters are wrong."""
    return Answer(
        400,
        {
            "errors": [{"parameters": parameters or {}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{_PROBLEMS}/invalid-request",
        },
    )


def refuse_spent(account: str) -> Answer:
    """Return the 402 of an account whose credits are used up."""
    body = {
        "account_id": account,
        "title": "CreditsDepleted",
        "detail": f"Your enrolled account [{account}] does not have any credits to fulfill this request.",
        "type": f"{_PROBLEMS}/credits",
    }
    return Answer(402, body)


def refuse_capped(account: str) -> Answer:
    """Return the 429 that waiting for the rate limit's reset does not mend."""
    body = {
        "account_id": account,
        "title": "UsageCapExceeded",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{_PROBLEMS}/usage-capped",
        "period": "Monthly",
        "scope": "Product",
    }
    return Answer(429, body)


def say_gone(number: str) -> Answer:
    """Return what X says of a post that is not there: with HTTP 200, and no data."""
    error = {
        "value": number,
        "detail": f"Could not find tweet with id: [{number}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": number,
        "type": f"{_PROBLEMS}/resource-not-found",
    }
    return Answer(200, {"errors": [error]})


DUPLICATE = refuse(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
FORBIDDEN = refuse(403, "Forbidden", "You are not permitted to perform this action.")
PARENT_GONE = refuse(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
UNAUTHORISED = refuse(401, "Unauthorized", "Unauthorized")
TOO_MANY = refuse(429, "Too Many Requests", "Too Many Requests")
UNAVAILABLE = refuse(503, "Service Unavailable", "Service Unavailable")
NOT_FOUND = refuse(404, "Not Found", "Not Found")
