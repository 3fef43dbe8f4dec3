// Aligns rows of text into columns.

export type Align = 'left' | 'right'

/** One line per row; no line ends in spaces. */
export function table(rows: ReadonlyArray<readonly string[]>, aligns: readonly Align[]): string[] {
  const widths = aligns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const cell = (text: string, column: number): string => {
    const width = widths[column] ?? 0
    return aligns[column] === 'right' ? text.padStart(width) : text.padEnd(width)
  }
  return rows.map((row) => row.map(cell).join('  ').trimEnd())
}
