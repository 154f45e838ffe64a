"""Numbers of rows in addresses and forms."""

from typing import Annotated

from fastapi import Form, Path

# What a column of ours holds; a larger number would be an error of the database, not a row that is not there.
LARGEST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST)]
FormNumber = Annotated[int, Form(ge=1, le=LARGEST)]
# 0 stands for none.
FormNumberOrNone = Annotated[int, Form(ge=0, le=LARGEST)]
