"""What a permit lets out of a cell's tables, made on the engine: files by part, and who stands behind their rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.engine import parse
from entrepot.residency.detectors import personal_within
from entrepot.residency.envelope import FileFact, file_hash
from entrepot.residency.permits.compiled import ARTICLES
from entrepot.residency.permits.forms import FORMS, OWN_ARTICLES, WITHHELD, form_condition, looks_personal
from entrepot.residency.tokens import token_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from entrepot.engine import Engine, Query
    from entrepot.residency.aggregates.counting import Counted
    from entrepot.residency.aggregates.releasing import Release
    from entrepot.residency.permits.compiled import CompiledDataset, CompiledPermit
    from entrepot.store import TableStore

__all__ = ["Declared", "Projection"]

PHONE_AS_AMOUNT_MINOR = 1_300_000_000_000
"""Fen in 13,000,000,000 yuan: the least that a Chinese mobile number is when it is read as an amount."""

_PERSONS = pa.schema(
    [("person_key", pa.string()), ("class", pa.string()), ("subject", pa.string()), ("is_linked", pa.bool_())]
)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a cell says of itself: the closed lists that forms name.

    Attributes:
        shops: Shops of cell.toml.
        entities: Its companies.
        locations: Warehouses.
    """

    shops: tuple[str, ...]
    entities: tuple[str, ...]
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Projection:
    """A permit's rows on one engine.

    Attributes:
        engine: With the cell's tables.
        permit: Compiled.
        release: What may leave as safe sums, where such do.
    """

    engine: Engine
    permit: CompiledPermit
    release: Release | Counted | None = None

    @classmethod
    def of(
        cls,
        engine: Engine,
        tables: TableStore,
        permit: CompiledPermit,
        declared: Declared,
        keys: tuple[str, str],
        person_pads: pa.Table,
        sums: Callable[[], Release | Counted | None] = lambda: None,
    ) -> Projection:
        """Open the tables a permit reads and compute what may leave.

        Args:
            engine: Any engine.
            tables: The cell at a snapshot.
            permit: Compiled.
            declared: The cell's closed lists.
            keys: The cell's key for tokens, and the generation of the permit's keys.
            person_pads: The cell's key for persons, for those whom only their order tells apart.
            sums: Makes the sources of a permit that lets out safe sums.
        """
        tables.open_into(engine, permit.tables)
        terms = permit.permit
        named = token_keys(keys[0], permit.token_fields, terms.purpose, terms.to, keys[1])
        engine.add_arrow("token_keys", named)
        engine.add_arrow("person_pads", person_pads)
        engine.add_arrow("narrowing", pa.table({"by_shop": pa.array([bool(terms.shops)], pa.bool_())}))
        _add_values(engine, "permitted_shops", "shop", terms.shops)
        _add_values(engine, "permitted_sale_models", "sale_model", permit.shape.sale_models)
        if ARTICLES in permit.tables:
            text = f"select distinct sku_id as value from {ARTICLES} where {form_condition('sku_id', 'sku')}"
            engine.define(OWN_ARTICLES, parse(text, source="own articles"), materialise=True)
        for form in FORMS.values():
            if form.declared.startswith("declared_"):
                known = getattr(declared, form.declared.removeprefix("declared_"))
                _add_values(engine, form.declared, "value", sorted(set(known)))
        release = sums()
        for dataset in permit.datasets:
            if release is None:
                engine.define(f"source_{dataset.name}", dataset.source)
            engine.define(f"leaving_{dataset.name}", dataset.projection, materialise=True)
        return cls(engine, permit, release)

    def parts(self, dataset: CompiledDataset) -> list[str]:
        """Values that cut a dataset into parts, in order."""
        column = dataset.shape.partition
        text = f'select distinct "{column}" as part from leaving_{dataset.name} order by part'
        found: list[str] = self.engine.read(parse(text, source="parts"))["part"].to_pylist()
        assert None not in found, f"{dataset.name}: every row is of a part, or it would stay behind unseen"
        return found

    def write(self, dataset: CompiledDataset, part: str, number: int, folder: Path) -> FileFact:
        """Write the rows of one part, in an order that follows from what leaves alone.

        An order by anything that stays behind would tell about it.
        """
        # As a word of the query it is looked for faster than as a row of a relation, and its form is closed.
        assert re.fullmatch(r"[A-Za-z0-9-]{1,20}", part), "a part is a period, or withheld"
        columns = ", ".join(f'"{name}"' for name in dataset.schema.names)
        ordered = ", ".join(f'"{name}" nulls last' for name in dataset.schema.names)
        where = f"\"{dataset.shape.partition}\" = '{part}'"
        text = f"select {columns} from leaving_{dataset.name} where {where} order by {ordered}"
        name = f"{dataset.name}/{number:04d}.parquet"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        query = parse(text, source=f"part of {dataset.name}")
        rows = self.engine.write_parquet(query, str(path), dataset.schema)
        return FileFact(name, dataset.name, part, rows, path.stat().st_size, file_hash(path).removeprefix("sha256:"))

    def persons(self, parts: Mapping[str, Sequence[str]], sensitive: Sequence[str], *, all_sensitive: bool) -> pa.Table:
        """Distinct persons behind the rows of parts.

        Args:
            parts: Dataset to its parts.
            sensitive: Sensitivities of an article that make whoever bought it a sensitive record.
            all_sensitive: Whether what leaves is sensitive by itself.
        Returns:
            `person_key`, `class`, `subject`, `is_linked`.
        """
        _add_values(self.engine, "sensitive_articles", "sensitivity", sensitive)
        # Two datasets may have the same persons behind them; who stands behind both is asked once.
        asked: dict[Query, set[str]] = {}
        for dataset in self.permit.datasets:
            if dataset.persons is not None and parts.get(dataset.name):
                asked.setdefault(dataset.persons, set()).update(parts[dataset.name])
        if not asked:
            return _PERSONS.empty_table()
        found = []
        for number, (persons, leaving) in enumerate(asked.items()):
            self.engine.define(f"persons_{number}", persons)
            _add_values(self.engine, f"leaving_parts_{number}", "part", sorted(leaving))
            found.append(
                f"select p.person_key, p.subject, p.is_linked, p.sensitivity, p.shop from persons_{number} as p "
                f"where p.part in (select part from leaving_parts_{number})"
            )
        # Who is sensitive in one place is so everywhere; `sensitive` stands behind `non_sensitive` in the alphabet.
        text = f"""
            select p.person_key, max(case when {"true" if all_sensitive else "a.sensitivity is not null"}
                then 'sensitive' else 'non_sensitive' end) as class, p.subject, bool_and(p.is_linked) as is_linked
            from ({" union all ".join(found)}) as p
            cross join narrowing as n
            left join sensitive_articles as a on p.sensitivity = a.sensitivity
            where not n.by_shop or p.shop in (select shop from permitted_shops)
            group by p.person_key, p.subject
        """
        return self.engine.read(parse(text, source="persons behind what leaves")).cast(_PERSONS)

    def channels(self) -> tuple[str, ...]:
        """Platforms whose rows leave; the company's own lists are no platform's."""
        found: set[str] = set()
        for dataset in self.permit.datasets:
            if "channel" in dataset.schema.names:
                text = f"select distinct channel from leaving_{dataset.name} where channel is not null"
                found |= set(self.engine.read(parse(text, source="channels"))["channel"].to_pylist())
        return tuple(sorted(found - {"own", WITHHELD}))

    def shops(self) -> tuple[str, ...]:
        """Shops behind rows that point at persons; those that the cell does not declare are one, `withheld`."""
        found: set[str] = set()
        for dataset in self.permit.datasets:
            if dataset.persons is None:
                continue
            # A permit may leave the shop out; who decides over the data is asked all the same.
            text = f"select distinct shop from leaving_{dataset.name}"
            if "shop" not in dataset.schema.names:
                text = (
                    f"select distinct d.value as shop from source_{dataset.name} as s cross join narrowing as n "
                    "left join declared_shops as d on s.shop = d.value "
                    "where not n.by_shop or s.shop in (select shop from permitted_shops)"
                )
            found |= {each or WITHHELD for each in self.engine.read(parse(text, source="shops"))["shop"].to_pylist()}
        return tuple(sorted(found))

    def withheld(self) -> int:
        """Values that leave as `withheld`."""
        found = 0
        for relation, columns in self._texts().items():
            counted = " + ".join(
                f"coalesce(sum_exact(case when {column} = '{WITHHELD}' then 1 else 0 end), 0)" for column in columns
            )
            found += self._count(f"select {counted} as n from {relation}")
        return found

    def alarms(self) -> int:
        """Different values that show a sign of a person although a closed form let them pass: there must be none.

        A phone number in a column of amounts, as columns that were shifted make it, is an amount like any other to a
        closed form; nobody is paid that much, so it is one of them. The detectors that propose classes for columns look
        as well: at addresses, and at check digits.
        """
        if self.permit.shape.personal:
            return 0
        found = 0
        for relation, columns in self._texts().items():
            # Each different value is looked at once, and not once a row.
            different = " union all ".join(
                f"select distinct {at} as at, {column} as value from {relation}" for at, column in enumerate(columns)
            )
            text = f"select v.at, v.value, {looks_personal('v.value')} as is_alarm from ({different}) as v"
            values = self.engine.read(parse(text, source="signs in what leaves"))
            for at in range(len(columns)):
                of_column = values.filter(pc.equal(values["at"], at))
                detected = personal_within(of_column["value"].combine_chunks())
                found += max(pc.sum(of_column["is_alarm"]).as_py() or 0, *detected.values(), 0)
        return found + sum(self._too_large(each) for each in self.permit.datasets)

    def _too_large(self, dataset: CompiledDataset) -> int:
        """Amounts in yuan that are as large as a phone number."""
        columns = [each.name for each in dataset.schema.columns if each.name.endswith("_minor")]
        if not columns or "currency" not in dataset.schema.names:
            return 0
        large = " or ".join(f'abs("{name}") >= {PHONE_AS_AMOUNT_MINOR}' for name in columns)
        return self._count(f"select count(*) as n from leaving_{dataset.name} where currency = 'CNY' and ({large})")

    def _texts(self) -> dict[str, list[str]]:
        """Relation to the columns with a text that leaves and is no token."""
        tokens = {each.field for each in self.permit.decisions if each.transform == "token"}
        found = {
            f"leaving_{dataset.name}": [
                f'"{field.name}"'
                for field in dataset.shape.fields
                if field.type == "text" and field.name in dataset.schema.names and field.name not in tokens
            ]
            for dataset in self.permit.datasets
        }
        return {relation: columns for relation, columns in found.items() if columns}

    def _count(self, text: str) -> int:
        return int(self.engine.read(parse(text, source="signs in what leaves"))["n"][0].as_py() or 0)


def _add_values(engine: Engine, relation: str, column: str, values: Iterable[str]) -> None:
    engine.add_arrow(relation, pa.table({column: pa.array(list(values), pa.string())}))
