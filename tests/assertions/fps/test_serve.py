"""Which addresses are the page's own."""

from __future__ import annotations

import pytest

from fiverounds.assertions.fps.serve import media_type, own_path, page_url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://artefact.test/index.html", "index.html"),
        ("https://artefact.test/a/b%20c.js?x=1#y", "a/b c.js"),
        ("https://artefact.test/../secret", None),
        ("https://artefact.test/%2e%2e/secret", None),
        ("https://artefact.test/a%5c..%5cb", None),
        ("http://artefact.test/index.html", None),
        ("https://artefact.test.evil.example/index.html", None),
        ("https://user@artefact.test/index.html", None),
        ("https://outside.example/", None),
        ("file:///etc/passwd", None),
    ],
)
def test_own_paths(url: str, path: str | None) -> None:
    assert own_path(url) == path


def test_a_page_with_an_odd_name_comes_back() -> None:
    assert own_path(page_url("sub dir/ä#?.html")) == "sub dir/ä#?.html"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("a/app.mjs", "text/javascript; charset=utf-8"),
        ("m.wasm", "application/wasm"),
        ("x.png", "image/png"),
        ("noext", "application/octet-stream"),
    ],
)
def test_media_types(path: str, kind: str) -> None:
    assert media_type(path) == kind
