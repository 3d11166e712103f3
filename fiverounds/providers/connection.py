"""The HTTP side of talking to an endpoint.

A client that keeps its key to itself, and plain words for what broke.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import urllib.parse
from collections.abc import Generator, Iterator

import httpx

from fiverounds import __version__

CONNECT_SECONDS = 10.0
_BODY_BYTES = 64 * 1024
_HIDDEN = "***"


class BearerAuth(httpx.Auth):
    """Puts the key into a request at the moment it is sent: it is in no client, header list or repr."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See httpx."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request

    def __repr__(self) -> str:
        return "BearerAuth(***)"


class Endpoint:
    """A base URL, the key for it, and one HTTP client.

    The environment's proxies are honoured, but never for a loopback address: a server on this
    machine is not reached through a proxy, and `NO_PROXY` is easily forgotten.
    """

    def __init__(self, base_url: str, key: str | None) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = key
        self._client: httpx.AsyncClient | None = None

    @property
    def client(self) -> httpx.AsyncClient:
        """Made on first use, inside the event loop that will use it."""
        if self._client is None:
            self._client = httpx.AsyncClient(
                auth=BearerAuth(self._key) if self._key else None,
                # A cold load and a long prefill send nothing for minutes; the deadline bounds the whole exchange.
                timeout=httpx.Timeout(None, connect=CONNECT_SECONDS, write=60.0),
                headers={"User-Agent": f"fiverounds/{__version__}", "Accept-Encoding": "identity"},
                trust_env=not is_loopback(self.base_url),
                follow_redirects=False,
            )
        return self._client

    def url(self, path: str) -> str:
        """Full address of an API path such as `/models`."""
        return self.base_url + path

    @property
    def shown(self) -> str:
        """The base URL without user, password and query, for messages."""
        url = httpx.URL(self.base_url)
        return str(url.copy_with(userinfo=b"", query=None, fragment=None))

    def clean(self, text: str) -> str:
        """The text without the key: servers like to quote it."""
        return text.replace(self._key, _HIDDEN) if self._key else text

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def key_problem(name: str, value: str) -> str | None:
    """Why a variable's value cannot be a key, without quoting it."""
    key = value.strip()
    if not key:
        return f"the environment variable {name} is not set"
    if not key.isascii() or not key.isprintable() or " " in key:
        return f"the value of {name} is not a key: it has spaces, line ends or non-ASCII characters"
    return None


def url_problem(base_url: str) -> str | None:
    """Why a base URL cannot be one. It is not quoted: it may hold a password."""
    try:
        parts = urllib.parse.urlsplit(base_url)
        host, _ = parts.hostname, parts.port  # httpx takes ports that no socket does
        httpx.URL(base_url)
    except (ValueError, httpx.InvalidURL):
        return "base_url is not a URL"
    return None if host else "base_url is not a URL: it names no host"


def is_loopback(url: str) -> bool:
    """True for an address of this very machine."""
    host = httpx.URL(url).host
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def why(error: BaseException) -> str:
    """A transport error in words; httpx often says only `All connection attempts failed`."""
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, socket.gaierror):
            return "host name not found"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or cause}"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__


async def body_of(response: httpx.Response, limit_bytes: int = _BODY_BYTES) -> bytes:
    """The beginning of a body, whatever its length."""
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= limit_bytes:
            break
    return body[:limit_bytes]
