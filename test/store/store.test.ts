// Lists the contents of a store, made by this tool or the Python tool.
import {chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {formatMarker, type Marker} from '../../src/store/marker.js'
import {newestFinished, openStore, readInventory, type Inventory} from '../../src/store/store.js'
import {nobody} from '../native/programs.js'
import {isRoot} from '../native/workshop.js'
import {temporaryDirectory} from '../support/temporary.js'

const now = new Date(2025, 5, 1, 12, 0, 0)

function markerFrom(start: Date): Buffer {
  const instant = start.toISOString()
  return formatMarker({format: 1, start: instant, end: instant} as Marker)
}

describe('store', () => {
  const temporary = temporaryDirectory()

  /** A snapshot in the new form, or in the old form if `marker` is its empty marker. */
  function make(name: string, marker: string | null, content: Buffer | string = ''): void {
    mkdirSync(join(temporary(), name))
    if (marker !== null) writeFileSync(join(temporary(), name, marker), content)
  }

  function inventory(): Inventory {
    const store = openStore(temporary())
    try {
      return readInventory(store, now)
    } finally {
      store.close()
    }
  }

  it('lists snapshots of both forms, newest first, by the instant in the marker', () => {
    make('20250115_103000', '.backup_finished_20250115_103000')
    make('20250114_103000', null)
    make('20250113_103000', '.backup_finished_20250112_103000') // the marker of another snapshot
    make('2025-02-01_10-00-00', '.backup_finished', 'damaged')
    make('2025-03-01_10-00-00', null)
    // Named in a zone that was ahead: by its marker, it is older than its name.
    make('2025-05-01_10-00-00', '.backup_finished', markerFrom(new Date(2025, 0, 20)))
    make('2050-01-01_00-00-00', '.backup_finished', markerFrom(new Date(2050, 0, 1)))
    make('.partial-2025-05-02_00-00-00', null)
    make('.trash-20250101_000000', null)
    make('.partial-mine', null)
    make('notes', null)
    writeFileSync(join(temporary(), '2025-05-03_00-00-00'), 'a file')
    symlinkSync('20250115_103000', join(temporary(), '2025-05-04_00-00-00'))

    const {snapshots, leftovers} = inventory()
    const shown = snapshots.map(({name, form, finished, damaged, future}) =>
      [name, form, finished && 'finished', damaged && 'damaged', future && 'future']
        .filter(Boolean)
        .join(' '),
    )
    expect(shown).to.deep.equal([
      '2050-01-01_00-00-00 new finished future',
      '2025-03-01_10-00-00 new',
      '2025-02-01_10-00-00 new finished damaged',
      '2025-05-01_10-00-00 new finished',
      '20250115_103000 old finished',
      '20250114_103000 old',
      '20250113_103000 old',
    ])
    expect(leftovers).to.deep.equal(['.partial-2025-05-02_00-00-00', '.trash-20250101_000000'])
    expect(newestFinished(snapshots)?.name).to.equal('2025-02-01_10-00-00')
  })

  it('reads the sources of a snapshot from its marker, or else from its directories', () => {
    const says = formatMarker({
      format: 1,
      start: now.toISOString(),
      end: now.toISOString(),
      sources: [{name: 'docs', path: '/docs'}],
    } as unknown as Marker)
    make('2025-01-03_00-00-00', '.backup_finished', says)
    make('2025-01-02_00-00-00', '.backup_finished', 'damaged')
    make('20250101_000000', '.backup_finished_20250101_000000')
    make('20250101_000001', '.backup_finished_20250101_000001')
    for (const name of ['2025-01-03_00-00-00', '2025-01-02_00-00-00', '20250101_000000']) {
      for (const source of ['other', '.backup_delta', 'home']) {
        mkdirSync(join(temporary(), name, source))
      }
    }
    const held = inventory().snapshots.map(({name, sources}) => [name, [...(sources ?? [])].sort()])
    expect(Object.fromEntries(held)).to.deep.equal({
      '2025-01-03_00-00-00': ['docs'],
      '2025-01-02_00-00-00': ['home', 'other'],
      '20250101_000000': ['home', 'other'],
      '20250101_000001': [],
    })
  })

  it('links against nothing if no snapshot is finished', () => {
    make('2025-03-01_10-00-00', null)
    make('2050-01-01_00-00-00', '.backup_finished', markerFrom(new Date(2050, 0, 1)))
    expect(newestFinished(inventory().snapshots)).to.equal(null)
  })

  it('does not follow a symlink named like a marker', () => {
    make('2025-03-01_10-00-00', null)
    symlinkSync('/etc/passwd', join(temporary(), '2025-03-01_10-00-00', '.backup_finished'))
    const [snapshot] = inventory().snapshots
    expect(snapshot?.marker).to.equal(null)
  })

  // The directory, the failure, and the message.
  const refused: ReadonlyArray<[string, () => string, string, RegExp]> = [
    ['no directory', () => join(temporary(), 'none'), 'noStore', /no directory .*none: make it/],
    ['an empty path', () => '', 'usage', /cannot be the path/],
    [
      'a directory that others may write to',
      () => {
        const dir = join(temporary(), 'open')
        mkdirSync(dir)
        chmodSync(dir, 0o777)
        return dir
      },
      'failed',
      /others may write to .*chmod go-w/,
    ],
    [
      'a directory of another user (needs root)',
      () => {
        const dir = join(temporary(), 'theirs')
        mkdirSync(dir)
        chownSync(dir, nobody, nobody)
        return dir
      },
      'failed',
      /theirs belongs to another user/,
    ],
    [
      'one to which a symlink of another user leads (needs root)',
      () => {
        const [dir, link] = [join(temporary(), 'real'), join(temporary(), 'link')]
        mkdirSync(dir)
        mkdirSync(join(dir, 'store'))
        symlinkSync('real', link)
        openStore(join(link, 'store')).close() // the control: the user's own symlink is followed
        lchownSync(link, nobody, nobody)
        return join(link, 'store')
      },
      'failed',
      /a symbolic link on the way to .*link\/store belongs to another user/,
    ],
    [
      'a file',
      () => {
        const file = join(temporary(), 'file')
        writeFileSync(file, '')
        return file
      },
      'noStore',
      /file is not a directory/,
    ],
  ]
  for (const [what, path, code, message] of refused) {
    it(`refuses ${what}`, function () {
      if (what.includes('needs root') && !isRoot) this.skip()
      expect(() => openStore(path()))
        .to.throw(CuraError, message)
        .with.property('code', code)
    })
  }
})
