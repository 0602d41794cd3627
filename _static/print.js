// Paper is white: a page in the dark theme is printed in the light one.
const paper = { root: document.documentElement, theme: null };
addEventListener("beforeprint", () => {
  paper.theme = paper.root.dataset.theme;
  paper.root.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  paper.root.dataset.theme = paper.theme;
});
