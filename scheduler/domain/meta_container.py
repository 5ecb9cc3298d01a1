"""Publishing in two steps, as Instagram and Threads do it: a container is made, then published.

Making one shows nothing to anybody, and one is published at most once. So its id is on record before it is published;
after a lost reply its status tells what became of it, and the next attempt goes on with the same one.

Sources, checked on 25 November 2026: Meta's pages on content publishing of the Instagram Platform and of Threads.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.answers import read_answer
from scheduler.domain.delivery import Found, Receipt
from scheduler.domain.meta_graph import ContainerDoubted, ContainerLost, NothingThere
from scheduler.errors import PublishError, Rejected, Unavailable

if TYPE_CHECKING:
    from scheduler.domain.meta_calls import GraphCalls

_POLLS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds before each look at a container that is being worked on: five minutes in all, as Meta advises."""
_UNNAMED = "unnamed"  # of a receipt whose post is out and has an id that is not known
_LOST_TWICE = 2  # refusals to publish one that is said to be finished, after which another one is made
_NUMBER = re.compile(r"\b\d{5,7}\b")
# Too large, of the wrong shape, a film or a carousel that it does not take, too long a caption.
_UNFIT = frozenset({"2207004", "2207009", "36003", "2207026", "2207028", "2207010"})


class ContainerState(StrEnum):
    """What a service says of a container."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"  # it was not published within 24 hours
    MISSING = "MISSING"  # our own word: there is none of that id
    UNTOLD = "UNTOLD"  # our own word: the service says something new


@dataclass(frozen=True, slots=True)
class Containers:
    """How one service makes, shows and publishes the container of one part.

    `make` returns the id of a new one; `find_published` the receipt of what was published, looked for in the account's
    own posts. `state_field` and `fault_field` are where its state and its fault stand.
    """

    calls: GraphCalls
    state_field: str
    fault_field: str
    publish_path: str
    make: Callable[[], str]
    find_published: Callable[[], Receipt | None]

    def publish(self) -> Receipt:
        """Go on with the container on record, or make one and put it there; wait until it is ready, and publish it."""
        container, refusals = self._kept(), int(self.calls.context.kept.get("refusals") or 0)
        state, _ = self._wait(container) if container else (ContainerState.MISSING, "")
        if state is ContainerState.PUBLISHED or (container and state is ContainerState.MISSING):
            receipt = self.find_published()
            if receipt is not None or state is ContainerState.PUBLISHED:
                return receipt or Receipt(container, data={_UNNAMED: "yes"})  # out for certain, its id not told
        if state is not ContainerState.FINISHED or refusals >= _LOST_TWICE:
            container, refusals = self.make(), 0
            self.calls.context.keep({"container": container})
            state, fault = self._wait(container)
            if state is not ContainerState.FINISHED:
                raise read_fault(self.calls.service, fault or state)
        try:
            reply = self.calls.post(self.publish_path, {"creation_id": container}, commit=True)
        except ContainerDoubted:
            self.calls.context.keep({"container": container, "refusals": str(refusals + 1)})
            raise
        return Receipt(reply.field("id"))

    def find(self) -> Receipt | Found:
        """Say what became of the container on record: none was published without being there first."""
        container = self._kept()
        if not container:
            return Found.ABSENT
        state, _ = self._look(container)
        if state is ContainerState.PUBLISHED:
            return self.find_published() or Found.UNSURE
        unseen = state in {ContainerState.MISSING, ContainerState.UNTOLD}
        return Found.UNSURE if unseen else Found.ABSENT

    def _kept(self) -> str:
        return self.calls.context.kept.get("container", "")

    def _look(self, container: str) -> tuple[ContainerState, str]:
        """Return what a service says of a container, and what is wrong with it."""
        try:
            reply = self.calls.get(f"/{container}", {"fields": f"{self.state_field},{self.fault_field}"})
        except NothingThere:
            return ContainerState.MISSING, ""
        state, fault = reply.field(self.state_field), str(read_answer(reply).get(self.fault_field) or "")
        return ContainerState(state) if state in set(ContainerState) else ContainerState.UNTOLD, fault

    def _wait(self, container: str) -> tuple[ContainerState, str]:
        """Return the state of a container that is worked on no more, and what is wrong with it.

        Raise Unavailable if that takes too long.
        """
        for seconds in _POLLS:
            self.calls.context.clock.sleep(seconds)
            state, fault = self._look(container)
            if state not in {ContainerState.IN_PROGRESS, ContainerState.UNTOLD}:
                return state, fault
        raise Unavailable(f"{self.calls.service} is still working on the media of this post. Nothing was sent.")


def read_number(receipt: Receipt, service: str) -> str:
    """Return the id of a post. Raise Rejected if all that is known of it is the container it was published from."""
    if _UNNAMED in receipt.data:
        message = f"{service} has published this, and did not tell under which id."
        raise Rejected(f"{message} Look at the account in the app; with --by-hand you can say what you did there.")
    return receipt.remote_id


def read_fault(service: str, fault: str) -> PublishError:
    """Return what the fault of a container means: its number on Instagram, its name on Threads."""
    words = f"{service} cannot use the media of this post: {' '.join(fault.split())[:300]}."
    if _UNFIT & set(_NUMBER.findall(fault)) or fault.startswith("INVALID"):
        return Rejected(f"{words} Save the file anew, within the limits that `campaign platforms NAME` shows.")
    return ContainerLost(f"{words} Nothing was sent; the next try begins anew.")
