"""The wheel carries the package, its scores and presets, and nothing else."""

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="needs hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel laid out as an installer would: it is pure Python, so unpacking is all."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(site: Path, code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    start = f"import sys; sys.path.insert(0, {str(site)!r}); "
    return subprocess.run(
        [sys.executable, "-c", start + code, *arguments], cwd=site, capture_output=True, text=True
    )


def test_the_wheel_holds_the_package_and_what_is_shipped(wheel: Path) -> None:
    def below(folder: str, into: str, ending: str) -> set[str]:
        files = (ROOT / folder).rglob(f"*{ending}")
        return {f"{into}/{f.relative_to(ROOT / folder).as_posix()}" for f in files}

    expected = below("lullaby", "lullaby", ".py") | {"lullaby/py.typed"}
    expected |= below("scores", "lullaby/shipped/scores", ".yaml")
    expected |= below("scores/data", "lullaby/shipped/scores/data", ".csv")
    expected |= below("presets", "lullaby/shipped/presets", ".yaml")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert expected - names == set()
    assert {name for name in names - expected if not name.startswith("lullaby/shipped/")} == set()


def test_the_wheel_says_what_it_is(installed: Path) -> None:
    (info,) = installed.glob("lullaby-*.dist-info")
    meta = Parser().parsestr((info / "METADATA").read_text())
    assert meta["License-Expression"] == "MIT"
    assert meta["Requires-Python"] == ">=3.11"
    assert {"live", "midi", "picture", "test"} <= set(meta.get_all("Provides-Extra", []))
    assert "lullaby = lullaby.cli:main" in (info / "entry_points.txt").read_text()
    assert (info / "licenses" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_the_wheel_imports_from_where_it_lies(installed: Path) -> None:
    done = run(installed, "import lullaby; print(lullaby.__file__)")
    assert done.stdout.strip() == str(installed / "lullaby" / "__init__.py"), done.stderr


@pytest.mark.parametrize("file", sorted((ROOT / "scores").glob("*.yaml")), ids=lambda f: f.stem)
def test_shipped_scores_are_found_by_name(installed: Path, file: Path) -> None:
    code = "import lullaby; print(lullaby.load(sys.argv[1]).duration_s)"
    done = run(installed, code, file.stem)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.0
