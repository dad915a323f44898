import type { Room } from "./rooms.ts";

const [BOX_WIDTH, BOX_HEIGHT, GAP, FLOOR_HEIGHT, MARGIN] = [172, 46, 26, 112, 24];
const STYLE = `
  text { font-family: ui-sans-serif, system-ui, sans-serif; fill: #1f2937; text-anchor: middle; }
  .name { font-size: 15px; font-weight: 600; } .holds { font-size: 10.5px; fill: #4b5563; }
  .note { font-size: 12px; fill: #4b5563; text-anchor: start; }
  rect { fill: #f3f4f6; stroke: #9ca3af; } .pure { fill: #dcfce7; stroke: #16a34a; } .file { fill: #dbeafe; stroke: #2563eb; }
  path { fill: none; stroke: #6b7280; stroke-width: 1.2; } .ground { fill: #ffffff; stroke: none; }`;
const FILES = ["main", "keeper", "cycle", "pipeline"];

type Rooms = Readonly<Record<string, Room>>;
type Place = { readonly x: number; readonly y: number; readonly width: number };

/**
 * An SVG of the rooms by floors: each is above every room that it imports at run time. An arrow that follows from
 * others is left out, so a line says "imports this, and may import what lies below it on the way".
 */
export function drawRooms(rooms: Rooms): string {
  const direct = arrowsOf(rooms);
  const drawn = reduced(direct);
  const floors = ordered(floorsOf(direct), drawn);
  const width = MARGIN * 2 + Math.max(...floors.map((floor) => floor.length)) * (BOX_WIDTH + GAP) - GAP;
  const height = MARGIN * 2 + 34 + (floors.length - 1) * FLOOR_HEIGHT + BOX_HEIGHT;
  const places = placesOf(floors, width);
  const lines = linesOf(drawn, places);
  const boxes = [...places].map(([name, place]) => box(name, rooms[name] as Room, place));
  const note = `<text class="note" x="${MARGIN}" y="${height - 12}">Imports at run time, those that follow from others left out. Green: pure. Blue: the four files to read first.</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    "<title>Rooms of keeper/ by floors, and who imports whom</title>",
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...lines,
    ...boxes,
    note,
    "</svg>\n",
  ].join("\n");
}

function arrowsOf(rooms: Rooms): Map<string, ReadonlySet<string>> {
  const names = Object.keys(rooms);
  return new Map(names.map((name) => [name, new Set(rooms[name]?.imports.filter((to) => names.includes(to)))]));
}

/** Floor 0 imports nothing at run time; every other room is one above the highest that it imports. */
function floorsOf(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const known = new Map<string, number>();
  const floorOf = (name: string, path: readonly string[]): number => {
    if (path.includes(name)) throw new Error(`rooms import one another in a circle: ${[...path, name].join(" -> ")}`);
    const found = known.get(name);
    if (found !== undefined) return found;
    const below = [...(arrows.get(name) ?? [])].map((to) => floorOf(to, [...path, name]) + 1);
    const floor = Math.max(0, ...below);
    known.set(name, floor);
    return floor;
  };
  const floors = Map.groupBy(arrows.keys(), (name) => floorOf(name, []));
  return [...floors].sort(([a], [b]) => b - a).map(([, names]) => names);
}

/** The arrows that no longer way implies. */
function reduced(arrows: ReadonlyMap<string, ReadonlySet<string>>): Map<string, ReadonlySet<string>> {
  const below = (name: string): ReadonlySet<string> =>
    new Set([...(arrows.get(name) ?? [])].flatMap((to) => [to, ...below(to)]));
  return new Map(
    [...arrows].map(([name, targets]) => {
      const implied = new Set([...targets].flatMap((to) => [...below(to)]));
      return [name, new Set([...targets].filter((to) => !implied.has(to)))];
    }),
  );
}

/** Each floor sorted by the mean place of what its rooms are tied to, swept up and down until little moves. */
function ordered(floors: readonly string[][], arrows: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const tied = new Map<string, string[]>();
  for (const [from, targets] of arrows) {
    for (const to of targets) {
      tied.set(from, [...(tied.get(from) ?? []), to]);
      tied.set(to, [...(tied.get(to) ?? []), from]);
    }
  }
  let rows = floors.map((floor) => [...floor].sort());
  for (let sweep = 0; sweep < 12; sweep++) {
    const place = new Map(rows.flatMap((row) => row.map((name, i) => [name, (i + 0.5) / row.length] as const)));
    const mean = (name: string) => {
      const others = (tied.get(name) ?? []).map((other) => place.get(other) ?? 0.5);
      return others.reduce((sum, value) => sum + value, place.get(name) ?? 0.5) / (others.length + 1);
    };
    rows = rows.map((row) => row.toSorted((a, b) => mean(a) - mean(b) || (a < b ? -1 : 1)));
  }
  return rows;
}

function placesOf(floors: readonly string[][], width: number): Map<string, Place> {
  return new Map(
    floors.flatMap((floor, row) => {
      const step = (width - 2 * MARGIN) / floor.length;
      // The ground is as wide as the house.
      const box = row === floors.length - 1 ? step : BOX_WIDTH;
      return floor.map((name, i) => {
        const x = Math.round(MARGIN + (i + 0.5) * step - box / 2);
        return [name, { x, y: MARGIN + row * FLOOR_HEIGHT, width: box }] as const;
      });
    }),
  );
}

/** A line for each arrow; those that leave or reach a room are spread over its edge, in the order of their other ends. */
function linesOf(arrows: ReadonlyMap<string, ReadonlySet<string>>, places: ReadonlyMap<string, Place>): string[] {
  const middle = (name: string) => {
    const { x, width } = places.get(name) as Place;
    return x + width / 2;
  };
  const all = [...arrows].flatMap(([from, targets]) => [...targets].map((to) => ({ from, to })));
  const port = (name: string, others: readonly string[], other: string) => {
    const { x, width } = places.get(name) as Place;
    const order = others.toSorted((a, b) => middle(a) - middle(b) || (a < b ? -1 : 1));
    return Math.round(x + (width * (order.indexOf(other) + 1)) / (order.length + 1));
  };
  return all.map(({ from, to }) => {
    const start = port(from, [...(arrows.get(from) ?? [])], to);
    const wide = (places.get(to) as Place).width > BOX_WIDTH;
    const sources = all.filter((one) => one.to === to).map((one) => one.from);
    const end = wide ? start : port(to, sources, from);
    const [top, bottom] = [(places.get(from) as Place).y + BOX_HEIGHT, (places.get(to) as Place).y];
    const bend = Math.min(60, (bottom - top) / 2);
    return `<path d="M${start} ${top}C${start} ${top + bend} ${end} ${bottom - bend} ${end} ${bottom}"/>`;
  });
}

function box(name: string, room: Room, { x, y, width }: Place): string {
  const kind = FILES.includes(name) ? "file" : room.pure === true ? "pure" : "";
  const middle = x + width / 2;
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${BOX_HEIGHT}" rx="6"/>`,
    `<text class="name" x="${middle}" y="${y + 19}">${FILES.includes(name) ? `${name}.ts` : name}</text>`,
    `<text class="holds" x="${middle}" y="${y + 36}">${room.holds}</text>`,
  ].join("");
}
