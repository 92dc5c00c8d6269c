// One photo's tile: built once and brought up to date in place, so that pictures never flicker.
// Whatever came from outside goes through textContent and setAttribute, never through markup.

const PATHS = {
  check: "M5 12.5 10 17.5 19 7.5",
  cross: "M6 6 18 18M18 6 6 18",
  pause: "M9 6V18M15 6V18",
  move: "M4 12H19M13 6 19 12 13 18",
  undo: "M8 5 4 9 8 13M4 9H14A5.5 5.5 0 0 1 14 20H9",
  open: "M14 4H20V10M20 4 13 11M10 20H4V14M4 20 11 13",
  twins: "M9 9H20V20H9ZM5 15H4V4H15V5",
  back: "M15 5 8 12 15 19",
  on: "M9 5 16 12 9 19",
};
const STATUS_ICONS = { accepted: "check", rejected: "cross", set_aside: "pause" };

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function icon(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}

function iconButton(className, name, label) {
  const button = make("button", className);
  button.type = "button";
  button.tabIndex = -1;
  button.append(icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
  return button;
}

function buildTile(photo, words) {
  const tile = make("div", "tile");
  tile.setAttribute("role", "option");
  tile.tabIndex = -1;
  tile.dataset.sha = photo.sha;
  const frame = make("div", "frame");
  const missing = make("span", "missing", words.missing);
  const picture = make("img");
  Object.assign(picture, { alt: "", draggable: false, decoding: "async" });
  picture.addEventListener("error", () => tile.classList.add("without"));
  const pick = iconButton("pick", "check", words.pick);
  frame.append(missing, picture, make("span", "marks"), pick, iconButton("open", "open", words.open));
  tile.append(frame, make("div", "line"));
  return tile;
}

function updateTile(tile, photo, words) {
  const picture = tile.querySelector("img");
  const fresh = photo.url && picture.getAttribute("src") !== photo.url;
  if (fresh) picture.setAttribute("src", photo.url);
  if (fresh || !photo.url) tile.classList.toggle("without", !photo.url);
  tile.dataset.status = photo.status;
  tile.classList.toggle("fills", photo.fills);
  tile.classList.toggle("together", Boolean(photo.group));
  tile.classList.toggle("other-strip", Boolean(photo.otherStrip));
  tile.classList.toggle("goes-on", Boolean(photo.group) && photo.goesOn);
  const marks = [];
  if (STATUS_ICONS[photo.status]) marks.push(mark(photo.status, STATUS_ICONS[photo.status], words.status[photo.status]));
  if (photo.twins) marks.push(mark("twins", "twins", words.twins));
  tile.querySelector(".marks").replaceChildren(...marks);
  const line = [];
  if (photo.place) line.push(make("span", "place", photo.place));
  if (photo.opinion) line.push(make("span", photo.disagrees ? "opinion differs" : "opinion", photo.opinion));
  tile.querySelector(".line").replaceChildren(...line);
  const said = [photo.place, words.status[photo.status], photo.opinion, photo.twins ? words.twins : ""];
  tile.setAttribute("aria-label", said.filter(Boolean).join(", "));
}

function mark(kind, iconName, title) {
  const element = make("span", `mark ${kind}`);
  element.title = title;
  element.append(icon(iconName));
  return element;
}
