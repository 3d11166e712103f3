from parcelpoint.paging import paginate, window


def test_page_from_the_middle_of_a_list():
    page = paginate("abcdefghij", 2, 3)
    assert page.items == ("d", "e", "f")
    assert (page.number, page.pages) == (2, 4)


def test_last_page_may_be_shorter():
    assert paginate("abcdefghij", 4, 3).items == ("j",)


def test_window_is_centred_on_the_page():
    assert window(6, 20) == [4, 5, 6, 7, 8]


def test_window_at_the_beginning():
    assert window(1, 20) == [1, 2, 3, 4, 5]
