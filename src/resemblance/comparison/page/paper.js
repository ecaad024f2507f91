// On paper everything is open, light, and as wide as the paper.

let folded = [];

function toPaper() {
  if (state.paper) return;
  state.paper = true;
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const part of folded) part.open = true;
  drawAll();
}

function fromPaper() {
  if (!state.paper) return;
  state.paper = false;
  for (const part of folded) part.open = false;
  drawAll();
}

addEventListener("beforeprint", toPaper);
addEventListener("afterprint", fromPaper);
matchMedia("print").addEventListener("change", (media) => (media.matches ? toPaper() : fromPaper()));
