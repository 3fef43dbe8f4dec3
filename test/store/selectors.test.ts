// Finds the snapshot that a text means: pictures of stores, the newest snapshot first.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import type {Marker, MarkerSource} from '../../src/store/marker.js'
import {resolve, type Filters} from '../../src/store/selectors.js'
import {parseSnapshotName} from '../../src/store/snapshot-name.js'
import type {Snapshot} from '../../src/store/store.js'
import {utc} from '../retention/cases.js'

const now = new Date('2026-11-26T12:00:00Z')
const ids: Readonly<Record<string, string>> = {alpha: '1'.repeat(32), beta: '2'.repeat(32)}

/** 'docs=/srv/docs' was named by its user, '/srv/docs' was not; 'nas:/srv' is remote. */
function source(text: string): MarkerSource {
  const equals = text.indexOf('=')
  const path = text.slice(equals + 1)
  const host = /^([^/:]+):/.exec(path)?.[1]
  const name = equals === -1 ? (path.split('/').at(-1) ?? '') : text.slice(0, equals)
  return {name, path, ...(equals !== -1 && {named: true}), ...(host !== undefined && {host})}
}

/**
 * '2026-11-21_10-00-00 alpha /home/ann /etc #tag': made by alpha of these sources. 'old' instead of
 * a host: only the names of its sources are known; 'unknown': nothing is known.
 */
