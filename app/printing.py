"""PDF, laid out by Typst from a template of ours. What it says reaches the template as data, and never as markup."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources.abc import Traversable
from typing import Any

import orjson
import typst


def pdf(template: Traversable, said: Mapping[str, Any], *, at: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same words and instant; the template reads `sys.inputs.said`."""
    return bytes(
        typst.compile(
            str(template),
            format="pdf",
            sys_inputs={"said": orjson.dumps(said).decode()},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=int(at.timestamp()),
        )
    )
