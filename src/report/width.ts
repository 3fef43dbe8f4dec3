// How many columns a text takes on a terminal, and how much of it fits.

/** Returns a number of columns. */
export type Measure = (text: string) => number

/** Right for ASCII. */
export const asciiWidth: Measure = (text) => text.length

// eslint-disable-next-line no-control-regex -- all of ASCII
const ascii = /^[\x00-\x7f]*$/

/** The library is slow to start, so it is loaded only for texts that need it. */
export async function measureFor(texts: Iterable<string>): Promise<Measure> {
  for (const text of texts) {
    if (!ascii.test(text)) return (await import('string-width')).default
  }
  return asciiWidth
}

/** The text, shortened to a width if it is longer; `ellipsis` shows that something is missing. */
export function cut(text: string, width: number, measure: Measure, ellipsis: string): string {
  if (measure(text) <= width) return text
  let kept = ''
  for (const {segment} of new Intl.Segmenter().segment(text)) {
    if (measure(kept + segment + ellipsis) > width) break
    kept += segment
  }
  return kept === '' ? ellipsis.slice(0, Math.max(width, 1)) : kept + ellipsis
}
