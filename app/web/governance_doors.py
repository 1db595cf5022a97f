"""Every router of what information governance leads do."""

from typing import Final

from fastapi import APIRouter

from app.web import alert_pages, alerts, oversight, who_looked

ROUTERS: Final[tuple[APIRouter, ...]] = (
    who_looked.router,
    who_looked.pages,
    oversight.router,
    alerts.router,
    alert_pages.router,
)
