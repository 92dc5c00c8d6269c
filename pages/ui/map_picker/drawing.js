// What the map is drawn of: tiles, or a plain outline with a grid; marks of other places; the pin.

function element(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function drawTiles(layer, { data, zoom }, { width, height }, from) {
  if (!data.tiles) {
    layer.replaceChildren();
    return;
  }
  const level = Math.max(0, Math.round(zoom));
  const side = TILE_PX * 2 ** (zoom - level);
  const count = 2 ** level;
  const wanted = new Map();
  for (let x = Math.floor(from.x / side); x * side < from.x + width; x += 1) {
    for (let y = Math.max(0, Math.floor(from.y / side)); y < count && y * side < from.y + height; y += 1) {
      wanted.set(`${level}/${x}/${y}`, { x, y });
    }
  }
  for (const image of [...layer.children]) if (!wanted.has(image.dataset.tile)) image.remove();
  const there = new Map([...layer.children].map((image) => [image.dataset.tile, image]));
  for (const [tile, { x, y }] of wanted) {
    const image = there.get(tile) ?? layer.appendChild(newTile(tile, data.tiles, level, ((x % count) + count) % count, y));
    image.style.transform = `translate(${x * side - from.x}px, ${y * side - from.y}px)`;
    image.style.width = image.style.height = `${side + 0.5}px`;
  }
}

function newTile(tile, address, level, x, y) {
  const image = document.createElement("img");
  image.dataset.tile = tile;
  image.alt = "";
  image.draggable = false;
  image.src = address.replace("{z}", level).replace("{x}", x).replace("{y}", y);
  return image;
}

function drawGround(layer, { data, zoom }, { width, height }, toPicture, fromPicture) {
  layer.replaceChildren();
  if (data.tiles) return;
  for (const ring of data.outline) {
    const points = ring.map(([longitude, latitude]) => toPicture({ latitude, longitude }));
    layer.append(element("polygon", { class: "land", points: points.map((p) => `${p.x},${p.y}`).join(" ") }));
  }
  const step = GRID_STEPS.findLast((degrees) => (degrees / 360) * worldPx(zoom) >= GRID_PX) ?? GRID_STEPS[0];
  const places = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const [top, bottom] = [fromPicture({ x: width / 2, y: 0 }).latitude, fromPicture({ x: width / 2, y: height }).latitude];
  for (let latitude = Math.ceil(bottom / step) * step; latitude < top; latitude += step) {
    const y = toPicture({ latitude, longitude: 0 }).y;
    layer.append(element("line", { class: "grid", x1: 0, x2: width, y1: y, y2: y }));
    layer.append(element("text", { class: "degrees", x: 6, y: y - 4 }, `${latitude.toFixed(places)}°`));
  }
  for (let longitude = -180; longitude < 180; longitude += step) {
    const x = toPicture({ latitude: 0, longitude }).x;
    if (x < 0 || x > width) continue;
    layer.append(element("line", { class: "grid", x1: x, x2: x, y1: 0, y2: height }));
    layer.append(element("text", { class: "degrees", x: x + 4, y: height - 6 }, `${longitude.toFixed(places)}°`));
  }
}

function drawMarks(layer, state, toPicture) {
  layer.replaceChildren();
  for (const other of state.data.others) {
    const { x, y } = toPicture(other);
    const mark = element("circle", { class: "other", cx: x, cy: y, r: 4 });
    mark.append(element("title", {}, other.name));
    layer.append(mark);
    if (state.zoom > 8) layer.append(element("text", { class: "name", x: x + 7, y: y + 4 }, other.name));
  }
  if (!state.pin) return;
  const { x, y } = toPicture(state.pin);
  const drop = "M0 0C-3-8-9-12-9-19A9 9 0 1 1 9-19C9-12 3-8 0 0Z";
  layer.append(element("path", { class: "pin", d: drop, transform: `translate(${x} ${y})` }));
  layer.append(element("circle", { class: "hole", cx: x, cy: y - 19, r: 3.2 }));
}
