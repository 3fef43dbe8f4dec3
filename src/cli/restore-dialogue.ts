// Asks on a terminal which version of a path to restore, and where to.
import {homedir} from 'node:os'
import {Keys, leave} from './keys.js'
import {printable} from '../base/escape.js'
import {lastOf} from '../operations/restore-operands.js'
import {nameBeside, type RestoreChoice} from '../operations/restore-choices.js'
import type {RestoreTarget} from '../operations/restore-options.js'
import {choicesText, placesText} from '../report/restore-choices.js'

export interface Answer {
  /** SNAPSHOT:PATH */
  readonly operand: string
  readonly target: RestoreTarget
}

/** `~/x` → `/home/ann/x`, as a shell would do. */
const expanded = (directory: string): string => directory.replace(/^~(?=\/|$)/, homedir())

async function askTarget(
  keys: Keys,
  print: (text: string) => void,
  {place, version}: RestoreChoice,
): Promise<RestoreTarget | null> {
  const name = place === null ? null : await nameBeside(place, version.last)
  print(placesText(place, name))
  const letter = await keys.letter(place === null ? ['t'] : ['i', 'b', 't'])
  if (letter === leave) return null
  if (letter === 'i') return {inPlace: true}
  if (letter === 'b' && place !== null) {
    const directory = lastOf(place).parent.toString()
    return {inPlace: false, directory: directory === '' ? '/' : directory, name}
  }
  print('Directory: ')
  const directory = await keys.line()
  return directory === leave ? null : {inPlace: false, directory: expanded(directory), name: null}
}

/** Null if the user leaves. Throws a CuraError for Ctrl-C. `rows` is the height of the terminal. */
export function askWhatAndWhere(
  choices: readonly RestoreChoice[],
  {print, rows}: {readonly print: (text: string) => void; readonly rows: number},
): Promise<Answer | null> {
  return Keys.during(process.stdin, print, async (keys) => {
    // Those that are not listed can be chosen as well.
    print(choicesText(choices, Math.min(choices.length, Math.max(rows - 6, 9))))
    const number = await keys.number(choices.length)
    const choice = number === leave ? undefined : choices[number - 1]
    if (choice === undefined) return null
    const target = await askTarget(keys, print, choice)
    if (target === null) return null
    const {last, entry} = choice.version
    print(`${last}:${printable(entry.path)}\n`)
    return {operand: `${last}:${entry.path.toString()}`, target}
  })
}
