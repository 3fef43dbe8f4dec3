// The colours of text on a terminal, and when there are any.
import {styleText} from 'node:util'

export type ColourChoice = 'auto' | 'always' | 'never'

/** Each returns the text in its style. Indented lines of a problem are its details. */
export interface Palette {
  readonly dim: (text: string) => string
  readonly warning: (text: string) => string
  readonly error: (text: string) => string
  /** A sign at the start of a line in its colour. */
  readonly signs: (text: string) => string
}

const same = (text: string): string => text

export const plainPalette: Palette = {dim: same, warning: same, error: same, signs: same}

type Style = Parameters<typeof styleText>[0]

// Whether the output is a terminal was decided before.
const styled = (style: Style, text: string): string =>
  styleText(style, text, {validateStream: false})

const problem = (style: Style, text: string): string =>
  text.replace(/^.+$/gm, (line) => styled(line.startsWith('  ') ? 'dim' : style, line))

const palette: Palette = {
  dim: (text) => styled('dim', text),
  warning: (text) => problem('yellow', text),
  error: (text) => problem('red', text),
  signs: (text) =>
    text
      .replace(/^✓/gm, (sign) => styled('green', sign))
      .replace(/^✗/gm, (sign) => styled('red', sign)),
}

/** NO_COLOR and a dumb terminal mean no colours, unless the user wants them always. */
export function paletteFor(
  choice: ColourChoice,
  {isTTY}: {readonly isTTY?: boolean},
  {NO_COLOR = '', TERM}: NodeJS.ProcessEnv,
): Palette {
  const mayColour = isTTY === true && NO_COLOR === '' && TERM !== 'dumb'
  return choice === 'always' || (choice === 'auto' && mayColour) ? palette : plainPalette
}
