// Snapshots that another program fills: they share entries with the previous snapshot, and never change
// it.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {follow} from '../../src/native/job.js'
import {native, type NativeStore} from '../../src/native/native.js'
import {compareNow} from './door.js'
import {inodes, inventories, inventory, rsyncDifferences, type Item} from './inventory.js'
import {fillNow, partial, type FillOptions, type Filled} from './external-fills.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const never = new AbortController().signal
const second = '2025-02-01_00-00-00'

const tree = `
for n in range(40):
    os.makedirs('d%d/s%d' % (n % 5, n % 3), exist_ok=True)
    open('d%d/s%d/f%d' % (n % 5, n % 3, n), 'w').write(str(n))
os.mkdir('empty')
os.symlink('relative', 'link')
os.link('link', 'link2', follow_symlinks=False)
os.link('d1/s1/f1', 'twin')
os.link('d1/s1/f1', 'd2/twin')
os.mkfifo('fifo')
os.setxattr('d0', 'user.one', b'1')
os.setxattr('d1/s1/f1', 'user.one', b'1')
os.chmod('d3/s0', 0o1750)
for name in ['d0', 'd3/s0', 'd1/s1/f1', 'd4/s1']: os.utime(name, ns=(5, 1234567891234567))
`

const asRoot = `
os.mknod('null', 0o600 | stat.S_IFCHR, os.makedev(1, 3))
os.mkdir('given', 0o2775)
os.chown('given', 1234, 4321)
os.chmod('given', 0o2775)
os.setxattr('given', 'trusted.x', b'x')
`

const paths = (items: readonly Item[]): string[] => items.map((item) => item.path)

