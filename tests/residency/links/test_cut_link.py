"""A link that is cut in the middle of a transfer and restored: two network namespaces, and a cable between them.

The China cell is in one, broker and global cell in the other. The cable is pulled after some pieces were sent; what
the broker confirmed is not sent again, and everything arrives. A machine that lets nobody make a network namespace
cannot show this.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import entrepot

_SCRIPT = r"""
import contextlib, ctypes, os, subprocess, sys, threading, time
from pathlib import Path
from entrepot.flows.border import door_for
from entrepot.residency.links import broker as links, carrying
from entrepot.residency.links.carrying import Carrier
from tests.residency.links.brokers import Broker, linked_cells

links.WAIT_S = 1.0
links._CONNECT_S = 1
carrying.PIECE_BYTES = 500
folder = Path(sys.argv[1])

def run(*words):
    subprocess.run(words, check=True)

china = subprocess.Popen(["unshare", "--net", "sleep", "120"])
inside = ("nsenter", "--net", "--target", str(china.pid))
own = os.readlink("/proc/self/ns/net")
while os.readlink(f"/proc/{china.pid}/ns/net") == own:
    time.sleep(0.01)
run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(china.pid))
run("ip", "addr", "add", "10.77.0.1/24", "dev", "here")
run("ip", "link", "set", "lo", "up")
run("ip", "link", "set", "here", "up")
run(*inside, "ip", "addr", "add", "10.77.0.2/24", "dev", "there")
run(*inside, "ip", "link", "set", "there", "up")

broker = Broker(folder / "broker", host="10.77.0.1")
cells = linked_cells(folder / "cells", broker)
cells.outbox.mkdir(parents=True)
content = os.urandom(20_000)
(cells.outbox / "journals.000001.00.envelope").write_bytes(content)
broker.start()
broker.make_streams()
seen, published = [], []
publish = links.Connection.publish

async def counted(self, messages):
    await publish(self, messages)
    published.extend(subject for subject, _ in messages)

links.Connection.publish = counted

def pull(point):
    seen.append(point)
    if seen.count("published") == 2 and point == "noted":
        run("nsenter", "--net", "--target", str(os.getpid()), "ip", "link", "set", "here", "down")

def carry_in_china(died_at=None):
    found = []
    def within():
        namespace = os.open(f"/proc/{china.pid}/ns/net", os.O_RDONLY)
        assert ctypes.CDLL(None, use_errno=True).setns(namespace, 0) == 0, ctypes.get_errno()
        door = door_for(cells.cn)
        with contextlib.closing(Carrier(door, door.companion("global"), died_at)) as carrier:
            found.append(carrier.round())
    thread = threading.Thread(target=within)
    thread.start()
    thread.join()
    return found[0]

try:
    cut = carry_in_china(pull)
    print("cut", cut.unreachable is not None, cut.handed, len(published))
    print("still cut", carry_in_china().unreachable is not None, cells.carry("global")["global"].taken)
    run("ip", "link", "set", "here", "up")
    for _ in range(50):
        back = carry_in_china()
        if back.handed:
            break
    print("back", back.handed, len(published) - len(set(published)))
    print("taken", cells.carry("global")["global"].taken)
    print("delivered", carry_in_china().delivered)
    (arrived,) = cells.mail.glob("*.envelope")
    print("same", arrived.read_bytes() == content)
finally:
    broker.stop()
    china.kill()
    china.wait()
"""


def test_a_link_that_was_cut_goes_on_where_it_stopped(tmp_path: Path) -> None:
    unshare, command = shutil.which("unshare"), [sys.executable, "-c", _SCRIPT, str(tmp_path)]
    assert unshare is not None, "util-linux is part of every system this runs on"
    root = Path(entrepot.__file__).parent.parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root.parent), *sys.path])}
    whole = [unshare, "--net", "--map-root-user", *command]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    # Two times eight of forty-one pieces were confirmed before the cable was pulled, and none of them left again.
    assert done.stdout.splitlines() == [
        *("cut True 0 16", "still cut True 0", "back 1 0", "taken 1", "delivered 1", "same True"),
    ]
