// Mouse, pen and fingers on the stage: draw, move, resize, choose, pan, zoom.

const HANDLE_REACH_PX = 9;
const FINGER_REACH_PX = 22;
const EDGE_REACH_PX = 5;

function watchPointer(app, signal) {
  const { stage } = app;
  const on = (name, act, options = {}) => stage.addEventListener(name, act, { signal, ...options });
  on("pointerdown", (event) => pressed(app, event));
  on("pointermove", (event) => moved(app, event));
  on("pointerup", (event) => released(app, event));
  on("pointercancel", (event) => gaveUp(app, event));
  on("pointerleave", () => leftStage(app));
  on("wheel", (event) => wheeled(app, event), { passive: false });
  on("contextmenu", (event) => event.preventDefault());
}

const isBlocked = (app) =>
  !app.desk || !app.photo || app.photo.locked || app.conflict || app.wishes.go || app.underWay?.go || app.root.classList.contains("loading");

// What lies under a point, nearest thing first.
function under(app, at, reach, drawOver) {
  const chosen = selectedBox(app);
  if (chosen && !app.hidden && !drawOver) {
    const { left, top, width, height } = boxOnStage(app.view, chosen.xyxyn);
    const points = handlePoints(left, top, width, height);
    const near = ([x, y]) => Math.max(Math.abs(x - at[0]), Math.abs(y - at[1])) <= reach;
    const corner = Object.keys(points).sort((a, b) => b.length - a.length).find((name) => near(points[name]));
    if (corner) return { kind: "resize", box: chosen, handle: corner };
    if (holds(chosen.xyxyn, toPhoto(app.view, at))) return { kind: "move", box: chosen };
  }
  const edge = app.hidden || drawOver ? null : app.desk.boxes.find((box) => onEdge(app, box, at));
  return edge ? { kind: "move", box: edge } : { kind: "draw" };
}

function onEdge(app, box, at) {
  const { left, top, width, height } = boxOnStage(app.view, box.xyxyn);
  const outside = Math.max(left - at[0], at[0] - left - width, top - at[1], at[1] - top - height);
  return Math.abs(outside) <= EDGE_REACH_PX;
}

function pressed(app, event) {
  if (isBlocked(app)) return;
  const at = stagePoint(app, event);
  app.touches.set(event.pointerId, at);
  capture(app, event);
  if (app.touches.size === 2) {
    app.live = null;
    app.drag = { kind: "pinch", ...pinchOf(app) };
  } else if (event.button === 1 || app.spaceHeld) {
    app.drag = { kind: "pan", from: at, x: app.view.x, y: app.view.y };
  } else if (event.button === 0) {
    const reach = event.pointerType === "mouse" ? HANDLE_REACH_PX : FINGER_REACH_PX;
    app.drag = { ...under(app, at, reach, event.shiftKey), from: at, start: toPhoto(app.view, at), pointer: event.pointerId };
  }
  if (event.button === 1) event.preventDefault();
  app.render();
}

function capture(app, event) {
  try {
    app.stage.setPointerCapture(event.pointerId);
  } catch { /* the pointer is gone already */ }
}

function moved(app, event) {
  if (!app.desk) return;
  const at = stagePoint(app, event);
  if (app.touches.has(event.pointerId)) app.touches.set(event.pointerId, at);
  app.pointer = at;
  const { drag } = app;
  if (!drag) hovering(app, at, event);
  else if (drag.kind === "pinch") pinched(app);
  else if (drag.kind === "pan") panned(app, at);
  else dragged(app, at);
  app.render();
}

function hovering(app, at, event) {
  const blocked = isBlocked(app);
  const found = blocked ? null : under(app, at, HANDLE_REACH_PX, event.shiftKey);
  app.cursor = blocked ? "wait" : app.spaceHeld ? "grab" : found.kind === "resize" ? found.handle : found.kind;
  app.cross = event.pointerType === "mouse" && found?.kind === "draw" && !app.spaceHeld ? at : null;
  app.hovered = found?.box?.id ?? null;
}

