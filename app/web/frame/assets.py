"""What the pages take from others, made ready when the environment is: the NHS design system and htmx.

`python -m app.web.frame.assets NODE_MODULES` copies them from where npm put them into the environment, so that none is
committed, and a browser fetches none from anywhere else.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Final

INSTALLED: Final = Path(sys.prefix) / "share/pisano/assets"

_FONT_FACE: Final = re.compile(r"@font-face\s*\{[^}]*\}")
_SOURCE_MAP: Final = re.compile(r"(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S*)\s*$")

_DESIGN_SYSTEM: Final = Path("nhsuk-frontend/dist/nhsuk")
_TEXTS: Final = {
    "nhsuk.css": _DESIGN_SYSTEM / "nhsuk-frontend.min.css",
    "nhsuk.js": _DESIGN_SYSTEM / "nhsuk-frontend.min.js",
    "htmx.js": Path("htmx.org/dist/htmx.min.js"),
}
_IMAGES: Final = ("favicon.ico", "favicon.svg", "nhsuk-icon-mask.svg", "nhsuk-icon-180.png")


def install(node_modules: Path, into: Path = INSTALLED) -> None:
    """Copy what pages need; the design system's own font, which a browser would fetch from elsewhere, is left out."""
    into.mkdir(parents=True, exist_ok=True)
    for name, source in _TEXTS.items():
        text = (node_modules / source).read_text(encoding="utf-8")
        (into / name).write_text(_SOURCE_MAP.sub("", _FONT_FACE.sub("", text)), encoding="utf-8")
    for name in _IMAGES:
        shutil.copyfile(node_modules / _DESIGN_SYSTEM / "assets/images" / name, into / name)


if __name__ == "__main__":
    install(Path(sys.argv[1]))
