"""What `border/domains.yaml` may say, and what a shape may let out of versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entrepot.engine import parse
from entrepot.residency.domains.errors import DomainInvalid, DomainUnknown
from entrepot.residency.domains.kinds import KINDS
from entrepot.residency.domains.settings import domain_of, domains_in
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.permits import compiled as compiling
from entrepot.residency.permits.shape import shape_from_text, shipped_shape, source_text
from tests.residency.border.test_permits import terms

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.residency.domains.kinds import DomainKind

BOTH = "domain: catalogue, with: global, changed_in: [cn, global], send: a, receive: b"
GOOD = f"{BOTH}, rule: {{kind: last}}"


def declared(folder: Path, *domains: str) -> Path:
    path = folder / "domains.yaml"
    path.write_text("domains:\n" + "".join(f"  - {{{each}}}\n" for each in domains), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("domain", "where"),
    [
        (GOOD.replace("catalogue", "customers"), "domain"),
        (GOOD.replace("with: global", "with: cn"), "with"),
        (GOOD.replace("[cn, global]", "[cn, us]"), "changed_in"),
        (GOOD.replace("[cn, global]", "[]"), "changed_in"),
        (GOOD.replace("send: a, ", ""), "send"),
        (GOOD.replace(", receive: b", ""), "receive"),
        (BOTH, "rule"),
        (GOOD.replace("catalogue", "orders"), "rule"),
        (GOOD.replace("[cn, global]", "[cn]").replace(", receive: b", ""), "rule"),
        (f"{BOTH}, rule: {{kind: owner}}", "rule.owner"),
        (f"{BOTH}, rule: {{kind: last, owner: cn}}", "rule.owner"),
        (f"{BOTH}, rule: {{kind: owner, owner: us}}", "rule.owner"),
        (f"{BOTH}, rule: {{kind: fields, owner: cn}}", "rule.fields"),
        (f"{BOTH}, rule: {{kind: fields, owner: cn, fields: {{sku_id: cn}}}}", "rule.fields"),
        (f"{BOTH}, rule: {{kind: fields, owner: cn, fields: {{name: us}}}}", "rule.fields"),
        (f"{GOOD}, extra: 1", ""),
    ],
)
def test_a_domain_that_contradicts_itself_is_refused(tmp_path: Path, domain: str, where: str) -> None:
    assert domains_in(declared(tmp_path, GOOD), "cn")
    with pytest.raises(DomainInvalid) as refusal:
        domains_in(declared(tmp_path, domain), "cn")
    assert refusal.value.where == where


def test_a_domain_stands_once_and_is_known_by_name(tmp_path: Path) -> None:
    with pytest.raises(DomainInvalid, match="twice"):
        domains_in(declared(tmp_path, GOOD, GOOD), "cn")
    with pytest.raises(DomainUnknown, match="declared are catalogue"):
        domain_of(declared(tmp_path, GOOD), "cn", "prices")
    assert domains_in(tmp_path / "nothing.yaml", "cn") == ()


def test_an_empty_file_declares_nothing_and_one_that_is_no_yaml_is_named_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "domains.yaml"
    path.write_bytes(b" \n")
    assert domains_in(path, "cn") == ()
    path.write_text("domains: [1", encoding="utf-8")
    with pytest.raises(DomainInvalid, match=r"^border/domains\.yaml: while parsing .* line 1, column 10"):
        domains_in(path, "cn")


def test_both_cells_have_the_same_number_for_the_same_terms_and_another_for_others(tmp_path: Path) -> None:
    here = domain_of(declared(tmp_path, GOOD), "cn", "catalogue")
    there = domain_of(
        declared(tmp_path, GOOD.replace("with: global", "with: cn").replace("send: a", "send: z")),
        "global",
        "catalogue",
    )
    other = domain_of(declared(tmp_path, f"{BOTH}, rule: {{kind: ask}}"), "cn", "catalogue")
    assert here.terms("cn") == there.terms("global") != other.terms("cn")


@pytest.mark.parametrize("kind", [each for each in KINDS.values() if each.is_merged])
def test_no_shared_domain_points_at_a_person_and_its_keys_are_its_shape_s(kind: DomainKind) -> None:
    assert not shipped_shape(kind.shape).counts_persons
    names = {each.name for each in kind.dataset_shape.fields}
    assert set(kind.keys) <= names
    assert kind.values
    assert "domain_versions" in parse(source_text(kind.dataset_shape.source), source="shape").inputs()


def test_a_version_lets_out_its_numbers_and_never_the_key_by_which_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "select cast('all' as varchar) as part, cast(v.{0} as varchar) as {0} from domain_versions as v"
    shape = """
shape: Z
version: 1
title: {{en: x, zh: x}}
meaning: x
purposes: [planning]
datasets:
  - name: things
    meaning: x
    source: things
    partition: part
    fields:
      - {{name: part, type: text, form: period, meaning: x}}
      - {{name: {0}, type: text, form: code, meaning: x}}
"""
    for name, is_refused in (("counter", False), ("item", True)):
        monkeypatch.setattr(compiling, "source_text", lambda _, name=name: sql.format(name))
        found = shape_from_text(shape.format(name), "Z")
        if is_refused:
            with pytest.raises(PermitInvalid, match="never leaves"):
                compiling.compiled(terms("Z", "planning"), found)
        else:
            compiling.compiled(terms("Z", "planning"), found)
