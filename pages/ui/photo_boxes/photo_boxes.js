// Boxes over a picture of the page. Everything that is text comes in through textContent.

const SVG = "http://www.w3.org/2000/svg";

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function pictureOf(over) {
  return document.querySelector(`.st-key-${CSS.escape(over)} img`);
}

// Lay the drawing exactly over the picture, wherever the page has put it now.
function place(layer, root, picture) {
  const here = root.getBoundingClientRect();
  const there = picture.getBoundingClientRect();
  Object.assign(layer.style, {
    left: `${there.left - here.left}px`, top: `${there.top - here.top}px`,
    width: `${there.width}px`, height: `${there.height}px`,
  });
}

function drawBox(box, index, state) {
  const group = document.createElementNS(SVG, "g");
  const [left, top, right, bottom] = box.xyxyn.map((side) => side * 100);
  for (const name of ["halo", "line"]) {
    const rect = document.createElementNS(SVG, "rect");
    const sides = { x: left, y: top, width: right - left, height: bottom - top };
    for (const [side, value] of Object.entries(sides)) rect.setAttribute(side, `${value}%`);
    rect.setAttribute("class", name);
    if (name === "line") rect.style.stroke = box.colour;
    group.append(rect);
  }
  const title = document.createElementNS(SVG, "title");
  title.textContent = `${box.name} · ${state.share(box.confidence)}`;
  group.append(title);
  group.addEventListener("pointerenter", () => state.point(index));
  group.addEventListener("pointerleave", () => state.point(-1));
  return group;
}

function drawLine(box, index, state) {
  const line = element("button", "found");
  line.type = "button";
  const mark = element("span", "mark");
  mark.style.background = box.colour;
  line.append(mark, element("span", "name", box.name), element("span", "share", state.share(box.confidence)));
  for (const [event, chosen] of [["pointerenter", index], ["focus", index], ["pointerleave", -1], ["blur", -1]]) {
    line.addEventListener(event, () => state.point(chosen));
  }
  return line;
}

export default function (component) {
  const { data, parentElement } = component;
  const old = parentElement.querySelector(".boxes");
  const kept = old?.chosen;
  old?.remove();

  const root = element("section", "boxes");
  root.setAttribute("aria-label", data.words.list);
  const layer = document.createElementNS(SVG, "svg");
  layer.setAttribute("class", "layer");
  const panel = element("div", "panel");
  const list = element("div", "list");
  const chosen = kept ?? { on: true, from: data.threshold };
  root.chosen = chosen;

  const toggle = element("label", "toggle");
  const box = element("input");
  box.type = "checkbox";
  box.checked = chosen.on;
  toggle.append(box, element("span", "", data.words.show));
  const slider = element("label", "slider");
  const range = element("input");
  Object.assign(range, { type: "range", min: 0.05, max: 0.95, step: 0.05, value: chosen.from });
  const said = element("span", "share");
  slider.append(element("span", "", data.words.from), range, said);
  panel.append(toggle, slider);
  root.append(layer, panel, list);
  parentElement.append(root);

  const percent = new Intl.NumberFormat(data.locale, { style: "percent" });
  const state = {
    share: (value) => percent.format(value),
    point: (index) => {
      [...layer.children].forEach((group) => group.classList.toggle("pointed", Number(group.dataset.index) === index));
      [...list.children].forEach((line) => line.classList.toggle("pointed", Number(line.dataset?.index) === index));
    },
  };

  function draw() {
    layer.replaceChildren();
    list.replaceChildren();
    said.textContent = percent.format(chosen.from);
    layer.style.display = chosen.on ? "" : "none";
    data.boxes.forEach((found, index) => {
      // The chosen threshold keeps its own boxes, whatever the slider's steps make of it.
      if (found.confidence < Math.min(chosen.from, chosen.from === data.threshold ? data.threshold : 1)) return;
      for (const [where, make] of [[layer, drawBox], [list, drawLine]]) {
        const made = make(found, index, state);
        made.dataset.index = index;
        where.append(made);
      }
    });
    if (!list.children.length) list.append(element("p", "none", data.words.none));
  }
  box.addEventListener("change", () => { chosen.on = box.checked; draw(); });
  range.addEventListener("input", () => { chosen.from = Number(range.value); draw(); });
  draw();

  // The picture may be drawn after this, and again at another width.
  let watched = null;
  const settle = () => {
    const picture = pictureOf(data.over);
    if (!picture) return;
    if (picture !== watched) {
      if (watched) sizes.unobserve(watched);
      watched = picture;
      sizes.observe(picture);
      picture.addEventListener("load", settle, { once: true });
    }
    place(layer, root, picture);
  };
  const sizes = new ResizeObserver(settle);
  sizes.observe(root);
  const timer = setInterval(settle, 400);
  settle();
  return () => {
    clearInterval(timer);
    sizes.disconnect();
  };
}
