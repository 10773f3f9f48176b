"""Mail through one socket: the other cell has no network, and gets what is its own and nothing else."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import entrepot
from entrepot.flows.border import (
    clear,
    exchange,
    gateway_status,
    receive,
    serve_mail,
)
from entrepot.residency.gate_errors import MailUnreachable
from tests.residency.border.two_cells import TwoCells, two_cells

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    made = two_cells(tmp_path_factory.mktemp("sent"))
    made.sell()
    made.permit()
    made.put_on_file("important_data_determination")
    assert len(clear(made.cn).cleared) == 1, "journals lie in the mail"
    return made


@pytest.fixture
def apart(sent: TwoCells, tmp_path: Path) -> TwoCells:
    """The two cells with mail folders of their own: nothing but the socket connects them."""
    cells = sent.copied(tmp_path / "cells")
    settings = cells.folder / "global" / "cell.toml"
    own = cells.folder / "mail-of-global"
    text = settings.read_text(encoding="utf-8").replace(str(cells.folder / "mail"), str(own))
    settings.write_text(text, encoding="utf-8")
    return cells


@contextlib.contextmanager
def served(cells: TwoCells, path: Path) -> Iterator[None]:
    with serve_mail(cells.cn, "global", path) as server:
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        running.start()
        try:
            yield
        finally:
            server.shutdown()
            running.join()


def asked(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(command)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def test_mail_and_cosignatures_go_through_the_socket_and_again_changes_nothing(apart: TwoCells, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with served(apart, path):
        assert exchange(apart.abroad, "cn", path).taken == 2
        assert [each.permit for each in receive(apart.abroad).applied] == ["journals"]
        assert exchange(apart.abroad, "cn", path).taken == 0
    assert gateway_status(apart.cn)["uncosigned"] == 2
    clear(apart.cn)
    assert gateway_status(apart.cn)["uncosigned"] == 0


def test_without_a_server_it_is_to_be_tried_again_later(apart: TwoCells, tmp_path: Path) -> None:
    with pytest.raises(MailUnreachable, match="gateway serve"):
        exchange(apart.abroad, "cn", tmp_path / "nobody")
    assert receive(apart.abroad).applied == []


@pytest.mark.parametrize(
    "command",
    [
        b"GET ../cn/cell.toml\n",
        b"GET /etc/passwd\n",
        b"GET .hidden.envelope\n",
        b"GET checkpoints/../../cn/border/border.db\n",
        b"PUT 5 " + b"0" * 64 + b" ../cn/cell.toml\nhello",
        b"PUT 5 " + b"0" * 64 + b" x.envelope\nhello",
        b"PUT 99999999999999 " + b"0" * 64 + b" x.envelope\n",
        b"DELETE journals\n",
        b"\xff\xfe\n",
        b"",
    ],
)
def test_nothing_but_mail_can_be_asked_for_or_left(apart: TwoCells, tmp_path: Path, command: bytes) -> None:
    before = sorted(each.name for each in (apart.folder / "cn").rglob("*"))
    path = tmp_path / "s"
    with served(apart, path):
        assert asked(path, command).startswith(b"NO ")
        assert exchange(apart.abroad, "cn", path).taken == 2, "and the server goes on"
    assert sorted(each.name for each in (apart.folder / "cn").rglob("*")) == before
    assert not (apart.folder / "mail" / "to-cn" / "x.envelope").exists()


def test_a_link_in_the_mail_folder_is_not_followed(apart: TwoCells, tmp_path: Path) -> None:
    (apart.mail / "secret.envelope").symlink_to(apart.folder / "cn" / "cell.toml")
    path = tmp_path / "s"
    with served(apart, path):
        assert b"secret" not in asked(path, b"LIST\n")


def test_a_cell_without_any_network_gets_its_mail_through_the_socket_alone(apart: TwoCells, tmp_path: Path) -> None:
    """In a network namespace of its own: no address can be reached, the socket can, and the books arrive."""
    unshare = shutil.which("unshare")
    assert unshare is not None, "util-linux is part of every system this runs on"
    path = tmp_path / "s"
    script = (
        "import socket, sys\n"
        "from pathlib import Path\n"
        "from entrepot.assembly import open_cell\n"
        "from entrepot.flows.border import exchange, receive\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', 9), timeout=2)\n"
        "except OSError as error:\n"
        "    print('network', error.errno)\n"
        "cell = open_cell(Path(sys.argv[1]))\n"
        "print('taken', exchange(cell, 'cn', Path(sys.argv[2])).taken)\n"
        "print('applied', [each.permit for each in receive(cell).applied])\n"
    )
    command = [
        unshare,
        "--net",
        "--map-root-user",
        sys.executable,
        "-c",
        script,
        str(apart.folder / "global"),
        str(path),
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(entrepot.__file__).parent.parent)}
    with served(apart, path):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    # ENETUNREACH: the loopback of a fresh namespace is down, so not even this machine itself can be reached.
    assert done.stdout.splitlines() == ["network 101", "taken 2", "applied ['journals']"]
