"""Push messages, read as hints: which document of which feed changed.

A platform states how its messages come and what names a document in them; the loop that uses it is `hints`. Nothing
else of a message is looked at, and nothing else is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from entrepot.store import Hint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.connectors.live.contract import Call, Credentials, Feed, Listed

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Way(StrEnum):
    """How messages come."""

    ASKED = "asked"  # the platform keeps them until we ask, and hands them out again until we confirm
    POSTED = "posted"  # the platform posts them to an address of ours; the answer says that they came
    STREAMED = "streamed"  # the platform sends them on a connection that we open; each is acknowledged


@dataclass(frozen=True, slots=True)
class Names:
    """What in a message names a document.

    Attributes:
        feed: Name of the feed that polls it.
        field: Field of the message's content with its id, or with the id of what the platform finds it by.
    """

    feed: str
    field: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came. Printing it shows neither content nor seller: both may name people.

    Attributes:
        id: What the platform tells it by from every other one.
        topic: What it is about, in the platform's words.
        seller: The shop's number at the platform, where the message says it.
        content: What it says; empty where it cannot be read.
        at_s: When it was made or the document changed, unix seconds; None where it does not say.
    """

    id: str
    topic: str
    seller: str = field(repr=False)
    content: Mapping[str, object] = field(repr=False)
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The version in which a document was read.

    Attributes:
        listed: Its id and version, as the feed's list would name it.
        at_s: When it was modified, unix seconds.
    """

    listed: Listed
    at_s: float


class MessageClient(Protocol):
    """What `messages.py` of a connector promises. No network, no clock."""

    def read_call(self, feed: Feed, document_id: str) -> Call:
        """Ask for one document of a feed by its id, or for those of a feed by what holds them."""

    def versions_in(self, feed: Feed, answer: Mapping[str, Any]) -> tuple[Version, ...]:
        """What an answer to that holds; nothing where the platform has no such thing."""


@runtime_checkable
class Asking(Protocol):
    """A client whose platform keeps messages until they are asked for and confirmed."""

    quantity: int

    def permit_call(self) -> Call:
        """Ask that messages about this shop are kept."""

    def consume_call(self, group: str) -> Call:
        """Ask for messages, `quantity` at most."""

    def messages_in(self, answer: Mapping[str, Any]) -> tuple[Message, ...]:
        """Messages of an answer."""

    def confirm_call(self, group: str, ids: tuple[str, ...]) -> Call:
        """Tell the platform that messages need not come again."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request that somebody made to an address of ours. Printing it shows nothing of it.

    Attributes:
        headers: Names in lower case.
        body: As sent: signatures are about bytes.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@runtime_checkable
class Posted(Protocol):
    """A client whose platform posts messages. No network: it reads posts.

    Attributes:
        taken: Body of the answer that says that messages came and need not come again.
        refused: Body of the answer that says that they were not taken.
    """

    taken: bytes
    refused: bytes

    def app_in(self, post: Post) -> str:
        """The app that a post says it is for; empty where it says none."""

    def is_signed(self, post: Post, credentials: Credentials) -> bool:
        """Whether the platform made it; compared in a time that tells nothing."""

    def messages_in_post(self, post: Post) -> tuple[Message, ...]:
        """Messages of a post that is signed. What cannot be read is a message that tells of nothing."""


@runtime_checkable
class Streamed(Protocol):
    """A client whose platform sends messages on a connection that we open. No network: it reads and makes frames.

    Attributes:
        stream: The platform's own address.
        life_s: So often the platform wants a sign of life.
    """

    stream: str
    life_s: float

    def permit_call(self) -> Call:
        """Ask that messages about this shop are sent."""

    def stream_url(self, address: str, credentials: Credentials, now_s: float) -> str:
        """The address with what signs it."""

    def sign_of_life(self, now_s: float) -> str:
        """A frame that says that somebody is here."""

    def messages_in_frame(self, frame: bytes) -> tuple[Message, ...]:
        """Messages of a frame; none in an answer to a sign of life. What cannot be read tells of nothing."""

    def acknowledgement(self, frame: bytes, now_s: float) -> str:
        """A frame that says that a message came; empty where nothing wants one."""


@dataclass(frozen=True)
class Messages:
    """Facts about a platform's messages.

    Attributes:
        way: How they come.
        topics: Topic to the documents that its messages name; messages of other topics tell of nothing that is read.
        client: Makes calls and reads messages.
        source: Where this was read.
        repeated: When the platform sends a message again; `assumed` where no source says.
        by_id: Name of a feed that has no method by id for polling, to the feed whose method gives its documents.
    """

    way: Way
    topics: Mapping[str, tuple[Names, ...]]
    client: MessageClient
    source: str
    repeated: str
    by_id: Mapping[str, Feed] = field(default_factory=dict)

    def hints_of(self, message: Message) -> tuple[Hint, ...]:
        """Documents that a message names. An id of a shape that no platform has is none."""
        found = []
        for names in self.topics.get(message.topic, ()):
            value = message.content.get(names.field)
            text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
            if _ID.fullmatch(text) and text != "0":
                found.append(Hint(names.feed, text, message.at_s))
        return tuple(found)

    @property
    def feed_names(self) -> tuple[str, ...]:
        """Feeds that messages give hints of."""
        return tuple(sorted({names.feed for each in self.topics.values() for names in each}))
