// Stores as pictures for the tests of series: machines, sources, and snapshots a day apart.
import {expect} from 'chai'
import {lineageOf, type Lineage} from '../../src/store/bases.js'
import type {Marker, MarkerSource} from '../../src/store/marker.js'
import type {Holding} from '../../src/store/series.js'
import {plannedSnapshot, type Snapshot} from '../../src/store/store.js'

export const [m1, m2] = ['1', '2'].map((digit) => digit.repeat(32))
const day_ms = 86_400_000
export const now = new Date('2026-11-26T12:00:00Z')

export interface Machine {
  readonly host: string
  /** Undefined: a marker of an older version. */
  readonly id: string | undefined
}
export const [alpha, beta]: readonly Machine[] = [
  {host: 'alpha', id: m1},
  {host: 'beta', id: m2},
]
export const at = (
  machine: Machine | undefined,
  sources: readonly Partial<MarkerSource>[],
  clones?: readonly string[],
) => ({
  ...(machine ?? {host: '', id: undefined}),
  sources,
  clones,
})
export const docs = {name: 'docs', path: '/srv/docs'}
export const etc = {name: 'etc', path: '/etc'}

export type Picture = ReturnType<typeof at> | readonly string[] | null

/** Snapshots a day apart, called d1, d2 … from the newest on. */
export function stored(pictures: readonly Picture[]): Snapshot[] {
  return pictures.map((picture, index) => {
    const instant = new Date(now.getTime() - (index + 1) * day_ms)
    const bare = plannedSnapshot(`d${index + 1}`, instant, [])
    const {holdings, ...snapshot} = bare
    expect(holdings).to.deep.equal([])
    if (picture === null || !('sources' in picture)) return {...snapshot, sources: picture}
    const {host, id, sources, clones} = picture
    const whole = {counts: {excluded: 0}, errors: {count: 0}}
    const marker = {
      start: instant.toISOString(),
      host,
      ...(clones !== undefined && {clones}),
      ...(id !== undefined && {host_id: id}),
      sources,
      ...whole,
    } as unknown as Marker
    return {...snapshot, marker, sources: sources.map(({name = ''}) => name)}
  })
}

export const held = (machine: Machine | undefined, source: Partial<MarkerSource>): Holding => ({
  name: '',
  path: '',
  ...source,
  machine: machine?.host ?? '',
  hostId: source.host ?? machine?.id ?? '',
})

export const lineage = (
  pictures: readonly Picture[],
  sources: readonly Holding[],
  isMoved = false,
): Lineage => lineageOf(stored(pictures), sources, {moved: isMoved, selection: ''})

/** 'd1' or 'd1 foreign', followed by the older ones. */
export const shown = ({bases}: Lineage): string[] =>
  bases.map(({snapshot, foreign, older}) =>
    [String(snapshot), ...(foreign ? ['foreign'] : []), ...older].join(' '),
  )

export const ben = {name: 'docs', path: '/srv/ben/docs'}
export const ann = {name: 'docs', path: '/srv/ann/docs'}
export const python = ['docs']
export const old = (host: string): Machine => ({host, id: undefined})
export const web = {name: 'etc', path: 'root@web1:/etc', host: 'web1'}
export const carried = {...docs, carried: true as const}
