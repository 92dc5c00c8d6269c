// The keyboard. A letter counts by what it types, and where that is no Latin letter (a Korean keyboard) by its place.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAST = 10;
const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox], [role=textbox], [role=slider]";
const PRESSABLE = "button, a, summary, [role=button], [role=tab], [role=radio]";

function watchKeys(app, signal) {
  window.addEventListener("keydown", (event) => keyDown(app, event), { signal, capture: true });
  window.addEventListener("keyup", (event) => keyUp(app, event), { signal, capture: true });
  window.addEventListener("blur", () => (app.spaceHeld = false), { signal });
}

// The key as the table below names it: "z", "1", "Delete", with "Ctrl+" and "Shift+" before it.
function keyName(event) {
  let key = event.key;
  if (/^(Key[A-Z])$/.test(event.code) && !/^[a-z]$/i.test(key)) key = event.code.slice(3);
  if (/^(Digit|Numpad)[0-9]$/.test(event.code)) key = event.code.slice(-1);
  key = key.length === 1 ? key.toLowerCase() : key;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  return `${control}${event.shiftKey && key !== "?" ? "Shift+" : ""}${key}`;
}

const TABLE = {
  "Ctrl+z": undo, "Ctrl+Shift+z": redo, "Ctrl+y": redo,
  Delete: removeSelected, Backspace: removeSelected,
  n: (app) => go(app, "next"), p: (app) => go(app, "previous"),
  c: copyFromPrevious, x: openReasons, 0: openReasons,
  a: acceptAll, z: cycleZoom, h: toggleHidden, "?": toggleHelp,
  Enter: decideDone, Escape: letGo, "[": (app) => selectBeside(app, -1), "]": (app) => selectBeside(app, 1),
};

function keyDown(app, event) {
  const target = event.composedPath()[0];
  if (event.altKey || !app.photo || !app.root.offsetParent || target.closest?.(TYPING)) return;
  if (document.querySelector("[role=dialog], [data-baseweb=popover] [role=listbox]") && !app.root.contains(target)) return;
  const name = keyName(event);
  if (target.closest?.(PRESSABLE) && (name === "Enter" || name === " " || name === "Tab")) return;
  if (app.drag || !act(app, name, event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// Do what a key stands for; false for a key that is not ours.
function act(app, name, event) {
  if (app.reasonsOpen) return actOnReasons(app, name);
  if (app.helpOpen) return name === "Escape" || name === "?" ? (toggleHelp(app), true) : false;
  if (name === " ") {
    app.spaceHeld = true;
    app.cursor = "grab";
    app.cross = null;
    app.render();
    return true;
  }
  if (isBlocked(app)) return name in TABLE && !name.startsWith("Ctrl+") ? goIfLocked(app, name) : false;
  if (event.code in ARROWS) return arrow(app, event);
  if (/^[1-9]$/.test(name)) {
    const label = app.choices.find((choice) => choice.key === Number(name));
    if (label) chooseLabel(app, label.id);
    return Boolean(label);
  }
  if (!TABLE[name]) return false;
  TABLE[name](app);
  return true;
}

// Of a photo that another person has, only the way on remains.
function goIfLocked(app, name) {
  if (app.photo?.locked && (name === "n" || name === "p")) TABLE[name](app);
  return true;
}

function arrow(app, event) {
  const [dx, dy] = ARROWS[event.code];
  if (selectedBox(app)) {
    const step = event.shiftKey ? FAST : 1;
    nudge(app, dx * step, dy * step, event.ctrlKey || event.metaKey);
    return true;
  }
  if (dx === 0 || event.ctrlKey || event.shiftKey) return false;
  go(app, dx > 0 ? "next" : "previous");
  return true;
}

function actOnReasons(app, name) {
  if (name === "Escape") {
    app.reasonsOpen = false;
    refresh(app);
    return true;
  }
  const reason = /^[1-9]$/.test(name) ? app.reasons[Number(name) - 1] : null;
  if (reason) decideNothing(app, reason.value);
  return Boolean(reason);
}

function keyUp(app, event) {
  if (event.key === " ") app.spaceHeld = false;
}

function removeSelected(app) {
  if (selectedBox(app)) removeBox(app, app.selected);
}

function go(app, where) {
  ask(app, { go: where });
  refresh(app);
}

function toggleHidden(app) {
  app.hidden = !app.hidden;
  refresh(app);
}

function letGo(app) {
  select(app, null);
}

function selectBeside(app, step) {
  const { boxes } = app.desk;
  if (!boxes.length) return;
  const at = boxes.findIndex((box) => box.id === app.selected);
  select(app, boxes[(at < 0 ? (step > 0 ? 0 : boxes.length - 1) : at + step + boxes.length) % boxes.length].id);
}

function toggleHelp(app) {
  app.helpOpen = !app.helpOpen;
  refresh(app);
}
