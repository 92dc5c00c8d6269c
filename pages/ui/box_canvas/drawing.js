// Draws the stage: boxes, handles, suggestions, crosshair, sizes. All in pixels of the screen, anew for every frame.

const SVG = "http://www.w3.org/2000/svg";
const HANDLE_PX = 9;
const ROOM_FOR_NAME_PX = 130; // a narrower box says its number only, so that names do not hide the photo
const HALO = "rgba(0, 0, 0, 0.55)"; // under every line, so that it shows on any photo

function shape(name, attributes, className = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (className) node.setAttribute("class", className);
  return node;
}

const labelOf = (app, id) => app.labels.get(id) ?? { name: "?", colour: "#888888", key: 0 };

// Black or white, whichever reads better on a colour. Source: relative luminance, WCAG 2.2.
function inkOn(colour) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000000" : "#ffffff";
}

function render(app) {
  if (app.frame) return;
  app.frame = requestAnimationFrame(() => {
    app.frame = 0;
    drawStage(app);
  });
}

function drawStage(app) {
  const { view, picture, overlay, chips, photo, desk } = app;
  if (!photo || !desk || !view.fitWidth) return;
  Object.assign(picture.style, {
    left: `${view.x}px`, top: `${view.y}px`,
    width: `${view.fitWidth * view.zoom}px`, height: `${view.fitHeight * view.zoom}px`,
  });
  overlay.setAttribute("viewBox", `0 0 ${view.stageWidth} ${view.stageHeight}`);
  const shapes = [];
  const notes = [];
  if (!app.hidden) {
    for (const one of openSuggestions(app)) drawSuggestion(app, one, shapes, notes);
    for (const box of app.conflict?.boxes ?? []) drawDashed(app, box.xyxyn, "#ffffff", shapes);
    for (const box of desk.boxes) {
      const live = app.live?.id === box.id ? { ...box, xyxyn: app.live.xyxyn } : box;
      drawBox(app, live, shapes, notes);
    }
  }
  if (app.live && !app.live.id) drawBox(app, { id: "", label: app.label, xyxyn: app.live.xyxyn }, shapes, notes);
  if (app.live) notes.push(sizeNote(app, app.live.xyxyn));
  if (app.cross && !app.live) drawCross(app, shapes);
  overlay.replaceChildren(...shapes);
  chips.replaceChildren(...notes);
  app.zoomWord.textContent = `${Math.round(view.zoom * 10) / 10}×`;
  app.stage.dataset.cursor = app.cursor ?? "";
}

function drawBox(app, box, shapes, notes) {
  const { left, top, width, height } = boxOnStage(app.view, box.xyxyn);
  const { name, colour, key } = labelOf(app, box.label);
  const chosen = box.id === app.selected || box.id === "";
  const frame = { x: left, y: top, width: Math.max(width, 0.5), height: Math.max(height, 0.5), fill: "none" };
  const tint = chosen || box.id === app.hovered ? 0.16 : 0.06;
  shapes.push(shape("rect", { ...frame, stroke: HALO, "stroke-width": chosen ? 5 : 4 }));
  shapes.push(shape("rect", { ...frame, fill: colour, "fill-opacity": tint, stroke: colour, "stroke-width": chosen ? 3 : 2 }, "box"));
  if (app.faults.some((fault) => fault.box === box.id)) {
    shapes.push(shape("rect", { ...frame, stroke: "#ffffff", "stroke-width": 2, "stroke-dasharray": "2 6" }));
  }
  const at = top > 26 ? top - 24 : top + 4;
  const full = key ? `${key} ${name}` : name;
  const words = chosen || box.id === app.hovered || width > ROOM_FOR_NAME_PX || !key ? full : String(key);
  if (box.id) notes.push(chip(words, colour, Math.max(0, left), clamp(at, 2, app.view.stageHeight - 26)));
  if (chosen && box.id) drawHandles(left, top, width, height, colour, shapes);
}

function drawHandles(left, top, width, height, colour, shapes) {
  for (const [x, y] of Object.values(handlePoints(left, top, width, height))) {
    const square = { x: x - HANDLE_PX / 2, y: y - HANDLE_PX / 2, width: HANDLE_PX, height: HANDLE_PX, rx: 2 };
    shapes.push(shape("rect", { ...square, fill: "#ffffff", stroke: colour, "stroke-width": 2 }, "handle"));
  }
}

function handlePoints(left, top, width, height) {
  const points = {};
  for (const name of Object.keys(HANDLES)) {
    const x = name.includes("w") ? left : name.includes("e") ? left + width : left + width / 2;
    const y = name.includes("n") ? top : name.includes("s") ? top + height : top + height / 2;
    points[name] = [x, y];
  }
  return points;
}

function drawDashed(app, xyxyn, colour, shapes) {
  const { left, top, width, height } = boxOnStage(app.view, xyxyn);
  const frame = { x: left, y: top, width, height, fill: "none" };
  shapes.push(shape("rect", { ...frame, stroke: HALO, "stroke-width": 4 }));
  shapes.push(shape("rect", { ...frame, stroke: colour, "stroke-width": 2, "stroke-dasharray": "8 6" }, "dashed"));
}

function drawSuggestion(app, one, shapes, notes) {
  const { name, colour } = labelOf(app, one.label);
  drawDashed(app, one.xyxyn, colour, shapes);
  const { left, top, height } = boxOnStage(app.view, one.xyxyn);
  const words = `${name} ${Math.round(one.confidence * 100)}%`;
  notes.push(chip(words, colour, Math.max(0, left), clamp(top + height - 26, 2, app.view.stageHeight - 26), "suggested"));
}

function chip(words, colour, left, top, className = "") {
  const node = element("div", `chip ${className}`, words);
  Object.assign(node.style, { left: `${left}px`, top: `${top}px`, background: colour, color: inkOn(colour) });
  return node;
}

function sizeNote(app, xyxyn) {
  const { left, top, width, height } = boxOnStage(app.view, xyxyn);
  const [wide, high] = sizeInPx(xyxyn, app.photo);
  const below = top + height + 30 < app.view.stageHeight ? top + height + 6 : top + height - 30;
  return chip(`${wide} × ${high} px`, "#111111", Math.max(0, left + width / 2 - 44), below, "size");
}

function drawCross(app, shapes) {
  const [x, y] = app.cross;
  for (const line of [{ x1: x, x2: x, y1: 0, y2: app.view.stageHeight }, { x1: 0, x2: app.view.stageWidth, y1: y, y2: y }]) {
    shapes.push(shape("line", { ...line, stroke: HALO, "stroke-width": 3 }));
    shapes.push(shape("line", { ...line, stroke: "#ffffff", "stroke-width": 1 }));
  }
}
