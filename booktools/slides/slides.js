// Slides. Formulas are set while every slide is laid out: hidden, they have no size. Then Reveal takes over.
addEventListener("load", async () => {
  await MathJax.startup.promise;
  // An equation that is wider than its slide becomes smaller.
  const wide = [...document.querySelectorAll("mjx-container[display]")].map((it) => [it, it.scrollWidth / it.clientWidth]);
  for (const [formula, share] of wide) if (share > 1) formula.style.setProperty("font-size", `${105 / share}%`, "important");
  document.documentElement.classList.add("set");
  // A picture may have the answer: what it says, and where it is covered all of it, comes with the first touch.
  for (const box of document.querySelectorAll(".explorer"))
    for (const kind of ["pointerdown", "click", "input"])
      box.addEventListener(kind, ({ target }) => target.closest(".picture, .controls") && box.classList.remove("untouched"), true);
  const held = () => document.activeElement?.closest(".explorer");
  // A control that has the focus keeps its keys until Escape.
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !held()) return;
    event.stopPropagation();
    document.activeElement.blur();
  }, true);
  await Reveal.initialize({
    width: "100%", // without a scale: slides.css knows the screen, and explorers know where the mouse is
    height: "100%",
    margin: 0,
    center: false,
    display: "grid",
    transition: "none",
    scrollActivationWidth: 0, // on a phone, slides.css makes slides as high as they have to be
    hash: true,
    slideNumber: "c/t",
    totalTime: Number(document.querySelector(".reveal").dataset.seconds),
    keyboardCondition: () => !held(),
    plugins: [RevealNotes],
  });
  Reveal.on("slidechanged", () => document.activeElement?.blur());
});
