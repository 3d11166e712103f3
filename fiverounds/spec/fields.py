"""The kinds of value a spec is made of, each with the words that explain it to whoever mistypes it.

Every pattern is anchored at both ends and free of `\\s`, `\\d` and `\\w`: those mean different things to
pydantic's (Rust), jsonschema's (Python) and an editor's (ECMAScript) regular expressions.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints


def _explained(message: str) -> Any:
    # `patternErrorMessage` is what VS Code's YAML and JSON servers show; the gate shows it as well.
    return Field(json_schema_extra={"patternErrorMessage": message})


def _only(kind: type) -> BeforeValidator:
    # Strict or not, pydantic's literals compare with `==`, and `True == 1 == 1.0`.
    def check(value: object) -> object:
        if type(value) is not kind:
            raise ValueError(f"not of type {kind.__name__}")
        return value

    return BeforeValidator(check)


FormatVersion = Annotated[Literal[1], _only(int)]
Yes = Annotated[Literal[True], _only(bool)]
Identifier = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$"),
    _explained("write a name of lower-case letters, digits, `.`, `_` and `-`"),
]
Duration = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h)$"),
    _explained("write a duration like 90s, 15m or 1h"),
]
ByteSize = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?(B|KiB|MiB|GiB|kB|MB|GB)$"),
    _explained("write a size like 512MiB or 2GiB"),
]
EnvironmentName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]{0,127}$"),
    _explained("write the NAME of an environment variable, like OPENAI_API_KEY; never the key"),
]
ModuleName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"),
    _explained("write the name of a Python module, like `lisp`"),
]
HttpUrl = Annotated[
    str,
    # `${` so that editors take a URL that comes out of the environment; it is judged once filled in.
    StringConstraints(pattern=r"^(https?://|\$\{)[!-~]+$"),
    _explained("write a URL like http://127.0.0.1:8080/v1"),
]
RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Text = Annotated[str, StringConstraints(min_length=1)]
Command = Annotated[tuple[Text, ...], Field(min_length=1)]
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Names = Annotated[tuple[Identifier, ...], Field(min_length=1)]
ToolchainName = Literal["go"]
SandboxName = Literal["auto", "bubblewrap", "none"]
