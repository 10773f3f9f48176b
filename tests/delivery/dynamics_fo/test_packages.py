"""Journals into a simulated Finance and Operations in data packages, which a batch job brings in when it comes to it."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar

import httpx
import pytest

from entrepot.delivery.dynamics_fo import packages
from entrepot.delivery.dynamics_fo.spec import SPEC
from entrepot.delivery.erp import CREDIT_NOTE, INVOICE, JOURNAL, ORDER, Document, Invoice, ItemLine, JournalLine
from entrepot.delivery.running import TRIES_MAX
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, Faults
from entrepot.testing.delivery_suite import BookedSuite, DeliverySuite, ErpUnderTest
from tests.delivery.dynamics_fo.test_suite import DOCUMENT, adapter_of, sandbox, under_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.delivery.calls import Trouble
    from entrepot.delivery.dynamics_fo.adapter import DynamicsFo
    from entrepot.sandbox.erps.dynamics_fo import DynamicsFoSandbox


@pytest.fixture
def site() -> Iterator[DynamicsFoSandbox]:
    made = sandbox()
    yield made
    made.close()


@pytest.fixture
def adapter(site: DynamicsFoSandbox) -> Iterator[DynamicsFo]:
    made = adapter_of(site, None, site.url)
    yield made  # type: ignore[misc]  # what the registry gives by this name
    made.close()


class TestPackages(BookedSuite, DeliverySuite):
    """The suite, on the simulator; the call that books is the one that begins an import."""

    steps: ClassVar[int] = 1
    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {(INVOICE,): 1, (CREDIT_NOTE,): 1}

    @pytest.fixture
    def erp(self, site: DynamicsFoSandbox) -> ErpUnderTest:
        """The Chinese legal entity."""
        return under_test(site, in_packages=True)


def _other(number: int, **values: object) -> Document:
    return replace(DOCUMENT, document_id=f"{number:016x}", **values)  # type: ignore[arg-type]  # its own fields


def test_many_journals_go_in_one_package(site: DynamicsFoSandbox, adapter: DynamicsFo) -> None:
    several = [_other(number) for number in range(50)]
    outcomes = adapter.send("create", several, {})
    assert {each.word for each in outcomes.values()} == {"applied"}
    assert (len(site.imports.begun), len(site.headers), len(site.lines)) == (1, 50, 100)
    found = adapter.find(JOURNAL, "usmf", [each.document_id for each in several])
    assert {key: [one.content for one in held] for key, held in found.items()} == {
        each.document_id: [each.content] for each in several
    }
    assert {key: held[0].ref for key, held in found.items()} == {key: each.ref for key, each in outcomes.items()}


def test_a_document_that_cannot_go_stops_no_other_of_its_package(site: DynamicsFoSandbox, adapter: DynamicsFo) -> None:
    """One is refused before, one by the import; what is refused is told in the ERP's words."""
    unknown = _other(1, lines=(JournalLine("nowhere", 5, 5), JournalLine("401100", -5, -5)))
    closed, good = _other(2, posted_on=date(2025, 12, 31)), _other(3)
    outcomes = adapter.send("create", [unknown, closed, good], {})
    told = {key: (each.word, each.code) for key, each in outcomes.items()}
    assert told == {
        unknown.document_id: ("rejected", "account"),
        closed.document_id: ("rejected", "refused"),
        good.document_id: ("applied", ""),
    }
    assert "PartiallySucceeded" in outcomes[closed.document_id].text
    assert "period 2025-12-31" in outcomes[closed.document_id].text
    assert {line["Document"] for line in site.lines.values()} == {f"EP-{good.document_id}"}


