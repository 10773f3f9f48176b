"""What people decided beside the permit: who the processor in law is, which rule does not hold here."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from entrepot.flows.border import clear, door_for, verifier_of
from entrepot.flows.border_records import declare_flow
from entrepot.flows.duties import roles_in_force
from entrepot.flows.law_changes import adopt_law
from entrepot.flows.permits import check_permit
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.gateway import Gateway
from entrepot.residency.judging import REMOTE_ACCESS
from entrepot.residency.meter_reading import Persons
from entrepot.residency.reasons import REASONS
from entrepot.residency.transferlog import entry_from_bytes
from entrepot_verify.cli import main as entrepot_verify
from tests.residency.border.two_cells import EVERY_EXPORT, SHOP, TwoCells, two_cells

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> TwoCells:
    made = two_cells(tmp_path_factory.mktemp("decided"))
    made.sell()
    made.permit("orders", "B", "planning")
    made.put_on_file(*EVERY_EXPORT)
    return made


@pytest.fixture
def cells(sold: TwoCells, tmp_path: Path) -> TwoCells:
    return sold.copied(tmp_path / "cells")


def decide(cells: TwoCells, text: str) -> None:
    (cells.folder / "cn" / "border" / "decisions.yaml").write_text(text, encoding="utf-8")


def role(kind: str, entity: str, *others: str, shop: str = SHOP, flow: str = "orders") -> str:
    said = f", others: [{', '.join(others)}]" if others else ""
    return f'roles:\n  - {{shop: "{shop}", flow: "{flow}", kind: {kind}, entity: {entity}{said}}}\n'


def persons_of(cells: TwoCells, processor: str) -> Persons:
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        assert gateway.meter.recount(processor, 2026) == gateway.meter.reading(processor, 2026).after
        return gateway.meter.reading(processor, 2026).after.everyone


def refused(cells: TwoCells) -> list[str]:
    sent = clear(cells.cn)
    assert sent.cleared == []
    assert cells.envelopes() == []
    return [each.word for refusal in sent.refused for each in refusal.reasons]


@pytest.mark.parametrize(
    ("decision", "word"),
    [
        (role("entrusted", "main", "brand-hk"), "other_processor"),
        (role("independent_processor", "brand-hk"), "other_processor"),
        (role("independent_processor", "brand-hk", flow="*"), "other_processor"),
        (role("independent_processor", "brand-hk", shop="*"), "other_processor"),
    ],
)
def test_the_roles_of_its_shops_say_whose_persons_they_are_and_not_the_permit(
    cells: TwoCells, decision: str, word: str
) -> None:
    decide(cells, decision)
    assert refused(cells) == [word]
    assert persons_of(cells, "main") == persons_of(cells, "brand-hk") == Persons()


def test_without_a_word_the_company_of_the_shop_decides_alone(cells: TwoCells) -> None:
    assert roles_in_force(cells.cn) == [
        {"permit": "orders", "shop": SHOP, "stated": "main", "processor": "main", "also": [], "abroad": False}
    ]
    (cleared,) = clear(cells.cn).cleared
    assert cleared.transfer.persons == 3
    assert persons_of(cells, "main") == Persons(0, 3)


def test_a_shop_of_two_companies_without_a_role_has_no_processor(cells: TwoCells) -> None:
    settings = cells.folder / "cn" / "cell.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.partition("[[shops]]")[0] + "[[companions]]" + text.partition("[[companions]]")[2]
    text += '\n[[entities]]\nid = "second"\ncountry = "CN"\nfunctional_currency = "CNY"\n'
    settings.write_text(text, encoding="utf-8")
    assert refused(cells) == ["role_unknown"]
    decide(cells, role("independent_processor", "main", shop="*", flow="*"))
    assert len(clear(cells.cn).cleared) == 1


def also_for(cells: TwoCells, processor: str) -> None:
    path = cells.folder / "cn" / "border" / "evidence.yaml"
    text = path.read_text(encoding="utf-8")
    lines = [each for each in text.splitlines() if "processor: main" in each]
    more = "\n".join(each.replace("processor: main", f"processor: {processor}") for each in lines)
    path.write_text(f"{text}{more}\n", encoding="utf-8")


def test_joint_processors_are_asked_and_counted_each(cells: TwoCells, capsys: pytest.CaptureFixture[str]) -> None:
    decide(cells, role("joint", "main", "brand-hk"))
    (refusal,) = clear(cells.cn).refused
    assert {each.word for each in refusal.reasons} == {"evidence_other_processor"}
    assert all(each.said.en.startswith("brand-hk: ") for each in refusal.reasons)
    assert all(each.said.zh.startswith("brand-hk：") for each in refusal.reasons)
    also_for(cells, "brand-hk")
    assert check_permit(cells.cn, "orders").processors == ("main", "brand-hk")
    assert len(clear(cells.cn).cleared) == 1
    assert persons_of(cells, "main") == persons_of(cells, "brand-hk") == Persons(0, 3)
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway:
        entries = [entry_from_bytes(each) for each in gateway.log.entries(0, gateway.log.size)]
        key = verifier_of(cells.cn)
    said = [each for each in entries if each["kind"] == "declaration"]
    assert [(each["subject"], each["statement"]) for each in said] == [("brand-hk", "joint-processor")]
    assert entrepot_verify([str(cells.folder / "cn" / "border" / "log"), "--key", key]) == 0, capsys.readouterr().out


def test_a_joint_processor_at_its_line_stops_what_the_other_might_send(cells: TwoCells) -> None:
    decide(cells, role("joint", "main", "brand-hk"))
    also_for(cells, "brand-hk")
    declare_flow(cells.cn, "brand-hk", "opening", Persons(0, 99_998), evidence="letter-4", role="privacy-officer")
    (refusal,) = clear(cells.cn).refused
    (reason,) = refusal.reasons
    assert reason.word == "evidence_none_on_file"
    assert reason.said.en.startswith("brand-hk: ")
    assert persons_of(cells, "main") == Persons()


def test_who_collects_from_persons_here_cannot_say_that_it_was_collected_abroad(cells: TwoCells) -> None:
    decide(cells, role("overseas_processor_direct", "main"))
    path = cells.folder / "cn" / "border" / "permits" / "orders.yaml"
    text = path.read_text(encoding="utf-8")
    assert "collected_abroad: false" in text
    path.write_text(text.replace("collected_abroad: false", "collected_abroad: true"), encoding="utf-8")
    assert refused(cells) == ["collected_here"]


def test_a_role_that_names_nobody_on_the_other_side_is_no_role(cells: TwoCells) -> None:
    decide(cells, role("joint", "main"))
    with pytest.raises(PermitInvalid, match=r"decisions\.yaml.*joint"):
        clear(cells.cn)
    assert cells.envelopes() == []


OVERRIDE = "overrides:\n  - {{rule: {rule}, reason: a number alone, by: privacy-officer, since: {since}}}\n"
TOKENS = """
  - id: cn-tokens
    title: {en: tokens, zh: 令牌}
    classes: [pseudonymous]
    may_override: true
    cite: {<<: *pipl, article: "28"}
