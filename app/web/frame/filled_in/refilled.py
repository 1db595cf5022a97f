"""A page's form filled in with what was typed before, whatever the form: written anew from its own HTML. Pure."""

from collections.abc import Iterable, Sequence
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

Fields = Sequence[tuple[str, str]]
Attributes = dict[str, str | None]

_TICKED: Final = ("radio", "checkbox")
_NOT_TYPED: Final = ("hidden", "submit", "button", "file", "password")


def refilled(html: str, page: str, action: str, fields: Fields) -> str | None:
    """The page with its form that is sent to `action` filled in; `None` where it has no such form."""
    forms = _Forms(urlsplit(page).path)
    forms.feed(html)
    sent_to = urlsplit(action).path
    chosen = next((number for number, actions in enumerate(forms.actions) if sent_to in actions), None)
    if chosen is None:
        return None
    filling = _Filling(chosen, page, fields)
    filling.feed(html)
    filling.close()
    return "".join(filling.written)


class _Forms(HTMLParser):
    """To which paths each form of a page is sent, by itself or by its buttons."""

    def __init__(self, own: str) -> None:
        super().__init__()
        self.own, self.actions = own, list[set[str]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.actions.append({_path(told.get("action")) or self.own} if told.get("method") == "post" else set())
        elif self.actions and (sent_to := _path(told.get("formaction"))):
            self.actions[-1].add(sent_to)


class _Filling(HTMLParser):
    """Writes a page anew: alike but for the fields of one form."""

    def __init__(self, chosen: int, page: str, fields: Fields) -> None:
        super().__init__(convert_charrefs=False)
        self.written = list[str]()
        self._chosen, self._page, self._fields = chosen, page, fields
        self._form, self._inside, self._replaced, self._select = -1, False, False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self._form += 1
            self._inside = self._form == self._chosen
            told.setdefault("action", self._page)
        elif self._inside and tag == "input":
            self._fill(told)
        elif self._inside and tag == "select":
            self._select = told.get("name") or ""
        elif self._inside and tag == "option":
            _set(told, "selected", (self._select, told.get("value") or "") in self._fields)
        elif self._inside and tag == "details":
            told["open"] = None  # what was typed may stand in it
        self.written.append(_tag(tag, told) if self._inside or tag == "form" else self.get_starttag_text() or "")
        if self._inside and tag == "textarea":
            self.written.append(escape("\n".join(self._typed(told.get("name") or ""))))
            self._replaced = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def _fill(self, told: Attributes) -> None:
        kind, name = told.get("type") or "text", told.get("name") or ""
        if kind in _TICKED:
            _set(told, "checked", (name, told.get("value") or "on") in self._fields)
        elif kind not in _NOT_TYPED and (typed := self._typed(name)):
            told["value"] = typed[0]

    def _typed(self, name: str) -> list[str]:
        return [value for each, value in self._fields if each == name]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._replaced = False
        if tag == "form":
            self._inside = False
        self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._replaced:
            self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.written.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.written.append(f"<!--{data}-->")


def _path(address: str | None) -> str:
    return urlsplit(address or "").path


def _set(told: Attributes, name: str, there: bool) -> None:
    told.pop(name, None)
    if there:
        told[name] = None


def _tag(tag: str, told: Attributes) -> str:
    return f"<{tag}{''.join(_attributes(told))}>"


def _attributes(told: Attributes) -> Iterable[str]:
    return (f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in told.items())
