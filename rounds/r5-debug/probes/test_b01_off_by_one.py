import pytest

from parcelpoint.paging import window


@pytest.mark.parametrize("current", [18, 19, 20], ids=["third-last", "second-last", "last"])
def test_window_reaches_the_last_page(current):
    assert window(current, 20) == [16, 17, 18, 19, 20]


def test_window_is_not_moved_before_it_has_to():
    assert window(7, 9, 4) == [5, 6, 7, 8]
    assert window(8, 9, 4) == [6, 7, 8, 9]


def test_window_of_one_page_shows_that_page():
    assert [window(current, 3, 1) for current in (1, 2, 3)] == [[1], [2], [3]]


def test_every_window_is_full_and_holds_existing_pages():
    for total in range(1, 13):
        for current in range(1, total + 1):
            pages = window(current, total)
            assert current in pages
            assert len(pages) == min(5, total)
            assert pages == list(range(pages[0], pages[-1] + 1))
            assert 1 <= pages[0] <= pages[-1] <= total
