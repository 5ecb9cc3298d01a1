"""The installed wheel carries what it needs: migrations, templates and data, and works without this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, folder: Path, path: Path | None = None) -> str:
    """Run a command in a folder and return what it printed; `path` is where Python looks first."""
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_wheel_rehearses_in_a_folder_of_its_own(tmp_path: Path) -> None:
    source, site, folder = tmp_path / "source", tmp_path / "site", tmp_path / "folder"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "scheduler", source / "scheduler", ignore=shutil.ignore_patterns("__pycache__"))
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ".", folder=source)
    [wheel] = tmp_path.glob("*.whl")
    run(*pip, "install", "--no-deps", "--target", site, wheel, folder=tmp_path)
    folder.mkdir()
    shutil.copy(ROOT / "config.example.yaml", folder)
    shutil.copytree(ROOT / "campaigns", folder / "campaigns")
    where = run(sys.executable, "-c", "import scheduler; print(scheduler.__file__)", folder=folder, path=site)
    assert Path(where.strip()).is_relative_to(site)
    printed = run(sys.executable, "-m", "scheduler", "rehearse", folder=folder, path=site)
    assert "late 0 · missed 0 · unknown 0" in printed
    assert (folder / "rehearsal/noticeboard/index.html").is_file()
    page = run(sys.executable, "-m", "scheduler", "preview", "--format", "html", folder=folder, path=site)
    assert "<article>" in page