"""


def strict_law(cells: TwoCells) -> None:
    """A profile of the cell's own under which a token is sensitive, unless somebody says why not."""
    from importlib import resources

    text = (resources.files("entrepot.residency") / "profiles" / "CN.yaml").read_text(encoding="utf-8")
    for name in ("cn", "global"):
        folder = cells.folder / name / "profiles"
        folder.mkdir()
        head, found, tail = text.partition("\nsensitive:")
        assert found
        (folder / "CN.yaml").write_text(f"{head}{found}{TOKENS}{tail}", encoding="utf-8")
    for role_name in ("privacy-officer", "counsel"):
        adopt_law(cells.cn, cells.folder / "cn" / "profiles" / "CN.yaml", role_name)


def test_a_rule_that_was_lifted_holds_no_more_and_whoever_asks_is_told(cells: TwoCells) -> None:
    strict_law(cells)
    assert refused(cells) == ["evidence_none_on_file"]
    for rule, since in (("cn-tokens", "2099-01-01"), ("cn-person-and-goods", "2026-01-01")):
        decide(cells, OVERRIDE.format(rule=rule, since=since))
        assert refused(cells) == ["evidence_none_on_file"]
    decide(cells, OVERRIDE.format(rule="cn-tokens", since="2026-01-01"))
    found = check_permit(cells.cn, "orders")
    assert ("override", "tokens: not taken for sensitive, as privacy-officer decided from 2026-01-01 on") in [
        each[:2] for each in found.warnings
    ]
    (cleared,) = clear(cells.cn).cleared
    assert cleared.manifest.route == "free"


@pytest.mark.parametrize(
    ("circumstance", "missing", "row"),
    [
        ("with_children", {"standard_contract", "guardian_consent"}, "cn-10-sensitive-contract"),
        ("for_foreign_authority", {"authority_approval"}, "cn-12-small"),
        ("emergency", set(), "cn-6-emergency"),
        ("hr", set(), "cn-12-small"),  # buyers are no employees
        ("occasional", set(), "cn-12-small"),
    ],
)
def test_what_only_people_can_know_of_a_transfer_reaches_the_law(
    cells: TwoCells, circumstance: str, missing: set[str], row: str
) -> None:
    path = cells.folder / "cn" / "border" / "permits" / "orders.yaml"
    text = path.read_text(encoding="utf-8")
    assert f"  {circumstance}: false" in text
    path.write_text(text.replace(f"  {circumstance}: false", f"  {circumstance}: true"), encoding="utf-8")
    with contextlib.closing(Gateway(door_for(cells.cn))) as gateway, gateway.prepared("orders") as (prepared, _):
        verdict = prepared.judgement.verdict
        assert verdict.row == row
        assert {each.kinds[0] for each in verdict.missing} == missing
        sensitive = prepared.judgement.reading.after.everyone.sensitive
        assert sensitive == (3 if circumstance == "with_children" else 0)


def test_reading_from_abroad_is_warned_of_until_it_is_declared(cells: TwoCells) -> None:
    def warned() -> list[str]:
        return [each[0] for each in check_permit(cells.cn, "orders").warnings]

    assert warned() == ["this_system_only", "remote_access"]
    declare_flow(cells.cn, "main", REMOTE_ACCESS, Persons(), evidence="letter-5", role="privacy-officer")
    assert warned() == []


def test_data_that_has_to_be_kept_in_its_region_first_leaves_no_cell_of_another(cells: TwoCells) -> None:
    settings = cells.folder / "cn" / "cell.toml"
    text = settings.read_text(encoding="utf-8")
    assert 'region = "CN"' in text
    settings.write_text(text.replace('region = "CN"', 'region = "SG"', 1), encoding="utf-8")
    assert refused(cells) == ["not_local"]


def test_every_refusal_is_said_in_chinese_too(cells: TwoCells, capsys: pytest.CaptureFixture[str]) -> None:
    from entrepot.cli.gateway import print_sent
    from entrepot.cli.options import Language

    cells.put_on_file()
    print_sent(clear(cells.cn), Language.CHINESE)
    printed = capsys.readouterr().err
    assert "已拒绝：orders" in printed
    assert "个人信息保护影响评估：未登记，请补充" in printed
    assert "none is on file" not in printed
    for words in REASONS.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words.zh)
        assert names_in(words.en) == names_in(words.zh)


def names_in(text: str) -> set[Any]:
    import string

    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
