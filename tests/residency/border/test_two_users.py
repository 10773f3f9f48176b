"""Two cells of two users of one machine: neither reads the other's folder, and each envelope says so.

The gateway and the receiver run as users of their own, for which the tests have to be root, or become it for a moment
with sudo or in a user namespace with several users. A machine that allows none of these cannot prove the separation.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.residency.border.two_cells import two_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOADED = """
import json, sys
from pathlib import Path
from entrepot.assembly import open_cell
from entrepot.flows.border import clear, receive
clear(open_cell(Path(sys.argv[1]) / "cn")), receive(open_cell(Path(sys.argv[1]) / "global"))
print(json.dumps(sorted(sys.modules)))
"""
# What a user may not read cannot be imported by it either, so everything is loaded before the users change; run it is
# only afterwards, for the Delta library does not outlive a fork.
_SCRIPT = """
import contextlib, importlib, json, os, sys
from pathlib import Path
for name in json.loads(sys.argv[2]):
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
from entrepot.assembly import open_cell
from entrepot.flows.border import clear, door_for, receive
from entrepot.residency import enforcement

folder, users = Path(sys.argv[1]), {"cn": 4001, "global": 4002}
enforcement._ways_out = lambda: ("eth0",)  # the network is another test's

def given(path, user):
    for each in (path, *path.rglob("*")):
        os.chown(each, user, user)
        each.chmod(0o700 if each.is_dir() else 0o600)

def tried(path):
    try:
        found = list(path.iterdir()) if path.is_dir() else path.read_bytes()
        return "read" if found is not None else ""
    except PermissionError:
        return "refused"

def sends():
    (cleared,) = clear(open_cell(folder / "cn")).cleared
    return [cleared.manifest.enforcement]

def receives():
    return [each.enforcement for each in receive(open_cell(folder / "global")).applied]

def as_user(name, other, act):
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.setgroups([]), os.setgid(users[name]), os.setuid(users[name])
        keys = folder / other / "keys" / "signing.key"
        found = [act(), tried(folder / name), tried(folder / other), tried(keys), tried(folder / other / "border")]
        os.write(theirs, json.dumps(found).encode())
        os._exit(0)
    os.wait()
    os.close(theirs)
    return json.loads(os.read(ours, 65536) or b"null")

for name, user in users.items():
    given(folder / name, user)
for name, user in (("to-global", users["global"]), ("to-cn", users["cn"])):
    (folder / "mail" / name).mkdir(parents=True, exist_ok=True)
    os.chown(folder / "mail" / name, user, user)
    (folder / "mail" / name).chmod(0o1777)
folder.chmod(0o755), (folder / "mail").chmod(0o755)
print(json.dumps([as_user("cn", "global", sends), as_user("global", "cn", receives)]))
"""


def _as_root() -> Sequence[str]:
    """Words that run a command as root, for whoever runs the tests."""
    if os.geteuid() == 0:
        return ()
    for words in (("sudo", "-n"), ("unshare", "--user", "--map-auto", "--map-root-user")):
        if (
            shutil.which(words[0])
            and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
        ):
            return words
    pytest.fail(
        "this machine lets nobody become another user (root, sudo -n, unshare --user --map-auto), so that the "
        "separation of cells by users cannot be proven here; run as root or give the user a range in /etc/subuid"
    )


def test_each_user_reads_its_own_cell_only_and_what_crosses_says_how_far_they_are_apart() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        cells = two_cells(place / "cells")
        cells.sell()
        cells.permit()
        cells.put_on_file("important_data_determination")
        environment = [f"PYTHONPATH={os.pathsep.join(sys.path)}", f"PATH={os.environ['PATH']}"]
        python = [*_as_root(), "env", *environment, sys.executable, "-c"]
        spare = cells.copied(place / "spare")
        loaded = _said([*python, _LOADED, str(spare.folder)])
        own = ["separate-process"]
        found = json.loads(_said([*python, _SCRIPT, str(cells.folder), loaded]))
        assert found == [[own, "read", "refused", "refused", "refused"]] * 2


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.splitlines()[-1]
