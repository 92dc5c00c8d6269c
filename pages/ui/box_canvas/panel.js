// What stands around the stage: the bar of buttons, labels, boxes, suggestions, faults, the decision, the help.
// Text that came from outside (names of labels, people) goes in as text, never as markup.

const ICONS = {
  previous: "M15 5l-7 7 7 7", next: "M9 5l7 7-7 7", undo: "M9 7L4 12l5 5M4 12h10a6 6 0 016 6", redo: "M15 7l5 5-5 5M20 12H10a6 6 0 00-6 6",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13", copy: "M8 8h12v12H8zM4 16V4h12", zoom: "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l5 5M8 11h6M11 8v6",
  hide: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z", help: "M9 9a3 3 0 116 0c0 2-3 2.500-3 5M12 18v.01",
};

function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

function button(words, act, { className = "", key = "", icon = "", disabled = false } = {}) {
  const node = element("button", className);
  node.type = "button";
  node.disabled = disabled;
  if (icon) {
    const picture = shape("svg", { viewBox: "0 0 24 24", width: 20, height: 20 }, "icon");
    picture.append(shape("path", { d: ICONS[icon] }));
    node.append(picture);
    node.setAttribute("aria-label", words);
    node.title = key ? `${words} (${key})` : words;
  } else {
    node.append(element("span", "words", words));
    if (key) node.append(element("kbd", "", key));
  }
  node.addEventListener("click", () => act());
  return node;
}

function dot(colour) {
  const node = element("span", "dot");
  node.style.background = colour;
  return node;
}

function buildBar(app) {
  const { bar, words } = app;
  const held = app.photo?.locked || !app.photo;
  const tool = (icon, key, act, disabled = false) =>
    button(words[icon], act, { icon, key, disabled: disabled || held });
  app.zoomWord = element("span", "zoom", `${Math.round(app.view.zoom * 10) / 10}×`);
  app.saveWord = element("span", "save");
  app.saveWord.setAttribute("role", "status");
  const { undo: back, redo: forth } = app.desk?.history ?? { undo: [], redo: [] };
  bar.replaceChildren(
    button(words.previous, () => go(app, "previous"), { icon: "previous", key: "p ←", disabled: !app.hasPrevious }),
    button(words.next, () => go(app, "next"), { icon: "next", key: "n →", disabled: !app.photo }),
    element("span", "gap"),
    tool("undo", "Ctrl+Z", () => undo(app), back.length === 0),
    tool("redo", "Ctrl+Shift+Z", () => redo(app), forth.length === 0),
    tool("remove", "Delete", () => removeSelected(app), !selectedBox(app)),
    tool("copy", "c", () => copyFromPrevious(app), copies(app).length === 0),
    element("span", "gap"),
    tool("zoom", "z", () => cycleZoom(app)), app.zoomWord,
    tool("hide", "h", () => toggleHidden(app)),
    button(words.help, () => toggleHelp(app), { icon: "help", key: "?" }),
    element("span", "fill"), app.saveWord,
  );
  bar.querySelector(`[aria-label="${CSS.escape(words.hide)}"]`).classList.toggle("pressed", app.hidden);
}

function showSaveState(app) {
  if (!app.saveWord || !app.words) return;
  const state = saveState(app);
  app.saveWord.dataset.state = state;
  app.saveWord.dataset.revision = String(app.desk?.revision ?? "");
  app.saveWord.textContent = app.photo && !app.photo.locked ? app.words[`save_${state}`] : "";
}

function buildPanel(app) {
  const parts = app.photo?.locked
    ? [part("", element("p", "decided", app.words.locked))]
    : app.conflict
    ? [conflictPart(app)]
    : app.reasonsOpen
      ? [reasonsPart(app)]
      : [labelsPart(app), suggestionsPart(app), boxesPart(app), faultsPart(app), decisionPart(app)];
  app.panel.replaceChildren(...parts.filter(Boolean));
  app.credit.textContent = app.photo?.credit ?? "";
  app.credit.append(" ");
  buildHelp(app);
}

function part(title, ...children) {
  const node = element("section");
  if (title) node.append(element("h4", "", title));
  node.append(...children);
  return node;
}

function labelsPart(app) {
  const { words, choices } = app;
  if (!app.photo) return null;
  if (!choices.length) return part(words.labels, element("p", "hint", words.no_labels));
  const current = selectedBox(app)?.label ?? app.label;
  const list = element("div", "list");
  for (const choice of choices) {
    const row = button(choice.name, () => chooseLabel(app, choice.id), { className: "row", key: choice.key || "" });
    row.prepend(dot(choice.colour));
    row.setAttribute("aria-pressed", String(choice.id === current));
    list.append(row);
  }
  const section = part(words.labels, list);
  section.className = "labels";
  return section;
}

