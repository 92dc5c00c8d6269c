// The component: made once, and told again with every run of the page. `data` is what `canvas.py` writes.

const NARROW_PX = 760;
const mounted = new WeakMap();

function refresh(app) {
  buildBar(app);
  buildPanel(app);
  showSaveState(app);
  render(app);
}

function makeApp(component) {
  const find = (name) => component.parentElement.querySelector(`.${name}`);
  const app = {
    root: find("canvas"), bar: find("bar"), stage: find("stage"), picture: find("picture"), overlay: find("overlay"),
    chips: find("chips"), panel: find("panel"), help: find("help"), credit: find("credit"),
    view: { zoom: 1, x: 0, y: 0, fitWidth: 0, fitHeight: 0, stageWidth: 0, stageHeight: 0 },
    desks: new Map(), touches: new Map(), labels: new Map(), choices: [], suggestions: [], faults: [], previous: [], reasons: [],
    client: newId(), seq: 0, wishes: {}, underWay: null, roundTrips: [], conflict: null, notice: "", decision: "open", reason: "",
    photo: null, desk: null, label: null, selected: null, hovered: null, live: null, drag: null, pointer: null, cross: null,
    hidden: false, spaceHeld: false, reasonsOpen: false, helpOpen: false, frame: 0, zoomWord: element("span"),
  };
  app.render = () => render(app);
  return app;
}

function takePhoto(app, data) {
  const { photo } = data;
  const other = photo?.sha !== app.photo?.sha;
  app.photo = photo;
  if (!photo) {
    app.desk = null;
    return;
  }
  const known = app.desks.get(photo.sha);
  const ahead = known && !sameBoxes(known.boxes, known.acknowledged);
  if (!known) {
    app.desks.set(photo.sha, openDesk(data));
    takeStash(app, app.desks.get(photo.sha), photo.sha);
  } else if (data.revision > known.revision && !ahead && !app.conflict && !app.underWay) {
    app.desks.set(photo.sha, openDesk(data)); // saved elsewhere meanwhile, and nothing of ours is open
  }
  app.desk = app.desks.get(photo.sha);
  if (!other) return;
  Object.assign(app, { selected: null, live: null, drag: null, hovered: null, reasonsOpen: false });
  app.touches.clear();
  app.root.classList.add("loading");
  resetView(app);
}

function takeData(app, data) {
  app.words = data.words;
  takeAnswer(app, data.ack);
  takePhoto(app, data);
  app.labels = new Map(data.labels.map((label) => [label.id, label]));
  app.choices = data.labels.filter((label) => label.offered);
  if (!app.choices.some((label) => label.id === app.label)) app.label = app.choices[0]?.id ?? null;
  const { suggestions, faults, previous, reasons, decision, reason, has_previous: hasPrevious } = data;
  Object.assign(app, { suggestions, faults, previous, reasons, decision, reason, hasPrevious });
  if (app.work !== undefined && app.work !== data.work) document.activeElement?.blur();
  app.work = data.work;
  app.bar.setAttribute("aria-label", app.words.tools);
  app.picture.alt = app.words.photo;
}

function sayNoLabel(app) {
  app.notice = app.words.no_labels;
  refresh(app);
}

function layOut(app) {
  if (app.drag) return; // what is under the pointer stays there; an answer of the server comes at any moment
  app.root.classList.toggle("narrow", app.root.clientWidth < NARROW_PX);
  fitStage(app);
  render(app);
}

function start(component) {
  const app = makeApp(component);
  const stop = new AbortController();
  watchPointer(app, stop.signal);
  watchKeys(app, stop.signal);
  keepReserved(app);
  const sizes = new ResizeObserver(() => layOut(app));
  sizes.observe(app.root);
  window.addEventListener("resize", () => layOut(app), { signal: stop.signal });
  window.addEventListener("online", () => app.underWay && send(app, app.underWay.attempt + 1), { signal: stop.signal });
  app.stop = () => {
    stop.abort();
    sizes.disconnect();
    for (const timer of [app.resendTimer, app.pictureTimer]) clearTimeout(timer);
    clearInterval(app.keepTimer);
  };
  app.root.boxCanvas = app; // for whoever measures it from outside, such as a browser test
  return app;
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".canvas");
  let app = mounted.get(root);
  if (!app) {
    app = start(component);
    mounted.set(root, app);
  }
  app.setStateValue = setStateValue;
  takeData(app, data);
  refresh(app);
  layOut(app);
  showPicture(app);
  flush(app);
  return () => app.stop();
}
