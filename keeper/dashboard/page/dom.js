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
 * A table whose cells carry their column's name, so that a narrow screen can show each row as a list.
 * @param {string} caption
 * @param {readonly { title: string, number?: boolean }[]} columns
 * @param {readonly (readonly (Node | string)[])[]} rows
 */
export function table(caption, columns, rows) {
  const head = element(
    "tr",
    {},
    ...columns.map(({ title, number }) =>
      element("th", { scope: "col", ...(number ? { class: "number" } : {}) }, title),
    ),
  );
  const body = rows.map((cells) =>
    element(
      "tr",
      {},
      ...cells.map((cell, index) => {
        const column = columns[index];
        return element(
          "td",
          { "data-label": column?.title ?? "", ...(column?.number ? { class: "number" } : {}) },
          cell,
        );
      }),
    ),
  );
  return element(
    "table",
    {},
    element("caption", { class: "hidden" }, caption),
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
}
