/* Formulas as they are written: the grammar of pgbook/formulas.py and the judge of pgbook/mistakes.py, in the page.
   Tests compare the two. No text is ever run as a program: it is parsed, and the tree is evaluated. */
window.formulas = (() => {
  const GREEK = Object.fromEntries(
    "alpha beta gamma delta epsilon eta theta kappa lambda mu pi rho sigma tau phi chi psi omega Delta Lambda".split(" ").map((name, i) => [name, "αβγδεηθκλμπρστφχψωΔΛ"[i]]),
  );
  const zip = (from, to) => Object.fromEntries([...from].map((sign, i) => [sign, to[i]]));
  const SUPERSCRIPTS = zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-");
  const SUBSCRIPTS = zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜₓ", "0123456789aehijklmnoprstx");
  const FRACTIONS = { "½": "(1/2)", "⅓": "(1/3)", "⅔": "(2/3)", "¼": "(1/4)", "¾": "(3/4)" };
  const SIGNS = zip("−–·⋅×∗⊙÷⁄∑∏∣ϵℓ", "--*****//ΣΠ|εl");
  const ARGUMENTS = { min: 2, max: 2, clip: 3, Cov: 2 };
  const FUNCTIONS = {
    log: Math.log, ln: Math.log, exp: Math.exp, sqrt: Math.sqrt, abs: Math.abs, sigmoid: (x) => 1 / (1 + Math.exp(-x)), tanh: Math.tanh,
    sinh: Math.sinh, cosh: Math.cosh, min: Math.min, max: Math.max, clip: (x, low, high) => Math.min(Math.max(x, low), high),
  };
  const OPERATIONS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "^": (a, b) => a ** b };
  const total = (values) => values.reduce((a, b) => a + b, 0);
  const REDUCTIONS = {
    Σ: total, Π: (values) => values.reduce((a, b) => a * b, 1), max: (values) => Math.max(...values), min: (values) => Math.min(...values),
    mean: (values) => total(values) / values.length,
  };
  const LONGEST = 400;
  const DEEPEST = 40;
  const TOKEN =
    /(?<number>(?:\d+\.?\d*|\.\d+)(?![.\d]))|(?<name>∇?(?:[Α-ω]|[A-Za-z]+)[\u0300-\u036f′']*)|(?<sub>_\{[^{}]*\}|_[A-Za-z0-9]+)|(?<sign>\*\*|‖|[-+*/^()[\],|√])|(?<space>\s+)/uy;

  class FormulaError extends Error {}
  const refuse = (words) => {
    throw new FormulaError(words);
  };

  const plain = (text) => {
    text = text.normalize("NFC").replace(/[−–·⋅×∗⊙÷⁄∑∏∣ϵℓ]/gu, (sign) => SIGNS[sign]);
    text = text.replace(/\|\|([^|]+)\|\|/g, "‖$1‖").replace(/[½⅓⅔¼¾]/g, (sign) => FRACTIONS[sign]);
    text = text.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+/g, (run) => `^(${[...run].map((sign) => SUPERSCRIPTS[sign]).join("")})`);
    text = text.replace(/[₀-₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣⱼ]+/g, (run) => `_{${[...run].map((sign) => SUBSCRIPTS[sign]).join("")}}`);
    text = text.replace(/\\(?:left|right|[,;:! ])/g, " ").replace(/\\(?:cdot|times|odot)\b/g, "*");
    text = text.replace(/\\?(?<![A-Za-z])sum(?=_)|\\sum\b/g, "Σ").replace(/\\?(?<![A-Za-z])prod(?=_)|\\prod\b/g, "Π");
    text = text.replace(/\\nabla(?![A-Za-z]) */g, "∇").replaceAll("\\ell", "l");
    text = text.replace(new RegExp(`\\\\?(?<![A-Za-z])(${Object.keys(GREEK).join("|")})(?=bar(?![A-Za-z])|(?![A-Za-z]))`, "g"), (_, name) => GREEK[name]);
    text = text.replace(/\\(?:bar|overline) *\{? *([\p{L}\d_]) *\}?/gu, "$1\u0304").replace(/(?<![A-Za-z])([A-Za-zΑ-ω])_?bar(?![A-Za-z])/g, "$1\u0304");
    for (let longer; longer !== text; ) [longer, text] = [text, text.replace(/\\[dt]?frac *\{([^{}]*)\} *\{([^{}]*)\}/g, "(($1)/($2))")];
    text = text.replaceAll("≠", "!=").replaceAll("\\neq", "!=").replaceAll("\\ne", "!=").replaceAll("\\", "");
    return text.replace(/(_\{[^{}]*\})|\{|\}/g, (sign, index) => index ?? { "{": "(", "}": ")" }[sign]);
  };

  // What was read before, such as the wrong versions with each new answer, is not read again.
  const trees = new Map();
  const read = (...what) => {
    const key = JSON.stringify(what);
    if (!trees.has(key)) trees.set(key, parsed(...what));
    return trees.get(key);
  };
  // A parser by recursive descent: sum, product, sign, power, atom.
  const parsed = (text, scalars, vectors) => {
    if ([...text].length > LONGEST) refuse(`this is ${[...text].length.toLocaleString("en")} characters long; ${LONGEST} are enough`);
    const source = plain(text);
    const tokens = [];
    for (TOKEN.lastIndex = 0; TOKEN.lastIndex < source.length; ) {
      const at = TOKEN.lastIndex;
      const match = TOKEN.exec(source) ?? refuse(`“${String.fromCodePoint(source.codePointAt(at))}” has no meaning here`);
      const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
      if (kind === "number" && /^e[+-]?\d/.test(source.slice(TOKEN.lastIndex))) refuse(`${match[0]}e… can be read in two ways; write ${match[0]} * 10^3, or ${match[0]} e * 3`);
      if (kind !== "space") tokens.push([kind, match[0]]);
    }
    tokens.push(["end", ""]);
    let at = 0;
    let inside = 0;
    let depth = 0;
    const kind = () => tokens[at][0];
    const now = () => tokens[at][1];
    const take = (...wanted) => (kind() === "sign" && wanted.includes(now()) ? tokens[at++][1] : null);
    const need = (sign) => take(sign) ?? refuse(`a ${sign} is missing ${now() ? `before ${now()}` : "at the end"}`);
    const known = (name) => scalars.includes(name) || vectors.includes(name);

    const sum = () => {
      let tree = product();
      for (let sign; (sign = take("+", "-")); ) tree = [sign, tree, product()];
      return tree;
    };
    const product = () => {
      let tree = signed();
      for (;;) {
        const sign = take("*", "/");
        if (sign) tree = [sign, tree, signed()];
        else if (kind() === "number" || kind() === "name" || ["(", "√"].includes(now()) || (["|", "‖"].includes(now()) && !inside)) tree = ["*", tree, power()];
        else return tree;
      }
    };
    const signed = () => {
      if (++depth > DEEPEST) refuse(`more than ${DEEPEST} brackets or signs stand one inside the other`);
      const tree = take("-") ? ["neg", signed()] : take("+") ? signed() : power();
      depth--;
      return tree;
    };
    const power = () => {
      const tree = atom();
      return take("^", "**") ? ["^", tree, signed()] : tree;
    };
    const bracketed = (body) => {
      const outside = inside;
      inside = 0;
      const found = body();
      inside = outside;
      need(")");
      return found;
    };
    const atom = () => {
      if (kind() === "number") return ["number", Number(tokens[at++][1])];
      if (take("(")) return bracketed(sum);
      if (take("√")) return ["call", "sqrt", power()];
      const bar = take("|", "‖");
      if (bar) {
        inside++;
        const tree = sum();
        inside--;
        need(bar);
        if (bar === "‖" && !free(tree).has("·")) refuse("‖ ‖ takes a vector without an index");
        return bar === "|" ? ["call", "abs", tree] : ["norm", tree];
      }
      if (kind() === "name") return named();
      if (kind() === "sub") refuse(`the index ${now()} belongs to nothing`);
      return refuse(now() ? `something is missing before ${now()}` : "something is missing at the end");
    };
    const named = () => {
      let name = tokens[at++][1];
      let index = subscript();
      if (name in REDUCTIONS && index !== null) {
        const match = /^([a-zA-Z])(?:!=([a-zA-Z]))?$/.exec(index) ?? refuse(`${name} needs one letter as its index, such as ${name}_c`);
        return ["reduce", name, match[1], match[2] ?? null, product()];
      }
      if (["Σ", "Π", "mean"].includes(name)) refuse(`${name} needs an index, such as ${name}_c`);
      if (index !== null && known(`${name}_${index}`)) [name, index] = [`${name}_${index}`, subscript()];
      if (name === "δ" && !known(name)) {
        if (!/^[A-Za-z]{2}$/.test(index ?? "")) refuse("δ needs two letters as its index, such as δ_ab");
        return ["delta", ...index];
      }
      if (vectors.includes(name)) return ["entry", name, letter(name, index)];
      if (scalars.includes(name)) return index !== null ? refuse(`${name} is one number and has no index ${index}`) : ["value", name];
      if (Object.hasOwn(FUNCTIONS, name)) return call(name);
      if (name === "Cov" && vectors.includes("π")) return covariance(...call(name).slice(2));
      if (name === "e" && index === null) return ["number", Math.E];
      if (name === "e" && /^\p{L}$/u.test(index)) return ["delta", index, "·"]; // the vector with a 1 in this place
      if (name === "π" && index === null && !vectors.includes("z")) return ["number", Math.PI];
      return refuse(`there is no ${name} here; there are ${[...scalars, ...vectors].sort().join(", ") || "no names"}`);
    };
    const subscript = () => {
      if (kind() === "sub") return tokens[at++][1].replace(/[_{}\s,]/g, "");
      if (!take("[")) return null;
      let found = "";
      while (["name", "number"].includes(kind()) || now() === ",") found += tokens[at++][1];
      need("]");
      return found.replaceAll(",", "");
    };
    const letter = (name, index) => {
      if (index === null || /^\p{L}$/u.test(index)) return index ?? "·";
      return /^\d+$/.test(index) ? Number(index) - 1 : refuse(`${name} has one index, not ${index}`);
    };
    const call = (name) => {
      const number = ARGUMENTS[name] ?? 1;
      let list;
      if (take("("))
        list = bracketed(() => {
          const found = [sum()];
          while (take(",")) found.push(sum());
          return found;
        });
      else list = [power()];
      return list.length === number ? ["call", name, ...list] : refuse(`${name} takes ${number} arguments, not ${list.length}`);
    };

    if (kind() === "end") refuse("there is nothing here yet");
    const tree = sum();
    if (kind() !== "end") refuse(`there is a ${now()} too many`);
    return tree;
  };

  // Over the action A that π draws.
  const covariance = (one, two) => {
    const mean = (body) => ["reduce", "Σ", "A", null, ["*", ["entry", "π", "A"], renamed(body, "A")]];
    return ["-", mean(["*", one, two]), ["*", mean(one), mean(two)]];
  };
  const parts = (tree) => tree.filter(Array.isArray);
  const free = (tree) => {
    if (tree[0] === "reduce") return new Set([...[...free(tree[4])].filter((x) => x !== tree[2]), ...(tree[3] ? [tree[3]] : [])]);
    if (tree[0] === "norm") return new Set([...free(tree[1])].filter((x) => x !== "·"));
    if (tree[0] === "entry") return new Set(typeof tree[2] === "string" ? [tree[2]] : []);
    if (tree[0] === "delta") return new Set(tree.slice(1));
    return new Set(parts(tree).flatMap((part) => [...free(part)]));
  };
  const uses = (tree) => (tree[0] === "entry" ? (typeof tree[2] === "string" ? [[tree[1], tree[2]]] : []) : parts(tree).flatMap(uses));
  const renamed = (tree, letter) => {
    if (tree[0] === "norm") return tree;
    if (tree[0] === "entry" || tree[0] === "delta") return [tree[0], tree[1], tree[2] === "·" ? letter : tree[2]];
    return tree.map((part) => (Array.isArray(part) ? renamed(part, letter) : part));
  };

  const softmax = (z) => {
    const weights = z.map((x) => Math.exp(x - Math.max(...z)));
    return weights.map((w) => w / total(weights));
  };
  const summed = (tree) => [...(tree[0] === "reduce" ? [tree[2]] : []), ...parts(tree).flatMap(summed)];
  const unitVector = (tree) => (tree[0] === "delta" && tree[2] === "·") || parts(tree).some(unitVector);
  // The values; those that are formulas of the ones before them are evaluated.
  const settled = (values) => {
    const known = {};
    for (const [name, given] of Object.entries(values)) {
      known[name] = given;
      if (typeof given !== "string") continue;
      delete known[name];
      const before = complete(known);
      const read = formula(given, before);
      const found = evaluate(read, before).values;
      known[name] = read.free ? found : found[0];
    }
    return known;
  };
  // What follows from them: π and K from z, J and r̄ from the returns.
  const complete = (values) => {
    const found = settled(values);
    const add = (name, value) => (found[name] ??= value);
    if (found.z) add("π", softmax(found.z));
    if (found.π) {
      add("K", found.π.length);
      if (Array.isArray(found.r) && found.r.length === found.π.length) {
        add("J", total(found.r.map((r, a) => r * found.π[a])));
        add("r̄", total(found.r) / found.r.length);
      }
    }
    return found;
  };

  // A formula of the quantities in `values`, and its values, one after the other, for all values of its indices.
  const formula = (text, values) => {
    const names = Object.keys(values);
    const vectors = names.filter((name) => Array.isArray(values[name]));
    const tree = read(text, names.filter((name) => !vectors.includes(name)), vectors);
    const own = [...free(tree)].sort();
    if (own.includes("·") && own.length > 1 && !unitVector(tree)) {
      const bare = uses(tree).find(([, letter]) => letter === "·")[0];
      refuse(`${bare} needs an index, such as ${bare}_${own[0]}`);
    }
    return { tree, vectors, free: own.filter((letter) => !Number.isInteger(values[letter])).join("") };
  };
  const evaluate = ({ tree, vectors, free: own }, values, frame = own, sizes = {}) => {
    const left = [...frame].filter((letter) => !free(tree).has(letter)); // what vectors without an index run over
    if (left.length === 1) tree = renamed(tree, left[0]);
    const both = [...free(tree)].sort().find((letter) => Number.isInteger(values[letter]) && summed(tree).includes(letter));
    if (both) refuse(`the index ${both} is given; sum over another letter`);
    const [missing, ...others] = [...free(tree)].sort().filter((letter) => !frame.includes(letter) && !Number.isInteger(values[letter]));
    if (missing === "·" || others.includes("·")) refuse("e_a is a vector: beside it, write vectors without an index, or write δ_ab for it");
    if (missing) refuse(`the index ${missing} is not summed, and the result has no index ${missing}`);
    const runs = { ...sizes };
    for (const [name, letter] of uses(tree)) {
      const { length } = values[name];
      if (!Number.isInteger(values[letter]) && (runs[letter] ??= length) !== length) refuse(`the index ${letter} runs over ${runs[letter]} and over ${length} entries`);
    }
    const lengths = new Set(vectors.map((name) => values[name].length));
    const run = (letter) => runs[letter] ?? (lengths.size === 1 ? [...lengths][0] : refuse(`nothing says how far the index ${letter} runs`));
    const of = (node, at) => {
      const place = (index) => at[index] ?? values[index];
      const reduced = (name, letter, other, body) => {
        const all = Array.from({ length: run(letter) }, (_, i) => i).filter((i) => other === null || i !== place(other));
        return REDUCTIONS[name](all.map((i) => of(body, { ...at, [letter]: i })));
      };
      switch (node[0]) {
        case "number": return node[1];
        case "value": return values[node[1]];
        case "entry": {
          const i = typeof node[2] === "string" ? place(node[2]) : node[2];
          const vector = values[node[1]];
          return i >= 0 && i < vector.length ? vector[i] : refuse(`${node[1]} has ${vector.length} entries, and none with the number ${i + 1}`);
        }
        case "delta": return place(node[1]) === place(node[2]) ? 1 : 0;
        case "neg": return -of(node[1], at);
        case "call": return FUNCTIONS[node[1]](...node.slice(2).map((part) => of(part, at)));
        case "norm": return Math.sqrt(reduced("Σ", "·", null, ["^", node[1], ["number", 2]]));
        case "reduce": return reduced(...node.slice(1));
        default: return OPERATIONS[node[0]](of(node[1], at), of(node[2], at));
      }
    };
    const walk = (letters, at) =>
      letters ? Array.from({ length: run(letters[0]) }, (_, i) => walk(letters.slice(1), { ...at, [letters[0]]: i })).flat() : [of(tree, at)];
    return { values: walk(frame, {}), runs };
  };

  const TOLERANCE = 1e-9;
  const same = (left, right) => left.every((a, i) => Math.abs(a - right[i]) <= TOLERANCE * Math.max(1, Math.abs(right[i])));
  const short = (number) => String(Number(number.toPrecision(4))).replace("-", "−");

  // What a text is: right, a known mistake by name, or where it differs. A question has the formulas `right` and
  // `wrong` (by name), `draws`, pairs of a condition and points, the first without a condition, and the `names` that
  // an answer may have.
  const judge = (text, { right, wrong, draws, names }) => {
    const at = (words, points) =>
      points.map(complete).flatMap((point) => {
        const asked = formula(right, point);
        const { runs } = evaluate(asked, point);
        return evaluate(formula(words, point), point, asked.free, Object.fromEntries([...asked.free].map((letter) => [letter, runs[letter]]))).values;
      });
    const [[, points], ...special] = draws;
    let mine;
    try {
      const known = complete(points[0]);
      formula(text, Object.fromEntries(names.map((name) => [name, known[name]])));
      mine = at(text, points);
    } catch (error) {
      if (error instanceof FormulaError) return { verdict: "unreadable", detail: error.message };
      throw error;
    }
    if (!mine.every(Number.isFinite)) return { verdict: "unreadable", detail: "it has no finite value at some points, as where something is divided by 0" };
    const truth = at(right, points);
    if (same(mine, truth)) return { verdict: "right", detail: "" };
    for (const name of Object.keys(wrong)) if (same(mine, at(wrong[name], points))) return { verdict: "known", detail: name };
    const ratios = mine.map((value, i) => value / truth[i]);
    if (truth.every((value) => Math.abs(value) > 1e-6) && same(ratios, ratios.map(() => ratios[0])))
      return Math.abs(ratios[0] + 1) < TOLERANCE ? { verdict: "sign", detail: "" } : { verdict: "factor", detail: short(ratios[0]) };
    const differences = mine.map((value, i) => value - truth[i]);
    if (same(differences, differences.map(() => differences[0]))) return { verdict: "constant", detail: short(differences[0]) };
    // An answer may name a third action where there are two.
    const values = (words, places) => {
      try {
        return at(words, places);
      } catch (error) {
        if (error instanceof FormulaError) return [NaN];
        throw error;
      }
    };
    for (const [condition, places] of special) if (same(values(text, places), at(right, places))) return { verdict: "special", detail: condition };
    // The smallest point at which they differ tells most.
    const small = special.find(([condition]) => condition === "there are two actions")?.[1] ?? [];
    for (const point of [...small, ...points]) {
      const [yours, asked] = [values(text, [point]), at(right, [point])];
      if (!yours.every(Number.isFinite)) continue;
      const i = yours.findIndex((value, k) => !same([value], [asked[k]]));
      if (i >= 0) return { verdict: "different", detail: `${short(yours[i])} for ${short(asked[i])}`, point, place: place(right, complete(point), i) };
    }
  };
  // The indices of the i-th of the values: b = 2.
  const place = (text, values, i) => {
    const asked = formula(text, values);
    const { runs } = evaluate(asked, values);
    return [...asked.free].reverse().reduce((found, letter) => {
      const k = i % runs[letter];
      i = (i - k) / runs[letter];
      return letter === "·" ? found : [`${letter} = ${k + 1}`, ...found];
    }, []);
  };
  return { judge, formula, evaluate, complete, plain, FormulaError };
})();
