"""Checks that work without a network: bandit, known vulnerabilities of what we install, and files of others that we ship."""

import configparser
import hashlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.security.accepted import ACCEPTED, EVERYWHERE

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SHIPPED_EXTRAS = ("speech", "office", "store", "web")
# Where files of others lie, each folder with all that is in it.
VENDORED = ("audit/web/static/vendor", "tests/web/vendor")
_OLD_DAYS = 120


def bandit(
    package: Path = ROOT / "audit", accepted: Mapping[tuple[str, str], tuple[int, str]] = ACCEPTED
) -> Iterator[str]:
    """What bandit finds and `accepted` does not name, and what `accepted` names and bandit does not find (any more)."""
    command = [sys.executable, "-m", "bandit", "-q", "-r", str(package), "-f", "json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=package.parent)
    found = json.loads(done.stdout)
    for error in found["errors"]:
        yield f"bandit: {error['filename']}: {error['reason']}"
    seen: Counter[tuple[str, str]] = Counter()
    for result in found["results"]:
        file = (package.parent / result["filename"]).relative_to(package.parent).as_posix()
        key = (file, str(result["test_id"]))
        seen[key] += 1
        if result["test_id"] not in EVERYWHERE and seen[key] > accepted.get(key, (0, ""))[0]:
            yield f"{file}:{result['line_number']}: {result['test_id']} {result['issue_text']}"
    for key, (times, _) in accepted.items():
        if seen[key] < times:
            yield f"{key[0]}: {key[1]} is accepted {times} times and found {seen[key]} times: bring tests/security/accepted.py up to date"


def vulnerable(
    advisories: Mapping[str, Any], wanted: Mapping[str, Version | None], installed: Mapping[str, str]
) -> Iterator[str]:
    """Packages of which a vulnerable version may be installed (`wanted`: the least version asked for, None for any), or is."""
    looked_up = set(advisories["looked_up"])
    for name in sorted(set(wanted) - looked_up):
        yield f"{name}: nobody has looked for its advisories yet: see tests/security/advisories.toml"
    for name in sorted(looked_up - set(wanted)):
        yield f"{name}: is looked up in tests/security/advisories.toml, and not installed by setup.cfg"
    for advisory in advisories["advisory"]:
        name, fixed = advisory["package"], Version(advisory["fixed"])
        told = f"{', '.join(advisory['ids'])} ({advisory['about']}), fixed in {fixed}"
        least = wanted.get(name)
        if name in wanted and (least is None or least < fixed):
            yield f"{name}: setup.cfg asks for {least or 'any version'}; {told}"
        if name in installed and Version(installed[name]) < fixed:
            yield f"{name}: {installed[name]} is installed; {told}"


def read_advisories() -> dict[str, Any]:
    """The list, as in the file."""
    return tomllib.loads((HERE / "advisories.toml").read_text(encoding="utf-8"))


def asked_for(config: Path = ROOT / "setup.cfg") -> dict[str, Version | None]:
    """The packages that users get, with the least version that `setup.cfg` asks for."""
    parsed = configparser.ConfigParser()
    parsed.read(config, encoding="utf-8")
    extras = parsed["options.extras_require"]
    lines = parsed["options"]["install_requires"] + "".join(extras[extra] for extra in SHIPPED_EXTRAS)
    least: dict[str, Version | None] = {}
    for line in lines.split("\n"):
        if line.strip() and not line.startswith("callaudit["):
            requirement = Requirement(line)
            versions = [Version(one.version) for one in requirement.specifier if one.operator in (">=", "==", "~=")]
            least[canonicalize_name(requirement.name)] = max(versions, default=None)
    return least


def installed_here(names: Iterator[str]) -> dict[str, str]:
    """The versions of those packages that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def changed_files(root: Path = ROOT, listed: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Vendored files that are not as they were published: changed, missing, or listed nowhere."""
    files = listed or tomllib.loads((HERE / "vendored.toml").read_text(encoding="utf-8"))["files"]
    there = {
        path.relative_to(root).as_posix()
        for folder in VENDORED
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
    for name in sorted(there - set(files)):
        yield f"{name}: is in no list: where is it from? (tests/security/vendored.toml)"
    for name, file in files.items():
        if name not in there:
            yield f"{name}: is listed in tests/security/vendored.toml, and not there"
        elif hashlib.sha256((root / name).read_bytes()).hexdigest() != file["sha256"]:
            yield f"{name}: is not the file of {file['package']} {file['version']} that was published"


def main() -> int:
    """Print what is wrong; 1 when something is."""
    advisories = read_advisories()
    names = iter(sorted({advisory["package"] for advisory in advisories["advisory"]}))
    faults = [*bandit(), *vulnerable(advisories, asked_for(), installed_here(names)), *changed_files()]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    age = (date.today() - advisories["looked_up_on"]).days
    if age > _OLD_DAYS:
        sys.stdout.write(f"note: advisories were looked up {age} days ago; run pip-audit where there is a network\n")
    return 1 if faults else 0
