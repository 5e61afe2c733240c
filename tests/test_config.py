"""Settings: what is written is read back, and everything unusable is refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leads_local import config, paths
from leads_local.config import Settings
from leads_local.errors import ConfigError


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no reviewer."""
    monkeypatch.delenv("LEADS_LOCAL_REVIEWER")


@example(model="0/", gpu_layers=0, context=0, keep_awake=False)
@given(
    model=st.text(st.characters(codec="utf-8", exclude_characters="\x00")).filter(lambda text: text[:1] != "~"),
    gpu_layers=st.integers(-1, 200),
    context=st.integers(0, 2**20),
    keep_awake=st.booleans(),
)  # (what ~ becomes is told in test_paths.py)
def test_saved_settings_load_again(
    tmp_path_factory: pytest.TempPathFactory, model: str, gpu_layers: int, context: int, keep_awake: bool
) -> None:
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    settings = Settings(model=model, gpu_layers=gpu_layers, context=context, keep_awake=keep_awake)
    same_path = replace(settings, model=str(Path(model)) if model else "")  # "a//b/" is a/b
    assert config.load(config.save(settings, file)) == same_path


def test_precedence_is_command_line_environment_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.load() == Settings()
    config.save(Settings(model="from-file", threads=3))
    assert config.load().model == "from-file"
    monkeypatch.setenv("LEADS_LOCAL_MODEL", "from-environment")
    assert config.load().model == "from-environment"
    assert config.load(model="given").model == "given"
    assert config.load(model=None).threads == 3


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("modle = 'x'\nthreds = 2\n", "modle, threds"),
        ("threads = 'two'\n", "threads must be a whole number"),
        ("threads = true\n", "threads must be a whole number"),
        ("keep_awake = 1\n", "keep_awake must be true or false"),
        ("model = 5\n", "model must be a text in quotation marks"),
        ("gpu_layers = -2\n", "gpu_layers must be -1 or more"),
        ("model = ", "can't be read"),
    ],
)
def test_unusable_settings_are_refused_by_name(text: str, named: str) -> None:
    file = paths.settings_file()
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(ConfigError, match=named) as caught:
        config.load()
    assert str(file) in caught.value.message


def test_everything_lies_under_the_given_home(home: Path) -> None:
    for place in (paths.settings_file(), paths.prompts_dir(), paths.models_dir(), paths.log_file()):
        assert home in place.parents


def test_an_account_without_a_home_folder_is_told_what_to_set(
    homeless: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for place in (paths.settings_file, paths.models_dir, paths.log_file):
        with pytest.raises(ConfigError, match="Set HOME or LEADS_LOCAL_HOME"):
            place()
    monkeypatch.setenv("LEADS_LOCAL_HOME", "~/x")
    with pytest.raises(ConfigError, match="no home folder"):
        config.load()
    monkeypatch.setenv("LEADS_LOCAL_HOME", str(tmp_path))
    assert config.load() == Settings()


def test_settings_that_are_no_text_are_said_to_be_so() -> None:
    file = paths.settings_file()
    file.parent.mkdir(parents=True)
    file.write_bytes(b"reviewer = '\xe9'")
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        config.load()


def test_what_can_not_be_written_leaves_the_old_settings(tmp_path: Path) -> None:
    file = config.save(Settings(model="old"), tmp_path / "settings.toml")
    with pytest.raises(ConfigError, match="model holds characters that are not Unicode"):
        config.save(Settings(model="\udcff.gguf"), file)
    assert config.load(file).model == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["settings.toml"]
    with pytest.raises(ConfigError, match="can't be written"):
        config.save(Settings(model="new"), file / "settings.toml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_settings_with_a_byte_order_mark_are_read(encoding: str) -> None:
    paths.settings_file().parent.mkdir(parents=True)
    paths.settings_file().write_text('reviewer = "Zoë"\r\n', encoding=encoding)
    assert config.load().reviewer == "Zoë"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("model = 'x'".encode("utf-16"), "saved as UTF-16; save it as UTF-8"),
        (b"a = " + b"[" * 100_000, "can't be read"),
        (b"threads = " + b"9" * 9000, "can't be read"),
        (b"threads = " + b"9" * 40, "threads must be 1024 or less"),
        (b'model = "a\\u0000b"', "no zero character"),
        (b"".join(b"k%d = 1\n" % number for number in range(9000)), "and 8990 more"),
        (b"model = [" + b"1, " * 9000 + b"]", r"is \[1, 1, 1, 1, 1, 1, ...\]"),
    ],
)
def test_settings_that_are_too_much_are_refused_in_a_sentence(data: bytes, said: str) -> None:
    paths.settings_file().parent.mkdir(parents=True)
    paths.settings_file().write_bytes(data)
    with pytest.raises(ConfigError, match=said) as caught:
        config.load()
    assert len(str(caught.value)) < 1000


def test_what_holds_for_one_run_is_not_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    config.save(Settings(model="from-file"))
    assert config.overriding_variable("model") == ""
    monkeypatch.setenv("LEADS_LOCAL_MODEL", "from-environment")
    assert config.load_stored().model == "from-file"
    assert config.overriding_variable("model") == "LEADS_LOCAL_MODEL"
    assert config.overriding_variable("reviewer") == ""
