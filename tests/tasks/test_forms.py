"""A form is read as it was written, or refused with the file and the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.errors import InputError
from leads_local.records import Field, Measure, Outcome, Question
from leads_local.tasks import forms
from leads_local.tasks.forms import Form

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
name = text.filter(str.strip)


def unique(make: type[Field] | type[Outcome] | type[Measure]) -> st.SearchStrategy[tuple[object, ...]]:
    parts = {"param_type": text, "unit": text} if make is Measure else {}
    key = "description" if make is Field else "definition"
    entries = st.lists(
        st.builds(make, name=name, **{key: text}, **parts),
        max_size=4,
        unique_by=lambda e: " ".join(e.name.split()).casefold(),
    )
    return entries.map(tuple)


@given(st.builds(Form, text, unique(Field), unique(Outcome), unique(Measure)))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, form: Form) -> None:
    file = tmp_path_factory.getbasetemp() / "form.toml"
    file.write_bytes(forms.dumps(form).encode())
    if form.fields or form.outcomes or form.measures:
        assert forms.load(file) == form
    else:
        with pytest.raises(InputError, match="asks for nothing"):
            forms.load(file)


def test_the_default_form_covers_a_trial_and_can_be_edited(tmp_path: Path) -> None:
    form = forms.default()
    names = {field.name for field in form.fields}
    assert {
        "Study design",
        "Country",
        "Sample size",
        "Funding",
        "Registration",
        "Follow-up",
        "Primary outcome",
    } <= names
    assert all(field.description for field in form.fields) and form.measures and not form.outcomes
    file = tmp_path / "copy.toml"
    file.write_text(forms.dumps(form), encoding="utf-8-sig")
    assert forms.load(str(file)) == form


@pytest.mark.parametrize(
    ("outcome", "names"),
    [
        ("", []),
        ("sleep latency", ["sleep latency"]),
        ("pain at 6 weeks;\n adverse events ;; Pain at 6 weeks", ["pain at 6 weeks", "adverse events"]),
    ],
)
def test_the_question_s_outcome_is_asked_for(outcome: str, names: list[str]) -> None:
    form = forms.for_question(Question(outcome=outcome))
    assert [o.name.casefold() for o in form.outcomes] == [n.casefold() for n in names]
    assert form.fields == forms.default().fields


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("feild = 1", "unknown key feild"),
        ("[[field]]\nname = 'A'\ndescripton = 'x'", r'\[\[field\]\] number 1 \("A"\): unknown key descripton'),
        ("[[field]]\ndescription = 'x'", r"\[\[field\]\] number 1 has no name"),
        ("[[outcome]]\nname = ' '", r"\[\[outcome\]\] number 1 .*has no name"),
        ("[[field]]\nname = 'A'\n[[field]]\nname = ' a '", r"number 2 .* has the same name as number 1"),
        ("[[measure]]\nname = 'A'\nunit = 5", r'\[\[measure\]\] number 1 \("A"\): unit must be text'),
        ("field = 'A'", r"field must be written as \[\[field\]\]"),
        ("[field]\nname = 'A'", r"field must be written as \[\[field\]\]"),
        ("title = 5\n[[field]]\nname = 'A'", "title must be text"),
        ("title = 'empty'", "asks for nothing"),
        ("[[field]\nname", "not TOML in UTF-8: .*line 1"),
        ("a = " + "[" * 5000, "not TOML|unknown key"),
    ],
)
def test_each_fault_names_file_and_place(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "my form.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        forms.load(file)
    assert str(file) in caught.value.message and caught.value.hint


def entries(**counts: int) -> str:
    return "\n".join(
        f'[[{kind}]]\nname = "{kind} {number}"' for kind, count in counts.items() for number in range(count)
    )


def test_a_form_of_too_many_questions_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "huge.toml"
    file.write_text(entries(field=20_000))
    with pytest.raises(InputError, match=r"huge\.toml: the form has 20,000 \[\[field\]\]; it may have 500 in all"):
        forms.load(file)
    file.write_text(entries(field=300, outcome=150, measure=51))
    with pytest.raises(InputError, match=r"300 \[\[field\]\], 150 \[\[outcome\]\], 51 \[\[measure\]\]"):
        forms.load(file)
    file.write_text(entries(field=300, outcome=150, measure=50))
    assert len(forms.load(file).fields) == 300


def test_texts_without_end_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    for text, said in (
        (f'[[field]]\nname = "A"\ndescription = "{"x" * 5001}"', "number 1 .*: description is longer than 5,000"),
        (f'title = "{"x" * 5001}"\n[[field]]\nname = "A"', "the title is longer"),
        ("".join(f"k{number} = 1\n" for number in range(9000)), "k0, .* and 8,990 more"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=said) as caught:
            forms.load(file)
        assert len(caught.value.message) < 1000


def test_files_that_are_no_forms(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        forms.load(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="a folder, not a form"):
        forms.load(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes("title = 'naïve'".encode("cp1252"))
    with pytest.raises(InputError, match="not TOML in UTF-8"):
        forms.load(latin)


@given(st.text(max_size=80))
def test_any_text_is_a_form_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    try:
        forms.load(file)
    except InputError as error:
        assert "any.toml" in error.message
