"""Whether a narrative is the limited XHTML of FHIR R4 (Narrative, txt-1 and txt-2) and nothing active."""

import re
from html.parser import HTMLParser
from typing import Final

_ELEMENTS: Final = frozenset(
    {"a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd",
     "dfn", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "ol", "p",
     "pre", "q", "samp", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
     "tr", "tt", "ul", "var"}
)  # fmt: skip
_EMPTY: Final = frozenset({"br", "hr", "img", "col"})
_ATTRIBUTES: Final = frozenset(
    {"abbr", "align", "alt", "axis", "border", "cellpadding", "cellspacing", "char", "charoff", "cite", "class",
     "colspan", "dir", "headers", "height", "href", "hreflang", "id", "lang", "name", "nowrap", "rowspan", "rules",
     "scope", "span", "src", "start", "summary", "title", "type", "valign", "width", "xml:lang", "xmlns"}
)  # fmt: skip
_WITHIN: Final = re.compile(r"#[A-Za-z0-9.\-_]+")
_XHTML: Final = "http://www.w3.org/1999/xhtml"


def is_harmless(div: object) -> bool:
    """Whether a narrative's `div` is one well-formed XHTML `div` of FHIR's elements and attributes.

    Stricter than FHIR, styles and addresses elsewhere are not taken: they let a page be dressed up, or call home.
    """
    if not isinstance(div, str) or "<!" in div or "<?" in div:
        return False
    parser = _Parser()
    parser.feed(div)
    parser.close()
    return parser.harmless and parser.whole


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)  # else `&lt;` could not be told from a tag
        self.harmless, self.whole = True, False
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)
        if tag in _EMPTY:
            self.harmless = False  # in XHTML it is closed
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begin(tag, attrs)

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._open:  # the one root
            self.harmless &= tag == "div" and not self.whole and ("xmlns", _XHTML) in attrs
        self.harmless &= tag in _ELEMENTS and all(_is_allowed(name, value) for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.harmless = False
        self.whole = not self._open

    def handle_data(self, text: str) -> None:
        if not self._open and text.strip():
            self.harmless = False
        if "<" in text:  # what was taken for text, and may be taken for a tag elsewhere
            self.harmless = False


def _is_allowed(name: str, value: str | None) -> bool:
    if name not in _ATTRIBUTES or value is None:
        return False
    if name == "xmlns":
        return value == _XHTML
    return name not in ("href", "src", "cite") or bool(_WITHIN.fullmatch(value))
