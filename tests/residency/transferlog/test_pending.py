"""What a gateway finds unsettled when it starts."""

from __future__ import annotations

from pathlib import Path

from entrepot.residency.notes import signing_key
from entrepot.residency.transferlog import TransferLog, entry_bytes, open_transfers
from tests.residency.transferlog.test_entries import AT, FACTS_OF


def test_an_intent_is_open_until_its_outcome_stands_in_the_log(tmp_path: Path) -> None:
    log = TransferLog.open(tmp_path / "log", "a/b", signing_key(tmp_path, "a/b"))
    assert open_transfers(log) == []
    intents = [entry_bytes("intent", AT, **{**FACTS_OF["intent"], "transfer": f"{number:032x}"}) for number in range(3)]
    log.append([*intents, entry_bytes("refusal", AT, **FACTS_OF["refusal"])])
    for verdict, number in (("failed", 1), ("sent", 0)):
        outcome = {**FACTS_OF["outcome"], "transfer": f"{number:032x}", "verdict": verdict}
        log.append([entry_bytes("outcome", AT, **outcome)])
    assert [entry["transfer"] for entry in open_transfers(log)] == [f"{2:032x}"]
