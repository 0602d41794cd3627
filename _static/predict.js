// Predictions. A box of the class "predict" asks; here its answers become buttons, and each is answered by its item of the
// box's closed part. What follows the box, up to the next heading or box, is covered until the reader has chosen or wants to
// see it; an explorer is not, it is what one finds out with. Choices stay in this browser. Without this script, in
// JupyterLab and on paper a box is a list of answers and a closed part.
(() => {
  const KEY = "predictions"; // { always: true, "page#section.box": { chosen: [of each question], shown: true } }
  let kept = {};
  const read = () => {
    try {
      kept = Object(JSON.parse(localStorage.getItem(KEY)));
    } catch {} // kept as long as the page is open, where a browser keeps nothing
  };
  const votes = [], renders = [];
  const render = () => renders.forEach((one) => one());
  const keep = (change) => {
    read(); // another page may have changed it
    kept = change(kept);
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {}
    render();
  };

  const make = (name, properties, ...content) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...content);
    return made;
  };
  const button = (text, onclick) => make("button", { type: "button", onclick }, text);

  // The items of a list as buttons of which one is chosen. Arrows go from one to the next, and choose none.
  const choices = (list, id, choose) => {
    const question = list.previousElementSibling;
    question.id ||= id;
    list.setAttribute("role", "radiogroup");
    list.setAttribute("aria-labelledby", question.id);
    const answers = [...list.children].map((item, i) => {
      const answer = button("", () => choose(i));
      answer.setAttribute("role", "radio");
      answer.append(...(item.querySelector(":scope > p") ?? item).childNodes);
      item.replaceChildren(answer);
      item.setAttribute("role", "none");
      return answer;
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      answers.at((answers.indexOf(event.target) + step) % answers.length).focus();
    });
    return answers;
  };

  // What follows the box, in parts that a browser's search finds, and a link into them opens.
  const cover = (box) => {
    const parts = [];
    let part, next;
    for (let element = box.nextElementSibling; element && !element.matches("section, .predict"); element = next) {
      next = element.nextElementSibling;
      if (element.querySelector(".explorer")) part = null;
      else {
        if (!part) parts.push((part = make("div", { className: "covered" })));
        if (!part.parentElement) element.before(part);
        part.append(element);
      }
    }
    return parts;
  };

  const start = (box) => {
    const section = box.closest("section"), number = [...section.querySelectorAll(".predict")].indexOf(box);
    const key = `${DOCUMENTATION_OPTIONS.pagename}#${section.id}.${number}`;
    const state = () => kept[key] ?? {};
    const change = (news) => keep((all) => ({ ...all, [key]: { ...all[key], ...news } }));
    const closed = box.querySelector("details");
    const title = closed.querySelector("summary").textContent;
    const lists = closed.querySelectorAll("ul");
    let open = false; // all responses
    const questions = [...box.querySelectorAll(":scope > ul")].map((list, q) => {
      const choose = (i) => change({ chosen: Object.assign([...(state().chosen ?? [])], { [q]: i }) });
      const answers = choices(list, `question-${renders.length}-${q}`, choose);
      const responses = [...lists[q].children];
      responses.forEach((response, i) => {
        response.classList.toggle("right", response.textContent.startsWith("Right."));
        response.prepend(make("p", { className: "answer" }, ...answers[i].cloneNode(true).childNodes));
      });
      const said = make("div", { className: "responses", ariaLive: "polite" }, lists[q]);
      list.after(said);
      // The words above the answers, down to the question before.
      const asked = [list];
      while (q && !asked[0].previousElementSibling.matches(".responses")) asked.unshift(asked[0].previousElementSibling);
      return { answers, responses, asked, chosen: () => answers.findIndex((_, i) => i === state().chosen?.[q]) };
    });
    const parts = cover(box);
    const hint = make("span", {}, "What follows is covered until you choose.");
    const all = button("", () => {
      open = !open;
      change({ shown: true });
    });
    closed.parentElement.replaceWith(make("div", { className: "foot" }, hint, all));

    for (const part of parts) part.addEventListener("beforematch", () => change({ shown: true }));
    // Somebody who searched is led to these words.
    const sought = new URLSearchParams(location.search).has("highlight") && document.getElementById(location.hash.slice(1));
    if (sought?.closest?.("section").contains(box)) change({ shown: true });
    renders.push(() => {
      const asking = !kept.always && !state().shown && questions.some(({ chosen }) => chosen() < 0);
      const covered = asking && parts.length > 0;
      for (const part of parts) part.hidden = covered && "until-found";
      // One question at a time, so that the one in hand stands beside what answers it.
      const first = questions.findIndex(({ chosen }) => chosen() < 0);
      for (const [q, { answers, responses, asked, chosen }] of questions.entries()) {
        for (const element of asked) element.classList.toggle("later", asking && q > first);
        answers.forEach((answer, i) => {
          answer.setAttribute("aria-checked", i === chosen());
          answer.tabIndex = i === Math.max(chosen(), 0) ? 0 : -1;
        });
        responses.forEach((response, i) => {
          response.hidden = !open && i !== chosen();
          response.firstChild.hidden = !open;
        });
      }
      hint.hidden = !covered;
      all.textContent = covered ? "Show me" : title;
      all.setAttribute("aria-expanded", open);
    });
    if (box.querySelector(".admonition-title").textContent === "Vote") votes.push(questions[0]);
  };

  // Below the first box, what concerns all.
  const settings = (box) => {
    const always = make("input", { type: "checkbox", onchange: () => keep((all) => ({ ...all, always: always.checked })) });
    const forget = button("Forget my choices", () => keep(({ always }) => ({ always })));
    box.append(make("p", { className: "settings" }, "Choices stay in this browser. ", make("label", {}, always, "Cover nothing"), forget));
    renders.push(() => (always.checked = kept.always === true));
  };

  // A table in a part of the class "votes" has a row for each vote of the page; the reader's own comes after the first column.
  const tell = (row, i) => {
    const cell = make(i ? "td" : "th", {}, i ? "" : "your vote");
    row.cells[0].after(cell);
    const vote = votes[i - 1];
    if (vote) renders.push(() => (cell.textContent = vote.answers[vote.chosen()]?.textContent ?? "–"));
  };

  // Before what is deferred, and before the page is shown where it was left.
  document.addEventListener("readystatechange", () => {
    const found = document.querySelectorAll("article .predict");
    if (found.length === 0) return;
    read();
    found.forEach(start);
    settings(found[0]);
    document.querySelectorAll(".votes tr").forEach(tell);
    render();
  }, { once: true });
})();
