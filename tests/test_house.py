"""Rules of the house that no single test owns: rooms, sizes, versions, and what no file may hold."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from importlinter.cli import lint_imports
from packaging.requirements import Requirement
from packaging.version import Version

from enforcement.management.commands.tibetan_review import review

ROOT = Path(settings.BASE_DIR)
LOCKS = [ROOT / "requirements.lock", ROOT / "deploy" / "requirements.lock"]
# Not ours, or made here and never kept.
APART = {"node_modules", "__pycache__", "staticfiles", "var", "vendor"}
LARGEST_ACT_MODULE = 450
# Below these, known weaknesses stand open.
FLOORS = {
    "django": "5.2.19",
    "django-allauth": "65.14.2",
    "django-guardian": "3.5.2",
    "weasyprint": "70.0",
}
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work|private)/\w")
REGISTRY = re.compile(
    r"pythonhosted\.org|pypi\.(?:org|python)|registry\.npmjs|proxy\.golang|artifactory|devpi|mirrors?\.\w+\.\w+",
    re.IGNORECASE,
)


def texts_of_ours(folder: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Every text file of the project, but this one, which names what it looks for."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in {".ci", ".env.example"}
        if hidden or path.name in APART or path == Path(__file__):
            continue
        if path.is_dir():
            yield from texts_of_ours(path)
        else:
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def locked(lock: Path) -> dict[str, Version]:
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", lock.read_text(), re.MULTILINE)
    return {name.lower(): Version(version) for name, version in pins}


def test_rooms_import_only_what_lies_below_them():
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["machine path", "registry host"])
def test_no_file_names_a_place_of_somebodys_machine_or_network(pattern):
    named = [
        f"{path.relative_to(ROOT)}: {found.group(0)}"
        for path, text in texts_of_ours()
        for found in pattern.finditer(text)
    ]
    assert named == []


def test_act_modules_can_be_read_in_one_sitting():
    sizes = {path.name: len(path.read_text().splitlines()) for path in ROOT.glob("enforcement/acts/*.py")}
    assert sizes
    assert {name: size for name, size in sizes.items() if size > LARGEST_ACT_MODULE} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_locked_versions_have_no_known_hole(lock):
    pins = locked(lock)
    assert {name: str(pins[name]) for name, floor in FLOORS.items() if pins[name] < Version(floor)} == {}
    assert pins["django"].release[:2] == (5, 2)


def test_nobody_can_install_below_the_floors():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {requirement.name.lower(): requirement for requirement in map(Requirement, declared)}
    just_below = {"django-allauth": "65.14.1", "django-guardian": "3.5.1", "weasyprint": "69.9"}
    assert [name for name, version in just_below.items() if wanted[name].specifier.contains(version)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_holds_names_versions_and_hashes_and_no_address(lock):
    lines = [line.strip() for line in lock.read_text().splitlines() if line.strip()]
    assert [line for line in lines if "://" in line or line.startswith("-") and "--hash=" not in line] == []
    assert len(locked(lock)) > 50
    for block in re.split(r"\n(?=\w)", lock.read_text().strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("folder", ["static/vendor", "tests/vendor"])
def test_files_of_others_are_listed_with_their_checksum(folder):
    readme = (ROOT / folder / "README.md").read_text()
    for path in (ROOT / folder).iterdir():
        if path.name != "README.md":
            row = next((line for line in readme.splitlines() if f"`{path.name}`" in line), "")
            assert hashlib.sha256(path.read_bytes()).hexdigest() in row, path.name


def test_the_list_for_the_tibetan_review_holds_the_drafts_of_the_catalogue():
    listed = (ROOT / "docs" / "tibetan-review.md").read_text(encoding="utf-8")
    assert listed == review(ROOT / "locale"), "run ./zhixing manage tibetan_review"
