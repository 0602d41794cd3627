// What a link leads to is shown beside it: equations, theorems, figures, terms, papers (see
// booktools/sphinx/tips.py). With a mouse when it rests on the link, with the keyboard when the link has the focus, by
// touch at the first tap, and the second follows the link. Escape closes it.
(() => {
  const LINK = "article a.reference.internal[href*='#']";
  const base = new URL(document.documentElement.dataset.content_root, location.href).href;
  const place = (link) => link.href.slice(base.length).replace(/\?[^#]*/, "");
  let targets, tip, link, timer, under;

  const load = () =>
    (targets ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = `${base}_static/targets.js`;
      script.onload = () => done(window.bookTargets);
      script.onerror = () => done({});
      document.head.append(script);
    }));

  const make = () => {
    tip = document.createElement("div");
    Object.assign(tip, { id: "tip", role: "tooltip", popover: "manual" });
    tip.onpointerenter = () => clearTimeout(timer);
    tip.onpointerleave = (event) => event.pointerType === "mouse" && later(hide);
    document.querySelector(".bd-content").append(tip);
    if (window.MathJax) MathJax.startup.document.options.lazyAlwaysTypeset = "#tip";
  };

  // Below the link, or above it where there is more room; never on it.
  const put = () => {
    const { top, bottom, left } = link.getBoundingClientRect();
    const up = innerHeight - bottom < tip.scrollHeight + 16 && top > innerHeight - bottom;
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.maxHeight = `${Math.min(innerHeight / 2, (up ? top : innerHeight - bottom) - 16)}px`;
    tip.style.left = `${Math.max(8, Math.min(left, room))}px`;
    if (tip.scrollHeight > tip.clientHeight || tip.scrollWidth > tip.clientWidth) tip.tabIndex = 0;
    else tip.removeAttribute("tabindex");
    tip.style.top = `${up ? top - tip.offsetHeight - 6 : bottom + 6}px`;
  };

  const hide = () => {
    clearTimeout(timer);
    if (!link) return;
    link.removeAttribute("aria-describedby");
    link = null;
    tip.hidePopover();
  };

  const later = (what, wait = 200) => {
    clearTimeout(timer);
    timer = setTimeout(what, wait);
  };

  // Whether there is something to show.
  const show = async (wanted) => {
    const html = (await load())[place(wanted)];
    if (!html || (html.includes('class="math') && !window.MathJax?.typesetPromise)) return false;
    if (link === wanted) return true;
    hide();
    if (!tip) make();
    link = wanted;
    link.removeAttribute("title"); // of a paper: the same once more
    window.MathJax?.typesetClear?.([tip]);
    tip.innerHTML = html;
    for (const image of tip.querySelectorAll("img")) image.src = base + image.getAttribute("src");
    tip.showPopover({ source: link }); // the key after the link's is the tip's, where it scrolls
    put();
    await window.MathJax?.typesetPromise?.([tip]);
    if (link !== wanted) return true;
    put();
    link.setAttribute("aria-describedby", tip.id);
    return true;
  };

  const at = (event) => event.target.closest?.(LINK);
  // A link that comes under a still mouse, for a tip was closed above it or the page scrolls, is not asked about.
  document.addEventListener("pointermove", (event) => {
    const met = event.pointerType === "mouse" ? at(event) : null;
    if (met && met !== under) later(() => load().then(() => met.matches(":hover") && show(met)));
    under = met;
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse" || !at(event)) return;
    under = null;
    later(hide);
  });
  document.addEventListener("focusin", (event) => at(event)?.matches(":focus-visible") && show(at(event)));
  document.addEventListener("focusout", (event) => event.relatedTarget !== tip && hide());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("scroll", () => link && put(), { passive: true });
  // What is to be shown is not known before the script is there, and then it is too late to hold the tap back.
  document.addEventListener("pointerdown", (event) => {
    if (link && !tip.contains(event.target) && at(event) !== link) hide();
    if (event.pointerType === "touch" && at(event)) load();
  });
  document.addEventListener(
    "click",
    (event) => {
      const tapped = event.pointerType === "touch" && at(event);
      if (!tapped || tapped === link) return hide();
      if (window.bookTargets && !window.bookTargets[place(tapped)]) return;
      event.preventDefault();
      show(tapped).then((shown) => shown || (location.href = tapped.href));
    },
    true,
  );
})();
