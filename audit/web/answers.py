"""What becomes of errors: the status that each code is answered with, and how the API tells it."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from audit.errors import Problem

# 403: what somebody may not do. 409: what cannot be done as things stand. What is not said here is 422: the request was understood, and is
# wrong in itself.
_STATUS = {
    **dict.fromkeys(("CA818", "CA830"), 401),
    **dict.fromkeys(("CA612", "CA628", "CA630", "CA808", "CA831", "CA832"), 403),
    **dict.fromkeys(("CA611", "CA842", "CA846"), 404),
    **dict.fromkeys(("CA613", "CA617", "CA620", "CA621", "CA627", "CA629", "CA631", "CA717", "CA804", "CA821"), 409),
    **dict.fromkeys(("CA840", "CA841", "CA847"), 409),
    "CA805": 429,
}
_PAGE_OF_API = "/api"


def status_of(code: str) -> int:
    """The status with which an error of what was asked for is answered."""
    return _STATUS.get(code, 422)


def is_for_programs(path: str) -> bool:
    """Whether who asks for this path expects JSON: all below the page of the API."""
    return path.startswith(f"{_PAGE_OF_API}/")


def as_json(problem: Problem, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error as the API tells it: code, place, text and remedy in the language in force."""
    told = {"code": problem.code, "where": problem.where, "text": problem.text(), "remedy": problem.remedy()}
    how = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse({"error": told}, status, how | dict(headers or {}))
