"""Benches made in memory, by hand and by chance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pydantic import TypeAdapter

from fiverounds.plan.key import Digest
from fiverounds.spec.bench import Bench
from fiverounds.spec.models import (
    DefaultsSpec,
    MatrixSpec,
    ProviderSpec,
    ReplayProvider,
    RoundSpec,
)

PROVIDER: TypeAdapter[ProviderSpec] = TypeAdapter(ProviderSpec)


def provider(id: str = "p", **keys: Any) -> ProviderSpec:  # noqa: A002  # the schema's own word
    """A replay unless told otherwise."""
    keys = {"kind": "replay", **keys}
    if keys["kind"] == "replay":
        keys.setdefault("answers", "answers/{round}")
    return PROVIDER.validate_json(json.dumps({"id": id, **keys}))


def round_spec(id: str = "r", **keys: Any) -> RoundSpec:  # noqa: A002  # the schema's own word
    """Asks prompt `q` and runs `true`, unless told otherwise."""
    given = {
        "prompt": "q",
        "output": {"file": "a.txt"},
        "assert": [{"type": "script", "run": ("true",)}],
        **keys,
    }
    return RoundSpec.model_validate_json(json.dumps({"id": id, **given}))


def bench(
    *rounds: RoundSpec,
    providers: tuple[ProviderSpec, ...] = (),
    prompts: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    matrix: Mapping[str, Any] | None = None,
) -> Bench:
    """One provider and one round, unless told otherwise. Prompts that are not given say their own name."""
    rounds = rounds or (round_spec(),)
    named = {name: f"Do {name}." for one in rounds for name in asked(one)}
    return Bench(
        file=Path("bench.yaml"),
        root=Path(),
        name="bench",
        description="",
        defaults=DefaultsSpec.model_validate_json(json.dumps(defaults or {})),
        gate=None,
        matrix=MatrixSpec.model_validate_json(json.dumps(matrix or {})),
        providers=providers or (provider(),),
        prompts={**named, **(prompts or {})},
        rounds=rounds,
        digest="0" * 64,
    )


def asked(one: RoundSpec) -> tuple[str, ...]:
    """The prompts a round names, as a tuple."""
    return (one.prompt,) if isinstance(one.prompt, str) else one.prompt


def digest_from(files: Mapping[str, str]) -> Digest:
    """Content digests of files that exist in a dictionary only; a folder's is that of all below it."""

    def digest(path: str) -> str:
        below = {
            name: content
            for name, content in files.items()
            if name == path or name.startswith(f"{path}/")
        }
        return hashlib.sha256(repr(sorted(below.items())).encode()).hexdigest()

    return digest


NO_FILES = digest_from({})

# Few letters, dots among them: names that can be mistaken for each other are likely.
NAMES = st.sampled_from(["a", "b", "a.a", "a.b", "b.a", "a.b.a", "b.a.b"])


@st.composite
def benches(draw: st.DrawFn) -> Bench:
    """Several providers and rounds, in any order, continued or not, with few prompts between them."""
    prompts = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    round_ids = [f"r{number}" for number in range(draw(st.integers(1, 3)))]
    rounds = []
    for index, round_id in enumerate(round_ids):
        after = draw(st.sampled_from([None, *round_ids[:index]]))
        keys: dict[str, Any] = {"after": after}
        if after is None:
            keys["repeats"] = draw(st.none() | st.integers(1, 2))
        names = draw(st.lists(st.sampled_from(prompts), min_size=1, max_size=3, unique=True))
        keys["prompt"] = names[0] if len(names) == 1 else tuple(names)
        keys["tags"] = tuple(draw(st.sets(st.sampled_from(["slow", "fast"]))))
        rounds.append(round_spec(round_id, **keys))
    rounds = draw(st.permutations(rounds))
    providers = tuple(
        provider(
            f"p{number}",
            rounds=draw(
                st.none()
                | st.lists(
                    st.sampled_from(round_ids), min_size=1, max_size=len(round_ids), unique=True
                ).map(tuple)
            ),
        )
        for number in range(draw(st.integers(1, 2)))
    )
    exclude = draw(
        st.lists(
            st.fixed_dictionaries(
                {"round": st.sampled_from(["*", *round_ids]), "prompt": st.sampled_from(prompts)}
            ).map(lambda cell: {**cell, "provider": "p0"}),
            max_size=2,
        )
    )
    return bench(
        *rounds,
        providers=providers,
        defaults={"repeats": draw(st.integers(1, 2))},
        matrix={"exclude": tuple(exclude)},
    )


def replay(**keys: Any) -> ReplayProvider:
    """A replay, typed as one."""
    made = provider(**keys)
    assert isinstance(made, ReplayProvider)
    return made
