"""The house is as its papers say: names, floors, versions, commands and links."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from itertools import chain, pairwise
from pathlib import Path

import pytest

import lullaby

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("*/README.md")),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a clone")
    names = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in names.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def test_the_front_door_lists_what_it_exports() -> None:
    own = {
        name
        for name, thing in vars(lullaby).items()
        if not name.startswith("_") and getattr(thing, "__module__", "").startswith("lullaby")
    }
    assert own | {"__version__"} == set(lullaby.__all__)
    assert lullaby.__all__ == sorted(lullaby.__all__)


def test_the_project_file_has_the_version_of_the_package() -> None:
    assert PROJECT["version"] == lullaby.__version__
    assert f"## [{lullaby.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("door", ["lullaby", "lullaby.cli", "lullaby.modules", "lullaby.effects"])
def test_opening_a_door_loads_nothing_heavy(door: str) -> None:
    heavy = ["numba", "scipy.signal", "rich", "matplotlib", "soundfile", "mido", "sounddevice"]
    code = f"import sys, {door}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_listing_every_module_and_effect_loads_no_compiler() -> None:
    code = (
        "import sys\n"
        "from lullaby.effects import EFFECTS\n"
        "from lullaby.modules import MODULES\n"
        "for gallery in (MODULES, EFFECTS):\n"
        "    for name in gallery: gallery[name].params()\n"
        "print([m for m in ('numba', 'scipy.signal') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_floors_hold() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    if not program.exists():
        pytest.skip("needs import-linter")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_requirement_is_pinned_once_and_within_its_bounds() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    names = [canonicalize_name(pin.name) for pin in pins]
    assert len(names) == len(set(names))
    version = dict(zip(names, (str(pin.specifier).removeprefix("==") for pin in pins), strict=True))
    extras = PROJECT["optional-dependencies"].values()
    for wanted in map(Requirement, [*PROJECT["dependencies"], *chain(*extras)]):
        assert wanted.specifier.contains(version[canonicalize_name(wanted.name)]), str(wanted)


def test_the_readme_has_two_commands_and_ci_runs_the_second() -> None:
    first, second = (block.strip() for block in blocks(ROOT / "README.md", "bash"))
    assert "\n" not in first + second
    ci = subprocess.run(
        ["bash", ROOT / ".ci" / "run", "--print"], capture_output=True, text=True, check=True
    )
    assert ci.stdout.strip() == second
    assert re.search(r"lullaby render \w+ -o \w+\.wav$", first)


@pytest.mark.parametrize("script", ["scripts/setup.sh", "scripts/check.sh", "scripts/pin.sh"])
def test_scripts_can_be_run(script: str) -> None:
    file = ROOT / script
    assert file.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", file], check=False).returncode == 0


def test_no_tracked_file_names_a_registry_or_a_machine() -> None:
    words = ["pypi" + ".org", "python" + "hosted", "index" + "-url", "find" + "-links"]
    pattern = re.compile("|".join(map(re.escape, words)) + r"|(?<![\w.])/(?:work|root|home)/\w")
    found = []
    for file in tracked():
        text = file.read_bytes().decode("utf-8", "ignore")
        if b"\0" not in file.read_bytes()[:4096]:
            found += [f"{file.relative_to(ROOT)}: {hit}" for hit in pattern.findall(text)]
    assert found == []


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = page.parent / path if path else page
        assert goal.exists(), target
        assert not anchor or anchor in anchors(goal), target


def commands() -> list[tuple[Path, list[str]]]:
    found = []
    for page in PAGES:
        text = page.read_text()
        lines = [line for block in blocks(page, "bash") for line in block.splitlines()]
        lines += re.findall(r"`(lullaby [a-z][^`]*)`", text)
        for line in lines:
            for command in re.split(r"\s*&&\s*", " ".join(line.split())):
                words = shlex.split(command, comments=True)
                if words:
                    found.append((page, words))
    return found


KNOWN = {"python3", "source", "lullaby", "pip", "pytest"}


def test_pages_use_known_commands_and_files_that_exist() -> None:
    for page, words in commands():
        program = words[0].removeprefix(".venv/bin/")
        assert program in KNOWN or (ROOT / words[0]).is_file(), f"{page}: {words}"
        for option, value in pairwise(words):
            assert option != "-c" or program != "pip" or (ROOT / value).is_file(), words


def test_pages_call_lullaby_as_it_is() -> None:
    import click

    from lullaby import cli

    calls = [(page, words) for page, words in commands() if words[0].endswith("lullaby")]
    assert len(calls) > 15
    main = cli.lullaby
    for page, words in calls:
        name, *rest = words[1:]
        where = f"{page.name}: {' '.join(words)}"
        command = main.get_command(click.Context(main), name)
        assert name.startswith("--") or command is not None, where
        if command is None:
            continue
        options = {opt for p in command.params for opt in (*p.opts, *p.secondary_opts)}
        used = {word for word in rest if re.match(r"--?[a-z]", word)} - {"--help"}
        assert used <= options, where


SHIPPED = sorted((ROOT / "scores").glob("*.yaml"))


def test_pages_render_scores_that_are_shipped() -> None:
    shipped = {file.stem for file in SHIPPED}
    for page, words in commands():
        if words[0].endswith("lullaby") and words[1:2] == ["render"] and len(words) > 2:
            name = words[2]
            assert name.endswith(".yaml") or name in shipped | {"SCORE", "--help"}, page


# These show parts of scores, or want data beside them; they have tests of their own.
PARTS = ("score-language.md", "sonification.md")
SCORES = [
    pytest.param(text, id=f"{page.name}-{i}")
    for page in PAGES
    if page.name not in PARTS
    for i, text in enumerate(blocks(page, "yaml"))
]


@pytest.mark.parametrize("text", SCORES)
def test_scores_in_pages_are_right(text: str, tmp_path: Path) -> None:
    file = tmp_path / "evening.yaml"
    file.write_text(text)
    code = (
        "import sys, lullaby; piece = lullaby.load(sys.argv[1]); print(piece.title, "
        "piece.duration_s, sum(len(e) for _, e in piece.events(0.0, 30.0)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, file], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    title, duration_s, events = done.stdout.split()
    assert title == "Evening"
    assert float(duration_s) >= 50.0
    assert int(events) > 0


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_python_in_pages_runs(page: str) -> None:
    (code,) = blocks(ROOT / page, "python")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "48000" in done.stdout


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120
