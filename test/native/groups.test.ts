// How hardlinks are planned: the estimated space, and which names share one inode.
import {linkSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {compareNow} from './door.js'
import {inodes, inventories} from './inventory.js'
import {seeded} from './manifests.js'
import {expectSame} from './snapshots.js'
import {python, settle, sh, workshop} from './workshop.js'

describe('groups', () => {
  const {docs, path, store, backUp, snapshot, newest} = workshop()
  const needed = async (): Promise<number> =>
    (await compareNow(store(), docs(), newest())).need.allocatedBytes
  const large = 1 << 30
  const inodesOf = (name: string): Map<string, string> => {
    const [items = []] = inventories(store(name, 'docs'))
    return inodes(items)
  }

  const sparse = (name: string): void => {
    python(
      docs(),
      `f = open('${name}', 'wb'); f.write(b'x' * 65536); f.truncate(${large}); f.close()`,
    )
  }

  it('needs only the allocated space of a sparse file, even with several names', async () => {
    sparse('a')
    const alone = await needed()
    expect(alone).to.be.within(65536, 1 << 20)
    linkSync(docs('a'), docs('b'))
    expect(await needed()).to.equal(alone)
  })

  for (const names of [1, 2]) {
    it(`saves no more than that if such a file was moved, with ${names}`, async () => {
      sparse('a')
      if (names === 2) linkSync(docs('a'), docs('b'))
      await snapshot()
      renameSync(docs('a'), docs('c'))
      if (names === 2) renameSync(docs('b'), docs('d'))
      writeFileSync(docs('new'), Buffer.alloc(5 << 20))
      expect(await needed()).to.be.within(5 << 20, 6 << 20)
    })
  }

  const again = (how: string): void => {
    sh(
      'sh',
      '-c',
      `cp -a${how} ${docs()} ${path('copy')}; rm -r ${docs()}; mv ${path('copy')} ${docs()}`,
    )
  }

  it('recognizes an equal tree in which every inode is new', async () => {
    python(
      docs(),
      "for d in ['p', 'u']: os.mkdir(d)\nfor n in range(9):\n  open('p/%d' % n, 'w').write(str(n))\n  for m in 'ab': os.link('p/%d' % n, 'u/%d%s' % (n, m))\nos.symlink('t', 'p/s'); os.link('p/s', 'u/s', follow_symlinks=False)",
    )
    await snapshot()
    again('')
    const {differs, addedBytes} = await backUp()
    expect({differs, addedBytes}).to.deep.equal({differs: false, addedBytes: 0})
    writeFileSync(docs('new'), 'new')
    const made = await backUp()
    expect(made).to.include({addedBytes: 3})
    expect(made.changes).to.include({new: 1, changed: 0})
    expectSame(docs(), store(newest(), 'docs'))
    expect((await backUp()).differs).to.be.false
  })

  it('splits names that have come back without their links', async () => {
    python(docs(), "open('a', 'w').write('a')\nfor n in 'bc': os.link('a', n)")
    const first = await snapshot()
    again(' --no-preserve=links')
    expect((await backUp()).changes).to.include({metadata: 2})
    expectSame(docs(), store(newest(), 'docs'))
    expect(inodesOf(newest()).get('a')).to.equal(inodesOf(first).get('a'))
    expect((await backUp()).differs).to.be.false
  })

  it('stores nothing again if a second name was deleted', async () => {
    python(docs(), "open('a', 'w').write('a' * 5000); os.link('a', 'b'); os.mkdir('d')")
    const first = await snapshot()
    rmSync(docs('b'))
    const {addedBytes, changes} = await backUp()
    expect({addedBytes, changes}).to.deep.include({addedBytes: 0})
    expect(changes).to.include({new: 0, changed: 0, deleted: 1})
    expect(inodesOf(newest()).get('a')).to.equal(inodesOf(first).get('a'))
  })

  it('leaves unchanged names with their inode, whatever else has the same content', async () => {
    python(
      docs(),
      "for d in 'xyz': os.mkdir(d)\nopen('x/a', 'w').write('a')\nfor n in ['x/b', 'y/a', 'z/a']: os.link('x/a', n)",
    )
    await snapshot()
    // Split off one by one, as copies with the same times; the rest gets a new ctime.
    for (const name of ['x/a', 'z/a']) {
      sh('sh', '-c', `cd ${docs()}; cp -p ${name} new; mv new ${name}`)
      expectSame(docs(), store(await snapshot(), 'docs'))
      expect((await backUp()).differs).to.be.false
    }
  })

  it('has the link groups of the source, however names with equal content are shuffled (slow)', async () => {
    const random = seeded(14)
    const shuffle = (): void => {
      const lines = ["import shutil\nfor d in 'AB': shutil.rmtree(d, True); os.mkdir(d)"]
      const firsts: string[] = []
      for (let n = 0; n < 12; n += 1) {
        const name = `${random(2) === 0 ? 'A' : 'B'}/${n}`
        const first = firsts[random(5)]
        const make =
          first === undefined
            ? `open('${name}', 'w').write('same')`
            : `os.link('${first}', '${name}')`
        if (first === undefined) firsts.push(name)
        lines.push(make, `os.utime('${name}', ns=(0, 0))`)
      }
      python(docs(), lines.join('\n'))
    }
    for (let round = 0; round < 40; round += 1) {
      if (round % 3 === 2)
        sh(
          'sh',
          '-c',
          `cd ${docs()}; for f in A/1 B/2 A/5; do test -e $f && cp -p $f n && mv n $f; done; true`,
        )
      else shuffle()
      await backUp()
      expectSame(docs(), store(newest(), 'docs'))
      expect((await backUp()).differs, `round ${round}`).to.be.false
    }
  })

  it('records the target of a symlink that was moved here beside an unchanged name (slow)', async () => {
    python(
      docs(),
      `for name in ('a/m', '../aside/b', '../aside/in', 'z'): os.makedirs(name)
open('a/m/keep', 'w').close()
for n in range(200):
    os.makedirs('z/%03d' % n)
    os.symlink('target-%03d-' % n + 'x' * 60, 'z/%03d/one' % n)
    for other in ('../aside/b', '../aside/in'):
        os.link('z/%03d/one' % n, '%s/%03d' % (other, n), follow_symlinks=False)
    for other in range(20): os.symlink('y' * 50, 'z/%03d/%d' % (n, other))`,
    )
    await settle()
    await snapshot()
    // New names in other directories follow the unchanged one, which may be done long before.
    renameSync(path('aside', 'b'), docs('a', 'b'))
    renameSync(path('aside', 'in'), docs('a', 'm', 'in'))
    await settle()
    await snapshot()
    const manifest = readFileSync(store(newest(), '.backup_manifest'), 'latin1')
    expect(manifest.match(/target-\d{3}-x{60}/g)).to.have.length(600)
    expectSame(docs(), store(newest(), 'docs'))
  })
})