function boxesPart(app) {
  const { words, desk } = app;
  if (!desk?.boxes.length) return part(words.boxes, element("p", "hint", words.draw_hint));
  const list = element("div", "list boxes");
  for (const box of desk.boxes) {
    const { name, colour } = labelOf(app, box.label);
    const line = element("div", "line");
    const row = button(name, () => select(app, box.id), { className: "row", key: sizeInPx(box.xyxyn, app.photo).join(" × ") });
    row.prepend(dot(colour));
    row.setAttribute("aria-pressed", String(box.id === app.selected));
    row.addEventListener("pointerenter", () => hover(app, box.id));
    row.addEventListener("pointerleave", () => hover(app, null));
    line.append(row, button(words.remove, () => removeBox(app, box.id), { icon: "remove", className: "small" }));
    list.append(line);
  }
  return part(filled(words.boxes_count, { count: desk.boxes.length }), list);
}

function hover(app, id) {
  app.hovered = id;
  app.render();
}

function suggestionsPart(app) {
  const { words } = app;
  const open = openSuggestions(app);
  if (!open.length || !app.desk) return null;
  const list = element("div", "list");
  for (const one of open) {
    const { name, colour } = labelOf(app, one.label);
    const row = button(name, () => acceptSuggestion(app, one.id), { className: "row", key: `${Math.round(one.confidence * 100)}%` });
    row.prepend(dot(colour));
    list.append(row);
  }
  const all = button(filled(words.accept_all, { count: open.length }), () => acceptAll(app), { key: "a", className: "wide" });
  return part(words.suggestions, list, all);
}

// Faults of one kind are one line and one repair.
function faultsPart(app) {
  const { words, faults } = app;
  if (!faults.length) return null;
  const list = element("div", "list");
  for (const kind of new Set(faults.map((fault) => fault.kind))) {
    const same = faults.filter((fault) => fault.kind === kind);
    const line = element("div", "fault");
    const count = same.length > 1 ? `${same.length} × ` : "";
    const mend = button(words.repair, () => repair(app, same), { className: "small" });
    line.append(element("span", "words", count + same[0].text), mend);
    line.addEventListener("pointerenter", () => hover(app, same[0].box));
    list.append(line);
  }
  return part(filled(words.faults, { count: faults.length }), list);
}

function decisionPart(app) {
  const { words, photo } = app;
  if (!photo || photo.locked) return null;
  const done = button(words.done, () => decideDone(app), { className: "wide primary", key: "Enter" });
  const nothing = button(words.nothing, () => openReasons(app), { className: "wide", key: "0" });
  const notice = app.notice ? [element("p", "notice", app.notice)] : [];
  if (app.decision === "open") return asDecision(part("", ...notice, done, nothing));
  const said = app.decision === "done" ? words.is_done : filled(words.is_nothing, { reason: reasonWords(app) });
  const again = button(words.open_again, () => ask(app, { decide: "open" }), { className: "wide" });
  return asDecision(part("", ...notice, element("p", "decided", said), done, again));
}

function asDecision(section) {
  section.className = "decision"; // on a phone it stands above the list of boxes
  return section;
}

const reasonWords = (app) => app.reasons.find((one) => one.value === app.reason)?.text ?? "";

function reasonsPart(app) {
  const { words } = app;
  const list = element("div", "list");
  app.reasons.forEach((reason, index) => {
    list.append(button(reason.text, () => decideNothing(app, reason.value), { className: "row", key: String(index + 1) }));
  });
  const count = app.desk.boxes.length;
  const warning = count ? [element("p", "hint", filled(words.nothing_removes, { count }))] : [];
  const back = () => {
    app.reasonsOpen = false;
    refresh(app);
  };
  return part(words.nothing_why, list, ...warning, button(words.cancel, back, { className: "wide", key: "Esc" }));
}

function conflictPart(app) {
  const { words, conflict, desk } = app;
  const values = { actor: conflict.actor, when: conflict.when, theirs: conflict.boxes.length, mine: desk.boxes.length };
  const choose = (choice, text) => button(text, () => settleConflict(app, choice), { className: "wide" });
  return part(
    words.conflict, element("p", "", filled(words.conflict_text, values)), element("p", "hint", words.conflict_drawn),
    choose("both", words.conflict_both), choose("theirs", words.conflict_theirs), choose("mine", words.conflict_mine),
  );
}

function buildHelp(app) {
  const { help, words } = app;
  help.hidden = !app.helpOpen;
  if (!app.helpOpen) return;
  const list = element("dl");
  for (const [keys, meaning] of words.keys) list.append(element("dt", "", keys), element("dd", "", meaning));
  const close = button(words.close, () => toggleHelp(app), { className: "wide", key: "Esc" });
  help.replaceChildren(element("h4", "", words.help), list, close);
  close.focus();
}
