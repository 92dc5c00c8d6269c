// The two lists that open above the bar (why rejected, where to), and the list of keys.

class Menu {
  constructor(onClose) {
    this.onClose = onClose;
    this.element = make("div", "menu");
    this.element.hidden = true;
    this.element.setAttribute("role", "dialog");
  }

  get isOpen() {
    return !this.element.hidden;
  }

  close() {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.element.replaceChildren();
    this.onClose();
  }

  // entries: [value, name]; `choose` gets the value and what was written below, or "".
  open(title, entries, written, choose) {
    this.choose = (value) => {
      const note = this.input?.value ?? "";
      this.close();
      choose(value, note);
    };
    this.entries = entries;
    this.written = written;
    this.input = written && make("input", "written");
    this.list = make("div", "choices");
    this.element.setAttribute("aria-label", title);
    const head = make("div", "menu-title", title);
    if (this.input) this.prepareInput(written);
    const parts = written?.first ? [head, this.input, this.list] : [head, this.list, this.input];
    this.element.replaceChildren(...parts.filter(Boolean));
    this.element.hidden = false;
    this.draw(entries);
    if (written?.first) this.input.focus({ preventScroll: true });
    else this.list.firstElementChild?.focus({ preventScroll: true });
  }

  prepareInput(written) {
    this.input.placeholder = written.placeholder;
    this.input.setAttribute("aria-label", written.placeholder);
    this.input.maxLength = 200;
    if (!written.first) return;
    this.input.addEventListener("input", () => {
      const wanted = this.input.value.trim().toLowerCase();
      this.draw(this.entries.filter(([, name]) => name.toLowerCase().includes(wanted)));
    });
  }

  draw(entries) {
    this.shown = entries;
    this.list.replaceChildren(
      ...entries.map(([value, name], place) => {
        const button = make("button", "choice");
        button.type = "button";
        button.append(make("kbd", "", place < 9 ? String(place + 1) : ""), make("span", "", name));
        button.addEventListener("click", () => this.choose(value));
        return button;
      }),
    );
  }

  key(event) {
    const typing = event.composedPath()[0] === this.input;
    const empty = !typing || (this.written.first && this.input.value === "");
    const entry = /^[1-9]$/.test(event.key) && empty ? this.shown[Number(event.key) - 1] : undefined;
    if (event.key === "Escape") this.close();
    else if (entry) this.choose(entry[0]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && typing && !event.isComposing) this.enter();
    else return false;
    return true;
  }

  enter() {
    const value = this.written.first ? this.shown[0]?.[0] : this.written.enter;
    if (value !== undefined) this.choose(value);
  }

  step(by) {
    const buttons = [...this.list.children];
    const now = buttons.indexOf(this.element.getRootNode().activeElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, now + by))]?.focus();
  }
}

class KeyList {
  constructor(words) {
    this.element = make("dialog", "keys");
    this.element.setAttribute("aria-label", words.keys);
    const list = make("dl");
    for (const [keys, meaning] of words.keyList) {
      const term = make("dt");
      term.append(...keys.map((key) => make("kbd", "", key)));
      list.append(term, make("dd", "", meaning));
    }
    this.element.append(make("div", "menu-title", words.keys), list);
    this.element.addEventListener("click", () => this.element.close());
  }

  get isOpen() {
    return this.element.open;
  }

  toggle() {
    if (this.isOpen) this.element.close();
    else this.element.showModal();
  }
}
