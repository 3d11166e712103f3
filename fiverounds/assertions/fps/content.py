"""From pictures to what moved on them. Pure.

Presented frames alone can be had by repainting the same picture, or by blinking one pixel. So the pictures themselves
are compared: how many differ from the one before, how much of the screen changes, and whether the changes are more
than a flicker in one small patch.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Mask = NDArray[np.bool_]

STEP = 6
"""Smallest change of brightness (of 255) that counts: below it lies the noise of JPEG."""
PATCH_SHARE = 0.02
"""A patch below this share of the screen is tiny."""
SMALL_SHARE = 0.25
"""A change below this share of the big changes is small."""
SMALL_FRAMES = 0.20
"""With at least this share of small changes, they are looked at as a possible flicker."""
REMAINDER_SHARE = 0.05
"""Outside the flickering patch, a change must reach this share of the big ones to count."""
KEPT_UP = 0.8
"""A screencast that delivered this share of the presented pictures saw enough of them to compare."""
MOSTLY_NEW = 0.85
SLACK = 1.03
"""JPEG hides the smallest changes: this much is forgiven in the share of differing pictures."""
GRID = (9, 16)
"""Rows and columns of the tiles that `tiles` counts."""


@dataclass(frozen=True, slots=True)
class CastFrame:
    """One picture of a screencast: seconds since the epoch and the JPEG file."""

    time_s: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What changed between the pictures of a screencast."""

    cast_fps: float
    """Pictures per second that the screencast delivered; it may fall behind a heavy page."""
    fps: float
    """Pictures per second that differ from the one before, tiny flicker left out."""
    ratio: float
    """Share of the delivered pictures that differ from the one before, tiny flicker left out."""
    changed_area: float
    """Median share of the screen that changes from one picture to the next, of those that change."""
    reach: float
    """Share of the screen that changed at any time of the screencast."""
    tiles: float
    """Share of the 16 x 9 tiles of the screen in which anything changed."""
    tiny_patch: bool
    """True when a flicker in one tiny patch was left out."""

    def effective(self, presented_fps: float) -> float:
        """The presented pace, less the pictures that showed nothing new."""
        if self.cast_fps == 0:
            return presented_fps
        if self.cast_fps >= KEPT_UP * presented_fps or self.ratio >= MOSTLY_NEW:
            return presented_fps * min(1.0, self.ratio * SLACK)
        # The screencast skipped pictures, and still many were the same: what it saw change is all there is.
        return min(presented_fps, self.fps)


@dataclass(frozen=True, slots=True)
class Still:
    """What one screenshot shows."""

    colours: int
    """Distinct colours, 5 bits a channel."""
    ink: float
    """Share of the pixels that do not have the commonest colour."""


def _grey(jpeg: bytes) -> NDArray[np.int16]:
    with Image.open(io.BytesIO(jpeg)) as image:
        image.draft("L", image.size)  # decodes brightness only: a third of the time
        return np.asarray(image.convert("L"), dtype=np.int16)


def changes(frames: Sequence[CastFrame]) -> list[Mask]:
    """For each picture after the first: which pixels differ from the one before. Another size is a full change."""
    masks: list[Mask] = []
    last: NDArray[np.int16] | None = None
    for index, frame in enumerate(frames):
        if last is not None and frame.jpeg == frames[index - 1].jpeg:
            masks.append(np.zeros_like(last, dtype=np.bool_))
            continue
        grey = _grey(frame.jpeg)
        if last is None:
            last = grey
        elif grey.shape != last.shape:
            masks.append(np.ones_like(last, dtype=np.bool_))
        else:
            masks.append(np.abs(grey - last) > STEP)
            last = grey
    return masks


def _grown(mask: Mask, pixels: int) -> Mask:
    """The mask with a rim: JPEG smears a change over its 8 x 8 block."""
    grown = mask.copy()
    for _ in range(pixels):
        wider = grown.copy()
        wider[1:] |= grown[:-1]
        wider[:-1] |= grown[1:]
        wider[:, 1:] |= grown[:, :-1]
        wider[:, :-1] |= grown[:, 1:]
        grown = wider
    return grown


def flicker_patch(masks: Sequence[Mask]) -> Mask | None:
    """The tiny patch in which all small changes lie, when the picture proper changes far more and far less often.

    An FPS counter or a blinking dot over a slow animation looks like a fast animation otherwise. A page that only ever
    changes a little has no big changes to compare with, and is left alone.
    """
    areas = np.array([mask.mean() for mask in masks])
    moving = areas[areas > 0]
    if len(moving) <= 3:
        return None
    big = float(np.percentile(moving, 98))
    small = [mask for mask, area in zip(masks, areas, strict=True) if 0 < area < SMALL_SHARE * big]
    if len(small) <= SMALL_FRAMES * len(moving):
        return None
    patch: Mask = np.logical_or.reduce(small)
    typical = float(np.median([mask.mean() for mask in small]))
    if patch.mean() >= PATCH_SHARE or big <= typical / SMALL_SHARE:
        return None
    return _grown(patch, 2)


def _tiles(union: Mask) -> float:
    rows = np.array_split(union, GRID[0], axis=0)
    touched = [tile.any() for row in rows for tile in np.array_split(row, GRID[1], axis=1)]
    return float(np.mean(touched))


def content(frames: Sequence[CastFrame], start_s: float, end_s: float) -> Content:
    """Compare the pictures that came between `start_s` and `end_s` (seconds since the epoch)."""
    inside = [frame for frame in frames if start_s <= frame.time_s <= end_s]
    seconds = end_s - start_s
    if len(inside) < 2 or seconds <= 0:
        rate = len(inside) / seconds if seconds > 0 else 0.0
        return Content(rate, 0.0, 0.0, 0.0, 0.0, 0.0, tiny_patch=False)
    masks = changes(inside)
    areas = np.array([mask.mean() for mask in masks])
    moving = areas[areas > 0]
    patch = flicker_patch(masks)
    real = len(moving)
    if patch is not None:
        floor = REMAINDER_SHARE * float(np.percentile(moving, 98))
        real = sum(float((mask & ~patch).mean()) > floor for mask in masks)
    union: Mask = np.logical_or.reduce(masks)
    return Content(
        cast_fps=len(inside) / seconds,
        fps=real / seconds,
        ratio=real / len(masks),
        changed_area=float(np.median(moving)) if len(moving) else 0.0,
        reach=float(union.mean()),
        tiles=_tiles(union),
        tiny_patch=patch is not None,
    )


def _pixels(png: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def still(png: bytes) -> Still:
    """Count the colours of a screenshot and how much of it is not background."""
    pixels = _pixels(png).reshape(-1, 3).astype(np.uint32) >> 3
    keys = (pixels[:, 0] << 10) | (pixels[:, 1] << 5) | pixels[:, 2]
    counts = np.bincount(keys.astype(np.int64), minlength=1)
    return Still(colours=int((counts > 0).sum()), ink=float(1 - counts.max() / counts.sum()))


def moved_pixels(before_png: bytes, after_png: bytes) -> int:
    """How many pixels of two screenshots differ visibly; all of them when the sizes differ."""
    before, after = _pixels(before_png), _pixels(after_png)
    if before.shape != after.shape:
        return int(after.shape[0] * after.shape[1])
    step = np.abs(before.astype(np.int16) - after.astype(np.int16)).max(axis=2)
    return int((step > STEP).sum())
