// The checks before a snapshot is made.
import {expect} from 'chai'
import {refuseEmptied, shortageOf, unreadableSources} from '../../src/operations/checks.js'
import type {Comparison, Space} from '../../src/native/native.js'

const none = {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0}

const comparison: Comparison = {
  differs: true,
  omitted: 0,
  rebuilt: null,
  totals: {files: 0, directories: 1, symlinks: 0, specials: 0, bytes: 0},
  changes: {...none, deleted: 9},
  fileChanges: {...none, deleted: 9},
  directoryChanges: none,
  need: {bytes: 900, allocatedBytes: 4096, inodes: 2},
  sources: [
    {name: 'etc', now: 5, before: 5},
    {name: 'docs', now: 0, before: 1234},
  ],
  failures: {list: [], errors: 0, warnings: 0},
  notes: [],
}

const sources = [
  {name: 'etc', path: '/etc'},
  {name: 'docs', path: '/srv/documents'},
]

const space: Space = {
  filesystem: 'ext4',
  totalBytes: 1e9,
  freeBytes: 4096,
  availableBytes: 4096,
  totalInodes: 100,
  freeInodes: 2,
}

describe('checks', () => {
  it('refuses an emptied source, and says what to do', () => {
    expect(() => {
      refuseEmptied(comparison, sources, '2025-01-15_10-30-00')
    }).to.throw(/\/srv\/documents is empty now, but had 1,234 entries in 2025.*--allow-empty/)
  })

  // Entries now and before. Only an emptied source is refused.
  for (const [now, before] of [
    [0, 0],
    [3, 0],
    [1, 1234],
  ] as const) {
    it(`accepts a source with ${now} entries that had ${before}`, () => {
      refuseEmptied({...comparison, sources: [{name: 'docs', now, before}]}, sources, 'x')
    })
  }

  // The path that failed, and whether the whole source counts as unreadable.
  for (const [path, code, isGone] of [
    ['docs', 'EIO', true],
    ['docs', 'ENOTCONN', true],
    ['docs', 'ENODATA', false],
    ['docs/a', 'ENOTCONN', false], // a dead mount in it
    ['docs/a', 'EIO', false],
    ['docs2', 'EIO', false],
    ['docs2/a', 'ENOTCONN', false],
  ] as const) {
    it(`${isGone ? 'gives up' : 'keeps'} a source if ${path} fails with ${code}`, () => {
      const list = [{path: Buffer.from(path), code, syscall: 'getdents64', warning: false}]
      const failures = {list, errors: 1, warnings: 0}
      const gone = unreadableSources({...comparison, failures}, sources)
      expect(gone.map((source) => `${source.name} ${source.code}`)).to.deep.equal(
        isGone ? [`docs ${code}`] : [],
      )
    })
  }

  // The free space, and the message if it is not enough.
  const table: ReadonlyArray<[string, Partial<Space>, Partial<Comparison>, RegExp | null]> = [
    ['exactly enough', {}, {}, null],
    ['a byte too little', {freeBytes: 4095}, {}, /4.1 kB are needed, but only 4.1 kB are free/],
    ['an inode too few', {freeInodes: 1}, {}, /2 inodes are needed, but only 1 are free/],
    ['a filesystem that creates inodes on demand', {totalInodes: 0, freeInodes: 0}, {}, null],
    ['a filesystem that always reports 0 free inodes', {totalInodes: 1e9, freeInodes: 0}, {}, null],
  ]
  for (const [what, free, changed, expected] of table) {
    it(`judges free space: ${what}`, () => {
      const shortage = shortageOf({...comparison, ...changed}, {...space, ...free})
      if (expected === null) expect(shortage).to.equal(null)
      else expect(shortage).to.match(expected)
    })
  }
})
