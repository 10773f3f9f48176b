"""Documents into a folder, in each format, with everything that can go wrong on the way and in the file system."""

from __future__ import annotations

import errno
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from entrepot.delivery.calls import Trouble
from entrepot.delivery.erp import (
    CREDIT_NOTE,
    GOODS_ISSUE,
    GOODS_RECEIPT,
    INVOICE,
    JOURNAL,
    KINDS,
    ORDER,
    PARTY,
    PAYMENT,
    PRODUCT,
    Address,
    Invoice,
    Party,
)
from entrepot.delivery.errors import ErpUnreachable, FolderInvalid
from entrepot.delivery.folder import adapter as folder
from entrepot.delivery.intents import TRIES_RAN_OUT
from entrepot.delivery.registry import erp_named
from entrepot.store import CellLayout, State
from entrepot.testing.delivery_bench import Bench, leave_in_doubt
from entrepot.testing.delivery_documents import SUITE_CODE, document
from entrepot.testing.delivery_suite import ErpUnderTest, Faults, KindSuite
from entrepot.testing.failing_line import OverALine

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from entrepot.delivery.erp import Adapter, Document


def under_test(root: Path, form: str) -> ErpUnderTest:
    """A folder as the suite wants it."""

    def connect(transport: httpx.BaseTransport | None) -> Adapter:
        made = erp_named("folder").connect(Address(str(root), form=form))
        return OverALine(made, transport) if isinstance(transport, Faults) else made

    return ErpUnderTest(
        connect,
        company="上海",
        currency="CNY",
        accounts=("1012.01", "1122.01"),
        step_of={"write": b"write"},
        spoilt=lambda document: document,
        has_sessions=False,
        receivable="1122.09",
        revenue="6001.01",
        customer="TM",
        materials=("TG11", "TG12"),
        foreign="EUR",
        more_steps={kind: {"write": b"write"} for kind in KINDS if kind not in (PARTY, PRODUCT)}
        | {kind: {"put": b"put"} for kind in (PARTY, PRODUCT)},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


class TestUbl(KindSuite):
    """The suite, in UBL; what UBL has no document for is CSV."""

    kinds: ClassVar[Mapping[tuple[str, ...], int]] = {
        (PARTY, PRODUCT): 1,
        (ORDER,): 1,
        (INVOICE, CREDIT_NOTE): 1,
        (JOURNAL, PAYMENT): 1,
        (GOODS_ISSUE, GOODS_RECEIPT): 1,
    }

    @pytest.fixture
    def erp(self, root: Path) -> ErpUnderTest:
        """A folder with UBL."""
        return under_test(root, "ubl")


@pytest.mark.parametrize(
    ("path", "attribute"),
    [
        (".//{*}CalculationRate", ""),
        (".//{*}TaxTotal[2]/{*}TaxAmount", ""),
        (".//{*}TaxCurrencyCode", ""),
        (".//{*}Receivable", "functional"),
        (".//{*}Line", "functional"),
        (".//{*}Tax", "functional"),
    ],
)
def test_what_a_person_changed_of_the_companys_amounts_is_seen(root: Path, path: str, attribute: str) -> None:
    from lxml import etree

    erp, planned = _invoice(root, number=3)
    (file,) = _files(root)
    tree = etree.parse(str(file))
    (each, *_) = tree.iterfind(path)
    if attribute:
        each.set(attribute, "1.00")
    else:
        each.text = "USD" if "Code" in path else "1.00"
    tree.write(str(file), xml_declaration=True, encoding="UTF-8")
    (found,) = erp.connect(None).find(INVOICE, planned.company, [planned.key])[planned.key]
    assert (found.content, found.booked) != (planned.content, planned.lines)


@pytest.mark.parametrize("form", ["csv", "xlsx", "ubl"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_as_it_was_planned(root: Path, form: str, kind: str) -> None:
    erp = under_test(root, form)
    adapter = erp.connect(None)
    planned = document(erp, kind, 7)
    (outcome,) = adapter.send(adapter.spec.steps[kind][0], [planned], {}).values()
    (found,) = adapter.find(kind, planned.company, [planned.key])[planned.key]
    assert (outcome.word, found.ref, found.content) == ("applied", outcome.ref, planned.content)
    if kind in (INVOICE, CREDIT_NOTE):
        assert found.booked == planned.lines
    if planned.company:
        held = adapter.held(kind, planned.company, planned.posted_on, planned.posted_on)
        assert held == {planned.key: (found,)}
        assert adapter.held(kind, "another", planned.posted_on, planned.posted_on) == {}


def test_the_same_document_is_the_same_bytes_and_a_file_is_not_written_twice(root: Path) -> None:
    erp, planned = _invoice(root)
    (first,) = _files(root)
    before = (first.read_bytes(), first.stat().st_mtime_ns, first.stat().st_ino)
    again = erp.connect(None).send("write", [planned], {})[planned.document_id]
    assert again.word == "applied"
    assert _files(root) == [first]
    assert (first.read_bytes(), first.stat().st_mtime_ns, first.stat().st_ino) == before


def test_a_file_that_a_person_changed_is_not_written_over(root: Path) -> None:
    erp, planned = _invoice(root)
    (file,) = _files(root)
    changed = file.read_text(encoding="utf-8").replace("<cbc:Percent>13</cbc:Percent>", "<cbc:Percent>9</cbc:Percent>")
    file.write_text(changed, encoding="utf-8")
    adapter = erp.connect(None)
    outcome = adapter.send("write", [planned], {})[planned.document_id]
    assert (outcome.word, outcome.code) == ("rejected", "in_the_way")
    assert file.read_text(encoding="utf-8") == changed
    (found,) = adapter.find(INVOICE, planned.company, [planned.key])[planned.key]
    assert found.content != planned.content


@pytest.mark.parametrize(
    ("element", "written"),
    [
        ("PayableAmount", "1.00"),
        ("LineExtensionAmount", "1.00"),
        ("PriceAmount", "1"),
        ("InvoicedQuantity", "4"),
        ("TaxAmount", "1.00"),
        ("IssueDate", "2026-09-29"),
        ("DocumentCurrencyCode", "USD"),
    ],
)
@pytest.mark.parametrize("number", [2, 3])
def test_what_a_person_changed_in_a_document_of_ubl_is_seen(
    root: Path, element: str, written: str, number: int
) -> None:
    from lxml import etree

    erp, planned = _invoice(root, number=number)
    (file,) = _files(root)
    tree = etree.parse(str(file))
    for each in tree.iter("{*}" + element):
        each.text = written
    tree.write(str(file), xml_declaration=True, encoding="UTF-8")
    (found,) = erp.connect(None).find(INVOICE, planned.company, [planned.key])[planned.key]
    assert (found.content, found.booked) != (planned.content, planned.lines)


def test_an_amount_beyond_all_amounts_makes_a_file_another_document_and_ends_nothing(root: Path) -> None:
    """A document in another currency says a rate, and no rate has forty digits."""
    erp, planned = _invoice(root, number=3)
    (file,) = _files(root)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('functional="', 'functional="' + "9" * 40, 1), encoding="utf-8")
    (found,) = erp.connect(None).find(INVOICE, planned.company, [planned.key])[planned.key]
    assert found.content != planned.content


@pytest.mark.parametrize("content", [b"", b"<Invoice/>", b"\xff\xfe", b"a,b\r\n1,2\r\n", b"<!DOCTYPE x []><x/>"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "ubl"])
def test_a_file_that_holds_something_else_equals_no_document(root: Path, form: str, content: bytes) -> None:
    erp, planned = _invoice(root, form)
    (file,) = _files(root)
    file.write_bytes(content)
    (found,) = erp.connect(None).find(INVOICE, planned.company, [planned.key])[planned.key]
    assert found.content != planned.content


def test_a_file_is_found_wherever_its_reader_moved_it_and_a_copy_of_it_is_seen(root: Path) -> None:
    erp, planned = _invoice(root)
    (file,) = _files(root)
    (root / "imported" / "2026").mkdir(parents=True)
    moved = root / "imported" / "2026" / file.name
    file.rename(moved)
    adapter = erp.connect(None)
    assert adapter.send("write", [planned], {})[planned.document_id].word == "applied"
    assert _files(root) == [moved], "it was there, so nothing was written"
    shutil.copy(moved, moved.with_stem(f"{moved.stem} (1)"))
    assert len(adapter.find(INVOICE, planned.company, [planned.key])[planned.key]) == 2


def test_a_party_that_changed_its_name_is_one_file_in_any_format(root: Path) -> None:
    for form, name in (("csv", "天猫"), ("csv", "天猫 Tmall"), ("xlsx", "Tmall")):
        erp = under_test(root, form)
        party = replace(document(erp, PARTY, 0, SUITE_CODE), body=Party(SUITE_CODE, name))
        adapter = erp.connect(None)
        assert adapter.send("put", [party], {})[party.document_id].word == "applied"
        assert [file.suffix for file in _files(root)] == [f".{form}"]
        (found,) = adapter.find(PARTY, "", [SUITE_CODE])[SUITE_CODE]
        assert found.content.body == Party(SUITE_CODE, name)


@pytest.mark.parametrize(
    ("broken", "number", "word", "code"),
    [
        ("fsync", errno.ENOSPC, "retry_after", "unreachable"),
        ("link", errno.EIO, "unknown", "unreachable"),
        ("link", errno.EACCES, "unknown", "rights"),
    ],
)
def test_a_file_system_that_fails_leaves_no_half_document(
    root: Path, monkeypatch: pytest.MonkeyPatch, broken: str, number: int, word: str, code: str
) -> None:
    """Before a file has its name nothing was done; after that, whoever is in doubt looks."""

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    erp = under_test(root, "ubl")
    planned = document(erp, INVOICE, 3)
    with monkeypatch.context() as patched:
        patched.setattr(os, broken, fails)
        outcome = erp.connect(None).send("write", [planned], {})[planned.document_id]
    assert (outcome.word, outcome.code) == (word, code)
    assert _files(root) == []
    assert erp.connect(None).send("write", [planned], {})[planned.document_id].word == "applied"


def test_a_file_is_on_disk_before_it_has_its_name_and_its_name_before_it_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power cut leaves: nothing under the name, or all of it."""
    told: list[str] = []
    fsync, link = os.fsync, os.link

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        told.append(Path(f"/proc/self/fd/{descriptor}").readlink().suffix or "folder")

    def linked(part: Path, place: Path) -> None:
        link(part, place)
        told.append("named")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    _invoice(root)
    assert told == ["folder", ".part", "named", "folder"]


@pytest.mark.parametrize("form", ["csv", "ubl"])
def test_a_file_under_the_name_of_another_document_is_not_that_one(root: Path, form: str) -> None:
    erp, planned = _invoice(root, form)
    (file,) = _files(root)
    other = "0" * 16
    file.rename(file.with_name(file.name.replace(planned.document_id, other)))
    (found,) = erp.connect(None).find(INVOICE, planned.company, [other])[other]
    assert found.content != planned.content


def test_a_file_system_without_hard_links_keeps_names_single_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def has_none(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "link", has_none)
    erp, planned = _invoice(root)
    (file,) = _files(root)
    folder._take_name(_copy(file), file, folder._digest(file))
    file.write_bytes(b"a person's")
    part = root / "invoice" / ".other.part"
    part.write_bytes(b"ours")
    with pytest.raises(Trouble, match="holds something else"):
        folder._take_name(part, file, folder._digest(part))
    assert file.read_bytes() == b"a person's"
    assert erp.connect(None).send("write", [planned], {})[planned.document_id].code == "in_the_way"


def test_a_name_that_another_worker_takes_in_between_is_not_written_over(root: Path) -> None:
    """Both looked before either wrote: the second finds the name taken, by the same bytes or by others."""
    _invoice(root)
    (file,) = _files(root)
    folder._take_name(_copy(file), file, folder._digest(file))
    part = _copy(file)
    part.write_bytes(b"ours")
    with pytest.raises(Trouble, match="holds something else"):
        folder._take_name(part, file, folder._digest(part))


def test_a_folder_that_is_not_there_is_tried_again_later_and_not_made(root: Path) -> None:
    """A share that is not mounted: what is written beside it would be lost."""
    erp = under_test(root / "share", "csv")
    planned = document(erp, JOURNAL, 0)
    outcome = erp.connect(None).send("write", [planned], {})[planned.document_id]
    told = f"there is no folder {root / 'share'}: make it, or mount its drive; `url` is a whole path"
    assert (outcome.word, outcome.text) == ("retry_after", told)
    with pytest.raises(ErpUnreachable, match=re.escape(told)):
        erp.connect(None).find(JOURNAL, planned.company, [planned.key])
    assert not (root / "share").exists()


def test_once_the_tries_ran_out_a_person_is_told_of_the_folder_and_of_no_erp_that_answers() -> None:
    advice = erp_named("folder").spec.advice[TRIES_RAN_OUT]
    assert "make the folder that `url`" in advice["en"]
    assert "新建目标的 `url` 所指的文件夹" in advice["zh"]


def test_what_dead_workers_left_is_taken_away_and_what_is_being_written_is_not(root: Path) -> None:
    erp, planned = _invoice(root)
    (file,) = _files(root)
    old, young, strange = (
        file.with_name(name) for name in (f".{file.name}.0.part", f".{file.name}.1.part", "theirs.part")
    )
    for each in (old, young, strange):
        each.write_bytes(b"half")
    for each in (old, strange):
        os.utime(each, (0, 0))
    erp.connect(None).find(INVOICE, planned.company, [planned.key])
    assert [each.exists() for each in (old, young, strange)] == [False, True, True]


def test_a_tax_code_without_a_category_stops_its_document(root: Path) -> None:
    erp = under_test(root, "ubl")
    planned = document(erp, INVOICE, 0)
    assert isinstance(planned.body, Invoice)
    bad = replace(planned, body=replace(planned.body, taxes=(replace(planned.body.taxes[0], code="1300"),)))
    outcome = erp.connect(None).send("write", [bad], {})[bad.document_id]
    assert (outcome.word, outcome.code, "1300" in outcome.text) == ("rejected", "tax_code", True)
    assert _files(root) == []


@pytest.mark.parametrize("address", [Address("inbox"), Address("/srv/inbox", form="pdf")])
def test_a_folder_without_a_whole_path_or_with_an_unknown_format_is_refused(address: Address) -> None:
    with pytest.raises(FolderInvalid, match="csv, xlsx, ubl"):
        erp_named("folder").connect(address)


def _invoice(root: Path, form: str = "ubl", number: int = 2) -> tuple[ErpUnderTest, Document]:
    """A folder with one invoice, whose tax has a category; number 3 is in another currency."""
    erp = under_test(root, form)
    planned = document(erp, INVOICE, number)
    assert isinstance(planned.body, Invoice)
    planned = replace(planned, body=replace(planned.body, taxes=(replace(planned.body.taxes[0], code="S 13"),)))
    assert erp.connect(None).send("write", [planned], {})[planned.document_id].word == "applied"
    return erp, planned


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def _copy(file: Path) -> Path:
    part = file.with_name(".copy.part")
    shutil.copy(file, part)
    return part


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_taken_away_is_written_anew_once_it_is_named(root: Path, tmp_path: Path, kind: str) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(root, "csv"), (kind,), state, {})
    bench.more(0, 1)
    bench.run()
    ((key, planned),) = bench.documents.items()
    before, (file,) = bench.adapter.find(kind, planned.company, [planned.key]), (root / kind).iterdir()
    file.unlink()
    assert bench.log.retry([key]) == [key]
    bench.run()
    assert (bench.statuses(), bench.adapter.find(kind, planned.company, [planned.key])) == ({"done": 1}, before)
    state.close()


def test_a_file_in_conflict_is_settled_once_it_was_mended_or_taken_away_and_named(root: Path, tmp_path: Path) -> None:
    state = State(CellLayout(tmp_path))
    bench = Bench(under_test(root, "csv"), (JOURNAL,), state, {})
    bench.more(0, 1)
    bench.run()
    (key,), (file,) = bench.documents, _files(root)
    before = file.read_bytes()
    for mended in (True, False):
        file.write_text("somebody wrote this", encoding="utf-8")
        leave_in_doubt(bench)
        bench.run()
        assert bench.statuses() == {"conflict": 1}
        if mended:
            file.write_bytes(before)
        else:
            file.unlink()
        assert bench.log.retry([] if mended else [key]) == [key]
        bench.run()
        assert (bench.statuses(), file.read_bytes()) == ({"done": 1}, before)
    state.close()