function panned(app, at) {
  app.view.x = app.drag.x + at[0] - app.drag.from[0];
  app.view.y = app.drag.y + at[1] - app.drag.from[1];
  holdInside(app.view);
}

function dragged(app, at) {
  const { drag } = app;
  if (!drag.begun && Math.hypot(at[0] - drag.from[0], at[1] - drag.from[1]) < LEAST_PX) return;
  drag.begun = true;
  app.cross = null;
  const point = toPhoto(app.view, at);
  if (drag.kind === "draw") {
    app.live = app.label === null ? null : { id: "", xyxyn: boxBetween(drag.start, point) };
  } else if (drag.kind === "move") {
    app.live = { id: drag.box.id, xyxyn: movedBox(drag.box.xyxyn, point[0] - drag.start[0], point[1] - drag.start[1]) };
  } else {
    const shift = [point[0] - drag.start[0], point[1] - drag.start[1]];
    const corner = cornerOf(drag.box.xyxyn, drag.handle);
    app.live = { id: drag.box.id, xyxyn: resizedBox(drag.box.xyxyn, drag.handle, [corner[0] + shift[0], corner[1] + shift[1]]) };
  }
}

const cornerOf = (xyxyn, handle) => HANDLES[handle].map((index) => (index === null ? 0 : xyxyn[index]));

function released(app, event) {
  const { drag, live } = app;
  app.touches.delete(event.pointerId);
  if (!drag) return;
  if (drag.kind === "pinch" && app.touches.size) return;
  Object.assign(app, { drag: null, live: null });
  if (drag.kind === "pan" || drag.kind === "pinch") {
    wantSharper(app);
  } else if (!live) {
    if (!drag.begun) clicked(app, drag.from);
    else if (app.label === null) sayNoLabel(app);
  } else if (drag.kind === "draw") {
    const { width, height } = boxOnStage(app.view, live.xyxyn);
    if (width >= LEAST_PX && height >= LEAST_PX) addBox(app, live.xyxyn);
  } else {
    app.selected = drag.box.id;
    replaceBox(app, drag.box.id, { xyxyn: live.xyxyn });
  }
  layOut(app);
}

// A click chooses the smallest box that holds the point; on a suggestion alone it takes it; on nothing it lets go.
function clicked(app, at) {
  const point = toPhoto(app.view, at);
  const smallest = (boxes) => boxes.filter((box) => holds(box.xyxyn, point)).sort((a, b) => areaOf(a.xyxyn) - areaOf(b.xyxyn))[0];
  const box = smallest(app.desk.boxes);
  if (box) {
    select(app, box.id);
    return;
  }
  const suggestion = smallest(openSuggestions(app));
  if (suggestion) acceptSuggestion(app, suggestion.id);
  else select(app, null);
}

function gaveUp(app, event) {
  app.touches.delete(event.pointerId);
  Object.assign(app, { drag: null, live: null });
  layOut(app);
}

function leftStage(app) {
  if (app.drag) return;
  Object.assign(app, { cross: null, pointer: null, hovered: null });
  app.render();
}

function pinchOf(app) {
  const [a, b] = [...app.touches.values()];
  return { middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], apart: Math.hypot(a[0] - b[0], a[1] - b[1]) };
}

function pinched(app) {
  if (app.touches.size < 2) return;
  const now = pinchOf(app);
  const { drag, view } = app;
  view.x += now.middle[0] - drag.middle[0];
  view.y += now.middle[1] - drag.middle[1];
  zoomAt(app, view.zoom * (now.apart / Math.max(1, drag.apart)), now.middle);
  Object.assign(drag, now);
}

function wheeled(app, event) {
  if (!app.photo || (event.deltaY > 0 && app.view.zoom <= 1)) return; // the page scrolls on
  event.preventDefault();
  zoomAt(app, app.view.zoom * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), stagePoint(app, event));
}
