// What a person does to the boxes of a photo: every change is one step that undo takes back, and one save.

const NUDGE_PAUSE_MS = 800; // arrow keys within this time are one step of undo

// The boxes of one photo as they are here. acknowledged: what the server has said it holds.
function openDesk(data) {
  const boxes = data.boxes.map((box) => ({ ...box }));
  return { boxes, acknowledged: boxes, revision: data.revision, history: { undo: [], redo: [], nudgedAt: 0 } };
}

function change(app, boxes, { nudge = false } = {}) {
  const { desk } = app;
  const { history } = desk;
  const now = performance.now();
  if (!(nudge && now - history.nudgedAt < NUDGE_PAUSE_MS)) history.undo.push(desk.boxes);
  history.nudgedAt = nudge ? now : 0;
  history.redo = [];
  desk.boxes = boxes;
  refresh(app);
  flush(app);
}

function stepBack(app, from, to) {
  const { desk } = app;
  if (desk.history[from].length === 0) return;
  desk.history[to].push(desk.boxes);
  desk.boxes = desk.history[from].pop();
  desk.history.nudgedAt = 0;
  if (!desk.boxes.some((box) => box.id === app.selected)) app.selected = null;
  refresh(app);
  flush(app);
}

const undo = (app) => stepBack(app, "undo", "redo");
const redo = (app) => stepBack(app, "redo", "undo");

function addBox(app, xyxyn, origin = "hand", label = app.label) {
  const box = { id: newId(), label, xyxyn, origin };
  app.selected = box.id;
  change(app, [...app.desk.boxes, box]);
}

function replaceBox(app, id, edit, options) {
  change(app, app.desk.boxes.map((box) => (box.id === id ? { ...box, ...edit, origin: touchedOrigin(box.origin) } : box)), options);
}

function removeBox(app, id) {
  if (app.selected === id) app.selected = null;
  change(app, app.desk.boxes.filter((box) => box.id !== id));
}

const selectedBox = (app) => app.desk?.boxes.find((box) => box.id === app.selected);

function select(app, id) {
  app.selected = id;
  refresh(app);
}

// A label's key names the selected box, and every box that is drawn from now on.
function chooseLabel(app, label) {
  app.label = label;
  const box = selectedBox(app);
  if (box && box.label !== label) replaceBox(app, box.id, { label });
  else refresh(app);
}

function nudge(app, dx, dy, resize) {
  const box = selectedBox(app);
  const stepX = dx / (app.view.fitWidth * app.view.zoom);
  const stepY = dy / (app.view.fitHeight * app.view.zoom);
  const [left, top, right, bottom] = box.xyxyn;
  const xyxyn = resize
    ? [left, top, clamp(right + stepX, left, 1), clamp(bottom + stepY, top, 1)]
    : movedBox(box.xyxyn, stepX, stepY);
  replaceBox(app, box.id, { xyxyn }, { nudge: true });
}

// The boxes of the photo before that this one may have and does not have yet.
function copies(app) {
  const may = new Set(app.choices.map((choice) => choice.id));
  const isNew = (one) => !app.desk?.boxes.some((box) => box.label === one.label && iouOf(box.xyxyn, one.xyxyn) > 0.95);
  return app.previous.filter((one) => may.has(one.label) && isNew(one));
}

function copyFromPrevious(app) {
  const added = copies(app).map((one) => ({ id: newId(), label: one.label, xyxyn: one.xyxyn, origin: "hand" }));
  if (added.length) change(app, [...app.desk.boxes, ...added]);
}

// Suggestions that no box of a person says already.
const openSuggestions = (app) =>
  app.suggestions.filter((one) => !app.desk.boxes.some((box) => iouOf(box.xyxyn, one.xyxyn) >= DOUBLE_IOU));

function acceptSuggestion(app, id) {
  const one = openSuggestions(app).find((suggestion) => suggestion.id === id);
  if (one) addBox(app, one.xyxyn, "accepted", one.label);
}

function acceptAll(app) {
  const taken = [];
  for (const one of openSuggestions(app)) {
    if (!taken.some((box) => iouOf(box.xyxyn, one.xyxyn) >= DOUBLE_IOU)) {
      taken.push({ id: newId(), label: one.label, xyxyn: one.xyxyn, origin: "accepted" });
    }
  }
  if (taken.length) change(app, [...app.desk.boxes, ...taken]);
}

function repair(app, faults) {
  let { boxes } = app.desk;
  for (const fault of faults) {
    boxes = fault.repaired
      ? boxes.map((box) => (box.id === fault.box ? { ...box, ...fault.repaired } : box))
      : boxes.filter((box) => box.id !== fault.box);
  }
  app.selected = null;
  change(app, boxes);
}

function decideDone(app) {
  if (app.desk.boxes.length === 0) openReasons(app);
  else ask(app, { decide: "done", go: "next" });
}

function decideNothing(app, reason) {
  app.reasonsOpen = false;
  if (app.desk.boxes.length) {
    app.selected = null;
    change(app, []);
  }
  ask(app, { decide: "nothing_here", reason, go: "next" });
}

function openReasons(app) {
  app.reasonsOpen = true;
  refresh(app);
}
