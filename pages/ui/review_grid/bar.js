// The bar below the photos: what can be done with those that are selected, the pages, and what was done last.

const NOTICE_MS = 7000;

class Pager {
  constructor(bar, words, commands) {
    this.before = bar.button("quiet", "back", words.before, "[", commands.before);
    this.after = bar.button("quiet", "on", words.after, "]", commands.after);
    this.range = make("span", "range");
    this.element = make("div", "pages");
    this.element.append(this.before, this.range, this.after);
  }

  update(data) {
    this.before.disabled = !data.hasBefore;
    this.after.disabled = !data.hasAfter;
    this.range.textContent = data.range;
  }
}

class Bar {
  constructor(words, commands) {
    this.words = words;
    this.element = make("div", "bar");
    this.notice = make("div", "notice");
    this.notice.setAttribute("role", "status");
    this.notice.hidden = true;
    this.count = make("button", "count");
    this.count.type = "button";
    this.count.title = words.none;
    this.count.addEventListener("click", commands.none);
    this.accept = this.button("primary", "check", words.accept, "A", commands.accept);
    this.reject = this.button("", "cross", words.reject, "R", commands.reject);
    this.move = this.button("", "move", words.move, "M", commands.move);
    this.undo = this.button("", "undo", words.undo, "U", commands.undo);
    this.pagers = [new Pager(this, words, commands), new Pager(this, words, commands)]; // in the bar; below on a phone
    this.help = make("button", "quiet help", "?");
    this.help.type = "button";
    this.help.setAttribute("aria-label", words.keys);
    this.help.title = words.keys;
    this.help.addEventListener("click", commands.help);
    const deeds = make("div", "deeds");
    deeds.append(this.accept, this.reject, this.move, this.undo);
    this.pagers[0].element.append(this.help);
    this.pagers[1].element.classList.add("below");
    this.element.append(this.count, deeds, this.pagers[0].element);
  }

  button(className, iconName, label, key, run) {
    const button = make("button", `deed ${className}`);
    button.type = "button";
    button.append(icon(iconName), make("span", "", label));
    button.title = `${label} (${key})`;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", run);
    return button;
  }

  update(data) {
    this.undo.disabled = !data.canUndo;
    for (const pager of this.pagers) pager.update(data);
    const said = data.notice;
    if (said && said.id !== this.lastNotice) this.say(said);
  }

  say(said) {
    this.lastNotice = said.id;
    clearTimeout(this.timer);
    this.notice.replaceChildren(make("span", "", said.text));
    this.notice.classList.toggle("bad", said.bad);
    this.notice.hidden = false;
    if (said.undo) {
      const undo = make("button", "", this.words.undo);
      undo.type = "button";
      undo.addEventListener("click", () => this.undo.click());
      this.notice.append(undo);
    }
    this.timer = setTimeout(() => (this.notice.hidden = true), NOTICE_MS);
  }

  choose(selected, reachable) {
    this.count.hidden = selected === 0;
    this.count.textContent = this.words.selected.replace("{count}", selected);
    for (const button of [this.accept, this.reject, this.move]) button.disabled = reachable === 0;
  }
}
