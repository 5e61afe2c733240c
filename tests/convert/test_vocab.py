"""The vocabulary that is made of a checkpoint's tokenizer files, whatever their form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convert.errors import ConvertError
from convert.sentencepiece import CONTROL, UNUSED, USER_DEFINED
from convert.settings import ModelSettings
from convert.vocab import Vocabulary, read_vocabulary
from tests.checkpoints import CHAT_TEMPLATE, VOCABULARY, write_tokenizer


def model_of(vocabulary: int = VOCABULARY) -> ModelSettings:
    return ModelSettings(
        "MistralForCausalLM", 64, 1, 2, 1, 32, 64, vocabulary, 1024, 1e-5, 1e6, None, False, {"bos": 1, "eos": 2}, ()
    )


def read(folder: Path, **changes: object) -> Vocabulary:
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(config | changes))
    return read_vocabulary(folder, model_of())


def test_a_folder_without_tokenizer_is_refused(tmp_path: Path) -> None:
    write_tokenizer(tmp_path, "none")
    with pytest.raises(ConvertError, match="there is no tokenizer"):
        read_vocabulary(tmp_path, model_of())


def test_the_vocabulary_is_as_long_as_the_embedding(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    longer = read_vocabulary(tmp_path, model_of(VOCABULARY + 3))
    assert (
        len(longer.pieces) == VOCABULARY + 3
        and longer.pieces[-1].text == b"[PAD32770]"
        and longer.pieces[-1].kind == UNUSED
    )
    shorter = read_vocabulary(tmp_path, model_of(1000))
    assert len(shorter.pieces) == 1000 and "31768 more tokens" in shorter.notices[0]


def test_added_tokens_are_laid_over(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    added = {
        "5": {"content": "[X]", "special": True},
        "6": {"content": "a▁b", "special": False},
        "7": {"content": "<|y|>"},
    }
    found = read(tmp_path, added_tokens_decoder=added).pieces
    assert [(found[i].text, found[i].kind) for i in (5, 6, 7)] == [
        (b"[X]", CONTROL),
        (b"a b", USER_DEFINED),
        (b"<|y|>", CONTROL),
    ]


def test_special_tokens_are_looked_up_by_name_first(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    found = read(tmp_path, eos_token={"content": "[INST]"}, pad_token="[/INST]")
    assert found.special == {"bos": 1, "eos": 3, "unk": 0, "pad": 4} and found.adds == {"bos": True, "eos": False}


@pytest.mark.parametrize(("wanted", "expected"), [(None, True), (False, False), (True, True)])
def test_the_configuration_decides_about_the_space(tmp_path: Path, wanted: bool | None, expected: bool) -> None:
    write_tokenizer(tmp_path)
    assert read(tmp_path, add_prefix_space=wanted).space_prefix is expected


def test_a_template_of_its_own_goes_before_the_configuration(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    assert read(tmp_path).template == CHAT_TEMPLATE
    assert (
        read(
            tmp_path, chat_template=[{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]
        ).template
        == "d"
    )
    (tmp_path / "chat_template.jinja").write_text("own")
    assert read(tmp_path).template == "own"
    (tmp_path / "chat_template.jinja").unlink()
    without = read(tmp_path, chat_template=None)
    assert without.template is None and "no chat template" in without.notices[0]


@pytest.mark.parametrize("decoder", [[1], {"x": {"content": "a"}}, {"5": {}}, {"9" * 5000: {"content": "a"}}])
def test_added_tokens_that_are_none_are_refused(tmp_path: Path, decoder: object) -> None:
    write_tokenizer(tmp_path)
    with pytest.raises(ConvertError, match=r"tokenizer_config\.json"):
        read(tmp_path, added_tokens_decoder=decoder)


def test_two_tokens_that_are_written_the_same_are_refused(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    with pytest.raises(ConvertError, match=r"tokens 5 and 1040 are both '▁the'"):
        read(tmp_path, added_tokens_decoder={"5": {"content": "▁the", "special": True}})
