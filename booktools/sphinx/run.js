/* A run you can open. The list of recordings in a box of the class "recording" becomes a viewer: two runs side by side, token
   by token. Recordings are scripts, which a page from the disk may load; a reader's own is read in this browser and goes
   nowhere. Without this script the box is a list of files. */
{
  const base = document.currentScript.src.replace(/run\.js.*$/, "run/");
  const make = (name, properties = {}, ...content) => {
    const { style, ...rest } = properties;
    const made = Object.assign(document.createElement(name), rest);
    for (const [key, value] of Object.entries(style ?? {})) made.style.setProperty(key, value);
    made.append(...content);
    return made;
  };

  // ── Reading a file: the first thing that is wrong, with its place and what stands there ──────────────
  class Bad extends Error {}
  const fail = (path, value, must) => {
    const words = value === undefined ? "missing" : JSON.stringify(value);
    throw new Bad(`${path} is ${words.length > 40 ? `${words.slice(0, 40)}…` : words}, but must be ${must}.`);
  };
  const number = (value, path) => Number.isFinite(value) || fail(path, value, "a number");
  const chance = (value, path) => (Number.isFinite(value) && value > 0 && value <= 1) || fail(path, value, "a probability above 0 and at most 1");
  const text = (value, path) => (typeof value === "string" && value !== "") || fail(path, value, "a text");
  const dictionary = (value, path) => (typeof value === "object" && value !== null && !Array.isArray(value)) || fail(path, value, "an object, {…}");
  const list = (value, path, each, size) => {
    if (!Array.isArray(value) || !value.length) fail(path, value, "a list that is not empty");
    if (size && value.length !== size) throw new Bad(`${path} has ${value.length} entries, but must have ${size}, one for each token or step.`);
    value.forEach((one, i) => each(one, `${path}[${i}]`));
  };
  const checked = (run) => {
    dictionary(run, "The file");
    if (run.form !== "run 1") fail("form", run.form, '"run 1"');
    text(run.name, "name");
    if (run.settings !== undefined) dictionary(run.settings, "settings");
    const eps = run.settings?.eps;
    if (eps !== undefined && eps !== null) number(eps, "settings.eps");
    if (run.curves !== undefined) {
      dictionary(run.curves, "curves");
      list(run.curves.step, "curves.step", number);
      for (const key in run.curves) list(run.curves[key], `curves.${key}`, (value, path) => value === null || number(value, path), run.curves.step.length);
    }
    list(run.steps, "steps", (step, at) => {
      dictionary(step, at);
      number(step.step, `${at}.step`);
      if (step.update !== undefined) number(step.update, `${at}.update`);
      list(step.groups, `${at}.groups`, (group, at) => {
        dictionary(group, at);
        text(group.prompt, `${at}.prompt`);
        list(group.answers, `${at}.answers`, (answer, at) => {
          dictionary(answer, at);
          list(answer.tokens, `${at}.tokens`, text);
          for (const key of ["reward", "advantage"]) number(answer[key], `${at}.${key}`);
          for (const key of ["pi", "pi_old", "pi_ref", "weight", "gradient"])
            if (answer[key] !== undefined || key === "pi" || key === "pi_old") list(answer[key], `${at}.${key}`, key.startsWith("pi") ? chance : number, answer.tokens.length);
          if (answer.state !== undefined && !(typeof answer.state === "string" && /^[adm]*$/.test(answer.state) && answer.state.length === answer.tokens.length))
            fail(`${at}.state`, answer.state, `${answer.tokens.length} letters a, d or m, one for each token`);
        });
      });
    });
    return run;
  };
  const parsed = (words) => {
    let run;
    try {
      run = JSON.parse(words);
    } catch (error) {
      throw new Bad(`The file is no JSON: ${error.message}.`);
    }
    return checked(run);
  };

  // ── What is shown of a token; what a file does not say follows from the equations ───────────────────
  const quantities = {
    pi: ["π now", (x) => x, [0, 1]],
    inverse: ["1/π", (x) => Math.log10(x), [0, 3]],
    pi_old: ["π when sampled", (x) => x, [0, 1]],
    ratio: ["ratio w", (x) => Math.log2(x), [-1, 1]],
    advantage: ["advantage Â", (x) => x, [-2, 2]],
    state: ["clip state"],
    weight: ["weight c", (x) => x, [-2, 2]],
    gradient: ["gradient size", (x) => x, [0, 0.1]],
  };
  const STATES = { a: "alive", d: "dead", m: "masked" };
  const tokens = (run, answer) => {
    const edge = run.settings?.eps === null ? Infinity : (run.settings?.eps ?? 0.2);
    return answer.tokens.map((token, t) => {
      const pi = answer.pi[t], pi_old = answer.pi_old[t], ratio = pi / pi_old, A = answer.advantage;
      const dead = (A > 0 && ratio > 1 + edge) || (A < 0 && ratio < 1 - edge);
      const state = STATES[answer.state?.[t] ?? (dead ? "d" : "a")];
      const weight = answer.weight?.[t] ?? (state === "alive" ? ratio * A : 0);
      return { token, pi, inverse: 1 / pi, pi_old, ratio, advantage: A, state, weight, gradient: answer.gradient?.[t] ?? null };
    });
  };
  const written = (value) => {
    if (value === null || typeof value === "string") return value ?? "–";
    const size = Math.abs(value);
    const words = size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : String(Number(value.toPrecision(3)));
    return words.replaceAll("-", "−");
  };
  // How strong a cell's colour is, and which of two; the value stands in the cell as well.
  const tint = (key, value) => {
    const [, scale, [low, high] = []] = quantities[key];
    if (!scale || value === null) return {};
    const share = Math.min(1, Math.abs(scale(value)) / (scale(value) < 0 ? -low || 1 : high));
    return { "--tone": `var(--run-${scale(value) < 0 ? "down" : "up"})`, "--share": `${Math.round(45 * share)}%` };
  };

  const waiting = {};
  window.recorded = (run) => waiting[run.name](run);
  const load = (name) =>
    new Promise((done, failed) => {
      waiting[name] = done;
      document.head.append(make("script", { src: `${base}${name}.js`, onerror: () => failed(new Bad(`${name}.js is not beside this page.`)) }));
    });

  const start = (box, id) => {
    const titles = {}, runs = {};
    for (const link of box.querySelectorAll("li a")) titles[link.href.match(/([^/]+)\.json$/)[1]] = link.textContent;
    const files = make("details", {}, make("summary", {}, "The recordings as files"), ...box.childNodes);
    const [first, second] = Object.keys(titles);
    const state = { left: first, right: second, at: -1, prompt: "", answer: 0, quantity: "pi", curve: "reward" };

    const field = (label, input, ...more) => {
      input.setAttribute("aria-label", label); // without what the options say
      return make("label", {}, make("span", {}, label), input, ...more);
    };
    const select = (key) => make("select", { onchange: (event) => change({ [key]: event.target.value }) });
    const choices = Object.fromEntries(["left", "right", "prompt", "quantity", "curve"].map((key) => [key, select(key)]));
    const fill = (key, options) => {
      const wanted = JSON.stringify(options);
      if (choices[key].options_now !== wanted) {
        choices[key].options_now = wanted;
        choices[key].replaceChildren(...Object.entries(options).map(([value, text]) => make("option", { value }, text)));
      }
      choices[key].value = state[key];
    };
    const slider = make("input", { type: "range", min: 0, oninput: () => change({ at: Number(slider.value) }) });
    const when = make("output");
    const chart = make("div", { className: "curve" }), sides = make("div", { className: "sides" }), tables = make("div");
    // Kept when what is in them changes: book.js makes them reachable by keys where they are wider than the screen.
    const wide = [0, 1].map(() => make("div", { className: "pst-scrollable-table-container" }));
    const said = make("p", { className: "said" });
    said.setAttribute("role", "status");
    const file = make("input", { type: "file", accept: ".json,application/json", onchange: () => file.files[0] && open(file.files[0]) });

    const open = async (given) => {
      try {
        const run = parsed(await given.text()), name = `own ${given.name}`;
        runs[name] = run;
        titles[name] = `${run.name} (${given.name})`;
        said.textContent = `${given.name} is open. It stays in this browser.`;
        change({ left: name, at: -1, answer: 0 });
      } catch (error) {
        if (!(error instanceof Bad)) throw error;
        said.textContent = `${given.name} cannot be shown. ${error.message}`;
      }
    };
    const change = async (news) => {
      Object.assign(state, news);
      try {
        for (const name of [state.left, state.right]) if (name) runs[name] ??= await load(name);
      } catch (error) {
        said.textContent = error.message;
        return;
      }
      render();
    };

    const stepOf = (run, like) => run.steps.findLast((step) => step.step < like.step || (step.step === like.step && (step.update ?? 0) <= (like.update ?? 0))) ?? run.steps[0];
    const named = (step) => `batch ${step.step}${step.update === undefined ? "" : `, update ${step.update}`}`;
    const render = () => {
      const run = runs[state.left], steps = run.steps;
      if (state.at < 0) state.at = steps.length >> 1;
      state.at = Math.min(state.at, steps.length - 1);
      const step = steps[state.at], prompts = step.groups.map((group) => group.prompt);
      if (!prompts.includes(state.prompt)) state.prompt = prompts[0];
      const shown = [state.left, state.right].filter(Boolean).map((name) => ({ name, run: runs[name], step: stepOf(runs[name], step) }));
      const curves = Object.keys(run.curves ?? {}).filter((key) => key !== "step");
      if (!curves.includes(state.curve)) state.curve = curves[0] ?? "";
      fill("left", titles);
      fill("right", { "": "nothing", ...titles });
      fill("prompt", Object.fromEntries(prompts.map((prompt) => [prompt, prompt])));
      fill("quantity", Object.fromEntries(Object.entries(quantities).map(([key, [name]]) => [key, name])));
      fill("curve", Object.fromEntries(curves.map((key) => [key, key.replaceAll("_", " ")])));
      slider.max = steps.length - 1;
      slider.value = state.at;
      slider.setAttribute("aria-valuetext", named(step));
      when.textContent = named(step);
      const active = sides.contains(document.activeElement) && document.activeElement.dataset.key;
      const panels = shown.map(panel);
      sides.replaceChildren(...panels.map(([answers]) => answers));
      panels.forEach(([, table], i) => wide[i].replaceChildren(table));
      if (tables.childElementCount !== panels.length) tables.replaceChildren(...wide.slice(0, panels.length));
      if (active) sides.querySelector(`[data-key="${active}"]`)?.focus();
      chart.replaceChildren(...drawn(shown, step));
    };

    const panel = ({ name, run, step }, side) => {
      const group = step.groups.find((one) => one.prompt === state.prompt) ?? step.groups[0];
      const chosen = Math.min(state.answer, group.answers.length - 1);
      const row = (answer, i) => {
        const cells = tokens(run, answer).map((token) =>
          make("span", { className: `token ${token.state}`, style: tint(state.quantity, token[state.quantity]) }, make("b", {}, token.token), written(token[state.quantity])));
        const button = make("button", { type: "button", onclick: () => change({ answer: i }) }, make("span", { className: "paid" }, `${i + 1}: reward ${written(answer.reward)}`), ...cells);
        button.dataset.key = `${side}.${i}`;
        button.setAttribute("aria-pressed", i === chosen);
        button.setAttribute("aria-label", `Answer ${i + 1}: ${answer.tokens.join(" ")}, reward ${written(answer.reward)}`);
        return button;
      };
      const heads = ["token", ...Object.values(quantities).map(([title]) => title)];
      const head = make("tr", {}, ...heads.map((title) => make("th", { scope: "col" }, title)));
      const lines = tokens(run, group.answers[chosen]).map((token) =>
        make("tr", {}, make("th", { scope: "row" }, token.token), ...Object.keys(quantities).map((key) => make("td", {}, written(token[key])))));
      const title = `${titles[name]}: ${named(step)}, prompt ${group.prompt}`;
      const caption = make("caption", {}, `${title}, answer ${chosen + 1}`);
      const table = make("table", {}, caption, make("thead", {}, head), make("tbody", {}, ...lines));
      const answers = make("div", { className: "side" }, make("p", { className: "title" }, title), make("div", { className: "answers" }, ...group.answers.map(row)));
      answers.setAttribute("role", "group");
      answers.setAttribute("aria-label", title);
      return [answers, table];
    };

    // One picture of both runs on one scale: the first solid, the second dashed; the same in words below it.
    const drawn = (shown, step) => {
      const lines = shown.map(({ name, run }) => ({ name, x: run.curves?.step, y: run.curves?.[state.curve] })).filter(({ y }) => y);
      if (!lines.length) return [];
      const values = lines.flatMap(({ y }) => y).filter((value) => value !== null);
      const low = Math.min(0, ...values), high = Math.max(...values, low + 1e-9), last = Math.max(...lines.flatMap(({ x }) => x), step.step);
      const at = (x, y) => `${(40 + (300 * x) / last).toFixed(1)},${(110 - (100 * (y - low)) / (high - low)).toFixed(1)}`;
      const paths = lines.map(({ x, y }, i) => {
        const points = x.map((one, n) => (y[n] === null ? "" : `${n && y[n - 1] !== null ? "L" : "M"}${at(one, y[n])}`));
        return `<path d="${points.join("")}" class="line" ${i ? 'stroke-dasharray="5 3"' : ""}/>`;
      });
      const words = lines.map(({ name, x, y }, i) => {
        const n = x.findLastIndex((one) => one <= step.step);
        return `${titles[name]} (${i ? "dashed" : "solid"}) ${n < 0 ? "–" : written(y[n])}`;
      });
      const told = `${state.curve.replaceAll("_", " ")} at batch ${step.step}: ${words.join("; ")}`;
      const picture = make("div");
      picture.innerHTML = `<svg viewBox="0 0 350 128" role="img"><path d="M40,10V110H340" class="axis"/><path d="M${at(step.step, low)}L${at(step.step, high)}" class="now"/>
        ${paths.join("")}<text x="36" y="15" text-anchor="end">${written(high)}</text><text x="36" y="113" text-anchor="end">${written(low)}</text><text x="340" y="125" text-anchor="end">batch ${last}</text></svg>`;
      picture.firstChild.setAttribute("aria-label", told);
      return [picture, make("p", {}, told)];
    };

    const controls = make("div", { className: "controls" }, field("Run", choices.left), field("Beside it", choices.right), field("When", slider, when), field("Prompt", choices.prompt), field("In the cells", choices.quantity), field("Curve", choices.curve));
    box.append(controls, chart, sides, tables, make("p", {}, field("Open a log of your own", file)), said, files);
    box.classList.add("live");
    box.addEventListener("dragover", (event) => event.preventDefault());
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]);
    });
    box.run = { runs };  // for the tests
    new IntersectionObserver(([{ isIntersecting }], observer) => {
      if (!isIntersecting) return;
      observer.disconnect();
      change({});
    }, { rootMargin: "300px" }).observe(box);
  };
  document.querySelectorAll(".recording").forEach(start);
}
