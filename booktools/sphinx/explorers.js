/* Every explorer of the page: its picture gives way to the live view, with sliders and switches below.

   explorers.py puts this behind Vega, in one file, so that `vegaEmbed` is defined. */

for (const box of document.querySelectorAll(".explorer")) {
  const spec = JSON.parse(box.querySelector("script").textContent);
  const live = document.createElement("div");
  const options = { mode: "vega-lite", actions: false, renderer: "svg", defaultStyle: false, tooltip: false };
  vegaEmbed(live, spec, options).then(({ view }) => {
    box.querySelector("img").replaceWith(live);
    box.view = view;

    // Screen readers hear the line "status" of the view when it has changed and come to rest.
    const spoken = document.createElement("p");
    spoken.setAttribute("role", "status");
    spoken.className = "visually-hidden";
    box.append(spoken);
    let pause;
    live.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        const lines = live.querySelector(".status_marks text").childNodes;
        spoken.textContent = Array.from(lines, (line) => line.textContent).join(" ");
      }, 500);
    });
  });
}
