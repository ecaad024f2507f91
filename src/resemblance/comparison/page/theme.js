"use strict";
// What the page knows, and how charts look on the ground that the reader has chosen.

const page = JSON.parse(document.getElementById("data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const coarse = matchMedia("(pointer: coarse)");
const state = { hidden: new Set(), view: {}, paper: false, stale: new Set(), busy: false };

function ground() {
  return dark.matches && !state.paper ? "dark" : "light";
}

function inks() {
  return ground() === "dark"
    ? { ink: "#e4e7ea", soft: "#a2abb5", line: "#30373f", box: "#20252b", faint: "#59626c" }
    : { ink: "#1c2024", soft: "#59616a", line: "#e1e4e8", box: "#ffffff", faint: "#b4bac1" };
}

function colour(who) {
  return page.looks[who][ground()];
}

function faded(hex, share) {
  const parts = [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
  return `rgba(${parts.join(",")},${share})`;
}

function axis(given, ink) {
  const narrow = innerWidth < 600 && !state.paper;
  const title = given.title && { ...given.title, font: { size: 13, color: ink.soft }, standoff: narrow ? 8 : 14 };
  const common = {
    gridcolor: ink.line,
    linecolor: ink.faint,
    zerolinecolor: ink.line,
    tickfont: { size: narrow ? 11 : 12, color: ink.soft },
    automargin: true,
    fixedrange: coarse.matches,
  };
  return { ...common, ...given, title };
}

function layoutOf(chart, view) {
  const ink = inks();
  const given = view.layout;
  const family = getComputedStyle(document.documentElement).getPropertyValue("--sans");
  const whole = {
    ...given,
    height: chart.height,
    margin: { l: 8, r: 12, t: 10, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family, size: 13, color: ink.ink },
    showlegend: false,
    // On a phone a finger moves the page, never the chart.
    dragmode: coarse.matches ? false : "zoom",
    hoverlabel: { bgcolor: ink.box, bordercolor: ink.faint, font: { family, size: 12, color: ink.ink } },
    xaxis: axis(given.xaxis || {}, ink),
    yaxis: axis(given.yaxis || {}, ink),
    shapes: (given.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: ink.soft } })),
  };
  if (innerWidth < 600 && given.hovermode === "x unified") whole.hovermode = "closest";
  if (state.paper) whole.width = 640;
  return whole;
}
