"""`border/domains.yaml`: which domains a cell shares with another, in which direction, and under which rule.

Both cells write the same with their own names for send and receive. A digest of what has to be the same stands in every
row that crosses, so that two cells that declared different rules see that, and decide nothing.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Literal

import msgspec

from entrepot.residency.domains.errors import DomainInvalid, DomainUnknown
from entrepot.residency.domains.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.residency.domains.kinds import DomainKind

__all__ = ["Domain", "Rule", "domain_of", "domains_in", "domains_text"]

_TERMS_HEX = 12
"""Digits of the digest that stand in a row: 48 bits, which a column of integers holds."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is right where both cells changed the same key.

    Attributes:
        kind: owner, the owner's row holds; last, the change that was made last, by counter and then name of cell;
            fields, each field holds as its owner has it; ask, a person decides between changes that did not know of
            each other.
        owner: For owner and fields: the cell that owns rows, or fields that are not named.
        fields: For fields: field to the cell that owns it.
    """

    kind: Literal["owner", "last", "fields", "ask"]
    owner: str = ""
    fields: dict[str, str] = {}


class Domain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"with_": "with"}):
    """One shared domain.

    Attributes:
        domain: Its kind.
        with_: The other cell.
        changed_in: Cells whose rows cross: one for one way, two for both ways.
        send: Permit of this cell that carries its rows; empty where they stay.
        receive: Permit of the other cell, as accepted here; empty where nothing comes.
        rule: For domains that go both ways, other than orders.
    """

    domain: str
    with_: str
    changed_in: tuple[str, ...]
    send: str = ""
    receive: str = ""
    rule: Rule | None = None

    @property
    def kind(self) -> DomainKind:
        """Its kind."""
        return KINDS[self.domain]

    def cells(self, here: str) -> tuple[str, str]:
        """Both cells, in an order that is the same in both."""
        first, second = sorted((here, self.with_))
        return first, second

    def terms(self, here: str) -> int:
        """Number that stands for what both cells have to declare alike."""
        whole = {
            "domain": self.domain,
            "cells": self.cells(here),
            "changed_in": sorted(self.changed_in),
            "rule": msgspec.to_builtins(self.rule),
        }
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
        return int(hashlib.sha256(text.encode()).hexdigest()[:_TERMS_HEX], 16)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    domains: tuple[Domain, ...] = ()


def domains_in(path: Path, here: str) -> tuple[Domain, ...]:
    """The domains of a cell; none without a file or in an empty one.

    Raises:
        DomainInvalid: The file cannot be read, or contradicts itself.
    """
    text = path.read_bytes() if path.exists() else b""
    if not text.strip():
        return ()
    try:
        found = msgspec.yaml.decode(text, type=_File).domains
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise DomainInvalid("", "", " ".join(str(error).split())) from error
    for each in found:
        if problem := _problem_of(each, here):
            raise DomainInvalid(each.domain, *problem)
    for name in {each.domain for each in found}:
        if sum(each.domain == name for each in found) > 1:
            raise DomainInvalid(name, "domain", "it is declared twice; two cells share it, and it stands once")
    return found


def domains_text(domains: Sequence[Domain]) -> bytes:
    """The file that declares these domains, without what they do not name."""
    plain = [{name: _named(value) for name, value in msgspec.to_builtins(each).items() if value} for each in domains]
    return msgspec.yaml.encode({"domains": plain})


def domain_of(path: Path, here: str, name: str) -> Domain:
    """A domain by name.

    Raises:
        DomainInvalid: The file cannot be used.
        DomainUnknown: It is not declared.
    """
    known = domains_in(path, here)
    for each in known:
        if each.domain == name:
            return each
    raise DomainUnknown(name, tuple(each.domain for each in known))


def _named(value: object) -> object:
    return {name: each for name, each in value.items() if each} if isinstance(value, dict) else value


def _problem_of(domain: Domain, here: str) -> tuple[str, str] | None:
    """Where a domain contradicts itself, and how."""
    if domain.domain not in KINDS:
        return "domain", f"there is no such kind; known are {', '.join(sorted(KINDS))}"
    if domain.with_ == here:
        return "with", "it is this cell; name the other one"
    return _problem_of_ways(domain, here, domain.cells(here))


def _problem_of_ways(domain: Domain, here: str, cells: tuple[str, str]) -> tuple[str, str] | None:
    if not domain.changed_in or set(domain.changed_in) - set(cells):
        return "changed_in", f"name {cells[0]}, {cells[1]} or both"
    if (here in domain.changed_in) != bool(domain.send):
        return "send", "there is a permit to send by if and only if changed_in names this cell"
    if (domain.with_ in domain.changed_in) != bool(domain.receive):
        return "receive", "there is a permit to receive by if and only if changed_in names the other cell"
    needs_rule = domain.kind.is_merged and set(domain.changed_in) == set(cells)
    if needs_rule != (domain.rule is not None):
        return "rule", "rows that both cells may change need one, and nothing else has one"
    return _problem_of_rule(domain.rule, domain.kind, cells) if domain.rule is not None else None


def _problem_of_rule(rule: Rule, kind: DomainKind, cells: tuple[str, str]) -> tuple[str, str] | None:
    if (rule.kind in ("owner", "fields")) != bool(rule.owner):
        return "rule.owner", "the rules owner and fields name an owner, and no others do"
    if rule.owner and rule.owner not in cells:
        return "rule.owner", f"it is {cells[0]} or {cells[1]}"
    if (rule.kind == "fields") != bool(rule.fields):
        return "rule.fields", "the rule fields names who owns which, and no other does"
    if unknown := sorted(set(rule.fields) - set(kind.values)):
        return "rule.fields", f"{', '.join(unknown)} is none of {', '.join(kind.values)}"
    if set(rule.fields.values()) - set(cells):
        return "rule.fields", f"an owner is {cells[0]} or {cells[1]}"
    return None
