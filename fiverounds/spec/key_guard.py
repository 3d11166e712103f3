"""Texts that look like keys and passwords: refused in a spec, and never shown.

All repetitions are bounded: these patterns run over a stranger's text.
"""

from __future__ import annotations

import re

_KNOWN = re.compile(
    r"""
    \b[srp]k-(?=[A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{12,256}  # OpenAI, Anthropic, OpenRouter
    | \b[sr]k_(?:live|test)_[A-Za-z0-9]{10,256}
    | \bgh[pousr]_[A-Za-z0-9]{20,256} | \bgithub_pat_[A-Za-z0-9_]{20,256} | \bglpat-[A-Za-z0-9_-]{16,256}
    | \bxox[abeprs]-[A-Za-z0-9-]{10,256}
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b | \bAIza[A-Za-z0-9_-]{30,256}
    | \bhf_[A-Za-z0-9]{20,256} | \bgsk_[A-Za-z0-9]{20,256} | \bxai-[A-Za-z0-9]{20,256} | \br8_[A-Za-z0-9]{20,256}
    | \bnvapi-[A-Za-z0-9_-]{20,256} | \bnpm_[A-Za-z0-9]{20,256} | \bpypi-[A-Za-z0-9_-]{20,256}
    | \beyJ[A-Za-z0-9_-]{10,256}\.[A-Za-z0-9_-]{10,256}
    | (?i:\bbearer\s{1,9})[A-Za-z0-9._~+/=-]{12,256}
    | -----BEGIN[ A-Z]{0,40}PRIVATE\ KEY-----
    | (?<=://)[^/\s@]{1,256}:[^/\s@]{1,256}(?=@) # user:password@host
    """,
    re.VERBOSE,
)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{24,256}")
_SECRET_WORD = re.compile(
    r"(?i)(?:^|[_-])(?:api_?-?key|key|token|secret|passw(?:or)?d|password|credentials?|pat)$"
    r"|^(?:apikey|authorization|passphrase)$"
)
_FIELD = re.compile(
    r"(?P<key>[A-Za-z0-9_-]{1,64})(?P<between>['\"]?\s{0,9}[:=]\s{0,9})(?P<value>[^\s,}\]#][^,}\]#]*)"
)


def is_key(text: str) -> bool:
    """True for a text that holds a key of a well-known form."""
    return _KNOWN.search(text) is not None


def may_be_key(text: str) -> bool:
    """True also for long runs that mix letters and digits as keys do: not to be quoted, yet allowed."""
    return is_key(text) or any(_is_random(run[0]) for run in _LONG_RUN.finditer(text))


def names_a_secret(name: str) -> bool:
    """True for `api_key`, `GITHUB_TOKEN`, `password`; not for `api_key_env`, `max_tokens`."""
    return _SECRET_WORD.search(name) is not None


def masked(line: str) -> str:
    """The line with every character of what may be a secret as `*`, so that columns stay."""
    line = _KNOWN.sub(_stars, line)
    line = _FIELD.sub(_masked_field, line)
    return _LONG_RUN.sub(lambda run: _stars(run) if _is_random(run[0]) else run[0], line)


def _stars(match: re.Match[str]) -> str:
    return "*" * len(match[0])


def _masked_field(match: re.Match[str]) -> str:
    if not names_a_secret(match["key"]):
        return match[0]
    return match["key"] + match["between"] + "*" * len(match["value"])


def _is_random(run: str) -> bool:
    digits = sum(character.isdigit() for character in run)
    return digits >= 4 and digits < len(run) and not re.search(r"[a-z]{6}|[-_/][a-z]{3,}", run)
