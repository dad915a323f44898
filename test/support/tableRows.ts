/** Cells of every row of a Markdown page that begins with a code span, trimmed. */
export function tableRows(page: string): readonly (readonly string[])[] {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
