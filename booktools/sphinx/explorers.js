/* Every explorer of the page, when it comes near: its picture gives way to the live view, with sliders and switches
   below. Vega, which explorers.py writes into vega.js, is loaded with the first. */
{
  const src = document.currentScript.src.replace("explorers.js", "vega.js");
  let vega;
  const loaded = () =>
    (vega ??= new Promise((done) => document.head.append(Object.assign(document.createElement("script"), { src, onload: done }))));

  const show = async (box) => {
    await loaded();
    const spec = JSON.parse(box.querySelector("script").textContent);
    const live = document.createElement("div");
    const options = { mode: "vega-lite", actions: false, renderer: "svg", defaultStyle: false, tooltip: false };
    const { view } = await vegaEmbed(live, spec, options);
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
  };

  const near = new IntersectionObserver(
    (seen) => {
      for (const { target } of seen.filter((box) => box.isIntersecting)) {
        near.unobserve(target);
        show(target);
      }
    },
    { rootMargin: "100%" },
  );
  document.querySelectorAll(".explorer").forEach((box) => near.observe(box));
}
