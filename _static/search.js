// The search: while words are typed, the places of the book that are about them, in the box that opens on every
// page and on the page of the search. What it needs is loaded when somebody searches, also from a disk.
(() => {
  const root = document.documentElement.dataset.content_root;
  const FIELDS = { title: 4, terms: 6, subjects: 3, text: 1 };
  const OPTIONS = {
    boost: FIELDS,
    boostDocument: (url, word, place) => place.weight,
    prefix: (word) => word.length > 2,
    fuzzy: (word) => word.length > 4 && 0.2,
  };

  const read = () =>
    new Promise((resolve) => {
      const script = document.createElement("script");
      const onload = () => {
        const index = new MiniSearch({
          idField: "url",
          fields: Object.keys(FIELDS),
          storeFields: ["title", "page", "text", "weight"],
          processTerm: (word) => word.toLowerCase().replace("π", "pi").replace(/ies$/, "y"),
        });
        index.addAll(PLACES);
        resolve(index);
      };
      document.head.append(Object.assign(script, { src: `${root}_static/places.js`, onload }));
    });
  let index;

  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...content);
    return made;
  };

  // The sentence with most of the words, which are marked.
  const quoted = (text, words) => {
    const any = words.map((word) => word.replace(/^pi$/, "pi|π")).join("|") || "(?!)";
    const whole = new RegExp(`(?<![\\p{L}\\p{N}])(${any})(?![\\p{L}\\p{N}])`, "giu");
    const many = (sentence) => new Set(sentence.toLowerCase().match(whole)).size;
    const sentences = text.split(/\n|(?<=[.?!]) (?=\p{Lu})/u);
    const best = sentences.reduce((a, b) => (many(b) > many(a) ? b : a));
    const from = best.lastIndexOf(" ", best.search(whole) - 100) + 1;
    const long = best.length > from + 240;
    const part = (from ? "… " : "") + (long ? best.slice(from, best.lastIndexOf(" ", from + 240)) + " …" : best.slice(from));
    return part.split(whole).map((piece, i) => (i % 2 ? element("mark", "", piece) : piece));
  };

  const shown = ({ id, title, page, text, terms }) => {
    const words = terms.filter((word) => /^[\p{L}\p{N}]+$/u.test(word));
    const [file, anchor] = id.split("#");
    const marked = words.filter((word) => word.length > 2).join(" ");
    const link = element("a", "", title);
    link.href = `${root}${file}?highlight=${encodeURIComponent(marked)}${anchor ? `#${anchor}` : ""}`;
    const where = page === title ? [] : [element("p", "where", page)];
    return element("li", "", link, ...where, element("p", "context", ...quoted(text, words)));
  };

  const start = (form) => {
    const input = form.querySelector("input");
    const here = form.matches(".bd-search-container > *");
    const [status, list] = [element("p", ""), element("ol", "")];
    status.setAttribute("role", "status");
    const results = element("div", "search-results", status, list);
    form.after(results);

    const show = async () => {
      index ??= read();
      const ready = await index;
      const words = input.value.trim();
      const found = words ? ready.search(words, OPTIONS) : [];
      list.replaceChildren(...found.slice(0, here ? 30 : 8).map(shown));
      status.textContent = words && (found.length ? `${found.length} places, the best first` : "Nothing found");
    };
    input.addEventListener("input", show);
    form.parentElement.addEventListener("keydown", (event) => {
      const stops = [input, ...list.querySelectorAll("a")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const next = step && stops[stops.indexOf(document.activeElement) + step];
      if (next) event.preventDefault(), next.focus();
    });
    if (here) {
      input.value = new URLSearchParams(location.search).get("q");
      show();
    }
  };
  document.querySelectorAll("form.bd-search").forEach(start);
})();
