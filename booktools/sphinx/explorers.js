/* Every explorer of the page, when it comes near: its picture gives way to the live view, and the controls beside it.
   Vega, which explorers.py writes into vega.js, is loaded with the first. */
{
  const src = document.currentScript.src.replace("explorers.js", "vega.js");
  let vega, held = null; // the picture that a hand has hold of
  const loaded = () =>
    (vega ??= new Promise((done) => document.head.append(Object.assign(document.createElement("script"), { src, onload: done }))));
  const REST = 800; // milliseconds after which a change is a new one

  // A finger that scrolls the page may begin on a slider. The slider waits until the finger has gone sideways, or is
  // lifted where it came down.
  const patient = (form) => {
    let finger;
    const keep = (event) => {
      const { target, type } = event;
      // Vega takes a second event of the same value for a change of its own, and no longer moves the slider.
      if (type === "change" && target.type === "range") event.stopPropagation();
      if (target !== finger?.target || finger.free) return;
      finger.wanted = target.value;
      target.value = finger.value;
      event.stopPropagation();
    };
    const set = ({ target, wanted }) => {
      target.value = wanted;
      target.dispatchEvent(new Event("input", { bubbles: true }));
    };
    form.addEventListener("pointerdown", ({ target, pointerType, clientX: x, clientY: y }) => {
      finger = pointerType === "touch" && target.type === "range" ? { target, x, y, value: target.value, wanted: target.value } : undefined;
    });
    form.addEventListener("input", keep, true);
    form.addEventListener("change", keep, true);
    form.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (!finger || finger.free || finger.scrolls) return;
      const [across, along] = [Math.abs(clientX - finger.x), Math.abs(clientY - finger.y)];
      finger.scrolls = along > 8 && along > across;
      finger.free = across > 8 && !finger.scrolls;
      if (finger.free) set(finger);
    });
    form.addEventListener("pointercancel", () => finger && (finger.scrolls = true));
    // The slider's last word comes with the end of the touch.
    for (const end of ["touchend", "touchcancel"])
      form.addEventListener(end, () => setTimeout(() => {
        const last = finger;
        finger = undefined;
        if (last && !last.free && !last.scrolls) set(last);
      }, 50));
  };

  // Presets, what the tasks need, and on demand the rest.
  const arrange = (form, view, { folded }) => {
    const line = (name) => form.querySelector(`[name="${name}"]`).closest(".vega-bind");
    const reset = Object.assign(document.createElement("button"), { type: "button", textContent: "Reset", className: "reset" });
    reset.onclick = () => {
      const presets = form.querySelectorAll("[name=task]");
      for (const preset of presets) preset.checked = false;
      view.signal("task", "").run();
      presets[0].click();
    };
    line("task").append(reset, Object.assign(document.createElement("small"), { className: "was", textContent: "dotted: before" }));
    line("task").setAttribute("role", "group");
    line("task").setAttribute("aria-label", "Show");
    form.querySelector("[name=play]")?.setAttribute("role", "switch");
    if (folded.length === 0) return;
    const more = document.createElement("details");
    more.append(Object.assign(document.createElement("summary"), { textContent: "More controls" }));
    more.append(...folded.map(line));
    form.append(more);
  };

  const show = async (box) => {
    await loaded();
    const spec = JSON.parse(box.querySelector("script").textContent);
    const picture = Object.assign(document.createElement("div"), { className: "picture" });
    const form = Object.assign(document.createElement("form"), { className: "controls", onsubmit: () => false });
    const container = document.createElement("div");
    const options = { mode: "vega", actions: false, renderer: "svg", defaultStyle: false, tooltip: false, bind: form };
    const { view } = await vegaEmbed(container, spec, options);
    if (box.dataset.opens) await view.signal("task", box.dataset.opens).runAsync(); // a preset, on a slide
    picture.append(container);
    box.querySelector("img").replaceWith(picture, form);
    box.classList.add("live");
    arrange(form, view, spec.usermeta);

    // What is drawn before a change stays as a ghost until the next.
    const kept = spec.usermeta.ghosts.map((name) => `.${CSS.escape(name)}`).join() || "none";
    const units = () => JSON.stringify(spec.scales.map(({ name }) => view.scale(name).domain()));
    const mixed = spec.scales.some(({ domain }) => domain.signal);
    const exorcise = () => {
      picture.querySelector(".ghost")?.remove();
      box.classList.remove("haunted");
    };
    const haunt = () => {
      const ghost = container.querySelector("svg").cloneNode(true);
      for (const group of ghost.querySelectorAll("g[class*=mark-]"))
        if (!group.matches(kept) && !group.querySelector(kept)) group.remove();
      ghost.setAttribute("class", "ghost");
      ghost.setAttribute("aria-hidden", "true");
      exorcise();
      picture.append(ghost);
      box.classList.add("haunted");
    };

    // Screen readers hear the line "status" of the view when it has changed and come to rest.
    const spoken = Object.assign(document.createElement("p"), { className: "visually-hidden" });
    spoken.setAttribute("role", "status");
    box.append(spoken);
    let last = 0, rest;
    const speak = () => {
      clearTimeout(rest);
      rest = setTimeout(() => {
        const lines = container.querySelectorAll(".status text tspan, .status text:not(:has(tspan))");
        spoken.textContent = Array.from(lines, (line) => line.textContent).join(" ");
      }, 500);
    };
    for (const { name, bind } of spec.signals) if (bind) view.addSignalListener(name, speak);
    const changing = ({ target, timeStamp, type }) => {
      if (timeStamp - last > REST) haunt();
      last = timeStamp;
      // In other units lengths mean something else.
      const before = mixed && units();
      if (mixed) setTimeout(() => view.runAsync().then(() => units() === before || exorcise()), 60);
      if (target.name !== "task") for (const preset of form.querySelectorAll("[name=task]")) preset.checked = false;
      // The preset that Vega knows already would change nothing.
      else if (type === "input" && view.signal("task") === target.value) view.signal("task", "").run();
    };
    // A mouse begins a change where it presses. A finger begins one when it goes sideways, or is lifted where it came down.
    let dragged;
    const hand = (event) => {
      const { type, pointerType, target } = event;
      if (!target.matches("[style*=cursor]")) return;
      const begins = pointerType === "touch" ? type !== "pointerdown" : type === "pointerdown";
      if (begins && !(type === "pointerup" && dragged)) changing(event);
      else if (type === "pointerup") last = event.timeStamp;
      dragged = type === "pointermove" && begins;
    };
    for (const kind of ["pointerdown", "pointermove", "pointerup"]) container.addEventListener(kind, hand, true);
    // Vega takes its picture for as large as it made it, and asks where on it a hand is. Told in its own size, that is right
    // on a picture of any size.
    const tell = (event) => {
      const inside = picture.contains(event.target);
      if (event.type === "pointerdown" && inside) held = picture;
      // A hand that holds something is told once, in the size of what it holds, and not of what it passes over.
      if ((held ? held === picture : inside) && !Object.hasOwn(event, "clientX")) {
        const svg = container.querySelector("svg"), { left, top, width } = svg.getBoundingClientRect();
        const share = svg.viewBox.baseVal.width / width;
        Object.defineProperty(event, "clientX", { value: left + share * (event.clientX - left) });
        Object.defineProperty(event, "clientY", { value: top + share * (event.clientY - top) });
      }
      if (held === picture && ["pointerup", "pointercancel"].includes(event.type)) held = null;
    };
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel", "click"]) addEventListener(kind, tell, true);
    patient(form);
    // Whatever comes to the window is a change of its own for Vega, also where its filter does not ask for it.
    const heard = JSON.stringify(spec.signals);
    form.addEventListener("input", (event) => heard.includes(`name == '${event.target.name}'`) || event.stopPropagation());
    form.addEventListener("input", changing, true);
    // Vega writes the values of sliders with a hyphen.
    const minus = () => {
      for (const value of form.querySelectorAll("input + span"))
        if (value.textContent.startsWith("-")) value.textContent = value.textContent.replace("-", "−");
    };
    new MutationObserver(minus).observe(form, { childList: true, subtree: true });
    minus();
    box.view = view;
  };

  // The theme looks for a dozen things in all of the page with each click. None of them is a control of an explorer.
  const quiet = (event) => event.target.closest?.(".explorer :is(.vega-bind-radio, label)") && event.stopPropagation();
  addEventListener("click", quiet, true);

  const near = new IntersectionObserver(
    (seen) => {
      // One that came, went and came again before this ran is told twice.
      for (const target of new Set(seen.filter((box) => box.isIntersecting).map((box) => box.target))) {
        near.unobserve(target);
        show(target);
      }
    },
    { rootMargin: "100%" },
  );
  const inView = new Set();
  const seen = new IntersectionObserver((boxes) => {
    for (const { target, isIntersecting } of boxes) inView[isIntersecting ? "add" : "delete"](target);
    document.documentElement.classList.toggle("exploring", inView.size > 0);
  });
  document.querySelectorAll(".explorer").forEach((box) => [near, seen].forEach((observer) => observer.observe(box)));
}
