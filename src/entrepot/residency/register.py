"""The register of fields: what is held, how it is classed, why, for how long, and under which permit it may leave.

It follows from the canonical tables and a profile, so that it cannot say less than there is. Raw files are described
by their own class, which is local: what stands in them never leaves.
"""

from __future__ import annotations

import csv
import html
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from entrepot.model import TABLES, Field, ResidencyClass
from entrepot.residency.duties import FieldSet, field_set, months_kept, sensitive_rule
from entrepot.residency.law_errors import RegisterFieldUnknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from entrepot.residency.profile import Profile

Sensitivity = Literal["yes", "with_goods", "no", "no_person"]
Lang = Literal["en", "zh"]

_STAYS = frozenset({ResidencyClass.LOCAL, ResidencyClass.SECRET})


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One field.

    Attributes:
        table: Canonical table.
        field: Column.
        meaning: As the reference says it.
        residency: Class.
        kind: Kind of personal value; empty for others.
        sensitive: yes by itself; with_goods beside goods that tell of a person; no; no_person where it points at none.
        rule: Id of the profile's rule that makes it sensitive; empty where none does.
        purposes: Why it is held.
        months_min: For how long at least; 0 where no record duty holds it.
        record_kind: Kind of record under which it is held; empty where it goes with its purpose.
        permits: Permits under which it may leave; empty means that nothing of it leaves.
    """

    table: str
    field: str
    meaning: str
    residency: str
    kind: str
    sensitive: Sensitivity
    rule: str
    purposes: tuple[str, ...]
    months_min: int
    record_kind: str
    permits: tuple[str, ...]


def register(
    profile: Profile, on: date, permits: Mapping[str, Collection[str]] | None = None
) -> tuple[RegisterRow, ...]:
    """Every field of every canonical table, once, in the order of the tables.

    Args:
        profile: The law under which it is classed.
        on: Day for which it holds.
        permits: Permit to the fields that it lets go, each as `table.field`.

    Raises:
        RegisterFieldUnknown: A permit names a field that there is not, or one that never leaves.
    """
    flows = _flows(permits or {})
    rows = []
    for table in TABLES.values():
        purposes, record_kind = _held(table.name)
        for field in table.all_fields:
            sensitive, rule = _sensitivity(profile, field, on)
            rows.append(
                RegisterRow(
                    table.name,
                    field.name,
                    field.meaning,
                    field.residency.value,
                    field.kind.value if field.kind else "",
                    sensitive,
                    rule,
                    purposes,
                    months_kept(profile, record_kind) if record_kind else 0,
                    record_kind,
                    flows.get(f"{table.name}.{field.name}", ()),
                )
            )
    return tuple(rows)


@cache
def _tables() -> dict[str, tuple[tuple[str, ...], str]]:
    text = (resources.files("entrepot.residency") / "register_tables.csv").read_text(encoding="utf-8")
    return {
        row["table"]: (tuple(row["purposes"].split(";")), row["record_kind"])
        for row in csv.DictReader(io.StringIO(text))
    }


def _held(table: str) -> tuple[tuple[str, ...], str]:
    assert table in _tables(), f"register_tables.csv says why {table} is held"
    return _tables()[table]


def _flows(permits: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    leaves = {
        f"{table.name}.{field.name}": field.residency not in _STAYS
        for table in TABLES.values()
        for field in table.all_fields
    }
    flows: dict[str, tuple[str, ...]] = {}
    for permit in sorted(permits):
        for name in permits[permit]:
            if name not in leaves:
                raise RegisterFieldUnknown(permit, name, "there is no such field")
            if not leaves[name]:
                raise RegisterFieldUnknown(permit, name, "its class never leaves")
            flows[name] = (*flows.get(name, ()), permit)
    return flows


def _sensitivity(profile: Profile, field: Field, on: date) -> tuple[Sensitivity, str]:
    alone = field_set([field])
    rule = sensitive_rule(profile, alone, on)
    if rule is not None:
        return "yes", rule.id
    if not alone.counts_persons:
        return "no_person", ""
    goods = frozenset(word for each in profile.sensitive for word in each.goods)
    beside = sensitive_rule(profile, FieldSet(alone.kinds, alone.classes, goods), on)
    return ("with_goods", beside.id) if beside is not None else ("no", "")


_COLUMNS = (
    ("table", "table", "表"),
    ("field", "field", "字段"),
    ("meaning", "meaning", "含义"),
    ("class", "class", "数据分级"),
    ("kind", "kind", "个人信息种类"),
    ("sensitive", "sensitive", "是否敏感"),
    ("purposes", "purposes", "处理目的"),
    ("retention", "kept for", "保存期限"),
    ("permits", "may leave under", "出境许可"),
)
_WORDS: Mapping[str, tuple[str, str]] = {
    "operational": ("operational", "运营"),
    "business": ("business", "商业"),
    "pseudonymous": ("pseudonymous", "去标识化"),
    "personal": ("personal", "个人信息"),
    "local": ("local", "仅限本地"),
    "secret": ("secret", "机密"),
    "name": ("name", "姓名"),
    "mobile": ("mobile", "手机号码"),
    "address": ("address", "地址"),
    "email": ("email", "电子邮箱"),
    "account": ("account", "平台账号"),
    "resident_id": ("resident identity number", "居民身份证号码"),
    "yes": ("yes", "是"),
    "with_goods": ("beside such goods", "与特定商品组合时"),
    "no": ("no", "否"),
    "no_person": ("names no person", "不涉及个人"),
    "sale": ("sale", "销售"),
    "pay": ("payment", "支付"),
    "refund": ("refund", "退款"),
    "deliver": ("delivery", "配送"),
    "clear_customs": ("customs", "清关"),
    "after_sale": ("after-sale", "售后"),
    "tax": ("tax", "税务"),
    "accounting": ("accounting", "会计"),
    "settlement": ("settlement", "结算"),
    "advertising": ("advertising", "广告"),
    "stock": ("stock", "库存"),
    "reconciliation": ("reconciliation", "核对"),
    "settings": ("settings", "设置"),
    "provenance": ("provenance", "来源追溯"),
}
_NO_PERMIT = ("no permit: stays here", "无许可：不出境")
_STAYS_WORDS = ("never", "永不出境")
_PURPOSE_ENDS = ("until the purpose ends", "至目的实现为止")
_HEAD = (
    (
        "Register of fields. Purposes and terms are defaults to be confirmed; this is no legal advice. What names a "
        "person is replaced when the person is erased, whatever the term of the record."
    ),
    "字段登记册。目的与期限为默认值，须由企业确认；本表不构成法律意见。个人信息在个人被删除时即予替换，不受记录保存期限影响。",
)


def headings(lang: Lang) -> tuple[str, ...]:
    """What the columns are called."""
    return tuple(zh if lang == "zh" else en for _, en, zh in _COLUMNS)


def texts(row: RegisterRow, lang: Lang) -> tuple[str, ...]:
    """A row as cells; meanings are in English, as in the reference."""
    joint = "、" if lang == "zh" else ", "
    at = int(lang == "zh")
    permits = joint.join(row.permits) or (_STAYS_WORDS if row.residency in ("local", "secret") else _NO_PERMIT)[at]
    months = (f"{row.months_min} months", f"{row.months_min} 个月")[at] if row.months_min else _PURPOSE_ENDS[at]
    return (
        row.table,
        row.field,
        row.meaning,
        _WORDS[row.residency][at],
        _WORDS[row.kind][at] if row.kind else "",
        _WORDS[row.sensitive][at] + (f" ({row.rule})" if row.rule else ""),
        joint.join(_WORDS[purpose][at] for purpose in row.purposes),
        months,
        permits,
    )


def as_csv(rows: Sequence[RegisterRow], lang: Lang) -> str:
    """The register as CSV with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings(lang))
    writer.writerows(texts(row, lang) for row in rows)
    return out.getvalue()


def as_html(rows: Sequence[RegisterRow], profile: Profile, on: date, lang: Lang) -> str:
    """The register as one page that needs no network."""
    at = int(lang == "zh")
    title = profile.title.zh if lang == "zh" else profile.title.en
    head = "".join(f"<th>{html.escape(each)}</th>" for each in headings(lang))
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in texts(row, lang)) + "</tr>" for row in rows
    )
    return (
        f'<!doctype html>\n<html lang="{lang}"><meta charset="utf-8">\n'
        f"<title>{html.escape(_HEAD[at].split('.')[0].split('。')[0])}</title>\n"
        "<style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}"
        "td,th{border:1px solid #ccc;padding:.2em .5em;text-align:left;vertical-align:top}</style>\n"
        f"<p>{html.escape(_HEAD[at])}</p>\n"
        f"<p>{html.escape(title)}, {profile.effective_from.isoformat()}, {on.isoformat()}, {profile.digest}</p>\n"
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></html>\n"
    )
