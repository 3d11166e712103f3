from parcelpoint import Directory, Recipient


def directory():
    people = Directory()
    people.add(Recipient("r1", "Ida Berg"))
    people.add(Recipient("r2", "Bert Holm"))
    return people


def names(people, text):
    return [who.name for who in people.search(text)]


def test_search_looks_at_every_word():
    assert names(directory(), "BER") == ["Bert Holm", "Ida Berg"]


def test_search_after_a_new_name():
    people = directory()
    assert names(people, "berg") == ["Ida Berg"]
    people.rename("r1", "Ida Lund")
    assert names(people, "berg") == []
