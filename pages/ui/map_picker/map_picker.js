// A small map on which one click places a pin. Positions are WGS 84 degrees, drawn in Web Mercator.
// data: {position, others: [{name, latitude, longitude}], outline: [[[longitude, latitude], …]], tiles, credit, words}.
// Sends `picked` {latitude, longitude} at a click, at the end of a drag of the pin, and when arrow keys come to rest.

const TILE_PX = 256;
const SMALLEST_ZOOM = 0;
const LARGEST_ZOOM = 18;
const CLOSE_ZOOM = 12;
const MAX_LATITUDE = 85.05;
const CLICK_PX = 5; // a pointer that moved less has clicked
const PIN_GRAB_PX = 22;
const STEP_PX = 10;
const REST_MS = 350;
const GRID_STEPS = [45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const GRID_PX = 90; // lines of the grid lie at least so far apart
const SVG = "http://www.w3.org/2000/svg";

const maps = new WeakMap();

export default function (component) {
  const host = component.parentElement.querySelector(".map");
  const map = maps.get(host) ?? createMap(host);
  maps.set(host, map);
  map.update(component.data, (position) => component.setTriggerValue("picked", position));
  return () => map.rest();
}

// ---- arithmetic: degrees <-> pixels of the whole world at a zoom ----

function worldPx(zoom) {
  return TILE_PX * 2 ** zoom;
}

function toWorld({ latitude, longitude }, zoom) {
  const clamped = Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, latitude));
  const sine = Math.sin((clamped * Math.PI) / 180);
  return {
    x: ((longitude + 180) / 360) * worldPx(zoom),
    y: (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * worldPx(zoom),
  };
}

function toDegrees({ x, y }, zoom) {
  const north = Math.PI * (1 - (2 * y) / worldPx(zoom));
  const longitude = (x / worldPx(zoom)) * 360 - 180;
  return {
    latitude: (Math.atan(Math.sinh(north)) * 180) / Math.PI,
    longitude: ((((longitude + 180) % 360) + 360) % 360) - 180,
  };
}

function rounded(position) {
  return { latitude: Number(position.latitude.toFixed(6)), longitude: Number(position.longitude.toFixed(6)) };
}

function same(one, other) {
  return one === other || (one && other && one.latitude === other.latitude && one.longitude === other.longitude);
}

// ---- the map ----

