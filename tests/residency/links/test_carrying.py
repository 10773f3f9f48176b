"""Mail through a real broker: it comes once, whatever dies, is cut, is lost or is said twice on the way."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from entrepot.flows.border import clear, door_for, gateway_status, receive
from entrepot.flows.carrying import link_status, nats_config, nats_streams
from entrepot.residency.link_errors import MailNotSealed
from entrepot.residency.links import broker as links
from entrepot.residency.links import carrying, config
from entrepot.residency.links.broker import connected, inbox_of, nkey_of
from entrepot.residency.links.carrying import Carrier, Round
from entrepot.residency.notes import sign_note, signing_key
from entrepot.store.errors import SettingsInvalid
from tests.residency.border.asked import asked
from tests.residency.links.brokers import Broker, LinkedCells, linked_cells, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Died(Exception):
    """Stands for a process that dies: what it was doing is not done, and nobody catches it."""


LETTER = "journals.000001.00.envelope"
REQUEST = "checkpoints/0000000000000002.request"


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    return Broker(tmp_path / "broker")


@pytest.fixture
def cells(tmp_path: Path, broker: Broker) -> LinkedCells:
    """Two cells with two letters in the outbox of one, and a broker that is not started."""
    made = linked_cells(tmp_path / "cells", broker)
    (made.outbox / "checkpoints").mkdir(parents=True)
    (made.outbox / LETTER).write_bytes(random.Random(7).randbytes(8_100))
    (made.outbox / REQUEST).write_bytes(b"old 0\n")
    return made


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> LinkedCells:
    """Two cells with books that may leave, and the keys of a broker."""
    folder = tmp_path_factory.mktemp("imported")
    made = linked_cells(folder / "cells", Broker(folder / "broker"))
    made.sell()
    made.permit()
    made.put_on_file("important_data_determination")
    return made


@pytest.fixture
def with_books(imported: LinkedCells, tmp_path: Path, broker: Broker) -> LinkedCells:
    """Both as they stand, with a broker of their own that is not started."""
    copied = LinkedCells(imported.copied(tmp_path / "cells").folder)
    broker.configure(copied)
    link_to(copied, broker.url)
    return copied


def link_to(cells: LinkedCells, url: str) -> None:
    """Another address for the same link."""
    for name in ("cn", "global"):
        path = cells.folder / name / "cell.toml"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(f'broker = "{url}"' if each.startswith("broker =") else each for each in lines))


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """An envelope of eight thousand bytes goes in many pieces, and what was not acknowledged comes again at once."""
    monkeypatch.setattr(carrying, "PIECE_BYTES", 500)
    monkeypatch.setattr(config, "_ACK_WAIT_S", 0.3)


def until_quiet(cells: LinkedCells) -> list[Round]:
    """Rounds of both cells until nothing waits on either side."""
    done: list[Round] = []
    for _ in range(100):
        done += cells.carry().values()
        status = [*link_status(cells.cn), *link_status(cells.abroad)]
        if not any(each["at_the_broker"] or each["in_the_outbox"] for each in status):
            return done
        time.sleep(0.05)  # what was taken and not acknowledged comes again after a while
    raise AssertionError([str(each.unreachable) for each in done])


def assert_arrived_once(cells: LinkedCells, content: bytes) -> None:
    """Both letters are abroad as they were, the sender knows, its outbox is empty, and nothing is left lying."""
    until_quiet(cells)
    found = {path.relative_to(cells.mail).as_posix(): path for path in cells.mail.rglob("*") if path.is_file()}
    assert sorted(found) == [REQUEST, LETTER]
    assert found[LETTER].read_bytes() == content
    (status,), (there,) = link_status(cells.cn), link_status(cells.abroad)
    assert (status["in_the_outbox"], status["at_the_broker"], status["delivered"], there["taken"]) == (0, 0, 2, 2)
    assert list(cells.outbox.glob("*.envelope")) == []
    assert [path.name for path in (cells.folder / "global" / "border" / "links" / "cn").iterdir()] == []
    assert all((each.handed, each.taken, each.delivered) == (0, 0, 0) for each in cells.carry().values())


@pytest.fixture
def content(cells: LinkedCells) -> bytes:
    return (cells.outbox / LETTER).read_bytes()


def test_the_commands_carry_by_themselves_and_say_when_a_broker_is_away(
    with_books: LinkedCells, broker: Broker
) -> None:
    cells = with_books
    homes = {name: ("--home", cells.folder / name) for name in ("cn", "global")}
    assert asked("gateway", "send", *homes["cn"]) == 75
    assert asked("gateway", "send", "--no-carry", *homes["cn"]) == 0
    assert asked("gateway", "carry", "--json", *homes["global"]) == 75
    assert len(list(cells.outbox.glob("*.envelope"))) == 1, "it waits"
    with running(broker):
        assert broker.make_streams() == ["cn/to-global", "global/to-cn"], "made again they are the same"
        assert asked("gateway", "send", *homes["cn"]) == 0
        assert asked("gateway", "receive", *homes["global"]) == 0
        assert asked("gateway", "carry", *homes["cn"]) == 0
        assert asked("gateway", "status", *homes["cn"]) == 0
    assert [each["permit"] for each in gateway_status(cells.abroad)["received"]] == ["journals"]
    clear(cells.cn)
    assert gateway_status(cells.cn)["uncosigned"] == 0, "and the log is cosigned"
    again = receive(cells.abroad)
    assert (again.applied, again.refused, again.known) == ([], [], 1)


def test_a_broker_that_was_killed_and_started_again_still_has_what_it_confirmed(
    cells: LinkedCells, broker: Broker, content: bytes
) -> None:
    with running(broker):
        assert cells.carry("cn")["cn"].handed == 2
        broker.stop(hard=True)
        assert cells.carry("global")["global"].unreachable is not None
        broker.start()
        assert cells.carry("global")["global"].taken == 2
        assert_arrived_once(cells, content)


def test_a_broker_that_lost_its_disk_gets_the_mail_again_from_the_outbox(
    cells: LinkedCells, broker: Broker, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(broker):
        cells.carry("cn")
        broker.stop(hard=True)
        shutil.rmtree(broker.messages)
        broker.start()
        broker.make_streams()
        assert cells.carry("global", "cn")["cn"].handed == 0, "for an hour a receipt may still come"
        assert list(cells.mail.glob("*.envelope")) == []
        monkeypatch.setattr(carrying, "REPEAT_AFTER", timedelta(0))
        assert cells.carry("cn")["cn"].handed == 2
        monkeypatch.undo()
        assert cells.carry("global")["global"].taken == 2
        assert_arrived_once(cells, content)


@pytest.mark.parametrize(
    ("cell", "point", "nth"),
    [
        *(("cn", "published", 2), ("cn", "noted", 2), ("global", "piece kept", 3), ("global", "kept", 1)),
        *(("global", "put together", 1), ("global", "acknowledged", 1), ("global", "receipt published", 1)),
    ],
)
def test_a_process_and_the_broker_may_die_at_any_moment(
    cells: LinkedCells, broker: Broker, content: bytes, small_pieces: None, cell: str, point: str, nth: int
) -> None:
    seen = 0

    def dying(name: str) -> None:
        nonlocal seen
        seen += name == point
        if name == point and seen == nth:
            broker.stop(hard=True)
            raise Died

    with running(broker):
        if cell == "global":
            cells.carry("cn")
        door = door_for(cells.cn if cell == "cn" else cells.abroad)
        other = "global" if cell == "cn" else "cn"
        with contextlib.closing(Carrier(door, door.companion(other), dying)) as carrier, pytest.raises(Died):
            carrier.round()
        broker.start()
        broker.wait()
        assert_arrived_once(cells, content)


def pieces(cells: LinkedCells) -> list[tuple[str, bytes]]:
    """Everything in the outbox, sealed, in order."""
    door = door_for(cells.cn)
    with contextlib.closing(Carrier(door, door.companion("global"))) as carrier:
        found = []
        for mail, path in carrier._waiting():
            piece, content = carrying._piece_of(mail.name, path), path.read_bytes()
            cut = [content[at : at + carrying.PIECE_BYTES] for at in range(0, len(content), carrying.PIECE_BYTES)]
            found += [carrier._sealed(piece, each, number) for number, each in enumerate(cut)]
        return found


def publish(cells: LinkedCells, messages: list[tuple[str, bytes]], *, raw: bool = False) -> None:
    """Say something to the broker with the key of the China cell, one message after the other."""
    door = door_for(cells.cn)
    seed, _ = nkey_of(door.layout.keys, "cn")
    address = door.companion("global").link.address  # type: ignore[union-attr]

    async def say() -> None:
        async with connected(address, seed, inbox_of("cn")) as writer:
            for message in messages:
                await (writer._publish(*message) if raw else writer.publish([message]))

    asyncio.run(say())


def test_pieces_in_any_order_and_said_twice_make_the_same_mail_once(
    cells: LinkedCells, broker: Broker, content: bytes, small_pieces: None
) -> None:
    messages = pieces(cells)
    assert len(messages) > 15
    with running(broker):
        # Backwards, and every third once more while the broker keeps it.
        publish(cells, messages[::-1] + messages[::3])
        taken = cells.carry("global")["global"]
        assert (taken.taken, taken.known) == (2, 0)
        # Once more after it was taken: the broker keeps it no longer, but for a while it knows that it had it.
        publish(cells, messages[:5])
        assert cells.carry("global")["global"].known == 0
        assert_arrived_once(cells, content)


def test_a_file_that_changed_while_it_was_sent_does_not_arrive_and_is_sent_as_it_is_now(
    cells: LinkedCells, broker: Broker, content: bytes, small_pieces: None
) -> None:
    path, door = cells.outbox / LETTER, door_for(cells.cn)
    whole = carrying._piece_of(LETTER, path)
    with contextlib.closing(Carrier(door, door.companion("global"))) as carrier:
        cut = [content[at : at + 500] for at in range(0, len(content), 500)]
        mixed = [carrier._sealed(whole, each if number != 3 else b"x" * 500, number) for number, each in enumerate(cut)]
    with running(broker):
        publish(cells, mixed)
        found = cells.carry("global")["global"]
        assert [each.problem for each in found.refused] == [
            "its pieces do not make up the file that their sender signed"
        ]
        assert list(cells.mail.glob("*.envelope")) == []
        path.write_bytes(content[::-1])
        assert_arrived_once(cells, content[::-1])


def test_mail_that_was_taken_is_passed_over_and_its_receipt_is_said_again(
    cells: LinkedCells, broker: Broker, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "_DUPLICATE_WINDOW_S", 0.1)
    messages = pieces(cells)
    with running(broker):
        assert cells.carry("cn", "global", "cn")["cn"].delivered == 2
        time.sleep(0.2)  # beyond the time for which the broker itself remembers what was said
        publish(cells, messages)
        again = cells.carry("global")["global"]
        assert (again.taken, again.known) == (0, len(messages))
        assert cells.carry("cn")["cn"].delivered == 2, "the first receipts could have been lost"
        assert_arrived_once(cells, content)


def test_nothing_that_is_not_encrypted_enters_the_broker(cells: LinkedCells, broker: Broker) -> None:
    (envelope,) = cells.outbox.glob("*.envelope")
    subject, _ = pieces(cells)[0]
    with running(broker):
        with pytest.raises(MailNotSealed, match="not encrypted"):
            publish(cells, [(subject, envelope.read_bytes())])
        assert cells.carry("global")["global"].refused == []
        # A sender with another program is no better: what came is refused, and does not come again.
        publish(cells, [(subject, envelope.read_bytes())], raw=True)
        refused = cells.carry("global")["global"]
        assert ([each.problem for each in refused.refused], refused.taken) == (
            ["it is not encrypted for a recipient"],
            0,
        )
        assert cells.carry("global")["global"].refused == []
        assert list(cells.mail.rglob("*.*")) == []


def change(payload: bytes, at: int) -> bytes:
    return payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :]


@pytest.mark.parametrize(
    "alter",
    [
        lambda subject, payload: (subject, change(payload, 20)),
        lambda subject, payload: (subject, change(payload, len(payload) - 1)),
        lambda subject, payload: (subject, payload[:-1]),
        lambda subject, payload: (subject[:-1] + "7", payload),
        lambda subject, payload: (subject[:-3] + ("0" if subject[-3] != "0" else "1") + subject[-2:], payload),
    ],
    ids=["key", "contents", "length", "number", "mail"],
)
def test_a_piece_that_was_altered_or_moved_is_refused(
    cells: LinkedCells, broker: Broker, alter: Callable[[str, bytes], tuple[str, bytes]]
) -> None:
    with running(broker):
        publish(cells, [alter(*pieces(cells)[0])])
        found = cells.carry("global")["global"]
        assert ([each.problem for each in found.refused], found.taken) == (
            ["it was not sealed for this cell, or was altered since"],
            0,
        )


def test_mail_of_another_signer_is_refused_and_so_is_a_receipt_for_what_was_never_sent(
    cells: LinkedCells, broker: Broker, tmp_path: Path
) -> None:
    stranger = linked_cells(tmp_path / "stranger", Broker(tmp_path / "other"))
    door, own = door_for(cells.cn), door_for(stranger.cn)
    path = cells.outbox / LETTER
    with contextlib.closing(Carrier(door, door.companion("global"))) as carrier:
        carrier._signer = signing_key(own.layout.keys, "cn")
        forged = [carrier._sealed(carrying._piece_of(path.name, path), path.read_bytes(), 0)]
    with contextlib.closing(Carrier(door, door.companion("global"))) as carrier:
        note = sign_note(carrying._receipt_text("0" * 32), carrier._signer).encode()
        forged.append(carrier._sealed(carrying._piece("receipts/" + "0" * 32, note), note, 0))
    with running(broker):
        publish(cells, forged)
        refused = sorted(each.problem for each in cells.carry("global")["global"].refused)
        assert refused == ["its sender has not signed it", "nothing of that kind was sent"]
        assert list(cells.mail.glob("*.envelope")) == []


def test_without_the_library_the_commands_name_what_to_install(
    cells: LinkedCells, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(links, "find_spec", lambda _name: None)
    for command in (("carry",), ("nats-key", "global")):
        assert asked("gateway", *command, "--home", cells.folder / "cn") == 1
        assert "pip install 'entrepot[nats]'" in " ".join(capsys.readouterr().err.split())


def test_a_link_lacks_nothing_or_the_cell_does_not_start(cells: LinkedCells, broker: Broker) -> None:
    path = cells.folder / "cn" / "cell.toml"
    whole = path.read_text(encoding="utf-8")
    for old, new, why in (
        ('box = "', 'x_box = "', "nothing reads the key"),
        ('broker_region = "EU"', 'broker_region = "US"', "third region"),
        ('broker_region = "EU"', "", "unencrypted"),
        ('transport = "nats"', 'transport = "folder"', "need `transport"),
        ("nats://127.0.0.1", "nats://broker.example.com", "without TLS"),
        ("nats://127.0.0.1", "http://127.0.0.1", "address like tls://"),
    ):
        path.write_text(whole.replace(old, new), encoding="utf-8")
        with pytest.raises(SettingsInvalid, match=why):
            door_for(cells.cn)
    path.write_text("\n".join(each for each in whole.splitlines() if not each.startswith("box =")), encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="nothing enters it unencrypted"):
        door_for(cells.cn)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "broker.pem", folder / "broker.key"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def test_a_broker_with_a_certificate_is_believed_by_who_trusts_its_authority_and_by_nobody_else(
    cells: LinkedCells, broker: Broker, content: bytes, tmp_path: Path
) -> None:
    cert, key = certificate(tmp_path)
    listen = f"{broker.host}:{broker.port}"
    nats_config(broker.keys, broker.folder, listen=listen, store=broker.messages, tls=(cert, key))
    link_to(cells, broker.url.replace("nats://", "tls://"))
    broker.start()
    try:
        nats_streams(broker.keys, broker.folder, f"tls://{listen}", cert)
        stranger = cells.carry("cn")["cn"]
        assert stranger.unreachable is not None
        assert "SSLCertVerificationError" in str(stranger.unreachable)
        for name in ("cn", "global"):
            path = cells.folder / name / "cell.toml"
            path.write_text(path.read_text(encoding="utf-8") + f'\nbroker_ca = "{cert}"\n', encoding="utf-8")
        assert_arrived_once(cells, content)
    finally:
        broker.stop()
