"""The lock files say what pyproject.toml says, by digest, and nothing about where from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {
    "runtime": PROJECT["project"]["dependencies"],
    "dev": [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["dev"],
    ],
    "build": PROJECT["build-system"]["requires"],
}


def locked(name: str) -> dict[str, set[str]]:
    """Versions by package; more than one where they differ between Pythons."""
    found: dict[str, set[str]] = {}
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    for package, version in re.findall(r"^([\w.\[\],-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package.partition("[")[0]), set()).add(version)
    return found


@pytest.mark.parametrize("name", WANTED)
def test_every_dependency_is_locked_in_its_range(name: str) -> None:
    versions = locked(name)
    for text in WANTED[name]:
        requirement = Requirement(text)
        package = canonicalize_name(requirement.name)
        assert package in versions, f"{text}: run `make lock`"
        for version in versions[package]:
            assert requirement.specifier.contains(version), f"{text} is {version}: `make lock`"


@pytest.mark.parametrize("name", WANTED)
def test_every_locked_package_has_digests_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    assert "--index" not in text
    for block in re.split(r"\n(?=\w)", text.partition("\n\n")[2] or text):
        if "==" in block.partition("\n")[0]:
            assert "--hash=sha256:" in block, block


def test_what_is_locked_twice_is_locked_alike() -> None:
    files = {name: locked(name) for name in WANTED}
    for name, versions in files.items():
        for package, found in versions.items():
            assert files["dev"].get(package, found) == found, f"{package} differs in {name}.txt"


@pytest.mark.parametrize("lock", ["web", "tests/e2e/players"])
def test_npm_locks_name_no_registry(lock: str) -> None:
    text = (ROOT / lock / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert '"integrity": "sha512-' in text
