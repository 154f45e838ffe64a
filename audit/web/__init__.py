"""The officer's desk in a browser: queue, calls, decisions, second review, dashboards, packs.

Needs the extras `web` and `store`. A page is one module in `pages` and one line in its list, a part of the API one in `api`.
"""
