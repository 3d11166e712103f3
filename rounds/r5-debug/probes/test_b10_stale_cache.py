import pytest

from parcelpoint import Directory, Recipient
from parcelpoint.errors import UnknownRecipient


def directory():
    people = Directory()
    people.add(Recipient("r1", "Ida Berg"))
    people.add(Recipient("r2", "Bert Holm", member=True))
    return people


def names(people, text):
    return [who.name for who in people.search(text)]


def test_old_name_is_not_found_any_more():
    people = directory()
    assert names(people, "berg") == ["Ida Berg"]
    people.rename("r1", "Ida Lund")
    assert names(people, "berg") == []


def test_new_name_is_found_by_its_beginning():
    people = directory()
    assert names(people, "lu") == []
    people.rename("r1", "Ida Lund")
    assert names(people, "lu") == ["Ida Lund"]


def test_answers_show_the_new_name_in_its_new_place():
    people = directory()
    assert names(people, "") == ["Bert Holm", "Ida Berg"]
    people.rename("r2", "Zora Holm")
    assert names(people, "") == ["Ida Berg", "Zora Holm"]
    assert people.search("zora") == [Recipient("r2", "Zora Holm", member=True)]


def test_new_recipients_and_removed_ones_are_still_noticed():
    people = directory()
    assert names(people, "ber") == ["Bert Holm", "Ida Berg"]
    people.add(Recipient("r3", "Anna Berg"))
    people.remove("r2")
    assert names(people, "ber") == ["Anna Berg", "Ida Berg"]


def test_refused_new_name_changes_nothing():
    people = directory()
    with pytest.raises(UnknownRecipient):
        people.rename("r9", "Nobody")
    assert names(people, "") == ["Bert Holm", "Ida Berg"]
