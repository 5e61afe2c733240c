"""Values under headings: none lost, none twice, the person's text where there is one."""

from hypothesis import given
from hypothesis import strategies as st

from leads_local.records import ExtractedValue
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.tui.widgets.value_list import rows_of, shown_text, value_label

VALUES = st.lists(
    st.builds(
        ExtractedValue,
        task=st.sampled_from(["characteristics", "results", "participants", "arms"]),
        item=st.sampled_from(["Mortality", "[b]Age[/b]", ""]),
        text=st.text(max_size=5),
        group=st.sampled_from(["", "Drug A", "Placebo"]),
        part=st.sampled_from(["value", "unit"]),
    ),
    max_size=30,
)


def stored(
    value: ExtractedValue, number: int = 1, status: ValueStatus = ValueStatus.PROPOSED, final: str = ""
) -> StoredValue:
    return StoredValue(number, 1, value, status, final)


@given(VALUES)
def test_every_value_has_one_row_after_a_heading(values: list[ExtractedValue]) -> None:
    rows = rows_of([stored(value, number) for number, value in enumerate(values, 1)])
    assert sorted(row.value.id for row in rows if row.value is not None) == list(range(1, len(values) + 1))
    headings = [row.label for row in rows if row.value is None]
    assert len(set(headings)) == len(headings)
    assert not rows or rows[0].value is None


def test_labels_say_what_it_is_a_value_of() -> None:
    assert value_label(stored(ExtractedValue("characteristics", "Country", "Ireland"))) == "Country"
    assert value_label(stored(ExtractedValue("results", "Mortality", "4", group="Drug A"))) == "Mortality, Drug A"
    assert value_label(stored(ExtractedValue("results", "Mortality", "%", part="unit"))) == "Mortality, unit"


def test_the_persons_text_counts() -> None:
    value = ExtractedValue("characteristics", "Country", "Ireland")
    assert shown_text(stored(value)) == "Ireland"
    assert shown_text(stored(value, status=ValueStatus.EDITED, final="Malta")) == "Malta"
    assert shown_text(stored(value, status=ValueStatus.REJECTED)) == "Ireland"
