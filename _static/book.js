// What depends on the reader's screen and hands.
//
// Things wider than the screen scroll by themselves (book.css). Here they become reachable with the
// keyboard, say what they are, and carry in data-more the side on which there is more to see. On a narrow
// screen, opening the list of chapters or of sections puts the keyboard into it, and Escape puts it back. A link
// into the page arrives, although formulas and figures push its target down while they load, and opens what is
// closed around it.
(() => {
  const KINDS = {
    "mjx-container": "Equation, scrolls sideways",
    pre: "Code or output, scrolls sideways",
    ".pst-scrollable-table-container, .output.text_html": "Table, scrolls sideways",
  };
  const BLOCK = "p, li, dd, dt, td, th, figcaption, h1, h2, h3, h4";

  const mark = (element) => {
    const hidden = element.scrollWidth - element.clientWidth;
    const sides = [element.scrollLeft > 1 && "start", element.scrollLeft < hidden - 1 && "end"];
    element.dataset.more = sides.filter(Boolean).join(" ");
  };

  const reachable = (element, name) => {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", name);
    element.onscroll = () => mark(element);
    mark(element);
  };

  const unreachable = (element) => {
    element.removeAttribute("tabindex");
    element.removeAttribute("role");
    element.removeAttribute("aria-label");
    delete element.dataset.more;
  };

  // What is alike is measured before any of it is changed, so that the page is not laid out anew for each; what is closed
  // or far from the screen is not laid out for this at all.
  const update = () => {
    const shown = (kind) =>
      [...document.querySelectorAll(`article :is(${kind})`)].filter((e) => e.checkVisibility({ contentVisibilityAuto: true }));
    const inline = shown("mjx-container[jax]:not([display])");
    inline.forEach((math) => math.classList.remove("wide"));
    const wide = inline.filter(
      (math) => math.closest(BLOCK) && math.offsetWidth > math.closest(BLOCK).clientWidth + 1,
    );
    wide.forEach((math) => math.classList.add("wide"));
    for (const [kind, name] of Object.entries(KINDS)) {
      const found = shown(kind).filter((e) => getComputedStyle(e).overflowX === "auto");
      const over = found.map((e) => e.scrollWidth > e.clientWidth + 1);
      found.forEach((e, i) => (over[i] ? reachable(e, name) : "more" in e.dataset && unreachable(e)));
    }
  };

  // Formulas are typeset when they come near. Until then each has about its width, and letters that can be read out.
  const spelled = (tex) =>
    tex.replace(/\\(math\w+|operatorname|text|left|right|[Bb]igg?[lr]?)\b|\\[^A-Za-z]|[{}&]/g, "").replace(/\\(?=[A-Za-z])/g, " ");
  const hold = ({ math }) => {
    for (const formula of math) {
      if (!formula.lazyTypeset || formula.typesetRoot.role) continue;
      const words = spelled(formula.math);
      formula.typesetRoot.setAttribute("role", "img");
      formula.typesetRoot.setAttribute("aria-label", words);
      formula.lazyMarker.style.width = `${words.replace(/\w+|\s/g, "x").length / 2}em`;
      formula.lazyTex = false; // no formula needs those before it
    }
  };

  // The page is measured once it stands still.
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    document.measured = false; // for tests
    waiting = setTimeout(() => {
      update();
      document.measured = true;
    }, 100);
  };

  const drawer = (name) => {
    const button = document.querySelector(`.${name}-toggle`);
    const checkbox = document.getElementById(`pst-${name}-sidebar-checkbox`);
    const sidebar = document.querySelector(`.bd-sidebar-${name}`);
    if (!button || !sidebar) return;
    const leave = () => {
      checkbox.checked = false;
      button.focus();
    };
    button.addEventListener("click", () => setTimeout(() => checkbox.checked && sidebar.querySelector("a").focus(), 300));
    sidebar.addEventListener("keydown", (event) => event.key === "Escape" && checkbox.checked && leave());
  };

  let touched = false;
  for (const hand of ["wheel", "touchmove", "keydown", "pointerdown"])
    addEventListener(hand, () => (touched = true), { once: true, passive: true });
  const place = (hash) => document.getElementById(decodeURIComponent(hash?.slice(1) ?? ""));
  // Who comes to a place, by a link or by going back, needs all above it laid out as high as it is.
  const whole = () => document.documentElement.classList.add("whole");
  if (location.hash || performance.getEntriesByType("navigation")[0].type !== "navigate") whole();
  // Opens the closed parts around a place, the one that it is the heading of, and what predict.js covers; tells whether there
  // were any.
  const open = (target) => {
    if (target) whole();
    const parts = [...document.querySelectorAll("details:not([open])")];
    const around = parts.filter((part) => part.contains(target) || part.parentElement === target);
    around.forEach((part) => (part.open = true));
    const covered = target?.closest(".covered[hidden]");
    covered?.dispatchEvent(new Event("beforematch"));
    return around.length > 0 || Boolean(covered);
  };
  const arrive = () => {
    const target = place(location.hash);
    if (target && (open(target) || !touched)) target.scrollIntoView();
  };
  addEventListener("hashchange", () => open(place(location.hash)) && place(location.hash).scrollIntoView());
  // The second click on a link changes no address.
  addEventListener("click", (event) => open(place(event.target.closest?.("a[href]")?.hash)));

  let typeset = 0;
  if (window.MathJax)
    MathJax.options.renderActions = {
      // What is not typeset yet needs no measures of its place.
      metrics: [110, (document) => {
        if ([...document.math].some((it) => !it.lazyTypeset)) document.getMetrics();
      }, ""],
      held: [300, (document) => {
        hold(document);
        soon();
        // Twice: as the page opens, and for what is near.
        if (typeset++ < 2) arrive();
      }, ""],
    };

  const start = () => {
    arrive();
    drawer("primary");
    drawer("secondary");
    new ResizeObserver(soon).observe(document.querySelector("article"));
    document.addEventListener("click", soon);
    for (const change of ["toggle", "contentvisibilityautostatechange"]) document.addEventListener(change, soon, true);
  };
  addEventListener("load", start);
})();