function createMap(host) {
  const part = (name) => host.querySelector(`.${name}`);
  const picture = part("picture");
  const state = { centre: { latitude: 20, longitude: 100 }, zoom: 1, pin: null, data: null, send: () => {} };
  const pointers = new Map();
  let gesture = null;
  let timer = 0;

  function size() {
    return { width: picture.clientWidth || 600, height: picture.clientHeight || 320 };
  }

  function corner() {
    const middle = toWorld(state.centre, state.zoom);
    const { width, height } = size();
    return { x: middle.x - width / 2, y: middle.y - height / 2 };
  }

  function toPicture(position) {
    const world = toWorld(position, state.zoom);
    const from = corner();
    return { x: world.x - from.x, y: world.y - from.y };
  }

  function fromPicture(point) {
    const from = corner();
    return toDegrees({ x: point.x + from.x, y: point.y + from.y }, state.zoom);
  }

  function at(event) {
    const box = picture.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  function moveBy(dx, dy) {
    const { width, height } = size();
    state.centre = fromPicture({ x: width / 2 - dx, y: height / 2 - dy });
  }

  function zoomTo(zoom, point) {
    const fixed = fromPicture(point);
    state.zoom = Math.max(SMALLEST_ZOOM, Math.min(LARGEST_ZOOM, zoom));
    const now = toPicture(fixed);
    moveBy(point.x - now.x, point.y - now.y);
    draw();
  }

  function middle() {
    const { width, height } = size();
    return { x: width / 2, y: height / 2 };
  }

  function put(position, wait) {
    state.pin = rounded(position);
    clearTimeout(timer);
    timer = setTimeout(() => state.send(state.pin), wait);
    draw();
  }

  function fit() {
    const shown = [...state.data.others, ...(state.pin ? [state.pin] : [])];
    if (!shown.length) {
      state.centre = { latitude: 20, longitude: 100 };
      state.zoom = 1;
      return;
    }
    const latitudes = shown.map((one) => one.latitude);
    const longitudes = shown.map((one) => one.longitude);
    const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
    const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
    state.centre = { latitude: (south + north) / 2, longitude: (west + east) / 2 };
    const { width, height } = size();
    const [low, high] = [toWorld({ latitude: south, longitude: west }, 0), toWorld({ latitude: north, longitude: east }, 0)];
    const room = Math.min((width * 0.7) / (high.x - low.x || 1e-9), (height * 0.6) / (low.y - high.y || 1e-9));
    state.zoom = Math.max(SMALLEST_ZOOM, Math.min(CLOSE_ZOOM, Math.log2(room)));
  }

  // -- drawing --

  function draw() {
    drawTiles(part("tiles"), state, size(), corner());
    drawGround(part("ground"), state, size(), toPicture, fromPicture);
    drawMarks(part("marks"), state, toPicture);
    part("where").textContent = state.pin
      ? `${state.pin.latitude.toFixed(5)}, ${state.pin.longitude.toFixed(5)}`
      : state.data.words.empty;
  }

  // -- pointer --

  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    picture.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    const pin = state.pin && toPicture(state.pin);
    const point = at(event);
    const grabs = pin && Math.hypot(pin.x - point.x, pin.y - 12 - point.y) < PIN_GRAB_PX;
    gesture = { from: point, moved: false, pin: grabs, spread: spread() };
  });

  picture.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId) || !gesture) return;
    const before = pointers.get(event.pointerId);
    const point = at(event);
    pointers.set(event.pointerId, point);
    if (pointers.size === 2) {
      gesture.moved = true;
      if (gesture.spread) zoomTo(state.zoom + Math.log2(spread() / gesture.spread), centreOfPointers());
      gesture.spread = spread();
      return;
    }
    if (Math.hypot(point.x - gesture.from.x, point.y - gesture.from.y) > CLICK_PX) gesture.moved = true;
    if (!gesture.moved) return;
    if (gesture.pin) {
      const pin = toPicture(state.pin);
      state.pin = rounded(fromPicture({ x: pin.x + point.x - before.x, y: pin.y + point.y - before.y }));
    } else {
      moveBy(point.x - before.x, point.y - before.y);
    }
    draw();
  });

  picture.addEventListener("pointerup", (event) => {
    if (!pointers.delete(event.pointerId) || !gesture || pointers.size) return;
    if (!gesture.moved) put(fromPicture(at(event)), 0);
    else if (gesture.pin) put(state.pin, 0);
    gesture = null;
  });

  picture.addEventListener("pointercancel", (event) => {
    pointers.delete(event.pointerId);
    gesture = null;
  });

  function spread() {
    if (pointers.size !== 2) return 0;
    const [one, other] = [...pointers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  }

  function centreOfPointers() {
    const [one, other] = [...pointers.values()];
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  }

  // The wheel scrolls the page unless the map was clicked before, or the control key is held.
  picture.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && host.getRootNode().activeElement !== picture) return;
      event.preventDefault();
      zoomTo(state.zoom - event.deltaY / 300, at(event));
    },
    { passive: false },
  );

  // -- keyboard and buttons --

  picture.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 1 : STEP_PX;
    const steps = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key in steps) {
      const start = state.pin ? toPicture(state.pin) : middle();
      const [dx, dy] = steps[event.key];
      put(fromPicture({ x: start.x + dx, y: start.y + dy }), REST_MS);
      keepInPicture();
    } else if (event.key === "+" || event.key === "=") zoomTo(state.zoom + 1, middle());
    else if (event.key === "-") zoomTo(state.zoom - 1, middle());
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function keepInPicture() {
    const pin = toPicture(state.pin);
    const { width, height } = size();
    if (pin.x < 0 || pin.y < 0 || pin.x > width || pin.y > height) {
      state.centre = { ...state.pin };
      draw();
    }
  }

  part("nearer").addEventListener("click", () => zoomTo(state.zoom + 1, middle()));
  part("farther").addEventListener("click", () => zoomTo(state.zoom - 1, middle()));
  part("all").addEventListener("click", () => {
    fit();
    draw();
  });
  new ResizeObserver(() => state.data && draw()).observe(picture);

  return {
    update(data, send) {
      const first = state.data === null;
      const moved = !same(data.position, state.data?.position);
      state.data = data;
      state.send = send;
      if (first || moved) state.pin = data.position;
      picture.setAttribute("aria-label", data.words.label);
      for (const name of ["nearer", "farther", "all"]) {
        part(name).setAttribute("aria-label", data.words[name]);
        part(name).title = data.words[name];
      }
      part("credit").textContent = data.tiles ? data.credit : "";
      if (first) fit();
      else if (moved && state.pin) keepInPicture();
      draw();
    },
    rest() {
      pointers.clear();
      gesture = null;
    },
  };
}
