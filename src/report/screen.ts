// What the output can show: how wide it is, and which signs it has.

export interface Screen {
  /** Columns; null for a pipe or a file, whose texts are never shortened. */
  readonly width: number | null
  /** Signs such as ✓ and · are shown correctly. */
  readonly hasSigns: boolean
}

/** A pipe in a locale without UTF-8. */
export const plainScreen: Screen = {width: null, hasSigns: false}

const usualWidth = 80

/** The variable that decides the locale of characters says UTF-8; macOS has it without a variable. */
function isUtf8(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  const {LC_ALL, LC_CTYPE, LANG} = environment
  const locale = [LC_ALL, LC_CTYPE, LANG].find((text) => text !== undefined && text !== '')
  return locale === undefined ? platform === 'darwin' : /utf-?8/i.test(locale)
}

/** `columns` is 0 or undefined on a terminal that does not tell its width. */
export const screenOf = (
  {isTTY, columns}: {readonly isTTY?: boolean; readonly columns?: number | undefined},
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Screen => ({
  width: isTTY === true ? columns || usualWidth : null,
  hasSigns: isUtf8(environment, platform),
})
