// Paper is white, and nothing on it can be opened: a page in the dark theme is printed in the light one, with its
// closed parts open.
const paper = { root: document.documentElement, theme: null, closed: [] };
addEventListener("beforeprint", () => {
  paper.theme = paper.root.dataset.theme;
  paper.root.dataset.theme = "light";
  paper.closed = [...document.querySelectorAll("details.closed:not([open])")];
  paper.closed.forEach((part) => (part.open = true));
});
addEventListener("afterprint", () => {
  paper.root.dataset.theme = paper.theme;
  paper.closed.forEach((part) => (part.open = false));
});
