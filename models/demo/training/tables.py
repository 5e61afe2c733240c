"""The tables of a full text, row by row as the PDF reader gives them: cells with bars between them."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.demo.training.report import Report
from models.demo.training.study import capital

MARKS = (".", ":", "")
BASELINE_CAPTIONS = ("Baseline characteristics", "Characteristics of participants", "Participants at baseline")
OUTCOME_CAPTIONS = ("Outcomes", "Results", "Main outcomes", "Clinical outcomes")
KEYS = (
    "", ". Figures are mean (SD) or n (%).", ". Values are means (SD) unless stated otherwise.", " by group",
    ". Data are n (%) or mean (SD)", " (mean (SD) or n (%))", ". SD, standard deviation.",
)  # fmt: skip
AGE_ROWS = (
    "Age, years", "Age (years)", "Mean age (SD), years", "Age, mean (SD)", "Age", "Age (years), mean (SD)",
    "Mean age, years",
    "Age in years", "Age at entry, years", "Age (yr)", "Age, mean (SD), y",
)  # fmt: skip
WOMEN_ROWS = (
    "Women, n (%)", "Female sex", "Female, n (%)", "Women", "Sex, female", "Number of women", "Female", "Women (%)",
    "Female participants",
    "Sex (female)", "Women, No. (%)", "Female sex, n (%)",
)  # fmt: skip
OTHER_ROWS = (
    "Body mass index, kg/m²", "Weight, kg", "Height, cm", "Duration of disease, years", "Systolic blood pressure, mmHg",
    "Heart rate, bpm",
    "Duration of symptoms, months", "Waist circumference, cm", "Education, years", "HbA1c, %", "Haemoglobin, g/L",
    "Grip strength, kg",
    "Creatinine, µmol/L", "Walking speed, m/s", "Quality of life, points", "Pain at rest, mm", "Cholesterol, mmol/L",
    "Sleep, hours",
)  # fmt: skip
OTHER_FORMS = (
    "{0}, {1}", "{0} ({1})", "{0}", "{0}, mean (SD)", "{0} ({1}), mean (SD)", "Mean {2}, {1}", "Mean {2} ({1})",
    "{0}, {1}, mean (SD)",
)  # fmt: skip
COUNT_ROWS = (
    "Diabetes", "Smokers", "Married", "Employed", "Previous surgery", "Hypertension", "Living alone", "Rural residence",
    "Asthma",
    "University degree", "First episode", "Severe disease", "Current smoking", "Retired", "Taking analgesics",
    "Heart disease",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """Writes the tables of ``report``, which keeps count of what they tell."""

    rng: random.Random
    report: Report

    def baseline(self, said: Collection[str], rich: bool = False) -> Iterator[str]:
        """Rows of participants' characteristics, without those whose slots were ``said`` before; now and then none.
        Those of a ``rich`` paper are always there, and say where outcomes stood at the beginning."""
        rng, result, slots = self.rng, self.report, self.report.study.slots
        if not rich and rng.random() < 0.35:
            return
        order = self._order()
        yield f"Table 1{rng.choice(MARKS)} {rng.choice(BASELINE_CAPTIONS)}{self._key(rich)}"
        yield self._header(rng.choice(("Characteristic", "", "Variable")), order)
        rows = []
        if "mage" not in said and not result.ages_by_arm:
            result.ages_by_arm = True
            rows.append(self._row(rng.choice(AGE_ROWS), [slots[f"age{'ABC'[n]}"] for n in order]))
        if "fem" not in said and not result.women_by_arm and rng.random() < 0.8:
            result.women_by_arm = True
            rows.append(self._row(rng.choice(WOMEN_ROWS), [slots[f"fem{'ABC'[n]}"] for n in order]))
        for name in rng.sample(OTHER_ROWS, rng.randint(0, 3)):
            values = [f"{rng.uniform(1, 90):.1f} ({rng.uniform(0.5, 20):.1f})" for _ in order]
            result.other_rows[name] = tuple(values)
            what, _, unit = name.partition(", ")
            lower = what if what[1].isupper() else what[0].lower() + what[1:]
            rows.append(self._row(rng.choice(OTHER_FORMS).format(what, unit, lower), [values[n] for n in order]))
        for name in rng.sample(COUNT_ROWS, rng.choice((0, 0, 1, 2, 3))):
            parts = [rng.randint(2, 95) for _ in order]
            cells = [
                f"{max(1, self.report.study.arms[n].size * part // 100)} ({part}%)"
                for n, part in zip(order, parts, strict=True)
            ]
            rows.append(self._row(name + rng.choice(("", "", ", n (%)", ", No. (%)")), cells))
        if rich:
            rows += self._before(order)
        rng.shuffle(rows)
        yield from rows

    def _before(self, order: Sequence[int]) -> Iterator[str]:
        """Means of outcomes at baseline, which answer no question about the outcome."""
        rng = self.rng
        for outcome in self.report.study.outcomes:
            if outcome.measure == "mean" and rng.random() < 0.5:
                values = (f"{rng.uniform(1, 90):.1f} ({rng.uniform(0.5, 20):.1f})" for _ in order)
                yield self._row(
                    f"{capital(outcome.name)}{rng.choice(('', f', {outcome.unit}', ' at baseline'))}", values
                )

    def _key(self, rich: bool) -> str:
        return self.rng.choice(KEYS) if rich else ""

    def outcomes(self, rich: bool = False) -> Iterator[str]:
        """Rows of the outcomes whose values were not told before; a ``rich`` paper may tell them again."""
        rng, result = self.rng, self.report
        told = () if rich and rng.random() < 0.5 else result.results
        rest = [outcome for outcome in result.study.outcomes if outcome.name not in told]
        if not rest or (not rich and rng.random() < 0.15):
            return
        order, difference = self._order(), rng.random() < 0.4
        timed = len({outcome.time for outcome in rest}) == 1 and rng.random() < 0.6
        at = f" at {rest[0].time}" if timed else ""
        yield f"Table 2{rng.choice(MARKS)} {rng.choice(OUTCOME_CAPTIONS)}{at}{self._key(rich)}"
        yield self._header(rng.choice(("Outcome", "", "Measure")), order) + (" | Difference" if difference else "")
        for outcome in rest:
            unit = {"count": "n (%)", "median": f"median, {outcome.unit}"}.get(outcome.measure, outcome.unit)
            time = f" at {outcome.time}" if not timed and rng.random() < 0.4 else ""
            result.tell(outcome, ("va", "t") if timed or time else ("va",))
            row = self._row(f"{capital(outcome.name)}{time}, {unit}", [outcome.values[n] for n in order])
            middle = rng.uniform(-9, 9)
            spread = f" ({middle - rng.uniform(0.1, 4):.1f} to {middle + rng.uniform(0.1, 4):.1f})" if rich else ""
            yield row + (f" | {middle:.1f}{spread}" if difference else "")

    def _order(self) -> list[int]:
        order = list(range(len(self.report.study.arms)))
        return order[::-1] if self.rng.random() < 0.25 else order

    def _header(self, first: str, order: Sequence[int]) -> str:
        form = self.rng.choice(("{0} (n = {1})", "{0} (n={1})", "{0}", "{0} (N = {1})"))
        cells = [
            form.format(re.sub(r"^(the|a|an) ", "", arm.label), arm.size)
            for arm in (self.report.study.arms[n] for n in order)
        ]
        cells = [capital(cell) for cell in cells]
        return " | ".join([first, *cells] if first else cells)

    @staticmethod
    def _row(name: str, cells: Iterable[str]) -> str:
        return " | ".join([name, *cells])
