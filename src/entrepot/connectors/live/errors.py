"""What can go wrong between us and a marketplace, named by what to do next. Of an answer only its codes are quoted."""

from __future__ import annotations

from entrepot.errors import Invalid, Refused, Rejected, Transient


class RateLimited(Transient):
    """The marketplace asked us to slow down for longer than a run waits."""

    code = "live.rate_limited"

    def __init__(self, shop: str, method: str, retry_after_s: float) -> None:
        super().__init__(shop, method, retry_after_s)
        self.shop, self.method, self.retry_after_s = shop, method, retry_after_s

    def __str__(self) -> str:
        return (
            f"{self.shop}: {self.method} may be called again in {self.retry_after_s:.0f} s; what was read is kept, "
            "run the same command again then"
        )


class CallFailed(Transient):
    """A call failed again and again in a way that passes."""

    code = "live.call_failed"

    def __init__(self, shop: str, method: str, reason: str, tries: int) -> None:
        super().__init__(shop, method, reason, tries)
        self.shop, self.method, self.reason, self.tries = shop, method, reason, tries

    def __str__(self) -> str:
        return (
            f"{self.shop}: {self.method} failed {self.tries} times, last with {self.reason}; "
            "what was read is kept, run the same command again"
        )


class WindowUnstable(Transient):
    """A window gave fewer things than it says it has, each time it was read."""

    code = "live.window_unstable"

    def __init__(self, shop: str, feed: str, found: int, stated: int) -> None:
        super().__init__(shop, feed, found, stated)
        self.shop, self.feed, self.found, self.stated = shop, feed, found, stated

    def __str__(self) -> str:
        return (
            f"{self.shop}: {self.feed} lists {self.stated} and gave {self.found}, each time it was read; "
            "the window stays open, run the same command again"
        )


class RefreshUnsettled(Transient):
    """Lists that together name everything there is kept changing while they were read."""

    code = "live.refresh_unsettled"

    def __init__(self, shop: str, feed: str, found: int, stated: int, reads: int) -> None:
        super().__init__(shop, feed, found, stated, reads)
        self.shop, self.feed, self.found, self.stated, self.reads = shop, feed, found, stated, reads

    def __str__(self) -> str:
        return (
            f"{self.shop}: {self.feed} was listed {self.reads} times and never twice the same (last {self.found} of "
            f"{self.stated}); what the run before told stays, run the same command again when less changes there"
        )


class RefreshCleared(Transient):
    """Pages of a refresh were cleared away while they waited for the rest of it: an erasure leaves no copies."""

    code = "live.refresh_cleared"

    def __init__(self, shop: str, feed: str) -> None:
        super().__init__(shop, feed)
        self.shop, self.feed = shop, feed

    def __str__(self) -> str:
        return (
            f"{self.shop}: an erasure cleared pages of {self.feed} that waited for the rest; what the run before told "
            "stays, run the same command again"
        )


class ListTooLong(Refused):
    """A list has more rows than the platform lets anybody page through."""

    code = "live.list_too_long"

    def __init__(self, shop: str, method: str, stated: int, rows_max: int) -> None:
        super().__init__(shop, method, stated, rows_max)
        self.shop, self.method, self.stated, self.rows_max = shop, method, stated, rows_max

    def __str__(self) -> str:
        return (
            f"{self.shop}: {self.method} lists {self.stated} and gives {self.rows_max} at most; what is not listed "
            "would look as if it were gone, so nothing was replaced: delete old offers there"
        )


class CallRejected(Rejected):
    """The marketplace understood a call and said no."""

    code = "live.call_rejected"

    def __init__(self, shop: str, method: str, platform_code: str, meaning: str) -> None:
        super().__init__(shop, method, platform_code, meaning)
        self.shop, self.method, self.platform_code, self.meaning = shop, method, platform_code, meaning

    def __str__(self) -> str:
        return f"{self.shop}: {self.method} was refused with {self.platform_code}: {self.meaning or 'see its manual'}"


class RightMissing(Rejected):
    """The marketplace wants something that only a person can give: an authorisation, a right, an address."""

    code = "live.right_missing"

    def __init__(self, shop: str, method: str, platform_code: str, meaning: str) -> None:
        super().__init__(shop, method, platform_code, meaning)
        self.shop, self.method, self.platform_code, self.meaning = shop, method, platform_code, meaning

    def __str__(self) -> str:
        return f"{self.shop}: {self.method} needs somebody to act ({self.platform_code}): {self.meaning}"


class AnswerUnreadable(Invalid):
    """An answer is not the JSON that was promised, each time it was asked for."""

    code = "live.answer_unreadable"

    def __init__(self, shop: str, method: str, problem: str) -> None:
        super().__init__(shop, method, problem)
        self.shop, self.method, self.problem = shop, method, problem

    def __str__(self) -> str:
        return f"{self.shop}: {self.method} answered what cannot be read: {self.problem}"


class NotLive(Refused):
    """A marketplace that has no live connection here."""

    code = "live.not_offered"

    def __init__(self, channel: str, known: tuple[str, ...]) -> None:
        super().__init__(channel, known)
        self.channel, self.known = channel, known

    def __str__(self) -> str:
        return f"{self.channel} cannot be synced live; these can: {', '.join(self.known)}. Files of it can be imported"


class FeedUnknown(Refused):
    """A feed was asked for that the platform has none of."""

    code = "live.feed_unknown"

    def __init__(self, word: str, known: tuple[str, ...]) -> None:
        super().__init__(word, known)
        self.word, self.known = word, known

    def __str__(self) -> str:
        return f"there is no feed {self.word} of this platform; there are: {', '.join(self.known)}"


