// Fidelity of restores on real filesystems: after a total loss, or after every kind of edit, each
// entry is as it was when it was backed up, and an undo brings the edits back.
import {chownSync, mkdirSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {wholeInventories, type WholeItem} from './inventory.js'
import {kept, rsyncDifferences, shared, sources, swollen} from './likeness.js'
import {filesystems, kinds, needs, type Kind} from './mounts.js'
import {asNobody, nobody} from './programs.js'
import {backUp, kindsOf, restore, undo} from './restore-runs.js'
import {everybodysEdits, make, makeRichTree, rootsEdits, runLines, type Who} from './rich-tree.js'
import {settle, sh} from './workshop.js'

// An ordinary user has to ask for suid bits.
const inPlace = ['latest', '--in-place', '--suid', 'keep'] as const

/** A tree and a store of one user. */
class Place {
  readonly tree: string
  readonly store: string
  /** Where the tree is after a loss. */
  readonly lost: string

  constructor(
    readonly who: Who,
    directory: string,
    other = directory,
  ) {
    this.tree = join(directory, 'tree')
    this.lost = join(directory, 'lost')
    this.store = join(other, 'store')
    for (const path of [this.tree, this.store]) this.#makeDirectory(path)
  }

  #makeDirectory(path: string): void {
    mkdirSync(path, {recursive: true, mode: path === this.store ? 0o700 : 0o755})
    if (this.who !== 'root') chownSync(path, nobody, nobody)
  }

  get as(): {readonly under: readonly string[]} {
    return {under: this.who === 'root' ? [] : asNobody}
  }

  get operands(): string[] {
    return sources.map((source) => join(this.tree, source))
  }

  async backUp(): Promise<void> {
    await settle()
    backUp(this.store, this.operands, this.as.under)
  }

  lose(): void {
    renameSync(this.tree, this.lost)
    this.#makeDirectory(this.tree)
  }

  items(): WholeItem[] {
    return kept(wholeInventories(this.tree)[0] ?? [], this.who)
  }

  /** Compares with the tree that was lost. */
  expectSame(what: string): void {
    expect(rsyncDifferences(this.lost, this.tree, this.who), what).to.equal('')
    const [tree = []] = wholeInventories(this.lost)
    const wanted = kept(tree, this.who)
    expect(shared(this.items()), what).to.deep.equal(shared(wanted))
    expect(swollen(wanted, this.items()), what).to.deep.equal([])
  }
}

describe(`restored trees (${needs})`, () => {
  const on = filesystems()

  for (const kind of kinds) {
    for (const who of ['root', 'an ordinary user'] as const) {
      it(`are whole after a loss, for ${who}, on ${kind}`, async () => {
        const place = new Place(who, join(on(kind), `loss ${who}`))
        makeRichTree(place.tree, who)
        await place.backUp()
        place.lose()
        // A user can neither make devices nor give files away.
        const result = restore(place.store, inPlace, {...place.as, exit: who === 'root' ? 0 : 3})
        expect(result).to.deep.include({guard: null, updated: 0, deleted: 0, unverified: 0})
        expect(kindsOf(result)).to.deep.equal(who === 'root' ? [] : ['owner', 'xattr:lost'])
        const failed = result.errors.list.filter(({path}) => !path.startsWith('docs/roots/'))
        expect(failed).to.deep.equal([])
        place.expectSame(who)
        if (who !== 'root') return
        const again = restore(place.store, [...inPlace, '--delete'])
        expect(again).to.deep.include({restored: 0, updated: 0, deleted: 0, guard: null})
      })

      it(`follow back every edit, and an undo brings it back, for ${who}, on ${kind}`, async () => {
        const place = new Place(who, join(on(kind), `edits ${who}`))
        makeRichTree(place.tree, who)
        await place.backUp()
        const before = place.items()
        make([...everybodysEdits, ...(who === 'root' ? rootsEdits : [])], place.tree, who)
        const edited = place.items()
        expect(shared(edited)).to.not.deep.equal(shared(before))
        const result = restore(place.store, [...inPlace, '--delete'], place.as)
        expect(result.guard).to.be.a('string')
        expect(shared(place.items())).to.deep.equal(shared(before))
        undo(result, place.as.under)
        expect(shared(place.items())).to.deep.equal(shared(edited))
      })
    }
  }

  it('have what the store could not hold, as far as the record knows it', async () => {
    const crossings: ReadonlyArray<[from: Kind, to: Kind, notes: readonly string[]]> = [
      // The record has the number of a device, but only a digest of attributes.
      ['ext4', 'xfs', []],
      ['xfs', 'ext4', ['xattr:lost']],
      ['btrfs', 'xfs', []],
    ]
    for (const [from, to, notes] of crossings) {
      const what = `${from} to ${to}`
      const place = new Place('root', join(on(from), what), join(on(to), what))
      makeRichTree(place.tree, 'root')
      if (from === 'ext4') {
        runLines(place.tree, "os.mknod('docs/far', stat.S_IFCHR, os.makedev(4095, 1048575))")
      }
      await place.backUp()
      place.lose()
      expect(kindsOf(restore(place.store, inPlace)), what).to.deep.equal(notes)
      for (const name of notes.length > 0 ? ['large', 'many'] : []) {
        for (const tree of [place.tree, place.lost]) rmSync(join(tree, 'docs/xattrs', name))
        sh('touch', '-r', join(place.lost, 'docs/xattrs'), join(place.tree, 'docs/xattrs'))
      }
      place.expectSame(what)
    }
  })

  it('have their owners and suid bits again, although the store of a user had neither', async () => {
    const place = new Place('an ordinary user', join(on('ext4'), 'owners'))
    const lines = `
os.mkdir('docs'); os.mkdir('other')
for n, (uid, gid, mode) in enumerate([(1, 2, 0o4755), (5, 65534, 0o2755), (65534, 7, 0o6711)]):
    put('docs/f%d' % n); os.chown('docs/f%d' % n, uid, gid); os.chmod('docs/f%d' % n, mode)
os.symlink('f0', 'docs/link'); os.lchown('docs/link', 8, 9)
`
    runLines(place.tree, lines)
    await place.backUp()
    place.lose()
    sh('chown', '-R', '--no-dereference', '0:0', place.store)
    restore(place.store, inPlace)
    const [wanted = [], found = []] = wholeInventories(place.lost, place.tree)
    expect(shared(found)).to.deep.equal(shared(wanted))
  })

  it('are found different by the same checks: the control', async () => {
    const place = new Place('root', join(on('ext4'), 'control'))
    makeRichTree(place.tree, 'root')
    await place.backUp()
    place.lose()
    restore(place.store, inPlace)
    const planted = [
      "give('docs/roots/fifo', 'trusted.one', b'9')",
      "os.chmod('docs/modes/f11', 0o777)",
      "os.unlink('other/twin2'); os.system('cp -p other/twin other/twin2')",
    ]
    for (const code of planted) {
      runLines(place.tree, code)
      expect(() => place.expectSame(code), code).to.throw()
      sh('rm', '-rf', place.tree)
      mkdirSync(place.tree)
      restore(place.store, inPlace)
      place.expectSame(code)
    }
  })
})
