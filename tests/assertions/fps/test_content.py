"""What moved on pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fiverounds.assertions.fps.content import CastFrame, content, moved_pixels, still

WIDTH, HEIGHT = 640, 360
Picture = NDArray[np.uint8]


def picture() -> Picture:
    return np.full((HEIGHT, WIDTH, 3), (12, 16, 32), dtype=np.uint8)


def box(canvas: Picture, x: int, y: int, size: int, value: int = 230) -> Picture:
    canvas[y : y + size, x : x + size] = value
    return canvas


def encoded(canvas: Picture, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(canvas).save(file, kind, quality=75)
    return file.getvalue()


def cast(pictures: list[Picture], fps: float = 60.0) -> list[CastFrame]:
    return [CastFrame(i / fps, encoded(canvas, "JPEG")) for i, canvas in enumerate(pictures)]


def moving(count: int, every: int = 1) -> list[Picture]:
    """Boxes all over the screen that move on every so manyth picture."""
    made = []
    for i in range(count):
        canvas = picture()
        for j in range(40):
            box(canvas, (j * 67 + (i // every) * 9) % 620, (j * 41) % 340, 20)
        made.append(canvas)
    return made


def test_every_picture_new() -> None:
    found = content(cast(moving(30)), 0.0, 0.5)
    assert found.ratio == 1.0
    assert found.cast_fps == pytest.approx(60.0)
    assert found.fps == pytest.approx(58.0)
    assert found.tiles > 0.5
    assert not found.tiny_patch


def test_the_same_picture_again_and_again() -> None:
    found = content(cast([box(picture(), 100, 100, 80)] * 30), 0.0, 0.5)
    assert found.cast_fps == pytest.approx(60.0)
    assert (found.fps, found.ratio, found.changed_area, found.tiles) == (0.0, 0.0, 0.0, 0.0)


def test_every_third_picture_new() -> None:
    found = content(cast(moving(31, every=3)), 0.0, 0.5)
    assert found.ratio == pytest.approx(1 / 3, abs=0.02)


def test_a_change_too_faint_to_see_is_none() -> None:
    faint = [np.full((HEIGHT, WIDTH, 3), 40 + i % 2, dtype=np.uint8) for i in range(20)]
    assert content(cast(faint), 0.0, 1.0).fps == 0.0


def test_a_flicker_in_a_corner_does_not_hide_a_slow_animation() -> None:
    pictures = moving(48, every=6)
    for i, canvas in enumerate(pictures):
        box(canvas, 610, 340, 12, 255 if i % 2 else 0)
    found = content(cast(pictures), 0.0, 0.8)
    assert found.tiny_patch
    assert found.ratio == pytest.approx(1 / 6, abs=0.03)


def test_a_small_animation_alone_is_an_animation() -> None:
    pictures = [box(picture(), 100 + 3 * i, 100, 12) for i in range(30)]
    found = content(cast(pictures), 0.0, 0.5)
    assert not found.tiny_patch
    assert found.ratio == 1.0
    assert found.changed_area < 0.002
    assert found.tiles < 0.05


def test_pictures_outside_the_window_do_not_count() -> None:
    frames = cast(moving(60))
    assert content(frames, 0.5, 1.0).cast_fps == pytest.approx(60.0, abs=2)
    assert content(frames, 5.0, 6.0).cast_fps == 0.0
    assert content([], 0.0, 1.0).fps == 0.0
    assert content(frames, 1.0, 1.0).cast_fps == 0.0


def test_a_picture_of_another_size_is_a_new_picture() -> None:
    frames = cast([picture(), picture()[:300], picture()])
    found = content(frames, 0.0, 1.0)
    assert found.ratio == pytest.approx(0.5)
    assert found.reach == 1.0


def test_a_still_is_counted() -> None:
    found = still(encoded(box(picture(), 0, 0, 36), "PNG"))
    assert found.colours == 2
    assert found.ink == pytest.approx(36 * 36 / (WIDTH * HEIGHT))
    assert still(encoded(picture(), "PNG")).ink == 0.0


def test_moved_pixels() -> None:
    before = encoded(box(picture(), 10, 10, 20), "PNG")
    after = encoded(box(picture(), 110, 10, 20), "PNG")
    assert moved_pixels(before, before) == 0
    assert moved_pixels(before, after) == 2 * 20 * 20
    assert moved_pixels(before, encoded(picture()[:300], "PNG")) == 300 * WIDTH
