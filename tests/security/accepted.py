"""What bandit finds in `audit` and why it stays: by file and test, how often, and the reason. Whatever is not here fails the check."""

_CACHE = "pickles of our own, in the user's private cache folder; who can write there can already run code as the user"
_LEDGER = "pickles of our own in the ledger of the run's folder, which the same user wrote; a folder from elsewhere is imported from JSON only"
_NO_PASSWORD = "the empty default of a form's field: nobody's password is empty, it is told as a wrong one"
_CONSTANTS = "what is put in are names of columns and question marks from constants of ours; values are parameters"
_TEMPLATES = "files of ours and text escaped by Markup.format, never text of others"

# In every file: they tell the type checker what cannot be otherwise, and guard nothing against anybody.
EVERYWHERE = {"B101": "asserts for the type checker"}

ACCEPTED: dict[tuple[str, str], tuple[int, str]] = {
    ("audit/batch/ledger.py", "B301"): (1, _LEDGER),
    ("audit/batch/ledger.py", "B403"): (1, _LEDGER),
    ("audit/batch/ledger.py", "B608"): (1, _CONSTANTS),
    ("audit/cli/serve.py", "B104"): (1, "a comparison: listening on all interfaces is what is refused there"),
    ("audit/kept.py", "B301"): (1, _CACHE),
    ("audit/kept.py", "B403"): (1, _CACHE),
    ("audit/lint/cache.py", "B608"): (1, _CONSTANTS),
    ("audit/lint/diff.py", "B404"): (
        1,
        "git is run without a shell, with arguments that were checked not to be options",
    ),
    ("audit/lint/diff.py", "B603"): (
        1,
        "git is run without a shell, with arguments that were checked not to be options",
    ),
    ("audit/lint/output/junit.py", "B405"): (1, "XML is written, none is read"),
    ("audit/report/page.py", "B704"): (2, _TEMPLATES),
    ("audit/report/run.py", "B301"): (3, "pickles of our own in a temporary file that only this process has open"),
    ("audit/report/run.py", "B403"): (1, "pickles of our own in a temporary file that only this process has open"),
    ("audit/rules/loader.py", "B301"): (1, _CACHE),
    ("audit/rules/loader.py", "B403"): (1, _CACHE),
    ("audit/speech/models.py", "B310"): (
        1,
        "addresses of models are https and of ours; what comes is held against its SHA-256",
    ),
    ("audit/store/guards.py", "B608"): (1, "SQL of triggers, made of names of tables that are constants of ours"),
    ("audit/text/segment.py", "B302"): (
        2,
        "a dictionary of our own in the user's private cache folder, held against its checksum",
    ),
    ("audit/web/api_words.py", "B105"): (1, "what the API's page says of tokens in Chinese; no token"),
    ("audit/web/charts.py", "B704"): (1, _TEMPLATES),
    ("audit/web/pages/accounts.py", "B107"): (1, _NO_PASSWORD),
    ("audit/web/pages/log.py", "B107"): (
        2,
        "the empty default of a filter by the number of a token, which opens nothing",
    ),
    ("audit/web/pages/sign_in.py", "B107"): (2, _NO_PASSWORD),
}
