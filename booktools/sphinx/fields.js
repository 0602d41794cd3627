/* A field below the check of an equation: the reader's own right side, judged while it is typed. */
{
  const { judge, complete, formula, evaluate, FormulaError } = window.formulas;
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

  // Numbers in place of a formula: one, or a row of them.
  const told = (text, { answer, digits, mistakes }) => {
    const found = text.replace(/^\s*[[(](.*)[\])]\s*$/, "$1").split(/[;,]\s*/).filter(Boolean).map((words) => evaluate(formula(words, {}), {}).values[0]);
    if (found.length !== answer.length) return { verdict: "different", words: `The exercise asks for ${answer.length === 1 ? "one number" : `${answer.length} numbers`}.` };
    const near = (right) =>
      found.every((value, i) => Math.abs(value - right[i]) <= (digits === null ? 0.005 * Math.max(Math.abs(right[i]), 1e-3) : 0.5 * 10 ** -digits * (1 + 1e-6)));
    if (near(answer)) return { verdict: "right", words: "Right." };
    for (const [name, [numbers, why]] of Object.entries(mistakes)) if (near(numbers)) return { verdict: "known", words: `A known mistake: ${name}. ${why}` };
    if (near(answer.map((value) => -value))) return { verdict: "sign", words: "Right but for the sign." };
    return { verdict: "different", words: "Not yet. The notebook’s line above has a hint." };
  };
  const answered = (text, question) => {
    try {
      if (question.answer) return told(text, question);
      const found = judge(text, question);
      return { verdict: found.verdict, words: said(found, question.why) };
    } catch (error) {
      if (error instanceof FormulaError) return { verdict: "unreadable", words: `Not yet a number: ${error.message}.` };
      throw error;
    }
  };

  document.querySelectorAll(".field").forEach((box, i) => {
    const question = (box.question = JSON.parse(box.textContent));
    box.answered = (text) => answered(text, question);
    const [summary, label] = question.answer ? ["Check your numbers", "Answer"] : ["Write it yourself", "<span></span> ="];
    box.innerHTML = `<details class="screen-only"><summary>${summary}</summary>
      <p><label for="field-${i}">${label}</label>
      <input id="field-${i}" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="1000" aria-describedby="field-${i}-names"></p>
      <p class="names" id="field-${i}-names"></p><p class="verdict" role="status"></p></details>`;
    const [details, input, verdict] = ["details", "input", ".verdict"].map((what) => box.querySelector(what));
    const left = box.querySelector("label span");
    const hint = box.querySelector(".names");
    details.addEventListener("toggle", () => {
      if (!details.open || hint.textContent) return;
      if (question.answer) {
        const digits = question.digits === null ? "" : `, to ${question.digits} decimals`;
        hint.textContent = question.answer.length === 1 ? `A number or a formula without names${digits}.` : `${question.answer.length} numbers with commas between them${digits}.`;
        return;
      }
      Object.assign(left, { className: "math", textContent: `\\(${question.left}\\)` });
      window.MathJax?.typesetPromise?.([left]);
      hint.textContent = `Names: ${names(question).join(", ")}. Also Σ_c, log, exp, √, ², and brackets.`;
    });
    let waiting;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const found = input.value.trim() ? answered(input.value, question) : { verdict: "", words: "" };
        verdict.textContent = found.words;
        verdict.dataset.verdict = found.verdict;
      }, 200);
    });
  });
}
