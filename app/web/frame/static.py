"""Styles, scripts and icons: ours, and those that were installed with the environment; compressed once, kept for good.

An address carries a digest of what stands there, so that a browser never asks twice and never keeps what has changed.
What a script imports from beside it, as `"./name.js"`, is named by such an address too.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.asking.callers import EVERYONE, states
from app.errors import DomainError
from app.web.frame.assets import INSTALLED

_COMPRESSIBLE: Final = (".css", ".js", ".svg")
_BESIDE: Final = re.compile(rb'(?<=from ")\./([\w-]+\.js)(?=";)')
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


class NoAssets(DomainError):
    """The design system was not installed."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str
    content: bytes
    compressed: bytes | None
    media_type: str


def address(name: str) -> str:
    """Where a file is served, such as `nhsuk.css`; raises `KeyError` for one that is not there."""
    return f"/static/{_addresses()[name]}"


def make_ready() -> None:
    """Read and compress every file now rather than for the first who asks; raises `NoAssets`."""
    _assets()


@states(EVERYONE)
async def static(request: Request) -> Response:
    """A file by its address."""
    asset = _assets().get(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    headers = {"cache-control": _FOR_GOOD, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
    if asset.compressed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, headers=headers | {"content-encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)


static_routes: Final = [Route("/static/{name}", static)]


@cache
def _assets() -> Mapping[str, Asset]:
    """Each file by the address under which it is served; raises `NoAssets`."""
    ours = Path(str(resources.files("app.web").joinpath("static")))
    files = [*sorted(ours.iterdir()), *(sorted(INSTALLED.iterdir()) if INSTALLED.is_dir() else ())]
    assets = [_asset(file) for file in files]
    if "nhsuk.css" not in {asset.name for asset in assets}:
        raise NoAssets("the design system is not installed, so that no page can be shown; run `make env`")
    return {_address(asset): asset for asset in assets}


@cache
def _addresses() -> Mapping[str, str]:
    return {asset.name: served for served, asset in _assets().items()}


def _asset(file: Path) -> Asset:
    content = _BESIDE.sub(lambda one: _beside(file, one[1].decode()), file.read_bytes())
    media_type, _ = mimetypes.guess_type(file.name)
    compressed = gzip.compress(content, mtime=0) if file.suffix in _COMPRESSIBLE else None
    return Asset(file.name, content, compressed, media_type or "application/octet-stream")


def _beside(file: Path, name: str) -> bytes:
    return f"./{_address(_asset(file.with_name(name)))}".encode()


def _address(asset: Asset) -> str:
    stem, _, suffix = asset.name.rpartition(".")
    return f"{stem}.{hashlib.sha256(asset.content).hexdigest()[:12]}.{suffix}"
