// The grid: which photos are shown, which one has the focus, which are selected; mouse and touch.

const LONG_PRESS_MS = 500;
const LEAVE_MS = 140;
const MOVE_MS = 180;
const SLIP_PX = 10; // a finger that moves further scrolls

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class Grid {
  constructor(words, onOpen, onChange) {
    Object.assign(this, { words, onOpen, onChange });
    this.photos = [];
    this.tiles = new Map();
    this.selected = new Set();
    this.focus = 0;
    this.anchor = 0;
    this.implicit = false; // selected by a plain click: walking on lets go of it
    this.element = make("div", "grid");
    this.element.setAttribute("role", "listbox");
    this.element.setAttribute("aria-multiselectable", "true");
    this.element.setAttribute("aria-label", words.grid);
    this.listen();
  }

  show(photos) {
    const before = new Map([...this.tiles].map(([sha, tile]) => [sha, tile.getBoundingClientRect()]));
    const focused = this.photos[this.focus]?.sha;
    const had = this.element.contains(this.element.getRootNode().activeElement);
    this.photos = photos;
    const kept = new Set(photos.map((photo) => photo.sha));
    for (const [sha, tile] of this.tiles) if (!kept.has(sha)) this.takeOut(sha, tile);
    photos.forEach((photo, place) => this.put(photo, place));
    this.selected = new Set([...this.selected].filter((sha) => kept.has(sha)));
    const found = photos.findIndex((photo) => photo.sha === focused);
    this.focus = found >= 0 ? found : Math.max(0, Math.min(this.focus, photos.length - 1));
    this.anchor = Math.min(this.anchor, Math.max(0, photos.length - 1));
    this.glide(before);
    this.paint();
    if (had) this.tile()?.focus({ preventScroll: true });
  }

  put(photo, place) {
    let tile = this.tiles.get(photo.sha);
    if (!tile) {
      tile = buildTile(photo, this.words);
      this.tiles.set(photo.sha, tile);
      if (!calm()) tile.animate([{ opacity: 0 }, { opacity: 1 }], { duration: MOVE_MS });
    }
    updateTile(tile, photo, this.words);
    if (this.element.children[place] !== tile) this.element.insertBefore(tile, this.element.children[place] ?? null);
  }

  takeOut(sha, tile) {
    this.tiles.delete(sha);
    tile.remove();
  }

  glide(before) {
    if (calm()) return;
    for (const [sha, tile] of this.tiles) {
      const from = before.get(sha);
      const to = from && tile.getBoundingClientRect();
      if (!from || (from.left === to.left && from.top === to.top)) continue;
      if (to.top > innerHeight || to.bottom < 0) continue;
      const shift = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
      tile.animate([{ transform: shift }, { transform: "none" }], { duration: MOVE_MS, easing: "ease-out" });
    }
  }

  // Let tiles fade; the one after them gets the focus. `then` draws what is left.
  leave(shas, then) {
    for (const sha of shas) this.tiles.get(sha)?.classList.add("leaving");
    this.goOn(shas);
    setTimeout(then, calm() ? 0 : LEAVE_MS);
  }

  goOn(shas) {
    const done = new Set(shas);
    const last = this.photos.findLastIndex((photo) => done.has(photo.sha));
    const after = this.photos.findIndex((photo, place) => place > last && !this.isLeaving(photo));
    const before = this.photos.findLastIndex((photo, place) => place < last && !this.isLeaving(photo));
    this.clear();
    if (after >= 0 || before >= 0) this.goTo(after >= 0 ? after : before);
  }

  isLeaving(photo) {
    return this.tiles.get(photo.sha)?.classList.contains("leaving") ?? true;
  }

  tile(place = this.focus) {
    return this.tiles.get(this.photos[place]?.sha);
  }

  targets() {
    const current = this.photos[this.focus];
    if (this.selected.size) return this.photos.map((photo) => photo.sha).filter((sha) => this.selected.has(sha));
    return current && !this.isLeaving(current) ? [current.sha] : [];
  }

  // Mark the photos that a menu is about; returns how many.
  ask(shas) {
    for (const [sha, tile] of this.tiles) tile.classList.toggle("asked", shas.includes(sha));
    return shas.length;
  }

  columns() {
    const tops = this.photos.map((photo) => this.tiles.get(photo.sha).offsetTop);
    return Math.max(1, tops.filter((top) => top === tops[0]).length);
  }

  walk(by, extend) {
    const to = Math.max(0, Math.min(this.photos.length - 1, this.focus + by));
    if (extend) this.range(this.anchor, to);
    else if (this.implicit) this.clear();
    this.goTo(to, extend);
  }

  goTo(place, keepAnchor = false) {
    this.focus = place;
    if (!keepAnchor) this.anchor = place;
    this.paint();
    this.tile()?.focus({ preventScroll: true });
    this.tile()?.scrollIntoView({ block: "nearest" });
  }

  range(from, to) {
    const [first, last] = from < to ? [from, to] : [to, from];
    this.selected = new Set(this.photos.slice(first, last + 1).map((photo) => photo.sha));
    this.implicit = false;
  }

  toggle(place) {
    const sha = this.photos[place]?.sha;
    if (sha && !this.selected.delete(sha)) this.selected.add(sha);
    this.implicit = false;
    this.focus = this.anchor = place;
    this.paint();
  }

  only(place) {
    const sha = this.photos[place].sha;
    const again = this.selected.size === 1 && this.selected.has(sha);
    this.selected = new Set(again ? [] : [sha]);
    this.implicit = true;
    this.focus = this.anchor = place;
    this.paint();
  }

  all() {
    this.selected = new Set(this.photos.map((photo) => photo.sha));
    this.implicit = false;
    this.paint();
  }

  clear() {
    this.selected.clear();
    this.implicit = false;
    this.paint();
  }

  paint() {
    this.photos.forEach((photo, place) => {
      const tile = this.tiles.get(photo.sha);
      tile?.setAttribute("aria-selected", String(this.selected.has(photo.sha)));
      if (tile) tile.tabIndex = place === this.focus ? 0 : -1;
    });
    this.element.classList.toggle("picking", this.selected.size > 0);
    this.onChange();
  }

  placeOf(event) {
    const sha = event.target.closest?.(".tile")?.dataset.sha;
    return this.photos.findIndex((photo) => photo.sha === sha);
  }

  listen() {
    this.element.addEventListener("pointerdown", (event) => this.press(event));
    for (const kind of ["pointermove", "pointerup", "pointercancel"]) {
      this.element.addEventListener(kind, (event) => this.release(event, kind));
    }
    this.element.addEventListener("contextmenu", (event) => this.touch && event.preventDefault());
    this.element.addEventListener("click", (event) => this.click(event));
    this.element.addEventListener("dblclick", (event) => {
      const place = this.placeOf(event);
      if (place >= 0 && !this.touch && !event.target.closest("button")) this.onOpen(this.photos[place].sha);
    });
  }

  press(event) {
    this.touch = event.pointerType !== "mouse";
    this.held = false;
    const place = this.placeOf(event);
    if (!this.touch || place < 0 || event.target.closest("button")) return;
    this.from = [event.clientX, event.clientY];
    this.timer = setTimeout(() => {
      this.held = true;
      this.onOpen(this.photos[place].sha);
    }, LONG_PRESS_MS);
  }

  release(event, kind) {
    const [x, y] = this.from ?? [event.clientX, event.clientY];
    const slipped = Math.hypot(event.clientX - x, event.clientY - y) > SLIP_PX;
    if (kind !== "pointermove" || slipped) clearTimeout(this.timer);
  }

  click(event) {
    const place = this.placeOf(event);
    if (place < 0 || this.held) return;
    if (event.target.closest(".open")) {
      this.onOpen(this.photos[place].sha);
    } else if (event.shiftKey) {
      this.range(this.anchor, place);
      this.focus = place;
      this.paint();
    } else if (this.touch || event.ctrlKey || event.metaKey || event.target.closest(".pick")) {
      this.toggle(place);
    } else {
      this.only(place);
    }
    this.tile()?.focus({ preventScroll: true });
  }
}
