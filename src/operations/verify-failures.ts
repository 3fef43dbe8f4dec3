// What a verification could not look at, as a sentence.
import {printable} from '../base/escape.js'
import {counted} from '../base/units.js'
import {errnoText} from '../native/failure.js'
import type {Failures} from '../native/native.js'

/** `verb` is what could not be done, such as 'checked'. Empty if nothing failed. */
export function failureText({errors, list: [first]}: Failures, verb: string): string[] {
  if (errors === 0 || first === undefined) return []
  const entries = counted(errors, 'entry', 'entries')
  const why = `${errnoText(first.code)}, ${printable(first.code)}`
  return [`${entries} could not be ${verb}, first ${printable(first.path)} (${why}).`]
}
