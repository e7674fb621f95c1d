"""Translation of images of any size with bounded memory, in overlapping tiles that are blended."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

Size = tuple[int, int]
Network = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Tiles:
    """Positions of the tiles of one image. The last tiles may extend beyond its border.

    Args:
        size: (height, width) of each tile.
        tops: First row of pixels of each row of tiles.
        lefts: First column of pixels of each column of tiles.
    """

    size: Size
    tops: tuple[int, ...]
    lefts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.tops) * len(self.lefts)


@dataclasses.dataclass(frozen=True)
class Tiling:
    """Translation of images of any size by a network that takes only some sizes.

    Reflection at the border extends an image to a size that the network takes. An image larger than a tile is cut into
    tiles that overlap. Linear ramps blend their translations, one row of tiles at a time. So memory holds the image,
    the result, and one float32 band as high as a tile. An image that fits into one tile is translated as a whole.

    A network that normalises over the image normalises each tile separately, so colours may differ between tiles.
    Larger tiles and overlaps reduce this.

    Args:
        tile: Largest height and width of a tile, rounded up to a size that the network takes. `None` never cuts an
            image. Defaults to 512.
        overlap: Smallest number of pixels that neighbouring tiles share, at most half a tile. Defaults to 64.
        size_multiple: Number that must divide the height and width of the network's images. Defaults to 1.
        least_size: Smallest height and width that the network takes. Defaults to 1.
        image_sizes: All (height, width) that the network takes, if they are fixed. The tiles then have these sizes,
            and `tile` is not used. Defaults to `None`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    ```python
    tiling = Tiling(size_multiple=cyclegan.size_multiple)
    painting = tiling.translate(photograph, cyclegan.translate)
    ```
    """

    tile: int | None = 512
    overlap: int = 64
    size_multiple: int = 1
    least_size: int = 1
    image_sizes: Sequence[Size] | None = None

    def __post_init__(self) -> None:
        sizes = [side for size in self.image_sizes or () for side in size]
        if min(1 if self.tile is None else self.tile, self.size_multiple, self.least_size, *sizes, 1) < 1:
            raise ValueError(
                "`tile`, `size_multiple`, `least_size` and `image_sizes` must be at least 1. Received: "
                f"tile={self.tile}, size_multiple={self.size_multiple}, least_size={self.least_size}, "
                f"image_sizes={self.image_sizes}"
            )
        if self.overlap < 0 or self.image_sizes == ():
            raise ValueError(
                "`overlap` must be at least 0, and `image_sizes` must hold a size or be None. "
                f"Received: overlap={self.overlap}, image_sizes={self.image_sizes}"
            )

    def tiles(self, height: int, width: int) -> Tiles:
        """Returns the positions of the tiles of an image, as few as possible, and then as small as possible.

        Args:
            height: Height of the image.
            width: Width of the image.

        Raises:
            ValueError: If the image must be cut and `tile` is `None`.
        """
        if self.image_sizes is None:
            return self._laid_out((self._side(height), self._side(width)), height, width)
        options = [self._laid_out(size, height, width) for size in self.image_sizes]
        best = min(options, key=lambda tiles: (len(tiles), tiles.size[0] * tiles.size[1]))
        if self.tile is None and len(best) > 1:
            sizes = " or ".join(f"{h} x {w}" for h, w in self.image_sizes)
            raise ValueError(
                f"An image larger than {sizes} must be cut into tiles. "
                f"Received: tile=None and an image of {height} x {width}"
            )
        return best

    def translate(
        self, image: np.ndarray, network: Network, progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        """Translate an image.

        Args:
            image: A uint8 or float array (height, width, channels).
            network: Function of one tile (1, height, width, channels) of the image's dtype. It keeps the height and
                the width. For a uint8 tile it may return floats from 0 to 255, which are rounded after blending.
            progress: Function of the number of finished tiles and of all tiles, called after each tile. Defaults to
                `None`.

        Returns:
            An array of the image's height and width: uint8 if the image is, else float32.

        Raises:
            ValueError: If the image has another shape or dtype, or the network changes the size of a tile.
        """
        if image.ndim != 3 or 0 in image.shape or not (image.dtype == np.uint8 or image.dtype.kind == "f"):
            raise ValueError(
                "`image` must be of shape (height, width, channels), uint8 or floats. "
                f"Received: {image.dtype} of shape {image.shape}"
            )
        height, width = image.shape[:2]
        tiles = self.tiles(height, width)
        depth = tiles.size[0]
        ramps_y, ramps_x = (_ramps(*line) for line in zip((tiles.tops, tiles.lefts), tiles.size, strict=True))
        result = band = np.empty(0)
        for row, top in enumerate(tiles.tops):
            for column, left in enumerate(tiles.lefts):
                tile = _translated(_cut(image, top, left, tiles.size), network)
                if progress is not None:
                    progress(row * len(tiles.lefts) + column + 1, len(tiles))
                if len(tiles) == 1:
                    return _finished(tile[:height, :width], image.dtype)
                if row == column == 0:
                    result = np.empty((height, width, tile.shape[-1]), np.uint8 if image.dtype == np.uint8 else "f4")
                    band = np.zeros((depth, tiles.lefts[-1] + tiles.size[1], tile.shape[-1]), np.float32)
                weights = ramps_y[row][:, None, None] * ramps_x[column][:, None]
                band[:, left : left + tiles.size[1]] += weights * tile
            # No later row of tiles adds to the rows above its top.
            done = min([*tiles.tops[row + 1 : row + 2], height]) - top
            result[top : top + done] = _finished(band[:done, :width], image.dtype)
            band[: depth - done] = band[done:]
            band[depth - done :] = 0
        return result

    def _side(self, side: int) -> int:
        """Returns the height or width of a tile, for an image of that height or width."""
        needed = max(side if self.tile is None else min(side, self.tile), self.least_size)
        return -(-needed // self.size_multiple) * self.size_multiple

    def _laid_out(self, size: Size, height: int, width: int) -> Tiles:
        return Tiles(size, self._starts(height, size[0]), self._starts(width, size[1]))

    def _starts(self, side: int, length: int) -> tuple[int, ...]:
        """Returns the first pixels of tiles of `length` that cover `side` pixels, evenly spread."""
        if side <= length:
            return (0,)
        overlap = min(self.overlap, length // 2)
        # At multiples the network's strides hit the same pixels in all tiles, if the overlap leaves room for it.
        unit = self.size_multiple
        if unit > overlap or length % unit or -(-overlap // unit) * unit > length // 2:
            unit = 1
        length, side, overlap = length // unit, -(-side // unit), -(-overlap // unit)
        gaps = -(-(side - length) // (length - overlap))
        return tuple(unit * (i * (side - length) // gaps) for i in range(gaps + 1))


def _ramps(starts: tuple[int, ...], length: int) -> list[np.ndarray]:
    """Returns the weight of each pixel of each tile along one axis. The weights of one pixel sum to 1."""
    ramps, total = [], np.zeros(starts[-1] + length)
    up = np.arange(1, length + 1)
    for i, start in enumerate(starts):
        before = starts[i - 1] + length - start if i else 0
        after = start + length - starts[i + 1] if i + 1 < len(starts) else 0
        ramp = np.minimum(np.minimum(up / (max(before, 0) + 1), up[::-1] / (max(after, 0) + 1)), 1)
        total[start : start + length] += ramp
        ramps.append(ramp)
    return [(ramp / total[s : s + length]).astype(np.float32) for ramp, s in zip(ramps, starts, strict=True)]


def _cut(image: np.ndarray, top: int, left: int, size: Size) -> np.ndarray:
    rows, columns = (
        _reflected(start, length, side) for start, length, side in zip((top, left), size, image.shape[:2], strict=True)
    )
    return image[rows[:, None], columns]


def _reflected(start: int, length: int, side: int) -> np.ndarray:
    """Returns the indices of `length` pixels from `start` on, mirrored at the ends of `side` pixels."""
    period = max(2 * side - 2, 1)
    index = np.arange(start, start + length) % period
    return np.minimum(index, period - index)


def _translated(tile: np.ndarray, network: Network) -> np.ndarray:
    result = network(tile[None])
    if result.ndim != 4 or result.shape[:3] != (1, *tile.shape[:2]):
        raise ValueError(
            f"The network must keep the size of images. Received: shape {result.shape} from {(1, *tile.shape)}"
        )
    return result[0]


def _finished(pixels: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype != np.uint8:
        return pixels.astype(np.float32, copy=False)
    if pixels.dtype == np.uint8:
        return pixels
    rounded = np.rint(pixels)
    return np.clip(rounded, 0, 255, out=rounded).astype(np.uint8)
