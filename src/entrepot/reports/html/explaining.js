// Opens what a figure is made of: its parts stand in the page, deeper ones are asked on the command line.
(() => {
  const source = document.getElementById("explained");
  const parts = JSON.parse(source.textContent);
  const box = document.getElementById("explanation");
  const digits = document.documentElement.dataset.digits | 0;
  const money = (minor) => (minor < 0 ? "\u2212" : "") + (Math.abs(minor) / 10 ** digits).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const make = (name, text, kind) => {
    const node = document.createElement(name);
    if (text) node.textContent = text;
    if (kind) node.className = kind;
    return node;
  };
  const line = (node, label, minor) => { node.append(make("span", label), make("b", money(minor))); return node; };
  const list = (id) => {
    const all = make("ul");
    for (const [label, minor, child] of parts[id]) {
      const item = make("li");
      if (parts[child]) {
        const more = make("details");
        more.append(line(make("summary"), label, minor));
        // Filled when it is opened: a figure of a year has thousands of parts.
        more.addEventListener("toggle", () => { if (more.open && more.children.length === 1) more.append(list(child), ask(child)); });
        item.append(more);
      } else item.append(line(make("div", "", "part"), label, minor));
      all.append(item);
    }
    return all;
  };
  const ask = (id) => {
    const row = make("p", source.dataset.ask + ": ", "ask");
    // An apostrophe within the id ends the quotation, stands for itself and begins it again.
    row.append(make("code", "entrepot explain value '" + id.replaceAll("'", "'\\''") + "'"));
    return row;
  };
  const open = (cell) => {
    const id = cell.dataset.id;
    const title = make("h3", source.dataset.explain);
    const close = make("button", source.dataset.close);
    close.addEventListener("click", () => box.hidePopover());
    title.append(close);
    box.replaceChildren(title, line(make("div", "", "part whole"), id, 0));
    box.children[1].lastChild.textContent = cell.textContent;
    if (parts[id]) box.append(list(id));
    box.append(ask(id));
    box.showPopover();
  };
  for (const cell of document.querySelectorAll("[data-id]")) {
    if (!cell.textContent.trim()) continue;
    cell.tabIndex = 0;
    cell.setAttribute("role", "button");
    cell.addEventListener("click", () => open(cell));
    cell.addEventListener("keydown", (key) => { if (key.key === "Enter" || key.key === " ") { key.preventDefault(); open(cell); } });
  }
  // Both sides are decoded: an address encodes Chinese names, and an id has marks of its own.
  const plain = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const wanted = plain(location.hash.slice(1));
  const first = wanted && [...document.querySelectorAll("[data-id]")].find((cell) => plain(cell.dataset.id) === wanted);
  if (first) { open(first); box.querySelectorAll("details").forEach((each, number) => { if (number === 0) each.open = true; }); }
})();
