import pytest

from parcelpoint import Settings, load_settings
from parcelpoint.errors import SettingsError


@pytest.mark.parametrize(
    "content",
    [b"", b"free_days: 5", b'{"free_days": 5', b'{"free_days": 5}\xff'],
    ids=["empty", "not-json", "cut-short", "not-utf-8"],
)
def test_content_that_is_not_json(tmp_path, content):
    path = tmp_path / "shop.json"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.type is SettingsError


def test_file_that_cannot_be_read(tmp_path):
    path = tmp_path / "shop.json"
    path.mkdir()
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.type is SettingsError


def test_shop_without_a_file_has_the_defaults(tmp_path):
    assert load_settings(tmp_path / "shop.json") == Settings()
    assert load_settings(tmp_path / "none" / "shop.json") == Settings()


def test_proper_file_is_read(tmp_path):
    path = tmp_path / "shop.json"
    path.write_text('{"free_days": 0, "page_size": 1}', encoding="utf-8")
    assert load_settings(path) == Settings(free_days=0, member_free_days=7, page_size=1)