function snapshotOf(line: string): Snapshot {
  const [name = '', host = '', ...words] = line.split(' ')
  const tags = words.filter((word) => word.startsWith('#')).map((word) => word.slice(1))
  const texts = words.filter((word) => /^[^#]/.test(word) && word !== 'unfinished')
  const instant = new Date(name.replace('_', 'T').replace(/(\d\d)-(\d\d)-(\d\d)$/, '$1:$2:$3Z'))
  expect(parseSnapshotName(name), name).not.to.equal(null)
  const sources = texts.map(source)
  const marker = {start: instant.toISOString(), host, host_id: ids[host], sources, tags}
  const isKnown = host !== 'old' && host !== 'unknown'
  return {
    ...{name, instant, form: 'new', damaged: false, pinned: false, tags},
    finished: !words.includes('unfinished'),
    future: instant > now,
    marker: isKnown ? (marker as unknown as Marker) : null,
    sources: host === 'unknown' ? null : sources.map((one) => one.name),
  }
}

function find(lines: readonly string[], text: string | null, filters: Filters = {}): string {
  const snapshots = lines.map(snapshotOf)
  const host = {name: 'alpha', id: ids.alpha ?? ''}
  try {
    const {snapshot, path} = resolve(text, {snapshots, host, now, zone: utc, filters})
    return path === null ? snapshot.name : `${snapshot.name}:${path}`
  } catch (error) {
    if (!(error instanceof CuraError)) throw error
    return `${error.oclif.exit} ${error.message}`
  }
}

/** The typed text and its filters, and the result: a snapshot, or an exit code and a message. */
type Answers = ReadonlyArray<[text: string | null, answer: string | RegExp, filters?: Filters]>

function answers(what: string, lines: readonly string[], table: Answers): void {
  describe(what, () => {
    for (const [text, answer, filters] of table) {
      const typed = [text ?? 'nothing', ...(filters ? [JSON.stringify(filters)] : [])].join(' ')
      it(`${typed}: ${String(answer)}`, () => {
        const found = find(lines, text, filters)
        if (typeof answer === 'string') expect(found).to.equal(answer)
        else expect(found).to.match(answer)
      })
    }
  })
}

const plain = [
  '2027-01-01_10-00-00 alpha /srv/docs',
  '2026-11-26_11-00-00 alpha /srv/docs unfinished',
  '2026-11-26_10-00-00 alpha /srv/docs #before-restore',
  '2026-11-25_10-00-00 alpha /srv/docs #weekly',
  '2026-11-24_18-00-00 alpha /srv/docs',
  '2026-11-24_10-00-00 alpha /srv/docs #weekly',
  '2026-11-14_10-00-00 alpha /srv/docs',
]

describe('selectors', () => {
  answers('of a plain store', plain, [
    [null, '2026-11-25_10-00-00'],
    ['latest', '2026-11-25_10-00-00'],
    ['latest~0', '2026-11-25_10-00-00'],
    ['latest~1', '2026-11-24_18-00-00'],
    ['latest~3', '2026-11-14_10-00-00'],
    ['latest~4', /^7 there is no snapshot "latest~4": status lists the snapshots$/],
    ['oldest', '2026-11-14_10-00-00'],
    ['2026-11-24_10-00-00', '2026-11-24_10-00-00'],
    ['2026-11-24_18', '2026-11-24_18-00-00'],
    ['2026-11-25', '2026-11-25_10-00-00'],
    [
      '2026-11-24',
      /^2 "2026-11-24" is the beginning of 2 snapshots: 2026-11-24_18-00-00, 2026-11-24_10-00-00$/,
    ],
    ['2020', /^7 there is no snapshot "2020": status lists/],
    // Unfinished, dated in the future, or taken before a restore.
    ['2027-01-01_10-00-00', '2027-01-01_10-00-00'],
    ['2026-11-26_11-00-00', '2026-11-26_11-00-00'],
    ['2026-11-26_10-00-00', '2026-11-26_10-00-00'],
    [
      '2026-11-26',
      /^7 there is no snapshot "2026-11-26": to use 2026-11-26_11-00-00 or 2026-11-26_10-00-00, write the full name$/,
    ],
    ['latest', '2026-11-26_10-00-00', {tag: 'before-restore'}],
    ['latest', '2026-11-25_10-00-00', {tag: 'weekly'}],
    ['latest~1', '2026-11-24_10-00-00', {tag: 'weekly'}],
    ['2026-11-24', '2026-11-24_10-00-00', {tag: 'weekly'}],
    ['latest', /^7 there is no snapshot "latest" with the tag monthly: /, {tag: 'monthly'}],
    // A text that cannot mean a snapshot.
    ...['', 'newest', 'latest~', 'latest~-1', 'latest~x', 'oldest~1', './2026-11-25', '..'].map(
      (text): [string, RegExp] => [text, /^2 .* is not a snapshot: write latest, latest~2, oldest/],
    ),
    [':docs', /^2 ":docs" names no snapshot before its colon$/],
  ])

  answers('by time', plain, [
    ['latest', '2026-11-24_18-00-00', {at: '2026-11-24'}],
    ['latest', '2026-11-24_10-00-00', {at: '2026-11-24 17:59:59'}],
    ['latest', '2026-11-24_18-00-00', {at: '2026-11-24 18:00'}],
    [null, '2026-11-14_10-00-00', {at: '10d'}],
    ['latest~1', '2026-11-24_10-00-00', {at: 'yesterday 09:00'}],
    ['oldest', '2026-11-14_10-00-00', {at: 'yesterday'}],
    // Only the instant counts, not whether the snapshot was unfinished at that time.
    ['latest', '2026-11-25_10-00-00', {at: '2030-01-01'}],
    [
      'latest',
      /^7 there is no snapshot at or before 2020-01-01: the oldest is 20/,
      {at: '2020-01-01'},
    ],
    ['latest', /^2 --at "then" is not a time/, {at: 'then'}],
    ['2026-11-24', /^2 give either the name of a snapshot or --at/, {at: '2026-11-24'}],
  ])

  answers('of an empty store', [], [
    ['latest', /^7 there is no finished snapshot: make one with backup$/],
    ['oldest', /^7 there is no finished snapshot/],
    ['2026', /^7 there is no snapshot "2026"/],
    ['/home/ann', /^7 there is no finished snapshot/],
  ]) // prettier-ignore

  const turns = [
    '2026-11-25_12-00-00 alpha /etc',
    '2026-11-25_11-00-00 alpha /home/ann',
    '2026-11-25_10-00-00 alpha /etc',
    '2026-11-24_12-00-00 alpha /home/ann',
    '2026-11-24_11-00-00 alpha /etc',
  ]
  answers('with a path, where sources take turns', turns, [
    ['latest', '2026-11-25_12-00-00'],
    ['latest:ann', '2026-11-25_11-00-00:ann'],
    ['latest:ann/a/letter.txt', '2026-11-25_11-00-00:ann/a/letter.txt'],
    ['latest:./ann//a/', '2026-11-25_11-00-00:ann/a'],
    ['latest~1:ann/x', '2026-11-24_12-00-00:ann/x'],
    ['latest~2:ann', /^7 there is no snapshot "latest~2:ann"/],
    ['oldest:etc/passwd', '2026-11-24_11-00-00:etc/passwd'],
    ['latest:etc', '2026-11-24_11-00-00:etc', {at: '2026-11-24'}],
    ['2026-11-24:ann', '2026-11-24_12-00-00:ann'],
    ['2026-11-25:etc', /^2 "2026-11-25" is the beginning of 2 snapshots/],
    ['latest:home', /^7 no snapshot holds latest:home: paths in a snapshot begin with the name/],
    ['2026-11-25_12-00-00:ann', /^7 no snapshot holds 2026-11-25_12-00-00:ann/],
    ['2026-11-25_12-00-00:etc/x', '2026-11-25_12-00-00:etc/x'],
    ['latest:', '2026-11-25_12-00-00'],
    ['latest:.', '2026-11-25_12-00-00'],
    ['latest:ann/../etc', /^2 the path "ann\/..\/etc" must not contain ".."/],
    // Paths of this machine.
    ['/home/ann/letter.txt', '2026-11-25_11-00-00:ann/letter.txt'],
    ['latest~1:/home/ann', '2026-11-24_12-00-00:ann'],
    ['2026-11-24:/etc/passwd', '2026-11-24_11-00-00:etc/passwd'],
    ['2026-11-24_12-00-00:/home/ann/x:y', '2026-11-24_12-00-00:ann/x:y'],
    ['/home/ann/b:c', '2026-11-25_11-00-00:ann/b:c'],
    ['/home/ann:c', /^7 no snapshot holds/],
    ['/home/anna', /^7 no snapshot holds \/home\/anna: no source of this machine contains it/],
    ['/home', /^7 no snapshot holds \/home/],
  ])

  const nested = [
    '2026-11-25_12-00-00 alpha /home /home/ann/docs root=/ beta=/srv',
    '2026-11-24_12-00-00 alpha /home',
  ]
  answers('with a path of this machine in several sources', nested, [
    ['/home/ann/docs/a', '2026-11-25_12-00-00:docs/a'],
    ['/home/ann/x', '2026-11-25_12-00-00:home/ann/x'],
    ['latest~1:/home/ann/x', '2026-11-24_12-00-00:home/ann/x'],
    ['2026-11-24_12-00-00:/home/ann/docs/a', '2026-11-24_12-00-00:home/ann/docs/a'],
    ['/var/log', '2026-11-25_12-00-00:root/var/log'],
    ['/srv/', '2026-11-25_12-00-00:beta'],
  ])

  const hosts = [
    '2026-11-25_13-00-00 alpha nas:/volume/docs',
    '2026-11-25_12-00-00 beta /srv/docs',
    '2026-11-25_11-00-00 alpha /srv/docs',
    '2026-11-25_10-00-00 alpha docs=/mnt/docs',
    '2026-11-20_10-00-00 beta /srv/docs',
  ]
  answers('of several hosts', hosts, [
    ['latest', '2026-11-25_13-00-00'],
    ['latest', '2026-11-25_12-00-00', {host: 'beta'}],
    ['latest', '2026-11-25_12-00-00', {host: '2'.repeat(32)}],
    ['latest', '2026-11-25_13-00-00', {host: 'nas'}],
    ['latest', '2026-11-25_11-00-00', {host: 'alpha'}],
    ['latest', '2026-11-25_10-00-00', {source: '/mnt/docs/'}],
    ['latest', '2026-11-25_13-00-00', {source: 'docs'}],
    ['latest', /^7 there is no snapshot "latest" of the source etc of the host beta/, {source: 'etc', host: 'beta'}],
    [
      'latest:docs/a',
      /^2 latest:docs\/a matches several histories: (docs \(.*\)(; )?){4}\. Choose one with --source or --host$/,
    ],
    ['latest:docs/a', '2026-11-25_12-00-00:docs/a', {host: 'beta'}],
    ['latest~1:docs/a', '2026-11-20_10-00-00:docs/a', {host: 'beta'}],
    ['latest:docs/a', /^2 /, {host: 'alpha'}],
    ['latest:docs/a', '2026-11-25_10-00-00:docs/a', {source: '/mnt/docs'}],
    // Only this machine's series count, unless another one is named.
    ['/srv/docs/a', '2026-11-25_11-00-00:docs/a'],
    ['latest~1:/srv/docs/a', /^7 there is no snapshot/],
    ['/srv/docs/a', '2026-11-25_12-00-00:docs/a', {host: 'beta'}],
    ['/volume/docs/a', /^7 no snapshot of this machine holds \/volume.*: add --host/],
    ['/volume/docs/a', '2026-11-25_13-00-00:docs/a', {host: 'nas'}],
    ['2026-11-25_12-00-00:/srv/docs/a', /^7 no snapshot of this machine holds.*--host/],
    ['2026-11-25_12-00-00:/srv/docs/a', '2026-11-25_12-00-00:docs/a', {host: 'beta'}],
  ]) // prettier-ignore

  answers(
    'where one path is two sources',
    ['2026-11-25_10-00-00 alpha a=/srv/docs b=/srv/docs'],
    [
      ['2026-11-25_10-00-00:/srv/docs/x', /^2 .* matches several histories: b; a\. /],
      ['2026-11-25_10-00-00:/srv/docs/x', '2026-11-25_10-00-00:a/x', {source: 'a'}],
      ['2026-11-25_10-00-00', '2026-11-25_10-00-00', {source: 'b'}],
      [
        '2026-11-25_10-00-00',
        /^7 2026-11-25_10-00-00 is not a snapshot of the source c: /,
        {source: 'c'},
      ],
      ['2026-11-25_10-00-00:a/x', /^7 no snapshot of the source b holds /, {source: 'b'}],
    ],
  )

  // The filters hold for a full name as for any other text.
  answers('with a full name and filters', plain, [
    ['2026-11-24_10-00-00', '2026-11-24_10-00-00', {tag: 'weekly', source: 'docs', host: 'alpha'}],
    ['2026-11-26_10-00-00', '2026-11-26_10-00-00', {source: 'docs'}],
    ['2026-11-26_11-00-00', '2026-11-26_11-00-00', {host: 'alpha'}],
    ['2026-11-24_10-00-00:docs/a', '2026-11-24_10-00-00:docs/a', {tag: 'weekly'}],
    ...['2026-11-24_10-00-00', '2026-11-24_10-00-00:docs/a', '2026-11-24_10-00-00:/srv/docs'].flatMap(
      (text): Array<[string, RegExp, Filters]> => [
        [text, /^7 2026-11-24_10-00-00 is not a snapshot of the source x: choose /, {source: 'x'}],
        [text, /^7 2026-11-24_10-00-00 is not a snapshot with the tag x: choose/, {tag: 'x'}],
        [text, /^7 2026-11-24_10-00-00 is not a snapshot of the host x: choose/, {host: 'x'}],
        [text, /^7 .* with the tag x of the host alpha: /, {host: 'alpha', tag: 'x'}],
      ],
    ),
  ]) // prettier-ignore

  const ofTwo = [
    '2026-11-25_12-00-00 beta /srv/docs',
    '2026-11-25_11-00-00 alpha /srv/docs',
    '2026-11-24_10-00-00 old docs etc',
    '2026-11-23_10-00-00 old etc',
  ]
  // Without a host or path of its own, a snapshot belongs to every series of its names.
  answers('where the Python tool began the history', ofTwo, [
    ['oldest:docs', '2026-11-24_10-00-00:docs', {host: 'alpha'}],
    ['latest~1:docs', '2026-11-24_10-00-00:docs', {host: 'beta'}],
    ['latest~1:/srv/docs/x', '2026-11-24_10-00-00:docs/x', {source: '/srv/docs'}],
    ['oldest', '2026-11-24_10-00-00', {source: '/srv/docs', host: 'beta'}],
    ['2026-11-24_10-00-00', '2026-11-24_10-00-00', {host: 'alpha'}],
    ['2026-11-23_10-00-00', /^7 /, {host: 'alpha'}],
    ['oldest:etc', /^7 /, {host: 'alpha'}],
    ['oldest:docs', /^7 /, {host: 'gamma'}],
    ['2026-11-24_10-00-00', /^7 /, {source: '/docs'}],
  ])

  const old = [
    '2026-11-25_11-00-00 unknown',
    '2026-11-25_10-00-00 alpha /srv/docs',
    '2026-11-24_10-00-00 old docs',
    '2026-11-23_10-00-00 old etc',
  ]
  answers('where markers say less', old, [
    ['latest', '2026-11-25_11-00-00'],
    ['latest:docs', '2026-11-25_11-00-00:docs'],
    ['latest~2:docs', '2026-11-24_10-00-00:docs'],
    ['oldest:/srv/docs/a', '2026-11-24_10-00-00:docs/a'],
    ['oldest:etc', '2026-11-23_10-00-00:etc'],
    ['latest:other', '2026-11-25_11-00-00:other'],
    ['2026-11-24_10-00-00:/srv/docs/a', /^7 no snapshot holds/],
    ['latest', '2026-11-25_10-00-00', {source: 'docs'}],
  ])
})
