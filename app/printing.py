"""PDF, laid out by Typst from a template of ours. What it says reaches the template as data, and never as markup."""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import orjson
import typst

_ROOT: Final = resources.files("app")


def pdf(template: Traversable, said: Mapping[str, Any], *, at: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same words and instant; the template reads `sys.inputs.said`.

    What all templates share is `paper.typ`, beside this file.
    """
    return bytes(
        typst.compile(
            str(template),
            root=str(_ROOT),
            format="pdf",
            sys_inputs={"said": orjson.dumps(said).decode()},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=int(at.timestamp()),
        )
    )
