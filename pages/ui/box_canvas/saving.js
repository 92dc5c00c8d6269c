// Every change goes to the server at once. One request is under way at a time; what changes meanwhile waits, and the
// last state wins. A request that is not answered is sent again as it was: the server takes the same set twice as once.
// What is not acknowledged also lies in the browser's storage, so that a reload sends it again.

const RESEND_MS = 3000;
const KEEP_MS = 120000; // how often the photo's reservation is renewed
const STASH = "eodi-label-";

function ask(app, wish) {
  Object.assign(app.wishes, wish);
  flush(app);
}

function flush(app) {
  const { wishes, photo, desk } = app;
  if (app.underWay || !photo || app.conflict) return;
  const changed = !sameBoxes(desk.boxes, desk.acknowledged);
  if (!changed && Object.keys(wishes).length === 0) return;
  app.seq += 1;
  app.wishes = {};
  app.underWay = {
    client: app.client, seq: app.seq, photo: photo.sha, revision: desk.revision,
    boxes: changed ? desk.boxes : null, ...wishes,
  };
  if (changed) stash(app);
  send(app, 0);
}

function send(app, attempt) {
  app.underWay.attempt = attempt;
  app.sentAt = performance.now();
  app.setStateValue("request", { ...app.underWay });
  clearTimeout(app.resendTimer);
  app.resendTimer = setTimeout(() => app.underWay && send(app, attempt + 1), RESEND_MS);
  showSaveState(app);
}

// Take the server's answer to the request under way.
function takeAnswer(app, answer) {
  const request = app.underWay;
  if (!answer || !request || answer.client !== app.client || answer.seq !== request.seq) return;
  clearTimeout(app.resendTimer);
  app.roundTrips.push(performance.now() - app.sentAt);
  app.underWay = null;
  const desk = app.desks.get(request.photo);
  if (answer.state === "stale") {
    app.conflict = answer.theirs;
  } else if (answer.state === "refused") {
    app.notice = answer.message;
    desk.boxes = desk.acknowledged;
    forgetStash(request.photo);
  } else {
    desk.revision = answer.revision;
    if (request.boxes) desk.acknowledged = request.boxes;
    if (sameBoxes(desk.boxes, desk.acknowledged)) forgetStash(request.photo);
    else stash(app);
    app.notice = answer.message || "";
  }
}

function settleConflict(app, choice) {
  const { desk, conflict } = app;
  app.conflict = null;
  desk.revision = conflict.revision;
  desk.acknowledged = conflict.boxes;
  const mine = desk.boxes;
  desk.boxes = choice === "theirs" ? conflict.boxes : choice === "both" ? bothVersions(conflict.boxes, mine) : mine;
  desk.history.undo.push(mine);
  if (sameBoxes(desk.boxes, desk.acknowledged)) forgetStash(app.photo.sha);
  app.selected = null;
  refresh(app);
  flush(app);
}

function stash(app) {
  const { boxes, revision } = app.desk;
  try {
    localStorage.setItem(STASH + app.photo.sha, JSON.stringify({ boxes, revision }));
  } catch { /* a browser without storage: only the reload in the same instant would lose anything */ }
}

function forgetStash(sha) {
  try {
    localStorage.removeItem(STASH + sha);
  } catch { /* as above */ }
}

// What an earlier visit could not save: sent now if nobody saved since, and put beside the other version if someone did.
function takeStash(app, desk, sha) {
  let left = null;
  try {
    left = JSON.parse(localStorage.getItem(STASH + sha) ?? "null");
  } catch { /* not ours, or damaged */ }
  if (!left || !Array.isArray(left.boxes)) return;
  if (sameBoxes(left.boxes, desk.boxes)) {
    forgetStash(sha);
    return;
  }
  desk.boxes = left.boxes;
  desk.revision = left.revision;
}

function keepReserved(app) {
  app.keepTimer = setInterval(() => {
    if (document.visibilityState === "visible" && !app.underWay) ask(app, { keep: true });
  }, KEEP_MS);
}

function saveState(app) {
  if (app.conflict) return "conflict";
  if (app.underWay?.boxes || app.underWay?.decide) return app.underWay.attempt > 0 ? "unsaved" : "saving";
  return app.desk && !sameBoxes(app.desk.boxes, app.desk.acknowledged) ? "saving" : "saved";
}
