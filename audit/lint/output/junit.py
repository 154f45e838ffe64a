"""JUnit XML: a suite a file, a failed test case a finding, a passed one for a file without.

It meets `junit-10.xsd` of Jenkins' xUnit plugin. Test cases are named by rule and words, not by line, so that a build
server sees the same test again when lines move.
"""

import re
from collections import Counter
from xml.etree import ElementTree as ET

from audit.errors import Problem
from audit.i18n import Lang
from audit.lint.finding import LintedFile, LintFinding, LintRun
from audit.lint.output.shared import advice, cut, in_lang, position, said, severity_name, stale_words
from audit.model.finding import Severity

# What XML 1.0 cannot hold, not even escaped (section 2.2), and the control characters it only just can.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_NAME = 120


def emit(run: LintRun, lang: Lang) -> str:
    """The run as XML. Notes (severity info) do not fail a build: they are what their file's test prints."""
    stale: dict[str, list[str]] = {}
    for entry in run.stale:
        stale.setdefault(entry.path, []).append(stale_words(entry, lang))
    suites = [_suite(file, stale.pop(file.path, []), lang) for file in run.files]
    suites += [_suite(LintedFile(path), lines, lang) for path, lines in stale.items()]
    root = ET.Element("testsuites", name="callaudit lint")
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(file: LintedFile, stale: list[str], lang: Lang) -> ET.Element:
    findings = [finding for finding in file.findings if finding.counts]
    failures = [finding for finding in findings if finding.severity is not Severity.INFO]
    notes = [_words(finding, lang) for finding in findings if finding.severity is Severity.INFO]
    classname = _classname(file.path)
    cases = [_failed(finding, name, classname, lang) for finding, name in zip(failures, _names(failures), strict=True)]
    if file.problem:
        cases.append(_broken(file.problem, classname, lang))
    if not cases:
        passed = _case(in_lang("没有违规话术", "no breach", lang), classname)
        if notes:
            _child(passed, "system-out", "\n\n".join(notes))
            notes = []
        cases.append(passed)
    suite = ET.Element("testsuite", name=_xml(file.path), tests=str(len(cases)))
    suite.attrib |= {"failures": str(len(failures)), "errors": str(int(file.problem is not None)), "skipped": "0"}
    suite.attrib |= {"time": "0", "file": _xml(file.path)}
    suite.extend(cases)
    if notes:
        _child(suite, "system-out", "\n\n".join(notes))
    if stale:
        _child(suite, "system-err", "\n".join(stale))
    return suite


def _names(findings: list[LintFinding]) -> list[str]:
    """Names by rule and words; what is found again in a file is numbered."""
    seen: Counter[str] = Counter()
    names = []
    for finding in findings:
        words = cut(" ".join(finding.quote.split()), _LONGEST_NAME)
        name = f"{finding.rule} “{words}”" if words else finding.rule
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _failed(finding: LintFinding, name: str, classname: str, lang: Lang) -> ET.Element:
    case = _case(name, classname)
    failure = _child(case, "failure", _words(finding, lang))
    failure.attrib |= {"type": _xml(finding.rule), "message": _xml(said(finding.message, lang))}
    return case


def _broken(problem: Problem, classname: str, lang: Lang) -> ET.Element:
    case = _case(problem.code, classname)
    error = _child(case, "error", problem.line(lang))
    error.attrib |= {"type": problem.code, "message": _xml(problem.text(lang))}
    return case


def _case(name: str, classname: str) -> ET.Element:
    return ET.Element("testcase", name=_xml(name), classname=classname, time="0")


def _classname(path: str) -> str:
    # Jenkins takes everything before the last dot for a package.
    return "callaudit." + _xml(path).replace(".", "_")


def _words(finding: LintFinding, lang: Lang) -> str:
    name = said(finding.name, lang)
    head = f"{position(finding)}: {severity_name(finding.severity, lang)} {finding.label}{f' {name}' if name else ''}"
    quote = [f"“{finding.quote}”"] if finding.quote else []
    return "\n".join([head, *quote, said(finding.message, lang), *advice(finding, lang)])


def _child(parent: ET.Element, tag: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, tag)
    child.text = _xml(text)
    return child


def _xml(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
