"""Every router of the FHIR door, the more particular paths first."""

from typing import Final

from fastapi import APIRouter

from app.fhir import audit_routes, operation_routes, quality_routes, routes, subscription_routes, task_routes
from app.fhir.push import routes as pushing
from app.fhir.team import team_routes

ROUTERS: Final[tuple[APIRouter, ...]] = (
    task_routes.router,
    subscription_routes.router,
    audit_routes.router,
    operation_routes.router,
    quality_routes.router,
    team_routes.router,
    routes.router,
    pushing.router,
)
