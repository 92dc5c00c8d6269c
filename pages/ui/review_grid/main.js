// Joins grid, bar and menus; keys; and the way to Python and back.
//
// A decision shows at once and is sent with a number. What Python has not yet said it handled is sent again with the
// next one, so that none is lost when a run of the page is cut short by the next; Python handles each number once.

const SEND_AGAIN_MS = 4000;
const HASH_SENT = 16; // digits, as in review_tiles.py
const PICTURES_KEPT = 300; // of 15 KB each
const instances = new WeakMap();
let current = null; // Streamlit leaves the view before on the page until the next is drawn: keys are the newer one's

class Review {
  constructor(root, words) {
    this.words = words;
    this.client = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("");
    this.number = 0;
    this.waiting = [];
    this.gone = new Map(); // sha -> number of the decision that took it out of the list
    this.changed = new Map(); // sha -> {number, and what the decision changed}
    this.pictures = new Map(); // sha -> address; what is here is not sent again
    this.element = make("div", "review");
    this.keys = new KeyList(words);
    this.menu = new Menu(() => {
      this.grid.ask([]);
      this.grid.tile()?.focus({ preventScroll: true });
    });
    this.bar = new Bar(words, {
      none: () => this.grid.clear(),
      accept: () => this.decide("accept"),
      reject: () => this.askReason(),
      move: () => this.askPlace(),
      undo: () => this.send({ kind: "undo" }),
      before: () => this.turn(-1),
      after: () => this.turn(1),
      help: () => this.keys.toggle(),
    });
    this.grid = new Grid(
      words,
      (sha) => this.data.one || this.send({ kind: "open", sha }),
      () => this.bar.choose(this.grid.selected.size, this.grid.targets().length),
    );
    const foot = make("div", "foot");
    foot.append(this.bar.notice, this.menu.element, this.bar.element);
    this.element.append(this.grid.element, this.bar.pagers[1].element, foot, this.keys.element);
    root.append(this.element);
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true); // before Streamlit's own keys, of which one is R
  }

  remove() {
    window.removeEventListener("keydown", this.onKey, true);
    clearTimeout(this.again);
    this.element.remove();
  }

  update(component) {
    const { data } = component;
    current = this;
    this.trigger = (value) => component.setTriggerValue("act", value);
    const turned = this.data?.token !== data.token;
    this.data = data;
    const handled = data.handled[this.client] ?? 0;
    this.waiting = this.waiting.filter((action) => action.number > handled);
    for (const [sha, number] of this.gone) if (number <= handled) this.gone.delete(sha);
    for (const [sha, change] of this.changed) if (change.number <= handled) this.changed.delete(sha);
    if (!data.one) this.keepPictures(data.photos);
    this.element.classList.toggle("one", data.one);
    this.element.classList.remove("turning");
    if (turned) {
      this.grid.clear();
      this.grid.focus = this.grid.anchor = Math.max(0, data.photos.findIndex((photo) => photo.sha === data.focus));
    }
    this.draw();
    this.bar.update(data);
    if (turned && this.wasTurned) this.element.scrollIntoView({ block: "start" });
    if (turned && data.focus) this.grid.tile()?.scrollIntoView({ block: "center" });
    this.wasTurned = true;
  }

  // Take in the pictures that came, and look up those that did not; one that is lost is asked for.
  keepPictures(photos) {
    for (const photo of photos) {
      photo.url ??= this.pictures.get(photo.sha);
      this.pictures.delete(photo.sha);
      if (photo.url) this.pictures.set(photo.sha, photo.url);
    }
    for (const sha of this.pictures.keys()) {
      if (this.pictures.size <= PICTURES_KEPT) break;
      this.pictures.delete(sha);
    }
    if (photos.some((photo) => photo.url === undefined)) this.send({ kind: "refresh" });
  }

  draw() {
    const shown = this.data.photos.filter((photo) => !this.gone.has(photo.sha));
    let strips = 0; // neighbouring strips differ in shade
    this.grid.show(
      shown.map((photo, place) => ({
        ...photo,
        ...this.changed.get(photo.sha),
        otherStrip: (strips += photo.group && shown[place - 1]?.group !== photo.group ? 1 : 0) % 2 === 0,
        goesOn: shown[place + 1]?.group === photo.group,
      })),
    );
  }

  send(action) {
    this.waiting.push({ number: ++this.number, ...action });
    this.post();
  }

  post() {
    clearTimeout(this.again);
    if (!this.waiting.length) return;
    const have = this.data.one ? [] : [...this.pictures.keys()].map((sha) => sha.slice(0, HASH_SENT));
    this.trigger({ client: this.client, have, actions: this.waiting });
    this.again = setTimeout(() => this.post(), SEND_AGAIN_MS);
  }

  decide(kind, more = {}) {
    const shas = this.grid.targets();
    if (!shas.length) return;
    this.send({ kind, shas, ...more });
    const leaves = kind === "move" ? !this.data.stays.move.includes(more.place) : !this.data.stays[kind];
    if (this.data.one) return;
    if (leaves) {
      for (const sha of shas) this.gone.set(sha, this.number);
      this.grid.leave(shas, () => this.draw());
      return;
    }
    const change = { number: this.number };
    if (kind !== "move") change.status = kind === "accept" ? "accepted" : "rejected";
    for (const sha of shas) this.changed.set(sha, change);
    this.draw();
    this.grid.goOn(shas);
  }

  turn(by) {
    if (by < 0 ? !this.data.hasBefore : !this.data.hasAfter) return;
    this.element.classList.add("turning");
    this.send({ kind: "turn", to: this.data.page + by });
  }

  askReason() {
    if (!this.grid.ask(this.grid.targets())) return;
    const written = { placeholder: this.words.note, enter: "other" };
    this.menu.open(this.words.why, this.words.reasons, written, (reason, note) => this.decide("reject", { reason, note }));
  }

  askPlace() {
    if (!this.grid.ask(this.grid.targets())) return;
    const written = { placeholder: this.words.find, first: true };
    this.menu.open(this.words.where, this.words.places, written, (place) => this.decide("move", { place }));
  }

  // Keys are ours while nothing else of the page has the focus; a click beside everything gives it to the whole page.
  isOurs(event) {
    const active = document.activeElement;
    const host = this.element.getRootNode().host;
    const free = !active || active.contains(host) || active.shadowRoot?.querySelector(".review");
    return this.element.isConnected && !event.altKey && free;
  }

  key(event) {
    if (current !== this || !this.isOurs(event)) return;
    let used;
    if (this.keys.isOpen) used = this.closeKeys(event);
    else if (this.menu.isOpen) used = this.menu.key(event);
    else used = this.run(event);
    if (used) event.preventDefault();
    const typing = event.composedPath()[0].tagName === "INPUT";
    if (used || typing) event.stopImmediatePropagation();
  }

  closeKeys(event) {
    if (event.key === "Escape" || event.key === "?" || event.key === "Enter") this.keys.toggle();
    return true;
  }

  run(event) {
    // With a Korean input method on, the letter is not in `key`: go by where the key lies then.
    const ascii = /^[\x20-\x7e]$/.test(event.key) || event.key.length > 1;
    const name = ascii && event.key !== "Process" ? event.key : event.code.replace("Key", "");
    const key = name.length === 1 ? name.toLowerCase() : name;
    if (event.ctrlKey || event.metaKey) {
      if (key !== "a" || this.data.one) return false;
      this.grid.all();
      return true;
    }
    const command = (this.data.one ? this.keysOfOne() : this.keysOfGrid(event.shiftKey))[key] ?? this.keysOfBoth()[key];
    const inBar = event.composedPath()[0].closest?.(".foot");
    if (!command || (inBar && (key === "Enter" || key === " "))) return false;
    command();
    return true;
  }

  keysOfBoth() {
    return {
      a: () => this.decide("accept"),
      r: () => this.askReason(),
      m: () => this.askPlace(),
      u: () => this.data.canUndo && this.send({ kind: "undo" }),
      "?": () => this.keys.toggle(),
      "[": () => this.turn(-1),
      "]": () => this.turn(1),
      PageUp: () => this.turn(-1),
      PageDown: () => this.turn(1),
    };
  }

  keysOfGrid(extend) {
    const { grid } = this;
    return {
      ArrowLeft: () => grid.walk(-1, extend),
      ArrowRight: () => grid.walk(1, extend),
      ArrowUp: () => grid.walk(-grid.columns(), extend),
      ArrowDown: () => grid.walk(grid.columns(), extend),
      Home: () => grid.walk(-grid.photos.length, extend),
      End: () => grid.walk(grid.photos.length, extend),
      " ": () => grid.toggle(grid.focus),
      Enter: () => grid.photos.length && this.send({ kind: "open", sha: grid.photos[grid.focus].sha }),
      Escape: () => grid.clear(),
    };
  }

  keysOfOne() {
    return {
      ArrowLeft: () => this.turn(-1),
      ArrowRight: () => this.turn(1),
      Escape: () => this.send({ kind: "close" }),
    };
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!instances.has(root)) instances.set(root, new Review(root, component.data.words));
  instances.get(root).update(component);
  return () => {
    instances.get(root)?.remove();
    instances.delete(root);
  };
}
