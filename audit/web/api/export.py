"""The files of the pages, for programs: the same answers, masked and logged the same."""

from fastapi import APIRouter
from starlette.responses import Response

from audit.web.pages import dashboards, export

router = APIRouter(tags=["export"])

for _path, _made in (
    ("/export/findings.csv", export.findings_csv),
    ("/export/findings.xlsx", export.findings_xlsx),
    ("/export/calls/{number}.json", export.call_json),
    ("/export/calls/{number}.xlsx", export.call_xlsx),
    ("/export/log.csv", export.log_csv),
    ("/export/statistics.xlsx", dashboards.all_sheets),
    ("/export/statistics/{key}.csv", dashboards.as_csv),
    ("/export/statistics/{key}.xlsx", dashboards.as_xlsx),
    ("/export/statistics/{key}.svg", dashboards.as_svg),
):
    router.get(_path, response_class=Response)(_made)
