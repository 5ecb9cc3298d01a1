"""What stands in a service's JSON, read without trust: anything may be missing or something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scheduler.domain.ports import Reply


def read_answer(reply: Reply) -> Mapping[str, Any]:
    """Return the JSON object in a reply, whatever its status; an empty one if it holds none."""
    try:
        answer = json.loads(reply.text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def read_object(answer: Any, name: str) -> Mapping[str, Any]:
    """Return the object under a name, empty if there is none."""
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, dict) else {}


def read_objects(answer: Any, name: str) -> list[Mapping[str, Any]]:
    """Return the objects of the list under a name, none if there is no such list."""
    value = answer.get(name) if isinstance(answer, dict) else None
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
