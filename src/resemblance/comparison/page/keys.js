// The keys above the charts: one press hides or shows a contestant everywhere, a double press shows it alone.

function show() {
  for (const key of document.querySelectorAll(".key")) {
    key.setAttribute("aria-pressed", String(!state.hidden.has(Number(key.dataset.who))));
  }
  for (const panel of document.querySelectorAll("[data-panel]")) {
    panel.hidden = state.hidden.has(Number(panel.dataset.panel));
  }
  refresh();
}

for (const key of document.querySelectorAll(".key")) {
  const who = Number(key.dataset.who);
  key.addEventListener("click", () => {
    if (!state.hidden.delete(who)) state.hidden.add(who);
    show();
  });
  key.addEventListener("dblclick", () => {
    const others = page.looks.map((_, place) => place).filter((place) => place !== who);
    const alone = others.every((place) => state.hidden.has(place)) && !state.hidden.has(who);
    state.hidden = alone ? new Set() : new Set(others);
    show();
  });
}