describe('external fill', () => {
  const {docs, store, path, snapshot, later} = workshop()
  const made = (options: Partial<FillOptions>): Promise<Filled> =>
    fillNow({store: store(), previous: null, ...options})
  const work = (...names: string[]): string => store(partial, ...names)
  const withStore = async <T>(use: (opened: NativeStore) => Promise<T> | T): Promise<T> => {
    const opened = native().openStore(store())
    try {
      return await use(opened)
    } finally {
      opened.close()
    }
  }
  const remove = (name: string): Promise<unknown> =>
    withStore((opened) => follow(opened.remove(name), never, () => undefined))

  describe('link', () => {
    it('makes an equal tree of the same inodes', async () => {
      python(docs(), tree)
      if (isRoot) {
        python(docs(), asRoot)
        sh('setfacl', '-m', 'u:1234:rx,d:u:1234:rwx', docs('d0'))
      }
      const first = await snapshot()
      const before = inventory(store(first))
      const {linked} = await made({previous: first})
      expect(rsyncDifferences(store(first, 'docs'), work('docs'))).to.equal('')
      expectSame(store(first, 'docs'), work('docs'))
      const [older = [], newer = []] = inventories(store(first, 'docs'), work('docs'))
      expect(inodes(newer)).to.deep.equal(inodes(older))
      expect(linked).to.equal(older.length + 1)
      expect(inventory(store(first))).to.deep.equal(before)
      utimesSync(work('docs', 'twin'), 1, 1)
      expect(inventory(store(first)), 'the control').not.to.deep.equal(before)
    })

    it('links only the given names, of any type, and never the files of the store', async () => {
      python(path(), "os.mkdir('two'); open('file', 'w').write('x'); os.mkdir('docs/d')")
      const first = await snapshot({operands: [docs(), path('two'), path('file')]})
      const names = [
        'file',
        'docs',
        'gone',
        '.backup_manifest',
        '.',
        '..',
        '',
        'docs/d',
        `../${first}`,
      ]
      expect(await made({previous: first, names})).to.include({linked: 3})
      expect(readdirSync(work()).sort()).to.deep.equal([
        '.backup_delta',
        '.backup_manifest',
        'docs',
        'file',
      ])
      expect(statSync(work('file')).ino).to.equal(statSync(store(first, 'file')).ino)
      expect(readdirSync(work('docs'))).to.deep.equal(['d'])
    })

    it('follows no symlink, at the top or below', async () => {
      python(path(), "os.mkdir('away'); open('away/file', 'w').write('x')")
      const first = await snapshot({allowEmpty: true})
      rmSync(store(first, 'docs'), {recursive: true})
      symlinkSync(path('away'), store(first, 'docs'))
      await made({previous: first})
      expect(lstatSync(work('docs')).isSymbolicLink()).to.be.true
    })

    it('links 5,000 entries of one directory (slow)', async () => {
      python(docs(), "for n in range(5000): open('file-%d' % n, 'w').close()")
      const first = await snapshot()
      const {linked, applied} = await made({previous: first})
      expect(linked).to.equal(5001)
      expect(applied.totals).to.include({files: 5000, directories: 1})
      const [older = [], newer = []] = inventories(store(first, 'docs'), work('docs'))
      expect(inodes(newer)).to.deep.equal(inodes(older))
    })

    it('does not enter another filesystem (needs root)', async function () {
      if (!isRoot) this.skip()
      mkdirSync(docs('d'))
      const first = await snapshot()
      sh('mount', '-t', 'tmpfs', 'cura-test', store(first, 'docs', 'd'))
      later(() => sh('umount', store(first, 'docs', 'd')))
      const error: unknown = await made({previous: first}).catch((reason: unknown) => reason)
      expect(error).to.include({code: 'MOUNTED'})
    })

    it('can be stopped (slow)', async () => {
      python(docs(), "for n in range(3000): os.mkdir('d%d' % n)")
      const first = await snapshot()
      await withStore(async (opened) => {
        const filling = opened.externalFill({previous: first})
        filling.begin(partial)
        const job = filling.link(['docs'])
        job.abort()
        const error: unknown = await job.done.catch((reason: unknown) => reason)
        expect(error).to.include({code: 'ABORT_ERR'})
        filling.close()
      })
      await remove(partial)
      expect(await made({previous: first}), 'the control').to.include({linked: 3001})
    })

    it('reports its progress', async () => {
      python(docs(), tree)
      const first = await snapshot()
      await withStore(async (opened) => {
        const filling = opened.externalFill({previous: first})
        filling.begin(partial)
        const job = filling.link(['docs'])
        const {entries} = await job.done
        expect(job.progress()).to.include({phase: 'apply', entries, totalEntries: entries})
        filling.close()
      })
    })
  })

  it('requires a new work directory and an existing previous snapshot', async () => {
    await withStore(async (opened) => {
      opened.externalFill({previous: null}).begin(partial)
      expect(() => {
        opened.externalFill({previous: null}).begin(partial)
      }).to.throw('EEXIST')
      const filling = opened.externalFill({previous: '2020-01-01_00-00-00'})
      filling.begin('.partial-2025-03-01_00-00-00')
      const error: unknown = await filling.link([]).done.catch((reason: unknown) => reason)
      expect(error).to.include({code: 'ENOENT'})
    })
  })

  describe('unshare', () => {
    it('removes names with all other names of their inodes, and keeps directories', async () => {
      python(docs(), tree)
      const first = await snapshot()
      const before = inventory(store(first))
      const unshare = ['docs/twin', 'docs/link', 'docs/d0/s0/f0', 'docs/d1', 'docs/gone', 'none/x']
      const {unshared} = await made({previous: first, unshare})
      const gone = ['d0/s0/f0', 'd1/s1/f1', 'd2/twin', 'link', 'link2', 'twin']
      expect(unshared).to.equal(gone.length)
      const left = inventory(work('docs'))
      const wanted = inventory(store(first, 'docs')).filter((item) => !gone.includes(item.path))
      expect(paths(left)).to.deep.equal(paths(wanted))
      expect(inodes(left)).to.deep.equal(inodes(wanted))
      const times = (items: readonly Item[]): string[] => items.map((item) => item.mtime_ns)
      expect(times(left), 'directories keep their times').to.deep.equal(times(wanted))
      expect(inventory(store(first))).to.deep.equal(before)
    })

    it('removes all names of a group without a usable manifest', async () => {
      python(docs(), tree)
      const first = await snapshot()
      const check = async (): Promise<void> => {
        await made({previous: first, unshare: ['docs/twin']})
        expect(existsSync(work('docs/d1/s1/f1'))).to.be.false
        expect(existsSync(work('docs/d2/twin'))).to.be.false
        expect(existsSync(work('docs/d0/s0/f0'))).to.be.true
        await remove(partial)
      }
      await check()
      writeFileSync(store(first, '.backup_manifest'), 'damaged')
      await check()
      rmSync(store(first, '.backup_manifest'))
      await check()
    })

    it('does not trust the manifest of a copied store', async () => {
      python(docs(), tree)
      const first = await snapshot()
      // The manifest has the inode numbers of the old copy, which stay in use.
      renameSync(store(first), store('old'))
      sh('cp', '-a', store('old'), store(first))
      await made({previous: first, unshare: ['docs/twin']})
      expect(existsSync(work('docs/d1/s1/f1'))).to.be.false
      expect(existsSync(work('docs/d2/twin'))).to.be.false
      expect(paths(inventory(work('.backup_delta')))).to.deep.equal([])
    })

    const hostile = [
      '../precious/file', // beside the store, and in it
      '../../precious/file',
      `../${partial}/docs/file`,
      'docs/../docs/file',
      'docs/../../../precious/file',
      'docs//file',
      'docs/./file',
      './docs/file',
      '/docs/file',
      'docs/file/',
      'docs/file/x',
      'docs/file\0x',
      'docs/away/file',
      'docs/there/file',
      '.backup_x',
      '.backup_d/file',
      '',
      '/',
      '.',
      '..',
      'x'.repeat(10_000),
      'x/'.repeat(10_000),
    ]

    it('touches nothing outside, by any path', async () => {
      mkdirSync(path('precious'))
      mkdirSync(store('precious'))
      for (const file of [path('precious/file'), store('precious/file'), docs('file')])
        writeFileSync(file, 'x')
      symlinkSync(path('precious'), docs('away'))
      symlinkSync('.', docs('there'))
      const first = await snapshot()
      const outside = (): Item[][] => inventories(path('precious'), store('precious'), store(first))
      const before = outside()
      await withStore(async (opened) => {
        const filling = opened.externalFill({previous: first})
        filling.begin(partial)
        mkdirSync(work('.backup_d'))
        for (const name of ['.backup_x', '.backup_d/file']) writeFileSync(work(name), 'x')
        await filling.link(['docs']).done
        const inside = inventory(work())
        const all = [...hostile, path('precious/file'), work('docs/file')]
        const unshare = async (list: readonly string[]): Promise<number> =>
          (await filling.unshare(list.map((item) => Buffer.from(item))).done).entries
        expect(await unshare(all)).to.equal(0)
        expect(inventory(work())).to.deep.equal(inside)
        expect(outside()).to.deep.equal(before)
        expect(await unshare(['docs/file', 'docs/away']), 'the control').to.equal(2)
        expect(readdirSync(work('docs'))).to.deep.equal(['there'])
        expect(outside()).to.deep.equal(before)
        filling.close()
      })
    })

    it('accepts names of any bytes', async () => {
      const names = [
        'a\nb',
        '\xff\xfe',
        '\xc3\x28',
        ' ',
        '-rf',
        '...',
        '.backup_x',
        'x'.repeat(255),
      ]
      python(
        docs(),
        `import json
for name in json.loads(${JSON.stringify(JSON.stringify(names))}):
    name = name.encode('latin-1')
    os.mkdir(b'd' + name[:254]); open(b'd' + name[:254] + b'/' + name, 'w').write('x')
open(b'kept', 'w').close()`,
      )
      const first = await snapshot()
      const unshare = names.map((name) => `docs/d${name.slice(0, 254)}/${name}`)
      expect(await made({previous: first, unshare})).to.include({unshared: names.length})
      const left = inventory(work('docs')).filter(({type}) => type !== 'directory')
      expect(paths(left)).to.deep.equal(['kept'])
    })
  })

  describe('finish', () => {
    /** Makes everything that the work directory lacks, as rsync would. */
    const fillFrom = (source: string): string => `
def fill(source, target):
    for name in os.listdir(source):
        a, b = source + '/' + name, target + '/' + name
        if os.path.isdir(a) and not os.path.islink(a):
            os.makedirs(b, exist_ok=True); fill(a, b)
        elif not os.path.lexists(b):
            os.system("cp -a '%s' '%s'" % (a, b))
    os.system("touch -r '%s' '%s'; chmod --reference='%s' '%s'" % (source, target, source, target))
fill('${source}', '${work('docs')}')
`
    it('records the actual tree, and its new entries', async () => {
      python(docs(), tree)
      const first = await snapshot()
      const before = inventory(store(first))
      python(
        docs(),
        `
open('d0/s0/f0', 'w').write('longer')
open('d3/new', 'w').write('four')
os.makedirs('n/e/w')
os.mkdir('none')
os.symlink('x', 'n/l')
os.unlink('d4/s1/f4'); os.rmdir('empty')
open('empty', 'w').write('no longer a directory')
os.unlink('fifo'); os.makedirs('fifo/d')
os.unlink('d1/s1/f16'); os.symlink('y', 'd1/s1/f16')
`,
      )
      const gone = ['d0/s0/f0', 'd4/s1/f4', 'fifo', 'd1/s1/f16'].map((name) => `docs/${name}`)
      const {applied} = await made({
        previous: first,
        unshare: gone,
        name: second,
        fill: () => {
          sh('rmdir', work('docs', 'empty'))
          python(path(), fillFrom(docs()))
        },
      })
      expectSame(docs(), store(second, 'docs'))
      expect(await compareNow(store(), docs(), second)).to.deep.include({
        differs: false,
        rebuilt: null,
      })
      const [, ...all] = inventory(store(second)).filter(({path}) => path.startsWith('docs'))
      const files = all.filter(({type}) => type === 'file')
      expect(applied.totals).to.deep.equal({
        files: files.length,
        directories: all.filter(({type}) => type === 'directory').length + 1,
        symlinks: all.filter(({type}) => type === 'symlink').length,
        specials: 0,
        bytes: files.reduce((sum, {size}) => sum + size, 0),
      })
      expect(applied.bytes).to.equal(
        'longer'.length + 'four'.length + 'no longer a directory'.length,
      )
      expect(applied.failures).to.deep.equal({list: [], errors: 0, warnings: 0})
      const delta = inventory(store(second, '.backup_delta/docs'))
      expect(paths(delta)).to.deep.equal([
        'd0',
        'd0/s0',
        'd0/s0/f0',
        'd1',
        'd1/s1',
        'd1/s1/f16',
        'd3',
        'd3/new',
        'empty',
        'fifo',
        'fifo/d',
        'n',
        'n/e',
        'n/e/w',
        'n/l',
        'none',
      ])
      const inTree = inodes(inventory(store(second, 'docs')))
      for (const [name, ino] of inodes(delta)) expect(inTree.get(name), name).to.equal(ino)
      expect(inventory(store(first))).to.deep.equal(before)
      writeFileSync(docs('d3/new'), 'five!')
      expect(await compareNow(store(), docs(), second), 'the control').to.include({differs: true})
    })

    it('recognizes a move by its inode: it is in the delta, but uses no space', async () => {
      python(docs(), tree)
      const first = await snapshot()
      const {applied} = await made({
        previous: first,
        fill: () =>
          python(work('docs'), "os.rename('d0/s0/f0', 'd0/moved'); os.link('twin', 'triplet')"),
      })
      expect(applied.bytes).to.equal(0)
      expect(paths(inventory(work('.backup_delta')))).to.deep.equal([
        'docs',
        'docs/d0',
        'docs/d0/moved',
        'docs/triplet',
      ])
    })

    it('counts a new inode once, whatever names it has', async () => {
      python(docs(), tree)
      const first = await snapshot()
      const fillNow = (): void => {
        python(work('docs'), "open('a', 'w').write('1234567'); os.link('a', 'd0/b')")
      }
      const {applied} = await made({previous: first, fill: fillNow})
      expect(applied.bytes).to.equal(7)
    })

    it('makes a first snapshot, without a delta', async () => {
      python(docs(), tree)
      const {applied, linked} = await made({
        name: second,
        unshare: ['docs/f'],
        missing: ['docs/f'],
        fill: () => sh('cp', '-a', docs(), work()),
      })
      expect(linked).to.equal(0)
      expectSame(docs(), store(second, 'docs'))
      expect(readdirSync(store(second)).sort()).to.deep.equal([
        '.backup_finished',
        '.backup_manifest',
        'docs',
      ])
      const sizes = new Map(
        inventory(docs()).map((item) => [item.first, item.type === 'file' ? item.size : 0]),
      )
      expect(applied.bytes).to.equal([...sizes.values()].reduce((sum, size) => sum + size, 0))
      expect(await compareNow(store(), docs(), second)).to.include({differs: false, rebuilt: null})
    })

    it('restores missing paths as they were, with their other names', async () => {
      python(docs(), tree)
      const first = await snapshot()
      const before = inventory(store(first))
      const unshare = ['docs/twin', 'docs/d0/s0/f0', 'docs/d3/s0/f3', 'docs/link', 'docs/d4/s1/f4']
      const {applied} = await made({
        previous: first,
        unshare,
        fill: () => {
          python(work('docs'), "os.rmdir('empty'); open('d4/s1/f4', 'w').write('made anew')")
          rmSync(work('docs/d2'), {recursive: true})
          sh('touch', '-d', '2001-01-01', work('docs/d4/s1'))
        },
        // `link` was not requested; the other names of `twin` are restored with it.
        missing: [
          'docs/twin',
          'docs/d0/s0/f0',
          'docs/d4/s1/f4',
          'docs/d2/s0/f12',
          'docs/x',
          'docs/empty',
          'docs/d3/s0/f3',
        ],
      })
      const [older = [], newer = []] = inventories(store(first, 'docs'), work('docs'))
      const [was, is] = [inodes(older), inodes(newer)]
      for (const name of ['d1/s1/f1', 'twin', 'd0/s0/f0', 'd3/s0/f3'])
        expect(is.get(name), name).to.equal(was.get(name))
      for (const name of ['link', 'link2', 'empty', 'd2'])
        expect(existsSync(work('docs', name)), name).to.be.false
      expect(readFileSync(work('docs/d4/s1/f4'), 'utf8')).to.equal('made anew')
      const time = (items: readonly Item[], name: string): string | undefined =>
        items.find((item) => item.path === name)?.mtime_ns
      expect(time(newer, 'd3/s0')).to.equal(time(older, 'd3/s0'))
      expect(applied.failures.errors + applied.failures.warnings).to.equal(0)
      expect(paths(inventory(work('.backup_delta/docs')))).to.deep.equal([
        'd4',
        'd4/s1',
        'd4/s1/f4',
      ])
      expect(inventory(store(first))).to.deep.equal(before)
    })

    it('restores nothing outside, by any path', async () => {
      mkdirSync(path('precious'))
      python(docs(), "os.mkdir('d'); open('d/file', 'w').write('x'); open('file', 'w').write('x')")
      const first = await snapshot()
      const {applied} = await made({
        previous: first,
        unshare: ['docs/d/file', 'docs/file'],
        fill: () => {
          rmSync(work('docs/d'), {recursive: true})
          symlinkSync(path('precious'), work('docs/d'))
        },
        missing: [
          'docs/d/file',
          '.backup_finished',
          `../${first}/docs/file`,
          'docs/../docs/file',
          'docs/file\0',
        ],
      })
      expect(readdirSync(path('precious'))).to.deep.equal([])
      expect(readdirSync(work('docs'))).to.deep.equal(['d'])
      expect(existsSync(work('.backup_finished'))).to.be.false
      expect(applied.failures.errors).to.equal(0)
      await remove(partial)
      await made({previous: first, unshare: ['docs/d/file'], missing: ['docs/d/file']})
      expect(existsSync(work('docs/d/file')), 'the control').to.be.true
    })

    it('removes sockets, and notes them', async () => {
      python(docs(), tree)
      const first = await snapshot()
      const {applied} = await made({
        previous: first,
        name: second,
        fill: () => {
          python(work('docs/d0'), "socket.socket(socket.AF_UNIX).bind('sock')")
          sh('touch', '-r', docs('d0'), work('docs/d0'))
        },
      })
      expect(applied.notes).to.have.lengthOf(1)
      expect(applied.notes[0]).to.deep.include({
        kind: 'socket',
        count: 1,
        path: Buffer.from('docs/d0/sock'),
      })
      expectSame(docs(), store(second, 'docs'))
      expect(await compareNow(store(), docs(), second)).to.include({differs: false})
    })

    it('refuses a work directory with a manifest, and can be stopped (slow)', async () => {
      python(docs(), tree)
      python(docs(), "for n in range(3000): os.mkdir('many%d' % n)")
      const first = await snapshot()
      const error: unknown = await made({
        previous: first,
        fill: () => {
          writeFileSync(work('.backup_manifest'), '')
        },
      }).catch((reason: unknown) => reason)
      expect(error).to.include({code: 'EEXIST'})
      await remove(partial)
      await withStore(async (opened) => {
        const filling = opened.externalFill({previous: first})
        filling.begin(partial)
        await filling.link(['docs']).done
        const job = filling.finish([])
        job.abort()
        const stopped: unknown = await job.done.catch((reason: unknown) => reason)
        expect(stopped).to.include({code: 'ABORT_ERR'})
        filling.close()
      })
    })

    it('continues from a snapshot of the older tool, and from one with a damaged manifest', async () => {
      python(docs(), tree)
      const old = '20250115_103000'
      mkdirSync(store(old), {mode: 0o700})
      sh('cp', '-a', docs(), store(old))
      writeFileSync(store(old, `.backup_finished_${old}`), '')
      const before = inventory(store(old))
      for (const damaged of [false, true]) {
        if (damaged) writeFileSync(store(old, '.backup_manifest'), 'no manifest')
        const {applied} = await made({
          previous: old,
          unshare: ['docs/twin'],
          missing: ['docs/twin'],
          names: ['docs', `.backup_finished_${old}`],
          fill: () => writeFileSync(work('docs/new'), 'new'),
        })
        expect(applied).to.deep.include({bytes: 3})
        expect(readdirSync(work()).sort()).to.deep.equal([
          '.backup_delta',
          '.backup_manifest',
          'docs',
        ])
        expect(paths(inventory(work('.backup_delta/docs')))).to.deep.equal(['new'])
        const wanted = inodes(inventory(store(old, 'docs')))
        const found = inodes(inventory(work('docs')))
        found.delete('new')
        expect(found).to.deep.equal(wanted)
        await remove(partial)
      }
      rmSync(store(old, '.backup_manifest'))
      expect(inventory(store(old))).to.deep.equal(before)
    })
  })

  it('publishes only once, and only under a free name', async () => {
    python(docs(), tree)
    const first = await snapshot()
    await made({previous: first, name: second})
    expect(readFileSync(store(second, '.backup_finished'), 'utf8')).to.equal('{}')
    expect(existsSync(work())).to.be.false
    const error: unknown = await made({previous: first, name: second}).catch(
      (reason: unknown) => reason,
    )
    expect(error).to.include({code: 'EEXIST'})
    unlinkSync(work('.backup_finished'))
  })

  it('lists a directory of the store', async () => {
    const first = await snapshot({allowEmpty: true})
    symlinkSync(first, store('link'))
    await withStore((opened) => {
      const names = opened.list(first).map(({name, type}) => `${type} ${name}`)
      expect(names.sort()).to.deep.equal([
        'directory docs',
        'file .backup_finished',
        'file .backup_manifest',
      ])
      expect(
        opened
          .list()
          .map(({name}) => name)
          .sort(),
      ).to.include.members([first, 'link'])
      const codeOf = (name: string): unknown => {
        try {
          opened.list(name)
        } catch (error) {
          return (error as NodeJS.ErrnoException).code
        }
        return null
      }
      expect(codeOf('gone')).to.equal('ENOENT')
      expect(codeOf('link')).to.be.oneOf(['ENOTDIR', 'ELOOP'])
    })
  })
})
