// "Report an error here": a form that knows the page, its version, the section, the equations on the screen and what is
// marked. It leads to a new issue where the repository is known, and can be copied everywhere. Nothing is sent by itself.
(() => {
  const LONGEST = 4000; // of a text that an address carries
  const words = (element) => element.textContent.replace(/#$/, "").trim();

  // Of what is marked, or else of what stands in the middle of the screen. What is far from it has no place yet.
  const where = () => {
    const marked = getSelection().toString().replace(/\s+/g, " ").trim().slice(0, 300);
    const { left, width } = document.querySelector("article").getBoundingClientRect();
    const place = marked ? getSelection().getRangeAt(0).startContainer : document.elementFromPoint(left + width / 2, innerHeight / 2);
    const before = (heading) => heading.contains(place) || heading.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING;
    const section = [...document.querySelectorAll("article :is(h1, h2, h3, h4)")].filter(before).at(-1);
    const seen = (it) => it.checkVisibility({ contentVisibilityAuto: true }) && it.getBoundingClientRect().top < innerHeight && it.getBoundingClientRect().bottom > 0;
    const equations = [...document.querySelectorAll("article .eqno")].filter(seen).map(words);
    return { marked, section: section && words(section), equations };
  };

  const text = (line) => {
    const { marked, section, equations } = where();
    const told = {
      Page: `${document.title.split(" — ")[0]} (${line.page})`,
      Section: section,
      "Equations on the screen": equations.join(", "),
      Marked: marked && `“${marked}”`,
      Version: line.version,
    };
    const lines = Object.entries(told).filter(([, it]) => it);
    return `${lines.map(([name, it]) => `${name}: ${it}`).join("\n")}\n\nWhat is wrong, and what would be right:\n\n`;
  };

  const make = (line) => {
    const dialog = document.createElement("dialog");
    const [page, ...names] = line.issues.split(" ");
    dialog.id = "report";
    dialog.setAttribute("aria-labelledby", "report-title");
    dialog.innerHTML = `<form method="dialog">
      <h2 id="report-title">Report an error</h2>
      <label>${page ? "This becomes a new issue of the book's repository, where you can still change it:" : "Please copy this, and send it to whoever gave you the book:"}
        <textarea rows="12" maxlength="${LONGEST}"></textarea></label>
      <p>${page ? '<a class="btn" target="_blank" rel="noopener">Open an issue</a>' : ""}
        <button type="button" class="btn">Copy</button> <button class="btn">Close</button> <span role="status"></span></p></form>`;
    document.body.append(dialog);
    const box = dialog.querySelector("textarea"), [copy] = dialog.querySelectorAll("button");
    const link = dialog.querySelector("a");
    const issue = () => {
      const said = [`Error in ${line.page}`, box.value];
      link.href = `${page}?${names.map((name, i) => `${name}=${encodeURIComponent(said[i])}`).join("&")}`;
    };
    box.oninput = () => link && issue();
    copy.onclick = async () => {
      box.select();
      // Where a page may not write there, the old way.
      try {
        await navigator.clipboard.writeText(box.value);
      } catch {
        document.execCommand("copy");
      }
      dialog.querySelector("[role=status]").textContent = "Copied.";
    };
    return dialog;
  };

  window.reportError = () => {
    const line = document.querySelector(".report").dataset;
    const dialog = document.getElementById("report") ?? make(line);
    const box = dialog.querySelector("textarea");
    box.value = text(line);
    box.oninput();
    dialog.querySelector("[role=status]").textContent = "";
    dialog.showModal();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  };
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".report");
    button.hidden = false;
    button.onclick = reportError;
  });
})();
