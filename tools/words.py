"""What a published file must not say: paths of somebody's machine, registry hosts, workplaces, open notes.

A path or a host that works here fails elsewhere; who or what helped to write a line is no property of the line; open
work is an issue. The patterns are written with one letter in brackets so that this file does not contain its prey.
"""

import re
from pathlib import Path

from tools.tracked import tracked_files

__all__ = ["findings", "unwelcome"]

EVERYWHERE = {
    "path of a machine": r"(?<![\w.:/-])/(wor[k]|far[m]|roo[t]|hom[e]|User[s]|tm[p]/bash_jobs)/",
    "host of a package registry": r"(pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(org|com)|deb\.debia[n]\.org)",
    "word about a workplace or an assistant": (
        r"(?i:claud[e]|anthropi[c]|chatgp[t]|language mode[l]|this workplac[e]|subagen[t]|\bAI (assistan[t]|agen[t])\b)"
    ),
}
# Only in what we write ourselves: bundled scripts of others carry their own notes.
OURS = {"open note (file an issue instead)": r"\b(TOD[O]|FIXM[E])\b"}
OUR_SUFFIXES = frozenset({".py", ".sql", ".md", ".toml", ".yaml", ".j2", ".csv"})


def unwelcome(name: str, text: str) -> list[str]:
    """Name every line that says something it must not.

    Args:
        name: How the file is called; its suffix decides whether open notes are looked for.
        text: Its content.

    Returns:
        One sentence per line and kind, in the order of the file. The line itself is not quoted.
    """
    kinds = EVERYWHERE | (OURS if Path(name).suffix in OUR_SUFFIXES else {})
    patterns = {kind: re.compile(pattern) for kind, pattern in kinds.items()}
    return [
        f"{name}:{number}: {kind}"
        for number, line in enumerate(text.splitlines(), start=1)
        for kind, pattern in patterns.items()
        if pattern.search(line)
    ]


def findings(root: Path) -> list[str]:
    """Apply `unwelcome` to every text file of the project."""
    found = []
    for path in tracked_files(root):
        content = (root / path).read_bytes()
        if b"\0" not in content:
            found += unwelcome(str(path), content.decode("utf-8", errors="replace"))
    return found
