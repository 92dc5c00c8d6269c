"""Arithmetic of boxes, pure: frames, overlap, turning. Called by label rules, suggestions, formats and the label page.

Frames: `xyxyn` left, top, right, bottom and `xywhn` centre, width, height, both as fractions 0..1 of the upright photo;
`xyxy_px` in pixels, edges and not pixel numbers: the right edge of a photo of 640 pixels is 640.
"""

Edges = tuple[float, float, float, float]


def xyxyn_from_xywhn(xywhn: Edges) -> Edges:
    """Return the edges of a box that is given by centre, width and height."""
    x, y, width, height = xywhn
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def xywhn_from_xyxyn(xyxyn: Edges) -> Edges:
    """Return centre, width and height of a box that is given by its edges."""
    left, top, right, bottom = xyxyn
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def px_from_xyxyn(xyxyn: Edges, width_px: int, height_px: int) -> Edges:
    """Return the edges in pixels of a photo of this size."""
    left, top, right, bottom = xyxyn
    return left * width_px, top * height_px, right * width_px, bottom * height_px


def xyxyn_from_px(xyxy_px: Edges, width_px: int, height_px: int) -> Edges:
    """Return edges in pixels as fractions of a photo of this size."""
    left, top, right, bottom = xyxy_px
    return left / width_px, top / height_px, right / width_px, bottom / height_px


def clip(xyxyn: Edges) -> Edges:
    """Return the part of a box that is on the photo; one that is wholly outside becomes a line on its edge."""
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in xyxyn)
    return left, top, right, bottom


def area(xyxyn: Edges) -> float:
    """Return the share of the photo that a box covers; 0 for one that is turned inside out."""
    left, top, right, bottom = xyxyn
    return max(0.0, right - left) * max(0.0, bottom - top)


def iou(one: Edges, other: Edges) -> float:
    """Return intersection over union, 0..1; 0 where neither covers anything."""
    common = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    shared = area(common)
    union = area(one) + area(other) - shared
    return shared / union if union > 0 else 0.0


def upright(xyxyn: Edges, orientation: int) -> Edges:
    """Turn a box that was drawn on the pixels as they are stored into the frame of the upright photo.

    orientation: 1..8 as EXIF has it. Source: EXIF 2.32, 4.6.4, tag 274; the same turns as Pillow's `exif_transpose`.
    """
    left, top, right, bottom = xyxyn
    turned: dict[int, Edges] = {
        2: (1 - right, top, 1 - left, bottom),
        3: (1 - right, 1 - bottom, 1 - left, 1 - top),
        4: (left, 1 - bottom, right, 1 - top),
        5: (top, left, bottom, right),
        6: (1 - bottom, left, 1 - top, right),
        7: (1 - bottom, 1 - right, 1 - top, 1 - left),
        8: (top, 1 - right, bottom, 1 - left),
    }
    return turned.get(orientation, xyxyn)
