"""The console as an ASGI application: the built files, with the headers that they need."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from salus.console.headers import SECURITY_HEADERS, cache_control
from salus.console.unbuilt import UNBUILT_PAGE

BUILT_FILES = Path(__file__).parent / "static"
"""Where `npm run build` in web/ writes."""

_WORTH_COMPRESSING_BYTES = 1024


class _ConsoleFiles(StaticFiles):
    """The built files; `index.html` for the root. A missing build is looked for anew on each request."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, html=True, check_dir=False)
        self._index = directory / "index.html"

    async def check_config(self) -> None:
        """Accept that the folder is not there: the root then says how to build it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not self._index.is_file():
            if path != ".":
                raise HTTPException(status_code=404)
            return HTMLResponse(
                UNBUILT_PAGE, status_code=503, headers={**SECURITY_HEADERS, "cache-control": "no-store"}
            )
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(SECURITY_HEADERS)
        response.headers["cache-control"] = cache_control(Path(full_path).name)
        return response


def create_console(directory: Path = BUILT_FILES) -> ASGIApp:
    """The console, to be mounted at the root after every other route.

    Args:
        directory: The built files. Where they are missing, `/` says in English and Chinese how to build them (503);
            once they are there, they are served without a restart.

    What is not there is left to the application around it, which has the one table of errors.

    Example:
        >>> from starlette.applications import Starlette
        >>> from starlette.routing import Mount
        >>> len(Starlette(routes=[Mount("/", app=create_console())]).routes)
        1
    """
    return GZipMiddleware(_ConsoleFiles(directory), minimum_size=_WORTH_COMPRESSING_BYTES)
