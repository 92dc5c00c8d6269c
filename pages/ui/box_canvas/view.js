// Where the photo lies on the stage: fitted at zoom 1, larger and shifted above that. Screen to photo and back.

const ZOOMS = [1, 2, 4];
const ZOOM_MOST = 8;
const STAGE_LEAST_PX = 220;
const BELOW_PX = 44; // the photo's author and licence, and a little air
const ABOVE_MOST_PX = 300; // where more than this stands above, the page scrolls instead

// How large the stage may be: the whole width of its column, and as high as the window shows at once.
function fitStage(app) {
  const { photo, view, stage, root } = app;
  const width = stage.clientWidth;
  if (!photo || !width) return;
  const narrow = root.classList.contains("narrow");
  const room = narrow ? window.innerHeight * 0.62 : window.innerHeight - aboveStage(stage) - BELOW_PX;
  const height = Math.max(STAGE_LEAST_PX, Math.min(room, (width * photo.height) / photo.width));
  stage.style.height = `${height}px`;
  const scale = Math.min(width / photo.width, height / photo.height);
  Object.assign(view, { stageWidth: width, stageHeight: height, fitWidth: photo.width * scale, fitHeight: photo.height * scale });
  holdInside(view);
}

// What stands above the stage while nothing is scrolled.
function aboveStage(stage) {
  const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? window.scrollY;
  return Math.min(ABOVE_MOST_PX, stage.getBoundingClientRect().top + scrolled);
}

function holdInside(view) {
  const width = view.fitWidth * view.zoom;
  const height = view.fitHeight * view.zoom;
  view.x = width <= view.stageWidth ? (view.stageWidth - width) / 2 : clamp(view.x, view.stageWidth - width, 0);
  view.y = height <= view.stageHeight ? (view.stageHeight - height) / 2 : clamp(view.y, view.stageHeight - height, 0);
}

function zoomAt(app, zoom, at) {
  const { view } = app;
  const point = toPhoto(view, at);
  view.zoom = clamp(zoom, 1, ZOOM_MOST);
  view.x = at[0] - point[0] * view.fitWidth * view.zoom;
  view.y = at[1] - point[1] * view.fitHeight * view.zoom;
  holdInside(view);
  app.render();
  wantSharper(app);
}

function cycleZoom(app) {
  const { view } = app;
  const next = ZOOMS.find((zoom) => zoom > view.zoom + 0.01) ?? 1;
  zoomAt(app, next, app.pointer ?? [view.stageWidth / 2, view.stageHeight / 2]);
}

function resetView(app) {
  Object.assign(app.view, { zoom: 1, x: 0, y: 0 });
}

const toPhoto = (view, [x, y]) => [
  (x - view.x) / (view.fitWidth * view.zoom), (y - view.y) / (view.fitHeight * view.zoom),
];

const toStage = (view, [x, y]) => [
  view.x + x * view.fitWidth * view.zoom, view.y + y * view.fitHeight * view.zoom,
];

function boxOnStage(view, xyxyn) {
  const [left, top] = toStage(view, [xyxyn[0], xyxyn[1]]);
  const [right, bottom] = toStage(view, [xyxyn[2], xyxyn[3]]);
  return { left, top, width: right - left, height: bottom - top };
}

function stagePoint(app, event) {
  const bounds = app.stage.getBoundingClientRect();
  return [event.clientX - bounds.left, event.clientY - bounds.top];
}

// The photo comes as an ordinary picture of the page, hidden and named by its hash; what is shown is a copy of it.
function sourceOf(key) {
  return document.querySelector(`.st-key-${CSS.escape(key)} img`)?.src ?? "";
}

function showPicture(app, tries = 0) {
  const { photo, picture } = app;
  if (!photo) return;
  const url = (photo.sharp && sourceOf(photo.sharp)) || sourceOf(photo.source);
  if (!url) {
    clearTimeout(app.pictureTimer);
    app.pictureTimer = setTimeout(() => showPicture(app, tries + 1), tries < 100 ? 20 : 500);
    return;
  }
  if (picture.dataset.photo === photo.sha && picture.src === url) return;
  const next = new Image();
  next.src = url;
  const swap = () => {
    if (app.photo?.sha !== photo.sha) return;
    picture.src = url;
    picture.dataset.photo = photo.sha;
    picture.dataset.width = String(next.naturalWidth);
    app.root.classList.remove("loading");
    wantSharper(app);
  };
  next.decode().then(swap, swap);
}

// Above the pixels that were sent, ask once for more of them.
function wantSharper(app) {
  const { photo, picture, view } = app;
  if (!photo || photo.sharp || app.sharperAsked === photo.sha) return;
  const shown = view.fitWidth * view.zoom * window.devicePixelRatio;
  const held = Number(picture.dataset.width || 0);
  if (view.zoom > 1 && held && shown > held * 1.25 && photo.width > held * 1.05) {
    app.sharperAsked = photo.sha;
    ask(app, { sharp: true });
  }
}
