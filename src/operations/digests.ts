// The operation `digests`: lists the digests in a snapshot's record, for tools such as sha256sum. It
// takes no lock and writes nothing.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import type {NextPage, StoredEntry} from '../native/native.js'
import {ask, type Asking} from './query.js'

const digestsPage = 4000

/** A regular file; `sha256` is null if its digest is unknown. */
export type FileDigest = Pick<StoredEntry, 'path' | 'sha256'>

interface DigestsOptions extends Asking {
  /** As in selectors.ts: a snapshot, optionally followed by a path; null: the latest. */
  readonly snapshot: string | null
  /** Receives the list page by page; false ends it. */
  readonly onPage: (page: readonly FileDigest[]) => Promise<boolean>
}

export interface DigestsResult {
  readonly snapshot: string
  /** The listed path and everything below it; null: the whole snapshot. */
  readonly path: string | null
  /** The number of regular files, and how many of them have no digest. */
  readonly files: number
  readonly without: number
  readonly warnings: readonly string[]
  readonly exit: number
}

async function listAll(
  next: NextPage<StoredEntry>,
  onPage: DigestsOptions['onPage'],
): Promise<Pick<DigestsResult, 'files' | 'without'>> {
  const total = {files: 0, without: 0}
  for (;;) {
    const all = next(digestsPage)
    if (all.length === 0) return total
    const page = all.filter(({type}) => type === 'file')
    total.files += page.length
    total.without += page.filter(({sha256}) => sha256 === null).length
    if (page.length > 0 && !(await onPage(page))) return total
  }
}

/** Throws a CuraError that carries the exit code. */
export function digests(options: DigestsOptions): Promise<DigestsResult> {
  return ask(options, async (query) => {
    const {path, snapshot} = query.resolve(options.snapshot)
    const {name} = snapshot
    const top = Buffer.from(path ?? '')
    return query.withRecord(name, {whole: true}, async (records) => {
      const next = records.list(0, top, {recursive: true})
      const total = next === null ? null : await listAll(next, options.onPage)
      if (total === null || (path !== null && total.files === 0)) {
        throw new CuraError('notFound', `there is no file ${printable(top)} in ${name}`)
      }
      const exit = exitCode({incomplete: total.without > 0})
      return {snapshot: name, path, ...total, warnings: query.warnings, exit}
    })
  })
}
