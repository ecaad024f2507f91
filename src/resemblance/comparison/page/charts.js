// Draws the charts from what the page knows.

const settings = {
  displaylogo: false,
  responsive: true,
  displayModeBar: false,
};

function traceOf(given) {
  const { meta } = given;
  if (meta.across) return seedLine(given, meta.across);
  const look = page.looks[meta.who];
  const own = colour(meta.who);
  const trace = { ...given, visible: !state.hidden.has(meta.who) };
  if (meta.part === "mean") {
    trace.line = { width: 2.2, color: own, dash: look.dash, ...given.line };
    trace.marker = { size: 7, color: own, symbol: look.symbol, line: { width: 0 }, ...given.marker };
  } else if (meta.part === "band") {
    trace.fillcolor = faded(own, ground() === "dark" ? 0.2 : 0.13);
    trace.line = { ...given.line, color: own };
  } else if (meta.part === "edge") {
    trace.line = { ...given.line, color: own };
  } else if (meta.part === "bar") {
    trace.marker = { ...given.marker, color: own };
  } else if (meta.part === "dots") {
    trace.marker = { ...given.marker, color: own, symbol: look.symbol };
  }
  for (const error of ["error_x", "error_y"]) {
    if (given[error]) trace[error] = { ...given[error], color: own, thickness: 1.3, width: 0 };
  }
  return trace;
}

function seedLine(given, whos) {
  const shown = whos.map((who) => !state.hidden.has(who));
  const kept = (values) => values.filter((_, place) => shown[place]);
  return { ...given, x: kept(given.x), y: kept(given.y), line: { width: 1, color: inks().faint } };
}

function draw(name) {
  const chart = page.charts[name];
  const view = chart.views[state.view[name] || 0];
  const box = document.getElementById(name);
  const drawn = Plotly.react(box, view.traces.map(traceOf), layoutOf(chart, view), settings);
  const absent = document.getElementById(`${name}-absent`);
  const missing = view.missing.length ? `Nothing to show of ${view.missing.join(", ")}.` : "";
  absent.textContent = [missing, view.remark].filter(Boolean).join(" ");
  absent.hidden = absent.textContent === "";
  return drawn;
}

function drawAll() {
  return Promise.all(Object.keys(page.charts).map(draw));
}

// All charts again: those in sight at once, the others one after another whenever there is time.
function refresh() {
  state.stale = new Set(Object.keys(page.charts));
  delete document.documentElement.dataset.drawn;
  if (!state.busy) {
    state.busy = true;
    drawNext();
  }
}

function drawNext() {
  const away = (name) => {
    const { top, bottom } = document.getElementById(name).getBoundingClientRect();
    return Math.max(top - innerHeight, -bottom, 0);
  };
  while (state.stale.size) {
    const name = [...state.stale].reduce((one, other) => (away(other) < away(one) ? other : one));
    const inSight = away(name) === 0;
    state.stale.delete(name);
    draw(name);
    if (!inSight) {
      const later = window.requestIdleCallback || ((work) => setTimeout(work, 30));
      later(drawNext, { timeout: 300 });
      return;
    }
  }
  state.busy = false;
  document.documentElement.dataset.drawn = "all";
}

for (const select of document.querySelectorAll("select[data-for]")) {
  select.addEventListener("change", () => {
    state.view[select.dataset.for] = Number(select.value);
    draw(select.dataset.for);
  });
}
dark.addEventListener("change", refresh);
refresh();
