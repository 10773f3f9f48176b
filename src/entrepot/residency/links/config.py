"""Settings of a NATS broker for the links between cells: an account per cell, an allow-list per user, no secret.

Each cell has an account with one stream per recipient. Its writer publishes into that, the reader of a recipient asks
for the next message of its own consumer. Nothing else is allowed to either: nothing to listen to but its own answers,
no stream to read, no consumer to make, no advisory, nothing of another account. An operator per account makes streams
and consumers and may do only that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from entrepot.residency.border_errors import KeyInvalid
from entrepot.residency.link_errors import BrokerUnreachable
from entrepot.residency.links.broker import inbox_of, nkey_of, stream_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.residency.links.broker import BrokerAddress

__all__ = ["CellKeys", "broker_settings", "make_streams", "pairs_of"]

_OPERATOR = "operator"
_ACK_WAIT_S = 60.0
_DUPLICATE_WINDOW_S = 120.0
_FILE_BYTES = 100 << 30


class CellKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Public keys of a cell, as `entrepot gateway nats-key` prints them.

    Attributes:
        cell: Its name.
        box: Key for which mail to it is encrypted.
        users: Account, named like the cell that owns it, to the nkey with which this cell comes to it.
    """

    cell: str
    box: str
    users: dict[str, str]

    @classmethod
    def from_file(cls, path: Path) -> CellKeys:
        """Read them.

        Raises:
            KeyInvalid: The file is not of that form.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (msgspec.DecodeError, OSError) as error:
            raise KeyInvalid(f"{path.name} does not hold what `entrepot gateway nats-key` prints") from error


def pairs_of(cells: Sequence[CellKeys]) -> list[tuple[CellKeys, CellKeys]]:
    """Sender and recipient of every link: cells that have a key for each other's account.

    Raises:
        KeyInvalid: A cell comes twice, or none knows another.
    """
    names = [each.cell for each in cells]
    if len(set(names)) != len(names):
        raise KeyInvalid("two of the files are of one cell")
    found = [(a, b) for a in cells for b in cells if a is not b and b.cell in a.users and a.cell in b.users]
    if not found:
        raise KeyInvalid("no two of these cells have a key for each other; name the other cell for `gateway nats-key`")
    return found


def broker_settings(
    cells: Sequence[CellKeys], out: Path, *, listen: str, store: Path, tls: tuple[Path, Path] | None = None
) -> Path:
    """Write `nats.conf`, and the seeds of the operators beside it.

    Args:
        cells: All cells of the broker.
        out: Folder.
        listen: Address and port.
        store: Where the broker keeps messages.
        tls: Certificate and key of the broker.
    """
    pairs = pairs_of(cells)
    senders = {sender.cell: sender for sender, _ in pairs}
    blocks = [
        _account(sender, [to for each, to in pairs if each is sender], nkey_of(out, f"{_OPERATOR}-{name}")[1])
        for name, sender in sorted(senders.items())
    ]
    secured = f"tls {{ cert_file: {_quoted(tls[0])}, key_file: {_quoted(tls[1])} }}\n" if tls else ""
    text = (
        "# Made by `entrepot gateway nats-config`; make it anew rather than change it. It holds public keys only.\n"
        f"listen: {_quoted(listen)}\n{secured}"
        "max_payload: 1MB\n"
        # Answers to publishers say that a message is on the disk, not only in memory.
        f"jetstream {{ store_dir: {_quoted(store)}, sync_interval: always }}\n"
        "accounts {\n" + "".join(blocks) + "}\n"
    )
    out.mkdir(parents=True, exist_ok=True)
    path = out / "nats.conf"
    path.write_text(text, encoding="utf-8")
    return path


def _account(sender: CellKeys, recipients: Sequence[CellKeys], operator: str) -> str:
    name = sender.cell
    writer = _user(sender.users[name], [f"entrepot.{name}.{to.cell}.*.*" for to in recipients], inbox_of(name))
    readers = [
        _user(
            to.users[name],
            [
                f"$JS.API.CONSUMER.MSG.NEXT.{stream_of(to.cell)}.{to.cell}",
                f"$JS.ACK.{stream_of(to.cell)}.{to.cell}.>",
            ],
            inbox_of(to.cell),
        )
        for to in recipients
    ]
    made = [
        subject
        for to in recipients
        for subject in (
            f"$JS.API.STREAM.CREATE.{stream_of(to.cell)}",
            f"$JS.API.CONSUMER.DURABLE.CREATE.{stream_of(to.cell)}.{to.cell}",
            f"$JS.API.CONSUMER.CREATE.{stream_of(to.cell)}.{to.cell}",
        )
    ]
    users = ",\n".join([writer, *readers, _user(operator, made, inbox_of(_OPERATOR))])
    limits = f"max_mem: 1, max_file: {_FILE_BYTES}, max_streams: {len(recipients)}, max_consumers: {len(recipients)}"
    return f"  {_quoted(name)} {{\n    jetstream {{ {limits} }}\n    users [\n{users}\n    ]\n  }}\n"


def _user(nkey: str, publish: Sequence[str], inbox: str) -> str:
    """A user that may publish so much and listen to its own answers."""
    allowed = json.dumps(list(publish))
    return (
        f"      {{ nkey: {_quoted(nkey)}, permissions {{ publish {{ allow: {allowed} }}, "
        f"subscribe {{ allow: [{_quoted(inbox + '.>')}] }} }} }}"
    )


async def make_streams(cells: Sequence[CellKeys], out: Path, address: BrokerAddress) -> list[str]:
    """Make the streams and consumers of a running broker, with the operators' seeds; again changes nothing.

    Returns:
        Their names, `account/stream`.
    Raises:
        BrokerUnreachable: It does not answer, or refuses.
    """
    from nats.errors import Error
    from nats.js import api

    from entrepot.residency.links.broker import client_of

    made = []
    for sender, recipient in pairs_of(cells):
        stream = stream_of(recipient.cell)
        seed, _ = nkey_of(out, f"{_OPERATOR}-{sender.cell}")
        async with client_of(address, seed, inbox_of(_OPERATOR)) as client:
            try:
                jetstream = client.jetstream()
                await jetstream.add_stream(
                    api.StreamConfig(
                        name=stream,
                        subjects=[f"entrepot.{sender.cell}.{recipient.cell}.*.*"],
                        # Kept until the recipient has it, once however often it is sent, and refused when full.
                        retention=api.RetentionPolicy.WORK_QUEUE,
                        storage=api.StorageType.FILE,
                        discard=api.DiscardPolicy.NEW,
                        max_msgs_per_subject=1,
                        discard_new_per_subject=True,
                        duplicate_window=_DUPLICATE_WINDOW_S,
                        deny_delete=True,
                        deny_purge=True,
                    )
                )
                await jetstream.add_consumer(
                    stream,
                    api.ConsumerConfig(
                        durable_name=recipient.cell, ack_policy=api.AckPolicy.EXPLICIT, ack_wait=_ACK_WAIT_S
                    ),
                )
            except (OSError, TimeoutError, Error) as error:
                raise BrokerUnreachable(recipient.cell, type(error).__name__) from error
        made.append(f"{sender.cell}/{stream}")
    return made


def _quoted(value: object) -> str:
    return json.dumps(str(value))
