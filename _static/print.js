// Paper is white, and nothing on it can be opened: a page in the dark theme is printed in the light one, with its
// closed parts open, and nothing covered.
const paper = { root: document.documentElement, theme: null, closed: [], covered: [] };
addEventListener("beforeprint", () => {
  paper.theme = paper.root.dataset.theme;
  paper.root.dataset.theme = "light";
  paper.closed = [...document.querySelectorAll("details.closed:not([open])")];
  paper.closed.forEach((part) => (part.open = true));
  paper.covered = [...document.querySelectorAll(".covered[hidden]")];
  paper.covered.forEach((part) => (part.hidden = false));
});
addEventListener("afterprint", () => {
  paper.root.dataset.theme = paper.theme;
  paper.closed.forEach((part) => (part.open = false));
  paper.covered.forEach((part) => (part.hidden = "until-found"));
});