class ConsentNotOffered(Refused):
    """The first token of a platform comes in another way than by a page on which its owner says yes."""

    code = "live.consent_not_offered"

    def __init__(self, channel: str) -> None:
        super().__init__(channel)
        self.channel = channel

    def __str__(self) -> str:
        return f"{self.channel} has no such page: keep what it wants with `entrepot sync connect --ask`"


class CodeRefused(Refused):
    """What was given as the code of an authorisation is none of this request."""

    code = "live.code_refused"

    def __init__(self, shop: str, problem: str) -> None:
        super().__init__(shop, problem)
        self.shop, self.problem = shop, problem

    def __str__(self) -> str:
        return f"{self.shop}: the address that was given is not taken: {self.problem}"


class ConnectionMissing(Refused):
    """No connection of that shop is set up, or a secret of it is missing."""

    code = "live.connection_missing"

    def __init__(self, shop: str, missing: tuple[str, ...]) -> None:
        super().__init__(shop, missing)
        self.shop, self.missing = shop, missing

    def __str__(self) -> str:
        if not self.missing:
            return f"there is no [[connections]] for {self.shop} in cell.toml; add one: docs/guides/live.md"
        return f"{self.shop}: no {', '.join(self.missing)} was found where its connection says; `entrepot sync connect`"


class KeyUnreadable(Refused):
    """A private key that cannot be used to sign."""

    code = "live.key_unreadable"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the connection's private key cannot be read: {self.problem}; `entrepot sync connect` keeps another one"


class BillDamaged(Transient):
    """A file that came damaged or not at all, each time it was fetched."""

    code = "live.bill_damaged"

    def __init__(self, shop: str, feed: str, bill: str, problem: str, tries: int) -> None:
        super().__init__(shop, feed, bill, problem, tries)
        self.shop, self.feed, self.bill, self.problem, self.tries = shop, feed, bill, problem, tries

    def __str__(self) -> str:
        return (
            f"{self.shop}: the file {self.bill} of {self.feed} was fetched {self.tries} times, last with "
            f"{self.problem}; its window stays open, run the same command again"
        )


class BillUnread(Invalid):
    """A file that came whole and is of no format that is known."""

    code = "live.bill_unread"

    def __init__(self, shop: str, feed: str, bill: str, problem: str) -> None:
        super().__init__(shop, feed, bill, problem)
        self.shop, self.feed, self.bill, self.problem = shop, feed, bill, problem

    def __str__(self) -> str:
        return (
            f"{self.shop}: the file {self.bill} of {self.feed} was not read: {self.problem}; nothing of it is kept and "
            "its window stays open: run the same command again once the format is known"
        )


class BillGone(Invalid):
    """A file that is older than the platform keeps files, and was not there before."""

    code = "live.bill_gone"

    def __init__(self, shop: str, feed: str, bill: str, days: int) -> None:
        super().__init__(shop, feed, bill, days)
        self.shop, self.feed, self.bill, self.days = shop, feed, bill, days

    def __str__(self) -> str:
        return (
            f"{self.shop}: the file {self.bill} of {self.feed} never came and is older than the {self.days} days that "
            "the platform keeps files; download that day by hand and import it"
        )


class DoorMissing(Refused):
    """Messages are asked for of a platform that posts them, and no address says where."""

    code = "live.door_missing"

    def __init__(self, shop: str) -> None:
        super().__init__(shop)
        self.shop = shop

    def __str__(self) -> str:
        return (
            f"{self.shop}: its platform posts messages to an address, and the connection names none; set "
            '`message_door` in its [[connections]], as "127.0.0.1:8085", or take `messages = true` out. Polling goes on'
        )


class SellerMissing(Refused):
    """Several shops of one app take messages, and one of them does not say which seller it is there."""

    code = "live.seller_missing"

    def __init__(self, shop: str) -> None:
        super().__init__(shop)
        self.shop = shop

    def __str__(self) -> str:
        return (
            f"{self.shop}: other shops take messages of the same app, and nothing tells which are this one's; set "
            "`seller` in its [[connections]] to the shop's number at the platform. Polling goes on"
        )


class DoorShut(Transient):
    """An address for messages at which nobody can listen now."""

    code = "live.door_shut"

    def __init__(self, shop: str, address: str, reason: str) -> None:
        super().__init__(shop, address, reason)
        self.shop, self.address, self.reason = shop, address, reason

    def __str__(self) -> str:
        return (
            f"{self.shop}: nobody can listen at {self.address} ({self.reason}), so no message comes in; stop what "
            "listens there or set another `message_door`. Polling goes on"
        )


class StreamBroken(Transient):
    """A connection on which a platform sends messages that cannot be opened, or that broke off."""

    code = "live.stream_broken"

    def __init__(self, shop: str, reason: str) -> None:
        super().__init__(shop, reason)
        self.shop, self.reason = shop, reason

    def __str__(self) -> str:
        return (
            f"{self.shop}: the connection for messages broke off or was refused ({self.reason}) and is tried again; "
            "where it stays so, check the app's secret and its subscription. Polling goes on"
        )


class MessagesNotKept(Transient):
    """Messages came and what they hint at could not be kept."""

    code = "live.messages_not_kept"

    def __init__(self, shop: str, posts: int, reason: str) -> None:
        super().__init__(shop, posts, reason)
        self.shop, self.posts, self.reason = shop, posts, reason

    def __str__(self) -> str:
        return (
            f"{self.shop}: messages could not be kept {self.posts} times ({self.reason}) and were not confirmed; "
            "what does not come again polling finds"
        )
