/* A field below the check of an equation: the reader's own right side, judged while it is typed. */
{
  const { judge, complete, formula } = window.formulas;
  const number = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
  const at = (point, place) =>
    [...place, ...Object.entries(complete(point))
      .filter(([name]) => name in point || name === "π")
      .map(([name, value]) => `${name} = ${Array.isArray(value) ? `(${value.map(number).join(", ")})` : number(value)}`)].join(", ");
  // What the verdict says to whoever wrote the formula.
  const said = ({ verdict, detail, point, place }, why) =>
    ({
      right: "Right.",
      known: `A known mistake: ${detail}. ${why[detail]}`,
      sign: "The sign is wrong; all else is right.",
      factor: `Off by a constant factor: yours is ${detail} times the right side.`,
      constant: `Off by a constant: yours is ${detail.replace("−", "")} ${detail.startsWith("−") ? "less" : "more"} than the right side.`,
      special: `Right in a special case only: where ${detail}.`,
      different: `Different: ${detail.replace(" for ", " where the right side is ")}, at ${point && at(point, place)}.`,
      unreadable: `Not yet a formula: ${detail}.`,
    })[verdict];

  const names = (question) => {
    const point = complete(question.draws[0][1][0]);
    const { free } = formula(question.right, point);
    return question.names.map((name) => (Array.isArray(point[name]) ? `${name}_${free[0] === "·" || !free ? "a" : free.at(-1)}` : name));
  };

  document.querySelectorAll(".field").forEach((box, i) => {
    const question = (box.question = JSON.parse(box.textContent));
    box.innerHTML = `<details class="screen-only"><summary>Write it yourself</summary>
      <p><label for="field-${i}"><span></span> =</label>
      <input id="field-${i}" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="1000" aria-describedby="field-${i}-names"></p>
      <p class="names" id="field-${i}-names"></p><p class="verdict" role="status"></p></details>`;
    const [details, input, verdict] = ["details", "input", ".verdict"].map((what) => box.querySelector(what));
    const left = box.querySelector("label span");
    details.addEventListener("toggle", () => {
      if (!details.open || left.textContent) return;
      Object.assign(left, { className: "math", textContent: `\\(${question.left}\\)` });
      window.MathJax?.typesetPromise?.([left]);
      box.querySelector(".names").textContent = `Names: ${names(question).join(", ")}. Also Σ_c, log, exp, √, ², and brackets.`;
    });
    let waiting;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const found = input.value.trim() ? judge(input.value, question) : undefined;
        verdict.textContent = found ? said(found, question.why) : "";
        verdict.dataset.verdict = found?.verdict ?? "";
      }, 200);
    });
  });
}