def test_an_import_that_waits_long_is_not_begun_again(
    site: DynamicsFoSandbox, adapter: DynamicsFo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch job comes to it hours later: until then its documents are in doubt, and afterwards they are there once."""
    monkeypatch.setattr(packages.Packages.ended, "__defaults__", (0.2,))
    site.imports.waits = 1_000
    words = [adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id] for _ in range(3)]
    assert [(each.word, each.code) for each in words] == [("unknown", "under_way")] * 3
    assert (len(site.imports.begun), len(site.headers), site.lines) == (1, 1, {})
    (begun,) = site.imports.begun.values()
    begun.waits = 0
    (found,) = adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert found.content == DOCUMENT.content


def test_what_came_in_between_the_look_and_the_call_is_not_sent_again(
    site: DynamicsFoSandbox, adapter: DynamicsFo
) -> None:
    """The look-up found nothing, the import ended, and only then the document's turn came."""
    lost = adapter_of(site, Faults("lost after", b"ImportFromPackage"), site.url)
    assert lost.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "unknown"
    lost.close()
    (begun,) = site.imports.begun.values()
    begun.waits = 0
    outcome = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == ("unknown", "under_way")
    assert (len(site.imports.begun), len(site.headers), len(site.lines)) == (1, 1, 2)


def test_of_two_packages_for_a_journal_only_the_one_that_it_names_is_imported(
    site: DynamicsFoSandbox, adapter: DynamicsFo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker so slow that another one took its documents over, between the header and the import."""
    other = adapter_of(site, None, site.url)
    make = adapter._headers.of
    words: list[str] = []

    def overtaken(documents: Sequence[Document], name: str) -> Mapping[str, str | Trouble]:
        made = make(documents, name)
        words.append(other.send("create", documents, {})[DOCUMENT.document_id].word)
        return made

    monkeypatch.setattr(adapter._headers, "of", overtaken)
    outcome = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    other.close()
    assert (words, outcome.word, outcome.code) == (["applied"], "unknown", "under_way")
    assert (len(site.imports.begun), len(site.headers), len(site.lines)) == (1, 1, 2)


def test_headers_that_take_too_long_wait_for_another_package(
    site: DynamicsFoSandbox, adapter: DynamicsFo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim has to last for the import too."""
    monkeypatch.setattr("entrepot.delivery.dynamics_fo.adapter.HEADER_SECONDS", -1.0)
    assert {each.word for each in adapter.send("create", [_other(number) for number in range(3)], {}).values()} == {
        "retry_after"
    }
    assert (site.imports.begun, site.headers) == ({}, {})


def test_to_wait_for_an_import_is_no_try_however_often_it_is_looked_for(
    site: DynamicsFoSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages.Packages.ended, "__defaults__", (0.05,))
    site.imports.waits = 80
    with contextlib.closing(State(CellLayout(tmp_path))) as state:
        bench = Bench(under_test(site, in_packages=True), (JOURNAL,), state, {})
        bench.more(0, 2)
        bench.run()
        looks = [each["what"] for each in bench.log.history(next(iter(bench.documents)))].count("unknown")
        assert (looks > TRIES_MAX, bench.statuses(), bench.held()) == (True, {"done": 2}, bench.once())
        bench.close()


def test_orders_go_in_claims_that_last_for_them(adapter: DynamicsFo) -> None:
    """They are made one by one, though journals go by the hundred."""
    assert adapter.spec.batch_max > adapter.spec.batches[ORDER] == SPEC.batch_max


def test_each_refused_document_is_told_its_own_errors(site: DynamicsFoSandbox, adapter: DynamicsFo) -> None:
    several = [_other(number, posted_on=date(2025, 12, number + 1)) for number in range(20)]
    outcomes = adapter.send("create", several, {})
    assert {each.word for each in outcomes.values()} == {"rejected"}
    for each in several:
        assert outcomes[each.document_id].text.count(each.posted_on.isoformat()) == len(each.lines)
        assert outcomes[each.document_id].text.count("2025-12") == len(each.lines)


@pytest.mark.parametrize("action", ["ImportFromPackage", "GetExecutionSummaryStatus", "GetAzureWriteUrl"])
def test_an_answer_without_a_value_ends_nothing(site: DynamicsFoSandbox, action: str) -> None:
    class Empty(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            return httpx.Response(200, json={"@odata.context": "x"}) if action in request.url.path else answer

    failing = adapter_of(site, Empty(), site.url)
    outcome = failing.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    failing.close()
    assert outcome.word == ("retry_after" if action == "GetAzureWriteUrl" else "unknown")
    assert outcome.code == "answer_cut"


def test_whether_an_import_is_known_is_asked_for_in_english(site: DynamicsFoSandbox, adapter: DynamicsFo) -> None:
    """It is told in words alone: a call that never began an import would be waited for, in any other language."""
    lost = adapter_of(site, Faults("lost before", b"ImportFromPackage"), site.url)
    assert lost.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "unknown"
    lost.close()
    site.imports.language = "zh"
    assert adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word == "applied"


def test_lines_one_by_one_wait_for_an_import_too(
    site: DynamicsFoSandbox, adapter: DynamicsFo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes the storage account out of the settings meanwhile does not double what is on its way."""
    monkeypatch.setattr(packages.Packages.ended, "__defaults__", (0.2,))
    site.imports.waits = 1_000
    adapter.send("create", [DOCUMENT], {})
    alone = adapter_of(site, None)
    outcome = alone.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    alone.close()
    assert (outcome.word, outcome.code, site.lines) == ("unknown", "under_way", {})


def test_what_an_import_left_out_is_brought_in_by_the_next_under_the_same_journal(
    site: DynamicsFoSandbox, adapter: DynamicsFo
) -> None:
    closed = replace(DOCUMENT, posted_on=date(2025, 12, 31))
    assert adapter.send("create", [closed], {})[DOCUMENT.document_id].word == "rejected"
    site.books.first_day = date(2025, 1, 1)
    assert adapter.send("create", [closed], {})[DOCUMENT.document_id].word == "applied"
    assert (len(site.imports.begun), len(site.headers), len(site.lines)) == (2, 1, 2)
    (header,) = site.headers.values()
    assert header["Description"].split()[1] in site.imports.begun


def test_a_package_that_comes_twice_leaves_its_lines_once(site: DynamicsFoSandbox, adapter: DynamicsFo) -> None:
    """Its lines name their journal, and each has its number there."""
    adapter.send("create", [DOCUMENT], {})
    (done,) = site.imports.begun.values()
    done.errors, done.waits = None, 0
    (found,) = adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert (found.content, len(site.lines), len(site.headers)) == (DOCUMENT.content, 2, 1)


@pytest.mark.parametrize("word", ["GetAzureWriteUrl", "/dmf/", "GetExecutionSummaryStatus", "LedgerJournalHeaders"])
@pytest.mark.parametrize("fault", ["lost before", "lost after", "failed after", "answer cut", "slow down"])
def test_a_fault_of_any_other_call_loses_and_doubles_nothing(
    site: DynamicsFoSandbox, adapter: DynamicsFo, word: str, fault: str
) -> None:
    faults = Faults(fault, word.encode())
    failing = adapter_of(site, faults, site.url)
    outcome = failing.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    failing.close()
    assert not faults.left
    assert outcome.word in (("applied", "unknown") if site.imports.begun else ("unknown", "retry_after"))
    if not adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id]):
        assert adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id].word in ("applied", "unknown")
    (found,) = adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id])[DOCUMENT.document_id]
    assert (found.content, len(site.lines)) == (DOCUMENT.content, 2)


def test_a_package_goes_to_the_storage_account_that_was_stated_and_to_no_other(
    site: DynamicsFoSandbox, adapter: DynamicsFo
) -> None:
    """Its region is known of that one only; the signature of the other is not told."""
    site.imports.origin = "https://elsewhere.blob.example.com"
    outcome = adapter.send("create", [DOCUMENT], {})[DOCUMENT.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "storage")
    assert outcome.text == f"packages may go to {site.url}, and the ERP names https://elsewhere.blob.example.com"
    assert (site.imports.files, site.imports.begun) == ({}, {})


def test_texts_for_people_lose_what_would_break_a_row_and_codes_are_refused(
    site: DynamicsFoSandbox, adapter: DynamicsFo
) -> None:
    plain = replace(DOCUMENT, text='a "b", c', currency="USD", lines=DOCUMENT.lines)
    plain = replace(plain, lines=tuple(replace(line, amount_minor=line.functional_minor) for line in plain.lines))
    assert adapter.send("create", [plain], {})[plain.document_id].word == "applied"
    assert {line["Text"] for line in site.lines.values()} == {"a 'b'; c"}
    item = ItemLine("401100", "A,1", "", 1, 5_000_000, 500)
    sold = _other(7, kind=INVOICE, currency="USD", lines=(), body=Invoice("tmall", "130100", (item,), ()))
    outcome = adapter.send("create", [sold], {})[sold.document_id]
    assert (outcome.word, outcome.code, len(site.headers)) == ("rejected", "sign", 1)


def test_a_package_is_what_data_management_reads(site: DynamicsFoSandbox, adapter: DynamicsFo) -> None:
    """UTF-16 with its mark, lines that end as on Windows, every column mapped, amounts exact."""
    adapter.send("create", [DOCUMENT], {})
    (content,) = site.imports.files.values()
    with zipfile.ZipFile(BytesIO(content)) as file:
        assert sorted(file.namelist()) == ["General journal.csv", "Manifest.xml", "PackageHeader.xml"]
        told = file.read("General journal.csv")
    assert told.startswith(b"\xff\xfe")
    header, first, second, end = told.decode("utf-16").split("\r\n")
    row = dict(zip(header.split(","), first.split(","), strict=True))
    assert (row["DEBITAMOUNT"], row["CREDITAMOUNT"], row["TRANSDATE"]) == ("100.1", "0.0", "2026-11-21")
    assert row["VOUCHER"] == row["DOCUMENT"] == f"EP-{DOCUMENT.document_id}"
    assert (second.split(",")[0], end) == (row["JOURNALBATCHNUMBER"], "")


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("ImportFromPackage", {"packageUrl": "x"}),
        ("GetExecutionSummaryStatus", {"executionId": "nothing"}),
        ("Nothing", {}),
    ],
)
def test_the_simulator_takes_no_action_that_it_does_not_know(
    site: DynamicsFoSandbox, adapter: DynamicsFo, action: str, body: Mapping[str, str]
) -> None:
    adapter.find(JOURNAL, "usmf", [DOCUMENT.document_id])
    headers = {"Authorization": f"Bearer {next(iter(site.clients.issued))}"}
    url = f"{site.url}/data/{site.imports.prefix}{action}"
    answer = httpx.post(url, content=json.dumps(body), headers=headers, trust_env=False)
    assert answer.status_code in (400, 404)
