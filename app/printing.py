"""Paper: PDF laid out by Typst, and pages of HTML. What they say reaches a template as data, and never as markup."""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import orjson
import typst
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.vocabulary.glossary import meant_in

_ROOT: Final = resources.files("app")
_LETTERS: Final = str(resources.files("font_source_sans_pro").joinpath("files"))
"""A face without serifs, as no other comes with Typst; what it does not have is set in Typst's own."""


def pages_of(package: str) -> Environment:
    """The HTML templates of a package, each a page that needs nothing beside itself; what is written in is escaped."""
    return Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def pdf(template: Traversable, said: Mapping[str, Any], *, at: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same words and instant; the template reads `sys.inputs.said`.

    `words` in it are those of the glossary that are said. What all templates share is `paper.typ`, beside this file.
    """
    return bytes(
        typst.compile(
            str(template),
            root=str(_ROOT),
            format="pdf",
            sys_inputs={"said": orjson.dumps({**said, "words": meant_in(said)}).decode()},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            font_paths=[_LETTERS],
            timestamp=int(at.timestamp()),
        )
    )
