// The operation `history --deleted`: lists what is missing in the newest snapshot, below directories.
import {exitCode} from '../base/exit-code.js'
import type {FindConditions} from '../native/native.js'
import {historiesOf} from '../store/histories.js'
import {historiesWith, type HistoryOfPath} from '../store/selectors.js'
import {Searcher, type FindOptions, type FindResult} from './find.js'
import {ask, type Query} from './query.js'

export interface DeletedOptions extends Omit<FindOptions, 'conditions'> {
  /** Paths of this machine, or in the snapshots. */
  readonly paths: readonly string[]
}

const everythingDeleted: FindConditions = {
  patterns: [],
  ignoreCase: false,
  types: {file: true, directory: true, symlink: true, special: true},
  size: null,
  after_s: null,
  until_s: null,
  digest: null,
  deleted: true,
  firstIsExtra: false,
}

/** Returns the number of deleted paths below one path, in one history. */
async function searchBelow(query: Query, where: HistoryOfPath, options: DeletedOptions) {
  const {key, selected} = where
  const names = new Set(selected.map(({snapshot}) => snapshot.name))
  const top = Buffer.from(selected[0].path ?? '')
  const history = historiesOf(query.choice).find((one) => one.key === key)
  if (history === undefined) return 0
  const what = {history, top, conditions: everythingDeleted, onPage: options.onPage}
  const search = new Searcher(what, options.signal)
  return query.withRecords(
    [...new Set([history.newest.name, ...names])],
    {whole: false},
    async (records) => {
      await search.run(records)
      return search.found
    },
  )
}

/** Throws a CuraError that carries the exit code. */
export function deleted(options: DeletedOptions): Promise<Omit<FindResult, 'undigested'>> {
  return ask(options, async (query) => {
    let found = 0
    for (const where of options.paths.flatMap((text) => historiesWith(text, query.choice))) {
      found += await searchBelow(query, where, options)
    }
    const searched = query.snapshots.length
    return {found, searched, warnings: query.warnings, exit: exitCode({nothing: found === 0})}
  })
}
