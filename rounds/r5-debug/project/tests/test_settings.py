import pytest

from parcelpoint import Settings, load_settings
from parcelpoint.errors import SettingsError


def test_settings_from_a_file(tmp_path):
    path = tmp_path / "shop.json"
    path.write_text('{"free_days": 5}', encoding="utf-8")
    assert load_settings(path) == Settings(free_days=5, member_free_days=7, page_size=20)


def test_unknown_setting_is_refused(tmp_path):
    path = tmp_path / "shop.json"
    path.write_text('{"free_day": 5}', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert str(caught.value) == "unknown settings: free_day"


def test_file_that_is_not_json_is_refused(tmp_path):
    path = tmp_path / "shop.json"
    path.write_text('{"free_days": 5', encoding="utf-8")
    with pytest.raises(SettingsError):
        load_settings(path)
