"""Addresses."""

from __future__ import annotations

from fiverounds.providers.connection import Endpoint, is_loopback


def test_urls() -> None:
    assert Endpoint("http://me:pw@h:1/v1/?key=x", None).shown == "http://h:1/v1/"
    assert Endpoint("http://h/v1/", None).url("/models") == "http://h/v1/models"
    assert is_loopback("http://localhost:8/v1")
    assert is_loopback("http://[::1]:8/v1")
    assert is_loopback("http://127.0.0.2/v1")
    assert not is_loopback("https://api.openai.com/v1")
    assert not is_loopback("http://192.168.1.7/v1")
