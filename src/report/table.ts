// Aligns rows of text into columns.
import {asciiWidth, type Measure} from './width.js'

export type Align = 'left' | 'right'

/** One line per row; no line ends in spaces. */
export function table(
  rows: ReadonlyArray<readonly string[]>,
  aligns: readonly Align[],
  measure: Measure = asciiWidth,
): string[] {
  const widths = aligns.map((_, column) =>
    Math.max(...rows.map((row) => measure(row[column] ?? ''))),
  )
  const cell = (text: string, column: number): string => {
    const space = ' '.repeat(Math.max((widths[column] ?? 0) - measure(text), 0))
    return aligns[column] === 'right' ? space + text : text + space
  }
  return rows.map((row) => row.map(cell).join('  ').trimEnd())
}
