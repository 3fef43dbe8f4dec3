// Relative paths of this machine in operands: ./letter, ../letter and `.`.
import {resolve} from 'node:path'

const relative = /^\.\.?(?:\/|$)/

/** Makes an operand's relative path absolute; all other operands stay as they are. */
export function livePath(operand: string, here: () => string): string {
  if (relative.test(operand)) return resolve(here(), operand)
  const colon = operand.startsWith('/') ? -1 : operand.indexOf(':')
  const path = operand.slice(colon + 1)
  if (colon === -1 || !relative.test(path)) return operand
  return `${operand.slice(0, colon)}:${resolve(here(), path)}`
}
