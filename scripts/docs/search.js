// SECTIONS: [place, page, heading, text] of every section, written before this by template.ts.
const asked = new URLSearchParams(location.search).get("q") ?? "";
const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
const weigh = ([, page, heading, text]) => {
  const [head, all] = [heading.toLowerCase(), `${page} ${heading} ${text}`.toLowerCase()];
  if (!words.every((word) => all.includes(word))) return 0;
  return 1 + words.filter((word) => head.includes(word)).length * 10;
};
const found = SECTIONS.map((section) => ({ section, weight: weigh(section) }))
  .filter(({ weight }) => weight > 0)
  .sort((a, b) => b.weight - a.weight);

document.querySelector("input").value = asked;
if (words.length > 0) {
  const shown = Math.min(found.length, 50);
  document.querySelector("#count").textContent = `${found.length} sections with "${asked}", ${shown} shown`;
  for (const { section } of found.slice(0, shown)) {
    const [place, page, heading, text] = section;
    const item = document.querySelector("#found").appendChild(document.createElement("li"));
    const link = item.appendChild(document.createElement("a"));
    link.href = place;
    link.textContent = heading === page ? page : `${page}: ${heading}`;
    const at = Math.max(0, text.toLowerCase().indexOf(words[0]) - 60);
    item.appendChild(document.createElement("p")).textContent = text.slice(at, at + 200);
  }
}
