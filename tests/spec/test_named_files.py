from __future__ import annotations

import shutil
from pathlib import Path

from fiverounds.spec.load import load
from fiverounds.spec.models import BenchFile
from fiverounds.spec.named_files import named_files
from fiverounds.spec.nodes import Source
from fiverounds.spec.sections import parse_bench
from fiverounds.spec.yaml_source import read_yaml
from tests.spec.helpers import ENVIRONMENT, HERE


def test_every_file_of_a_bench() -> None:
    root = read_yaml(HERE / "good/every-key.yaml", "f", "a bench").root
    assert root is not None
    bench = parse_bench(Source(root))
    assert isinstance(bench, BenchFile)
    assert named_files(bench, ["bench.yaml"]) == (
        "bench.yaml",
        "prompts/brief.md",
        "prompts/fix.md",
        "rounds/one/tests",
        "rounds/one/tests/expected-tests.txt",
        "rounds/one/integration.py",
        "rounds/one/project",
        "rounds/one/bugs.yaml",
        "rounds/one/probes",
        "rounds/one/reference",
        "rounds/two/reference",
        "rounds/three/reference",
    )


def test_the_digest_follows_provider_files(folder: Path) -> None:
    spec = Path(shutil.copy(HERE / "good/use.yaml", folder))
    digest = load(spec, ENVIRONMENT).digest
    with (folder / "providers/gguf.yaml").open("a") as stream:
        stream.write("# changed\n")
    assert load(spec, ENVIRONMENT).digest != digest


def test_the_digest_does_not_follow_models_or_the_environment(folder: Path) -> None:
    spec = Path(shutil.copy(HERE / "good/use.yaml", folder))
    digest = load(spec, {}).digest
    (folder / "models/tiny.gguf").write_text("other")
    assert load(spec, {"CHAT_URL": "http://elsewhere"}).digest == digest
