// The operation `history --deleted`: lists what is missing in the newest snapshot, below directories.
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {searchHint} from '../store/snapshot-path.js'
import {historiesOf} from '../store/histories.js'
import {historiesWith, type HistoryOfPath} from '../store/selectors.js'
import {Searcher, type Conditions, type FindOptions, type FindResult} from './find.js'
import {ask, type Query} from './query.js'

export interface DeletedOptions extends Omit<FindOptions, 'conditions'> {
  /** Paths of this machine, or in the snapshots. */
  readonly paths: readonly string[]
}

const everythingDeleted: Conditions = {
  patterns: [],
  ignoreCase: false,
  types: {file: true, directory: true, symlink: true, special: true},
  size: null,
  after_s: null,
  until_s: null,
  digest: null,
  deleted: true,
}

interface Below {
  /** The number of deleted paths. */
  readonly found: number
  /** Whether any snapshot has the directory. */
  readonly exists: boolean
}

/** Lists what is deleted below one path, in one history. */
async function searchBelow(
  query: Query,
  where: HistoryOfPath,
  options: DeletedOptions,
): Promise<Below> {
  const {key, selected} = where
  const names = new Set(selected.map(({snapshot}) => snapshot.name))
  const top = Buffer.from(selected[0].path ?? '')
  const history = historiesOf(query.choice).find((one) => one.key === key)
  if (history === undefined) return {found: 0, exists: true}
  const what = {history, top, conditions: everythingDeleted, onPage: options.onPage}
  const search = new Searcher(what, options.signal)
  const all = [...new Set([history.newest.name, ...names])]
  return query.withRecords(all, {whole: false}, async (records) => {
    await search.run(records)
    const numbers = records.opened().map((_, number) => number)
    const exists = search.found > 0 || numbers.some((one) => records.lookup(one, top) !== null)
    return {found: search.found, exists}
  })
}

/** Throws a CuraError that carries the exit code. */
export function deleted(options: DeletedOptions): Promise<Omit<FindResult, 'undigested'>> {
  return ask(options, async (query) => {
    let found = 0
    for (const text of options.paths) {
      const all: Below[] = []
      for (const where of historiesWith(text, query.choice)) {
        all.push(await searchBelow(query, where, options))
      }
      found += all.reduce((sum, below) => sum + below.found, 0)
      if (all.some(({exists}) => exists)) continue
      query.warnings.push(`no snapshot has ${printable(text)}; ${searchHint(text)}`)
    }
    const searched = query.snapshots.length
    return {found, searched, warnings: query.warnings, exit: exitCode({nothing: found === 0})}
  })
}
