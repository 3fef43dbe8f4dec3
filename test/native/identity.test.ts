// Recognizing unchanged content: which evidence to trust on which filesystem, and what to read
// instead.
import {expect} from 'chai'
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {program, runProgram} from './programs.js'
import {trace} from './traces.js'
import {isRoot, python, settle, sh, workshop} from './workshop.js'

/** Whether the programs that a test needs are installed. */
const has = (...programs: string[]): boolean =>
  isRoot &&
  programs.every((name) => existsSync(`/usr/bin/${name}`) || existsSync(`/usr/sbin/${name}`))

const aDayOff_s = 24 * 3600

describe('identity', () => {
  const {path, store, newest, later} = workshop()

  const mountPoint = (): string => path('disk')
  const source = (...names: string[]): string => path('disk', 'docs', ...names)
  const stored = (name: string): string => readFileSync(store(newest(), 'docs', name), 'utf8')

  function unmount(): void {
    sh('umount', mountPoint())
  }

  /** Mounts an image or anything else. It is unmounted after the test. */
  function mount(...argv: string[]): void {
    if (!existsSync(mountPoint())) mkdirSync(mountPoint())
    sh('mount', ...argv, mountPoint())
  }

  /** Mounts a filesystem whose times have no fraction. */
  function mountWithWholeSeconds(): void {
    sh('truncate', '-s', '16M', path('image'))
    sh('mkfs.ext4', '-q', '-F', '-I', '128', path('image'))
    mount('-o', 'loop', path('image'))
    mkdirSync(source())
  }

  beforeEach(() => {
    later(() => {
      // A failed test may have left it mounted.
      if (sh('sh', '-c', `mountpoint -q ${mountPoint()} && echo yes || echo no`) === 'yes\n')
        unmount()
    })
  })

  function backUp(...flags: string[]): string {
    const {exit, out, err} = runProgram(['-b', store(), source(), ...flags])
    expect(exit, err).to.equal(0)
    return out
  }

  /** The files of the source that a run opens. */
  function opened(...flags: string[]): string[] {
    const calls = trace(path('trace'), [
      process.execPath,
      program,
      '-b',
      store(),
      source(),
      ...flags,
    ])
    const paths = calls.filter(({name}) => name === 'openat').flatMap(({paths}) => paths)
    return [...new Set(paths.filter((name) => name.startsWith(source('')) && /\/f\d*$/.test(name)))]
  }

  /** Makes an ext4 image with one file `docs/f`, all of whose times are fixed. */
  function image(name: string, content: string, uuid: string): string {
    const [tree, file] = [path(`${name}.tree`), path(`${name}.image`)]
    mkdirSync(`${tree}/docs`, {recursive: true})
    writeFileSync(`${tree}/docs/f`, content)
    sh('touch', '-d', '@1700000000', `${tree}/docs/f`)
    sh('truncate', '-s', '8M', file)
    sh(
      'env',
      'E2FSPROGS_FAKE_TIME=1700000000',
      'mke2fs',
      '-q',
      '-t',
      'ext4',
      '-U',
      uuid,
      '-d',
      tree,
      file,
    )
    sh('debugfs', '-w', '-R', 'set_inode_field docs/f ctime 20231114221320', file)
    return file
  }

  const [first, second] = [
    '11111111-2222-4333-8444-555555555555',
    '11111111-2222-4333-8444-666666666666',
  ]

  for (const [what, uuid, expected] of [
    [
      'reads a file of another filesystem that has the same name, inode, size and times',
      second,
      'two',
    ],
    ['believes them on the same filesystem (the control)', first, 'one'],
  ] as const) {
    it(`${what} (needs root and mke2fs)`, function () {
      if (!has('mke2fs', 'debugfs')) this.skip()
      const images = [image('one', 'one', first), image('two', 'two', uuid)]
      mount('-o', 'loop,ro', String(images[0]))
      backUp()
      unmount()
      mount('-o', 'loop,ro', String(images[1]))
      backUp()
      expect(stored('f')).to.equal(expected)
    })
  }

  it('reads a remounted image once, and nothing while it stays mounted (needs root and mksquashfs)', function () {
    if (!has('mksquashfs')) this.skip()
    mkdirSync(path('tree', 'docs'), {recursive: true})
    for (const n of [1, 2, 3]) writeFileSync(path('tree', 'docs', `f${n}`), `content ${n}`)
    sh('touch', '-d', '@1700000000', ...[1, 2, 3].map((n) => path('tree', 'docs', `f${n}`)))
    sh(
      'mksquashfs',
      path('tree'),
      path('image'),
      '-quiet',
      '-no-progress',
      '-all-time',
      '1700000000',
    )
    mount('-o', 'loop', path('image'))
    backUp()
    expect(opened(), 'an unbroken mount').to.deep.equal([])
    unmount()
    mount('-o', 'loop', path('image'))
    expect(opened('-n', '--quick-check'), 'with --quick-check').to.deep.equal([])
    expect(opened(), 'after a remount').to.have.lengthOf(3)
    expect(opened(), 'and once more').to.deep.equal([])
  })

  it('trusts no move if each mount assigns new inode numbers (needs root and exFAT)', function () {
    if (!has('mkfs.exfat', 'losetup') || !existsSync('/usr/sbin/mount.exfat-fuse')) this.skip()
    sh('truncate', '-s', '64M', path('image'))
    sh('mkfs.exfat', path('image'))
    const loop = sh('losetup', '-f', '--show', path('image')).trim()
    later(() => sh('losetup', '-d', loop))
    mkdirSync(mountPoint())
    const plug = (): string => sh('mount.exfat-fuse', loop, mountPoint())
    plug()
    mkdirSync(source())
    writeFileSync(source('a'), 'content of a')
    writeFileSync(source('b'), 'content of b')
    sh('touch', '-d', '@1700000000', source('a'), source('b'))
    backUp()
    unmount()
    plug()
    rmSync(source('a'))
    sh('mv', source('b'), source('c'))
    unmount()
    plug()
    backUp()
    expect(stored('c')).to.equal('content of b')
    unmount()
  })

  it('reads a tree that was moved to another disk once (needs root)', async function () {
    if (!isRoot) this.skip()
    mkdirSync(source(), {recursive: true})
    for (const n of [1, 2, 3]) writeFileSync(source(`f${n}`), `content ${n}`)
    await settle()
    backUp()
    sh('mv', mountPoint(), path('old'))
    mount('-t', 'tmpfs', 'cura-test')
    sh('cp', '-a', path('old', 'docs'), mountPoint())
    await settle()
    expect(opened()).to.have.lengthOf(3)
    expect(opened(), 'the next time').to.deep.equal([])
    writeFileSync(source('f4'), 'content 4')
    expect(backUp()).to.include('1 new')
    unmount()
  })

  it('catches an edit in the second of the scan if times have no fraction (needs root)', async function () {
    if (!has('mkfs.ext4')) this.skip()
    mountWithWholeSeconds()
    const ctime = (): string => sh('stat', '-c', '%Z', source('f')).trim()
    // The backup must fit into the second of the first write.
    for (let tries = 0; tries < 10; tries += 1) {
      await sleep(1020 - (Date.now() % 1000))
      writeFileSync(source('f'), `first ${tries}`)
      const before = ctime()
      backUp()
      python(source(), `open('f', 'r+').write('other ${tries}')`)
      if (ctime() === before && stored('f') === `first ${tries}`) break
      if (tries === 9) throw new Error('the backup never fitted into a second')
    }
    backUp()
    expect(stored('f')).to.match(/^other/)
    await sleep(2100)
    backUp()
    expect(opened(), 'once it is proven').to.deep.equal([])
    unmount()
  })

  it('catches such an edit of a file that also has a name outside the source (needs root)', async function () {
    if (!has('mkfs.ext4')) this.skip()
    mountWithWholeSeconds()
    writeFileSync(source('f'), 'first')
    sh('ln', source('f'), path('disk', 'outside'))
    const edit = (content: string): void => {
      python(source(), `open('f', 'r+').write('${content}'); os.utime('f', (1700000000,) * 2)`)
    }
    // At both scans, the ctime is more recent than the resolution of its filesystem.
    edit('other')
    backUp()
    expect(stored('f')).to.equal('other')
    edit('third')
    backUp()
    expect(stored('f')).to.equal('third')
    await sleep(2100)
    backUp()
    expect(opened(), 'once it is proven').to.deep.equal([])
    unmount()
  })

  it('without a manifest, compares the content even if the mode has changed', () => {
    mkdirSync(source(), {recursive: true})
    for (const name of ['f1', 'f2']) writeFileSync(source(name), 'first')
    python(source(), `for n in ('f1', 'f2'): os.utime(n, (1700000000,) * 2)`)
    backUp()
    rmSync(store(newest(), '.backup_manifest'))
    python(
      source(),
      `open('f1', 'r+').write('other')\nfor n in ('f1', 'f2'): os.chmod(n, 0o600); os.utime(n, (1700000000,) * 2)`,
    )
    expect(backUp()).to.match(/1 changed, 1 with changed permissions or dates/)
    expect(stored('f1')).to.equal('other')
    expect(stored('f2')).to.equal('first')
  })

  it('reads a file that was written just before the scan only once more', async () => {
    mkdirSync(source(), {recursive: true})
    writeFileSync(source('f1'), 'content')
    await settle()
    writeFileSync(source('f2'), 'content')
    // Without delay, because a later write would have another ctime.
    backUp()
    await settle()
    expect(opened().length).to.be.at.most(1)
    expect(opened()).to.deep.equal([])
  })

  it('does not forever doubt a time in the distant future (needs root and bindfs)', function () {
    if (!has('bindfs')) this.skip()
    mkdirSync(path('real', 'docs'), {recursive: true})
    mkdirSync(mountPoint())
    sh('bindfs', path('real'), mountPoint())
    for (const n of [1, 2]) writeFileSync(source(`f${n}`), 'content')
    const now_s = Math.floor(Date.now() / 1000)
    sh('touch', '-d', '@2208988800', source('f1'))
    sh('touch', '-d', `@${now_s + aDayOff_s / 2}`, source('f2'))
    backUp()
    expect(opened(), 'a clock may be half a day ahead').to.deep.equal([source('f2')])
    unmount()
  })

  it('with --quick-check reads nothing with the same size and time, and so misses edits that keep both', async () => {
    mkdirSync(source(), {recursive: true})
    writeFileSync(source('f1'), 'first')
    await settle()
    backUp()
    python(
      source(),
      "s = os.stat('f1'); open('f1', 'r+').write('other'); os.utime('f1', ns=(s.st_atime_ns, s.st_mtime_ns))",
    )
    expect(backUp('--quick-check')).to.include('Nothing has changed')
    expect(stored('f1')).to.equal('first')
    backUp()
    expect(stored('f1'), 'without it').to.equal('other')
  })

  it('takes nothing as proven that --ignore-ctime has ignored', async () => {
    mkdirSync(source(), {recursive: true})
    writeFileSync(source('f1'), 'first')
    writeFileSync(source('f2'), 'second')
    await settle()
    backUp()
    python(
      source(),
      "s = os.stat('f1'); open('f1', 'r+').write('other'); os.utime('f1', ns=(s.st_atime_ns, s.st_mtime_ns))",
    )
    writeFileSync(source('f2'), 'edited')
    expect(backUp('--ignore-ctime')).to.include('1 changed')
    expect(stored('f1')).to.equal('first')
    expect(backUp()).to.include('1 changed')
    expect(stored('f1')).to.equal('other')
  })

  it('reads again if the file of proofs is damaged (slow)', async function () {
    if (!isRoot) this.skip()
    mkdirSync(source(), {recursive: true})
    writeFileSync(source('f1'), 'content')
    await settle()
    backUp()
    python(
      source(),
      "s = os.stat('.'); t = os.stat('f1'); c = open('f1').read(); os.rename('f1', '../old')\n" +
        "open('f1', 'w').write(c); os.utime('f1', ns=(t.st_atime_ns, t.st_mtime_ns))\n" +
        "os.utime('.', ns=(s.st_atime_ns, s.st_mtime_ns))",
    )
    await settle()
    expect(opened()).to.have.lengthOf(1)
    expect(opened()).to.deep.equal([])
    const proofs = readFileSync(store('.backup_proofs'))
    for (const at of [9, proofs.length >> 1, proofs.length - 1]) {
      const bytes = Buffer.from(proofs)
      bytes[at] = Number(bytes[at]) ^ 1
      writeFileSync(store('.backup_proofs'), bytes)
      expect(opened('-n'), `byte ${at}`).to.have.lengthOf(1)
    }
    writeFileSync(store('.backup_proofs'), proofs)
    expect(opened('-n'), 'as it was').to.deep.equal([])
    sh('truncate', '-s', '1T', store('.backup_proofs'))
    expect(opened(), 'with a tebibyte of nothing behind it').to.have.lengthOf(1)
  })
})
