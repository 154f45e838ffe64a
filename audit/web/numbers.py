"""Numbers of rows in addresses."""

from typing import Annotated

from fastapi import Path

# What a column of ours holds; a larger number would be an error of the database, not a row that is not there.
LARGEST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST)]
