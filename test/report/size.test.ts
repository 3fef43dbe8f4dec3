// The text and JSON of size.
import {expect} from 'chai'
import {sizeItemJson, sizeJson, sizeTable, sizeText} from '../../src/report/size.js'
import type {SizeResult} from '../../src/operations/size.js'

const nothing = {entries: 0, bytes: 0, inodes: 0, foreignBytes: 0, foreignInodes: 0}
const newer = {
  name: '2026-11-22_22-00-00',
  files: 117_745,
  bytes: 61_200_000_000,
  alone: {...nothing, bytes: 1_300_000, inodes: 1203},
}
const older = {name: '2026-11-21_22-00-00', files: 9, bytes: 120, alone: nothing}

const result: SizeResult = {
  storeDir: '/b',
  snapshots: [newer, older],
  set: {names: [newer.name, older.name], ...nothing, bytes: 2_000_000, inodes: 1500},
  isChosen: true,
  store: {snapshots: 5, bytes: 70_000_000_000, inodes: 300_000},
  top: [],
  warnings: [],
  exit: 0,
}

describe('report-size', () => {
  it('aligns what each snapshot alone frees', () => {
    expect(sizeTable([newer, older])).to.equal(
      'Snapshot               Files     Size   Frees  Inodes\n' +
        '2026-11-21_22-00-00        9    120 B     0 B       0\n' +
        '2026-11-22_22-00-00  117,745  61.2 GB  1.3 MB   1,203\n',
    )
  })

  it('says in one sentence what the set frees, or what all occupy', () => {
    expect(sizeText(result)).to.equal(
      '\nRemoving these 2 snapshots frees 2.0 MB and 1,500 inodes.\n',
    )
    const set = {...result.set, names: [newer.name], inodes: 1}
    expect(sizeText({...result, set})).to.equal(
      '\nRemoving 2026-11-22_22-00-00 frees 2.0 MB and 1 inode.\n',
    )
    expect(sizeText({...result, isChosen: false})).to.equal(
      '\nAll 5 snapshots together occupy 70.0 GB and 300,000 inodes.\n',
    )
    const only = {...result, isChosen: false, store: {...result.store, snapshots: 1}}
    expect(sizeText(only)).to.equal('\nThe only snapshot occupies 70.0 GB and 300,000 inodes.\n')
  })

  it('names inodes that stay, and the costliest paths with their names escaped', () => {
    const set = {...result.set, foreignInodes: 2, foreignBytes: 5000}
    const top = [{path: Buffer.from('docs/a\x1b'), bytes: 9_000_000, inodes: 12}]
    expect(sizeText({...result, set, top})).to.equal(
      '\n Frees  Versions  Path\n9.0 MB        12  docs/a\\x1b\n' +
        '\nRemoving these 2 snapshots frees 2.0 MB and 1,500 inodes.\n' +
        '2 more inodes (5.0 kB) stay, because they have hardlinks elsewhere.\n',
    )
  })

  it('gives programs every amount', () => {
    expect(sizeItemJson(newer)).to.deep.equal({
      name: newer.name,
      files: 117_745,
      bytes: 61_200_000_000,
      exclusive_bytes: 1_300_000,
      exclusive_inodes: 1203,
      foreign_bytes: 0,
      foreign_inodes: 0,
    })
    const top = [{path: Buffer.from('\xff', 'latin1'), bytes: 1, inodes: 2}]
    expect(sizeJson({...result, top})).to.deep.equal({
      store: '/b',
      store_bytes: 70_000_000_000,
      store_inodes: 300_000,
      set: {
        names: result.set.names,
        freed_bytes: 2_000_000,
        freed_inodes: 1500,
        foreign_bytes: 0,
        foreign_inodes: 0,
      },
      top: [{path: '\ufffd', path_b64: '/w==', bytes: 1, versions: 2}],
      warnings: [],
    })
  })
})
