// Why no snapshot has a path, and what to do about it. Pure.
import type {Filters} from './filters.js'
import {filtersText} from './filters.js'
import {hostName, type Holding, type Host, type SeriesView} from './series.js'
import {pathInside, searchHint, type SnapshotPath} from './snapshot-path.js'
import {printable, shellWord} from '../base/escape.js'

interface Held {
  /** The sources of all snapshots that count. */
  readonly held: ReadonlyArray<Holding | string>
  readonly view: SeriesView
}

/** The other hosts whose sources contain the path. */
function hostsWith(path: SnapshotPath, {held, view}: Held, own: Host): string[] {
  const isIn = (one: Holding | string, host: Host | null): boolean =>
    pathInside(path, one, {view, host}).length > 0
  const names = held.flatMap((one) => {
    const isInside = isIn(one, null) && !isIn(one, own)
    return typeof one === 'string' || !isInside ? [] : [hostName(one)]
  })
  return [...new Set(names)]
}

/** A new machine has the paths of the old one, but not its id. */
function otherHostsText(hosts: readonly string[], own: string): string {
  const names = hosts.map(printable).join(' or ')
  const id = hosts.includes(own) ? ' (which had another machine id)' : ''
  return `one of ${names}${id} does: add ${hosts.map((name) => `--host ${shellWord(name)}`).join(' or ')}`
}

/** `text` is what the user typed. */
export function missingPathText(
  {text, path}: {readonly text: string; readonly path: SnapshotPath | null},
  held: Held,
  {filters, host}: {readonly filters: Filters; readonly host: Host},
): string {
  const {parts = [], isLive = false} = path ?? {}
  const which = filtersText(filters)
  const asks = path !== null && isLive && filters.host === undefined
  const hosts = asks ? hostsWith(path, held, host) : []
  if (hosts.length > 0) {
    const others = otherHostsText(hosts, host.name)
    return `no snapshot${which} of this machine holds ${printable(text)}, but ${others}`
  }
  const machine = filters.host === undefined ? 'this machine' : printable(filters.host)
  const hint = isLive
    ? `no source of ${machine} contains it; paths in a snapshot begin with the name of a source`
    : 'paths in a snapshot begin with the name of a source, or with a slash as on this machine'
  return `no snapshot${which} holds ${printable(text)}: ${hint}; ${searchHint(parts.join('/'))}`
}
