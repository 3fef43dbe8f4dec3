// The file .backups_state of a store: how the last runs ended. Losing it loses nothing else.
import * as v from 'valibot'
import type {NativeStore} from '../native/native.js'
import {amount, instant, list, mark, object, text, texts, word} from './lenient-schema.js'
import type {Holding} from './series.js'

/** 'warning': done, but something needs attention. */
export const runResults = ['success', 'unchanged', 'warning', 'failure'] as const

export interface RunRecord {
  /** UTC, ISO 8601. */
  readonly start: string
  readonly end: string
  readonly result: (typeof runResults)[number]
  /** The exit code. */
  readonly exit: number
  /** The snapshot that it made. */
  readonly snapshot: string | null
  /** How many entries could not be read. */
  readonly errors: number
  /** How many entries vanished meanwhile. */
  readonly warnings: number
  /** The names of the sources of which something could not be read; absent if there are none. */
  readonly incomplete?: readonly string[]
  /** Why it failed. */
  readonly message?: string
}

/** A source of a run; see MarkerSource. */
type RecordedSource = Pick<Holding, 'name' | 'path' | 'named' | 'host'>

/** The runs of one machine with one set of sources, or with one profile. */
export interface RunGroup {
  readonly host: string
  readonly host_id: string
  readonly profile: string | null
  /** Those of the last run. */
  readonly sources: readonly RecordedSource[]
  /** The newest first. */
  readonly runs: readonly RunRecord[]
}

const runLimit = 100
/** Sets of sources that were not used for long are forgotten first. */
const groupLimit = 100
const sourceLimit = 10_000
const messageLimit = 500
/** Longer files are not read, and not written. */
const stateLimit_bytes = 4 * 1024 * 1024

const run = v.pipe(
  object({
    ...{start: instant, end: instant, result: v.picklist(runResults)},
    ...{exit: amount, snapshot: v.fallback(v.nullable(v.string()), null)},
    ...{errors: amount, warnings: amount, incomplete: texts(sourceLimit), message: word},
  }),
  v.transform(({incomplete, message, ...rest}): RunRecord => ({
    ...rest,
    ...(incomplete.length > 0 && {incomplete}),
    ...(message !== undefined && {message: message.slice(0, messageLimit)}),
  })),
)

const source = v.pipe(
  object({name: text, path: text, named: mark, host: word}),
  v.transform(({named, host, ...rest}): RecordedSource => ({
    ...rest,
    ...(named !== undefined && {named}),
    ...(host !== undefined && {host}),
  })),
)

/** A run without its times or result is left out. */
const runs = v.pipe(
  list(v.fallback(v.nullable(run), null), runLimit),
  v.transform((items) => items.filter((item) => item !== null)),
)

const group = object({
  ...{host: text, host_id: text, profile: v.fallback(v.nullable(v.string()), null)},
  ...{sources: list(source, sourceLimit), runs},
})

const schema = v.object({format: v.literal(1), groups: list(group, groupLimit)})

/** Reads records that may be damaged or hostile. Never throws; unusable ones count as none. */
export function parseRecords(json: string): RunGroup[] {
  try {
    const {success, output} = v.safeParse(schema, JSON.parse(json))
    return success ? output.groups.filter((one) => one.runs.length > 0) : []
  } catch {
    return [] // it is not JSON, or nested too deeply for the stack
  }
}

/** The newest group first; empty if there are no records, or if they cannot be read. */
export function readRecords(store: Pick<NativeStore, 'readState'>): RunGroup[] {
  try {
    return parseRecords(store.readState(stateLimit_bytes) ?? '')
  } catch {
    return []
  }
}

const keyOf = ({host_id, profile, sources}: RunGroup): string => {
  const names = sources.map(({name, path, named}) => JSON.stringify([name, named ? '' : path]))
  return JSON.stringify([host_id, profile ?? names.sort()])
}

/** The records with one more run, which is the only one of `added`. */
export function withRun(groups: readonly RunGroup[], added: RunGroup): RunGroup[] {
  const key = keyOf(added)
  const earlier = groups.filter((one) => keyOf(one) === key).flatMap((one) => one.runs)
  const others = groups.filter((one) => keyOf(one) !== key)
  return [{...added, runs: [...added.runs, ...earlier].slice(0, runLimit)}, ...others].slice(
    0,
    groupLimit,
  )
}

/** The text of the file, without the oldest groups and runs that do not fit; null if none fits. */
export function formatRecords(groups: readonly RunGroup[], limit = stateLimit_bytes) {
  for (let kept = [...groups]; kept.length > 0;) {
    const json = `${JSON.stringify({format: 1, groups: kept})}\n`
    if (Buffer.byteLength(json) <= limit) return json
    const [only, ...others] = kept
    if (others.length > 0) kept.pop()
    else if (only === undefined || only.runs.length === 1) return null
    else kept = [{...only, runs: only.runs.slice(0, Math.floor(only.runs.length / 2))}]
  }
  return null
}

/** Adds one run. The caller holds the lock. Throws errors of the addon. */
export function addRun(store: NativeStore, added: RunGroup): void {
  const json = formatRecords(withRun(readRecords(store), added))
  if (json !== null) store.writeState(json)
}

/** The sources of a run as a snapshot holds them, which identifies their series. */
export const holdingsOfRun = (
  {host, host_id, sources}: RunGroup,
  {start}: Pick<RunRecord, 'start'>,
): Holding[] =>
  sources.map((held) => ({
    ...held,
    machine: host,
    hostId: held.host ?? host_id,
    time_ms: Date.parse(start),
  }))
