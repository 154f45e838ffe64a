"""The JSON API: each part is a module with a `router`, and one line below. What a page does, a program can do with a token."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
