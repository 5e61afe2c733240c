"""Settings: what is written is read back, and everything unusable is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local import config, paths
from leads_local.config import Settings
from leads_local.errors import ConfigError


@given(
    model=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    gpu_layers=st.integers(-1, 200),
    context=st.integers(0, 2**20),
)
def test_saved_settings_load_again(tmp_path_factory: pytest.TempPathFactory, model: str, gpu_layers: int, context: int) -> None:
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    settings = Settings(model=model, gpu_layers=gpu_layers, context=context)
    assert config.load(config.save(settings, file)) == settings


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
        ("threads = 'two'\n", "threads must be int"),
        ("threads = true\n", "threads must be int"),
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
