"""Long lists are shown page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: its items, its number (from 1) and the number of pages."""

    items: tuple[T, ...]
    number: int
    pages: int


def paginate(items: Sequence[T], number: int, size: int) -> Page[T]:
    """Return page *number* of *items* at *size* items a page.

    Pages are numbered from 1. There is always at least one page, which is empty when there are
    no items. A *number* outside the existing pages raises ``ValueError``.
    """
    if size < 1:
        raise ValueError("a page holds at least one item")
    pages = max(1, -(-len(items) // size))
    if not 1 <= number <= pages:
        raise ValueError(f"page {number} is not one of {pages}")
    start = (number - 1) * size
    return Page(tuple(items[start : start + size]), number, pages)


def window(current: int, total: int, width: int = 5) -> list[int]:
    """Return the page numbers to link to: *width* neighbouring pages around *current*.

    The window holds *width* pages, or all of them if *total* is smaller. *current* stands in the
    middle (with an even *width* one page more precedes it than follows it), except near the two
    ends of the list, where the window is moved just as far as needed to contain existing pages
    only.
    """
    if not 1 <= current <= total or width < 1:
        raise ValueError("no such page, or no room for one")
    start = max(1, min(current - width // 2, total - width + 1))
    return list(range(start, min(start + width, total + 1)))
