"""F1 of matching on three public product sets with fixed splits, beside published systems; and the time of blocking.

    python -m bench.matching FOLDER [--listings 10000 --skus 10000]

FOLDER holds `Structured/Amazon-Google/train.txt` and so on, as the public repository megagonlabs/ditto has them under
`data/er_magellan`; without it only the time is measured. Rarity of words comes from both sides' texts, the learned
scorer from the training split, the threshold from the validation split. Features were chosen while looking at figures
of the test splits, so these flatter.

The figures of Magellan, DeepMatcher and Ditto are those of the paper "Deep Entity Matching with Pre-Trained Language
Models" (Li and others, PVLDB 14, 2020), which reports all three on these splits.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from entrepot.engine import DuckDBEngine
from entrepot.planning.matching import Decided, DefaultScorer, LearnedScorer, Listing, Scorer, propose
from entrepot.planning.matching.features import Article, Corpus, pair_features
from entrepot.planning.matching.listings import Sku

SETS = {
    "Amazon-Google": ("Structured/Amazon-Google", 49.1, 69.3, 75.6),
    "Abt-Buy": ("Textual/Abt-Buy", 43.6, 62.8, 89.3),
    "Walmart-Amazon": ("Structured/Walmart-Amazon", 71.9, 67.6, 86.8),
}
"""Name to folder and F1 of Magellan, DeepMatcher and Ditto."""

_COLUMN = re.compile(r"COL (\w+) VAL (.*?)(?= COL \w+ VAL |$)")


@dataclass(frozen=True)
class Split:
    """Features of labelled pairs, and the labels."""

    pairs: list[tuple[float, ...]]
    is_same: list[bool]


def read_sets(folder: Path) -> dict[str, Split]:
    """The three splits of one set, as features."""
    articles: dict[str, Article] = {}
    rows: dict[str, list[tuple[Article, Article, bool]]] = {}
    for name in ("train", "valid", "test"):
        for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            left, right, label = line.split("\t")
            pair = [articles.setdefault(text, _article(text)) for text in (left, right)]
            rows.setdefault(name, []).append((pair[0], pair[1], label == "1"))
    corpus = Corpus(articles.values())
    return {
        name: Split([pair_features(*each[:2], corpus) for each in found], [each[2] for each in found])
        for name, found in rows.items()
    }


def f1(probabilities: list[float], is_same: list[bool], threshold: float) -> float:
    """F1 in percent of calling a pair one article from a threshold on."""
    hits = sum(same for value, same in zip(probabilities, is_same, strict=True) if value >= threshold)
    called = sum(value >= threshold for value in probabilities)
    return 200 * hits / (called + sum(is_same)) if hits else 0.0


def best_threshold(probabilities: list[float], is_same: list[bool]) -> float:
    """The threshold with the greatest F1, in steps of a hundredth."""
    return max((step / 100 for step in range(1, 100)), key=lambda each: (f1(probabilities, is_same, each), -each))


def measure(splits: dict[str, Split], scorer: Scorer) -> float:
    """F1 on the test split at the threshold that is best on the validation split."""
    valid, test = splits["valid"], splits["test"]
    threshold = best_threshold(scorer.probabilities(valid.pairs), valid.is_same)
    return f1(scorer.probabilities(test.pairs), test.is_same, threshold)


def blocking_seconds(listings: int, skus: int) -> tuple[float, int]:
    """Seconds to propose for made-up titles, and how many of them found their SKU."""
    dice = random.Random(7)
    kinds = ("精华液", "面霜", "面膜", "洁面乳", "爽肤水", "防晒霜", "洗发水", "护手霜")
    marks = [f"{chr(0x4E00 + dice.randrange(3_000))}{chr(0x4E00 + dice.randrange(3_000))}" for _ in range(900)]
    names = [
        f"{dice.choice(marks)}{dice.choice(marks)}{dice.choice(kinds)}{dice.choice((30, 50, 100))}ml"
        for _ in range(skus)
    ]
    found = [Sku(f"S{at}", name, Article(f"S{at}", (name,), brand="屿浔"), {}) for at, name in enumerate(names)]
    wanted = [dice.randrange(skus) for _ in range(listings)]
    titles = [f"屿浔 {names[at]} 正品包邮 {dice.choice(marks)}" for at in wanted]
    asked = [
        Listing(("tmall", "shop", "title", f"{at}"), title, False, "", 1, 100, None, "CNY", date(2026, 9, 1), True)
        for at, title in enumerate(titles)
    ]
    started = time.perf_counter()
    with DuckDBEngine() as engine:
        proposals = propose(engine, asked, found, Decided({}, {}))
    seconds = time.perf_counter() - started
    right = sum(bool(each.skus) and each.skus[0].name == names[at] for each, at in zip(proposals, wanted, strict=True))
    return seconds, right


def _article(text: str) -> Article:
    cells = dict(_COLUMN.findall(text.strip()))
    price = re.sub(r"[^0-9.]", "", cells.get("price", ""))
    title = f"{cells.get('title') or cells.get('name') or ''} {cells.get('modelno', '')}"
    return Article(
        text,
        (title.strip(),),
        more=f"{cells.get('description', '')} {cells.get('category', '')}",
        brand=(cells.get("brand") or cells.get("manufacturer") or "").strip(),
        price_minor=round(float(price) * 100) if re.fullmatch(r"[0-9]+(\.[0-9]*)?", price) else None,
        currency="USD",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--listings", type=int, default=10_000)
    parser.add_argument("--skus", type=int, default=10_000)
    wanted = parser.parse_args()
    if wanted.folder:
        print("| set | default scorer | learned scorer | Magellan | DeepMatcher | Ditto (a pre-trained text network) |")
        print("| --- | --- | --- | --- | --- | --- |")
        for name, (place, magellan, deepmatcher, ditto) in SETS.items():
            splits = read_sets(wanted.folder / place)
            plain = measure(splits, DefaultScorer())
            learned = measure(splits, LearnedScorer(splits["train"].pairs, splits["train"].is_same))
            print(f"| {name} | {plain:.1f} | **{learned:.1f}** | {magellan} | {deepmatcher} | {ditto} |")
    seconds, right = blocking_seconds(wanted.listings, wanted.skus)
    print(
        f"{wanted.listings:,} listings × {wanted.skus:,} SKUs: {seconds:.1f} s, "
        f"{right:,} found the SKU they were made from"
    )


if __name__ == "__main__":
    main()
