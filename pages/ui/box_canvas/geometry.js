// Boxes and points as numbers. A box is { id, label, xyxyn: [left, top, right, bottom], origin } in fractions of the
// upright photo, so that zoom, window and device pixels never touch it. Pure functions; nothing here draws.

const HANDLES = {
  nw: [0, 1], n: [null, 1], ne: [2, 1], e: [2, null], se: [2, 3], s: [null, 3], sw: [0, 3], w: [0, null],
};
const LEAST_PX = 3; // a drag shorter than this on the screen is a click
const SAME = 1e-9;
const DOUBLE_IOU = 0.7; // a suggestion that overlaps a person's box this much says nothing new

const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));

function boxBetween(a, b) {
  const [x0, y0, x1, y1] = [a[0], a[1], b[0], b[1]].map((value) => clamp(value));
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

function movedBox(xyxyn, dx, dy) {
  const [left, top, right, bottom] = xyxyn;
  const stepX = clamp(dx, -left, 1 - right);
  const stepY = clamp(dy, -top, 1 - bottom);
  return [left + stepX, top + stepY, right + stepX, bottom + stepY];
}

function resizedBox(xyxyn, handle, point) {
  const [xIndex, yIndex] = HANDLES[handle];
  const corner = [...xyxyn];
  if (xIndex !== null) corner[xIndex] = point[0];
  if (yIndex !== null) corner[yIndex] = point[1];
  return boxBetween([corner[0], corner[1]], [corner[2], corner[3]]);
}

const areaOf = ([left, top, right, bottom]) => Math.max(0, right - left) * Math.max(0, bottom - top);

function iouOf(a, b) {
  const shared = areaOf([
    Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3]),
  ]);
  const whole = areaOf(a) + areaOf(b) - shared;
  return whole > 0 ? shared / whole : 0;
}

const holds = ([left, top, right, bottom], [x, y]) => x >= left && x <= right && y >= top && y <= bottom;

function sameBoxes(a, b) {
  if (a.length !== b.length) return false;
  const others = new Map(b.map((box) => [box.id, box]));
  return a.every((box) => {
    const other = others.get(box.id);
    return other && other.label === box.label && other.origin === box.origin &&
      box.xyxyn.every((value, index) => Math.abs(value - other.xyxyn[index]) < SAME);
  });
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40; // a UUID of version 4; crypto.randomUUID is missing on plain http
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A box that a person changed is no longer what the detector suggested.
const touchedOrigin = (origin) => (origin === "accepted" ? "corrected" : origin);

const sizeInPx = (xyxyn, photo) => [
  Math.round((xyxyn[2] - xyxyn[0]) * photo.width), Math.round((xyxyn[3] - xyxyn[1]) * photo.height),
];

// Both versions of a photo that two people labelled: theirs, and what of mine differs from it, under ids of its own.
function bothVersions(theirs, mine) {
  const held = new Map(theirs.map((box) => [box.id, box]));
  const added = mine.filter((box) => !held.has(box.id) || !sameBoxes([box], [held.get(box.id)]));
  return [...theirs, ...added.map((box) => (held.has(box.id) ? { ...box, id: newId() } : box))];
}
