/**
 * An element with attributes and children. Text is always a text node, so nothing that a venue or chain says can
 * become markup.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** The element with that id. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found;
}

/**
 * Puts other children into an element, if they are others: what a reader has opened stays open, and the focus where it was.
 * @param {string} id
 * @param {...(Node | string)} children
 */
export function refill(id, ...children) {
  const parent = byId(id);
  const fresh = element("div", {}, ...children);
  const folds = [...parent.querySelectorAll("details")];
  for (const [at, fold] of [...fresh.querySelectorAll("details")].entries()) fold.open = folds[at]?.open ?? false;
  if (fresh.innerHTML === parent.innerHTML) return;
  const targets = () => [...parent.querySelectorAll("a, summary")];
  const nameOf = (/** @type {Element | undefined} */ one) => `${one?.getAttribute("href")} ${one?.textContent}`;
  const focused = targets().find((one) => one === document.activeElement);
  parent.replaceChildren(...fresh.childNodes);
  const again = focused && targets().find((one) => nameOf(one) === nameOf(focused));
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/** A state as a coloured dot and a word. @param {string} words @param {string} tone */
export function mark(words, tone) {
  return element("span", { class: `mark ${tone}` }, words);
}

/** A link to a transaction or an address on a block explorer; plain text where none is known. @param {string | null | undefined} explorer @param {"tx" | "address"} what @param {string} hash @param {string} shown */
export function explorerLink(explorer, what, hash, shown) {
  const code = element("code", { title: hash }, shown);
  if (explorer == null || !/^https?:\/\/[\w.:-]+$/.test(explorer) || !/^0x[0-9a-fA-F]+$/.test(hash)) return code;
  return element("a", { href: `${explorer}/${what}/${hash}`, rel: "noopener noreferrer" }, code);
}

/**
 * A table whose cells carry their column's name, so that a narrow screen can show each row as a list. The first cell of a row
 * names it.
 * @param {string} caption
 * @param {readonly { title: string, number?: boolean }[]} columns
 * @param {readonly (readonly (Node | string)[])[]} rows
 */
export function table(caption, columns, rows) {
  const numeric = (/** @type {boolean | undefined} */ number) => (number ? { class: "number" } : {});
  const heads = columns.map(({ title, number }) => element("th", { scope: "col", ...numeric(number) }, title));
  const body = rows.map((cells) =>
    element(
      "tr",
      {},
      ...cells.map((cell, index) => {
        const { title = "", number } = columns[index] ?? {};
        const [tag, scope] = index === 0 ? ["th", { scope: "row" }] : ["td", {}];
        return element(tag ?? "td", { ...scope, "data-label": title, ...numeric(number) }, cell);
      }),
    ),
  );
  return element(
    "table",
    {},
    element("caption", { class: "hidden" }, caption),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...body),
  );
}
