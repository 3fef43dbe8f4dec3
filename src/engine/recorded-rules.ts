// The exclusion rules in a marker: a restore must neither delete nor replace what they left out.
import {fingerprintOf} from './selection.js'
import type {PatternList, SelectionOptions} from '../native/native.js'
import type {Marker, MarkerRules} from '../store/marker.js'

/** Longer rules are not recorded, because every reader of the store reads every marker. */
const rulesLimit_bytes = 256 * 1024

function patternJson({origin, text, isFile, foldsCase}: PatternList) {
  const shown = text.toString()
  return {
    origin,
    text: shown,
    ...(!Buffer.from(shown).equals(text) && {text_b64: text.toString('base64')}),
    ...(isFile && {file: true as const}),
    ...(foldsCase && {folds_case: true as const}),
  }
}

/** Null if there are none; 'too long' if they do not fit into a marker. */
export function rulesFor(selection: SelectionOptions | null): MarkerRules | 'too long' | null {
  if (selection === null) return null
  const {patterns, ignoreFiles, tags, attributes, largest, oneFileSystem} = selection
  const rules = {
    patterns: patterns.map(patternJson),
    ignore_files: ignoreFiles,
    tags: tags.map(({name, header}) => ({name, header})),
    attributes,
    largest,
    one_file_system: oneFileSystem,
  }
  return JSON.stringify(rules).length > rulesLimit_bytes ? 'too long' : rules
}

function selectionIn(rules: MarkerRules): SelectionOptions {
  return {
    patterns: rules.patterns.map(({origin, text, text_b64, file, folds_case}) => ({
      origin,
      text: text_b64 === undefined ? Buffer.from(text) : Buffer.from(text_b64, 'base64'),
      isFile: file === true,
      foldsCase: folds_case === true,
    })),
    ignoreFiles: rules.ignore_files,
    tags: rules.tags,
    attributes: rules.attributes,
    largest: rules.largest,
    oneFileSystem: rules.one_file_system,
  }
}

/** The rules that a marker records; null if it records none, or not those of its fingerprint. */
export function recordedSelection(marker: Marker | null): SelectionOptions | null {
  if (marker?.rules === undefined) return null
  const selection = selectionIn(marker.rules)
  return fingerprintOf(selection) === marker.selection ? selection : null
}

/**
 * Whether the run excluded something by rules that are not recorded: in markers of older versions, if
 * the rules were too long, or if the marker is damaged. What they left out is then unknown.
 */
export const hasUnknownRules = (marker: Marker | null): boolean =>
  marker?.selection !== undefined && recordedSelection(marker) === null
