"""A permit compiled: every field judged by where its values come from, and the SQL that lets out just that.

Classes are not declared by the shape's author: they follow from the lineage of the shape's SQL to the canonical tables,
so a relabelled column is still what it was. The table of decisions is hashed; its digest stands in every manifest.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from entrepot.engine import Column, ColumnType, Schema, parse
from entrepot.engine.dialect import lineage, steps
from entrepot.model import TABLES, ResidencyClass
from entrepot.residency.domains.kinds import VERSION_FIELDS, VERSIONS
from entrepot.residency.gate_errors import PermitInvalid
from entrepot.residency.permits.forms import FORMS, OWN_ARTICLES, WITHHELD, form_condition
from entrepot.residency.permits.shape import source_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.engine import Query
    from entrepot.residency.permits.shape import DatasetShape, FieldShape, PermitShape
    from entrepot.residency.permits.terms import Permit

__all__ = ["CompiledDataset", "CompiledPermit", "Decision", "compiled", "schema_of_dataset"]

_TYPES = {
    "text": ColumnType.TEXT,
    "integer": ColumnType.INTEGER,
    "boolean": ColumnType.BOOLEAN,
    "date": ColumnType.DATE,
    "instant": ColumnType.INSTANT,
}
_STRICTNESS = (
    ResidencyClass.OPERATIONAL,
    ResidencyClass.BUSINESS,
    ResidencyClass.PSEUDONYMOUS,
    ResidencyClass.PERSONAL,
    ResidencyClass.LOCAL,
    ResidencyClass.SECRET,
)
assert set(_STRICTNESS) == set(ResidencyClass), "every class has its place"
ARTICLES = "skus"
"""Table of the company's own list of articles."""
_COUNT = re.compile(r'count\((\*|(distinct )?[a-z0-9_."]+)\)')
_GENERALISED = {
    "day": ("cast({x} as date)", "date"),
    "month": ("strftime({x}, '%Y-%m')", "text"),
    "year": ("strftime({x}, '%Y')", "text"),
    "band": ("product_exact(floor_div({x}, {band}), {band})", "integer"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one column of a source, as the table of decisions has it.

    Attributes:
        residency: Strictest class among the columns that its values are made of.
        kinds: Kinds of personal value among them.
        origins: Those columns, `table.column`; empty for a count, which tells how many and nothing of whom.
        transform: pass, token, generalise, or drop for what the permit leaves out.
    """

    dataset: str
    field: str
    column: str
    type: str
    residency: str
    kinds: tuple[str, ...]
    origins: tuple[str, ...]
    transform: str
    to: str
    form: str


@dataclass(frozen=True, slots=True)
class CompiledDataset:
    """One table that leaves.

    Attributes:
        shape: Its shape.
        source: The query over canonical tables.
        projection: The query over `source_<name>` that transforms; it reads `token_keys`, `permitted_shops` and the
            lists that forms name.
        persons: The query that names persons, over canonical tables; None where no row points at one.
        schema: Columns that leave, in order.
    """

    shape: DatasetShape
    source: Query
    projection: Query
    persons: Query | None
    schema: Schema

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.shape.name


@dataclass(frozen=True, slots=True)
class CompiledPermit:
    """A permit ready to be used.

    Attributes:
        decisions: The table of decisions.
        digest: `sha256:` of that table, the shape and the terms.
    """

    permit: Permit
    shape: PermitShape
    datasets: tuple[CompiledDataset, ...]
    decisions: tuple[Decision, ...]
    digest: str

    @property
    def tables(self) -> tuple[str, ...]:
        """Canonical tables that are read."""
        queries = [each for one in self.datasets for each in (one.source, one.persons) if each is not None]
        own = any(each.form and FORMS[each.form].declared == OWN_ARTICLES for each in self.decisions)
        read = {name for query in queries for name in query.inputs() if name in TABLES}
        return tuple(sorted(read | {ARTICLES} if own else read))

    @property
    def origins(self) -> frozenset[str]:
        """Canonical columns, `table.column`, of which anything leaves."""
        return frozenset(name for each in self.decisions if each.transform != "drop" for name in each.origins)

    @property
    def token_fields(self) -> tuple[str, ...]:
        """Fields that leave as tokens; each name has a key of its own."""
        return tuple(sorted({each.field for each in self.decisions if each.transform == "token"}))

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of personal value that leave in any form."""
        return frozenset(kind for each in self.decisions if each.transform != "drop" for kind in each.kinds)


def compiled(permit: Permit, shape: PermitShape) -> CompiledPermit:
    """Judge every field and write the queries.

    Raises:
        PermitInvalid: A field would let out what its class forbids, or uses a column that is not there.
    """
    datasets, decisions = [], []
    for dataset in shape.datasets:
        source = parse(source_text(dataset.source), source=f"permits/{dataset.source}.sql", strict_output=True)
        classes = _classes(source)
        kept = [field for field in dataset.fields if f"{dataset.name}.{field.name}" not in permit.leave_out]
        for field in dataset.fields:
            decision = _decision(permit, shape, dataset, field, classes)
            decisions.append(decision)
        persons = dataset.persons and parse(
            source_text(dataset.persons), source=f"permits/{dataset.persons}.sql", strict_output=True
        )
        text = _projection(dataset.name, kept, source, by_shop=not dataset.cells)
        projection = parse(text, source=f"permit {permit.permit}, {dataset.name}")
        schema = schema_of_dataset(dataset, permit.leave_out)
        datasets.append(CompiledDataset(dataset, source, projection, persons or None, schema))
    return CompiledPermit(permit, shape, tuple(datasets), tuple(decisions), _digest(permit, shape, decisions))


@dataclass(frozen=True, slots=True)
class _Made:
    """What a column of a source is made of."""

    residency: ResidencyClass = ResidencyClass.OPERATIONAL
    kinds: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


@lru_cache(maxsize=64)  # More sources than are shipped; each is traced once in a process, not once for each permit.
def _classes(source: Query) -> Mapping[str, _Made]:
    """What each column of a source is made of; a count tells how many, and nothing of whom.

    That holds for a count of all rows of a group or of the values of a column. A count of a condition answers a
    question about a value, and one over a window tells every row of those like it.
    """
    known = {name: [field.name for field in table.all_fields] for name, table in TABLES.items()}
    known[VERSIONS] = ["item", *VERSION_FIELDS]
    traced = lineage(source, known)
    written = steps(source, known)
    found: dict[str, _Made] = {}
    for column, origins in traced.columns.items():
        if written[column] and _COUNT.fullmatch(written[column][0].sql.lower()):
            found[column] = _Made()
            continue
        fields = {
            f"{name}.{field.name}": field
            for name, origin in origins
            if name != VERSIONS
            for field in TABLES[name].all_fields
            if field.name == origin.lower()
        }
        versions = {origin.lower() for name, origin in origins if name == VERSIONS}
        classes = [each.residency for each in fields.values()]
        # What a cell counts of its own changes tells of no row; the key by which it does may be made of anything.
        classes += [ResidencyClass.LOCAL] if versions - set(VERSION_FIELDS) else []
        found[column] = _Made(
            max(classes, key=_STRICTNESS.index, default=ResidencyClass.OPERATIONAL),
            tuple(sorted({each.kind.value for each in fields.values() if each.kind is not None})),
            tuple(sorted({*fields, *(f"{VERSIONS}.{each}" for each in versions)})),
        )
    return found


def _decision(
    permit: Permit,
    shape: PermitShape,
    dataset: DatasetShape,
    field: FieldShape,
    classes: Mapping[str, _Made],
) -> Decision:
    where = f"{dataset.name}.{field.name}"
    if field.column not in classes:
        raise PermitInvalid(permit.permit, where, f"its source has no column {field.column}")
    made = classes[field.column]
    transform = "drop" if where in permit.leave_out else field.transform
    if transform != "drop" and (problem := _forbidden(shape, dataset, field, made)):
        raise PermitInvalid(permit.permit, where, problem)
    return Decision(
        dataset=dataset.name,
        field=field.name,
        column=field.column,
        type=field.type,
        residency=made.residency.value,
        kinds=made.kinds,
        origins=made.origins,
        transform=transform,
        to=field.to,
        form=field.form,
    )


def _forbidden(shape: PermitShape, dataset: DatasetShape, field: FieldShape, made: _Made) -> str:
    """Why a field of a class must not leave in this way; empty when it may."""
    residency = made.residency
    if residency in (ResidencyClass.LOCAL, ResidencyClass.SECRET):
        return f"its values are of class {residency}, which never leaves"
    if field.form and field.form not in FORMS:
        return f"there is no form {field.form}; known are {', '.join(sorted(FORMS))}"
    if field.form == "label" and {origin.partition(".")[0] for origin in made.origins} - {ARTICLES}:
        return f"the form `label` is for names of the company's own list of articles, the table {ARTICLES}"
    if field.form == "personal" and not shape.personal:
        return "the form `personal` is for shapes that may carry personal values"
    if residency in (ResidencyClass.PERSONAL, ResidencyClass.PSEUDONYMOUS):
        return _forbidden_of_persons(shape, dataset, field, residency)
    return ""


def _forbidden_of_persons(
    shape: PermitShape, dataset: DatasetShape, field: FieldShape, residency: ResidencyClass
) -> str:
    if not dataset.persons:
        return f"its values are of class {residency}, and the dataset names no persons to count"
    if field.transform == "generalise":
        return f"values of class {residency} are not generalised: they leave as tokens or not at all"
    if field.transform == "pass" and not shape.personal:
        return f"values of class {residency} leave as tokens or not at all"
    return ""


def schema_of_dataset(dataset: DatasetShape, left_out: tuple[str, ...] = ()) -> Schema:
    """Columns of a dataset as they leave, in order."""
    kept = [field for field in dataset.fields if f"{dataset.name}.{field.name}" not in left_out]
    return Schema(tuple(Column(field.name, _TYPES[field.type]) for field in kept))


def _type_of(field: FieldShape) -> ColumnType:
    return _TYPES[field.type]


def _projection(name: str, fields: list[FieldShape], source: Query, *, by_shop: bool) -> str:
    """The SELECT that lets out the fields of a dataset, and nothing else; sums were narrowed when they were made."""
    columns, joins = [], []
    for field in fields:
        column = f's."{field.column}"'
        if field.transform == "token":
            keyed = f"person_key(k.{field.name}_inner, k.{field.name}_outer, {column})"
            value = f"case when {column} is not null then k.{field.name}_name || {keyed} end"
        elif field.transform == "generalise":
            value = _GENERALISED[field.to][0].format(x=column, band=field.band)
        elif field.form and FORMS[field.form].declared:
            alias = f"d_{field.name}"
            joins.append(f"left join {FORMS[field.form].declared} as {alias} on {column} = {alias}.value")
            value = f"case when {column} is null or {alias}.value is not null then {column} else '{WITHHELD}' end"
        elif field.form:
            allowed = f"{column} is null or ({form_condition(column, field.form)})"
            value = f"case when {allowed} then {column} else '{WITHHELD}' end"
        else:
            value = column
        columns.append(f'cast({value} as {_type_of(field).value}) as "{field.name}"')
    if any(field.transform == "token" for field in fields):
        joins.insert(0, "cross join token_keys as k")
    narrowed = ""
    if by_shop and "shop" in source.output_names():
        joins.append("cross join narrowing as n")
        narrowed = ' where (not n.by_shop or s."shop" in (select shop from permitted_shops))'
    return f"select {', '.join(columns)} from source_{name} as s {' '.join(joins)}{narrowed}"


def _digest(permit: Permit, shape: PermitShape, decisions: list[Decision]) -> str:
    import msgspec

    # What a shape or a permit does not use is not in its digest, so that older ones keep theirs.
    shape_facts, terms = msgspec.to_builtins(shape), msgspec.to_builtins(permit)
    for each in shape_facts["datasets"]:
        if not each["cells"]:
            del each["cells"]
    if terms["aggregates"] is None:
        del terms["aggregates"]
    elif terms["aggregates"]["noise"] is None:
        del terms["aggregates"]["noise"]
    whole = {
        "decisions": [asdict(each) for each in decisions],
        "sql": {name: source_text(name) for each in shape.datasets for name in (each.source, each.persons) if name},
        "forms": {each.form: asdict(FORMS[each.form]) for each in decisions if each.form},
        "shape": shape_facts,
        "terms": terms,
    }
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
