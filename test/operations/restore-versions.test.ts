// history --restore-all: verified copies of all versions, and nothing half made.
import {existsSync, linkSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync} from 'node:fs' // prettier-ignore
import {expect} from 'chai'
import {runProgram, startProgram} from '../native/programs.js'
import {isRoot, python, settle, sh, workshop} from '../native/workshop.js'

describe('history --restore-all', () => {
  const {docs, path, store, snapshot, later} = workshop()
  const target = (...names: readonly string[]): string => path('copies', ...names)
  const restoreInto = (directory: string, ...args: string[]) =>
    runProgram(['history', '-b', store(), '--restore-all', directory, ...args], {
      timeout_ms: 60_000,
    })
  const restore = (...args: string[]) => restoreInto(target(), ...args)

  async function twoVersions(): Promise<[first: string, second: string]> {
    writeFileSync(docs('a'), 'one')
    utimesSync(docs('a'), 1_600_000_000.25, 1_600_000_000.25)
    await settle()
    const first = await snapshot()
    writeFileSync(docs('a'), 'second')
    return [first, await snapshot()]
  }

  it('copies every version, verified, and replaces nothing', async () => {
    const [first, second] = await twoVersions()
    const done = restore(docs('a'))
    expect(done, done.err).to.include({exit: 0, err: ''})
    expect(done.out).to.match(new RegExp(`\nCopied 2 versions into ${target()}\\.\n$`))
    expect(readFileSync(target(`${first}_a`), 'utf8')).to.equal('one')
    expect(readFileSync(target(`${second}_a`), 'utf8')).to.equal('second')
    expect(statSync(target(`${first}_a`)).mtimeMs).to.be.closeTo(1_600_000_000_250, 0.01)
    expect(statSync(target(`${first}_a`)).ino).not.to.equal(statSync(store(first, 'docs', 'a')).ino)
    writeFileSync(target(`${first}_a`), 'mine')
    const again = restore(docs('a'))
    expect(again.exit).to.equal(3)
    expect(again.err).to.match(/_a was not written: .*EEXIST/)
    expect(readFileSync(target(`${first}_a`), 'utf8')).to.equal('mine')
    expect(readdirSync(target())).to.have.lengthOf(2)
  })

  it('keeps a damaged version only as NAME.damaged', async () => {
    const [first, second] = await twoVersions()
    writeFileSync(store(first, 'docs', 'a'), 'rot')
    const rotten = restore('--json', docs('a'))
    const {restored, exit} = JSON.parse(rotten.out) as {restored: object; exit: number}
    expect(restored).to.deep.include({
      files: [target(`${second}_a`)],
      damaged: [target(`${first}_a.damaged`)],
    })
    expect([exit, rotten.exit]).to.deep.equal([5, 5])
    expect(readdirSync(target()).sort()).to.deep.equal([`${first}_a.damaged`, `${second}_a`])
    const again = restore(docs('a'))
    expect(again.exit).to.equal(5)
    expect(again.err).to.match(/it differs from what was backed up, and could not be kept.*EEXIST/)
    rmSync(target(), {recursive: true})
    expect(restore(docs('a')).err).to.match(/_a\.damaged is damaged: it differs from what was/)
  })

  it('follows no symlink in a stored path and does not hang at a FIFO', async () => {
    const [first, second] = await twoVersions()
    mkdirSync(path('outside'))
    writeFileSync(path('outside', 'a'), 'one')
    renameSync(store(first, 'docs'), store(first, 'moved'))
    symlinkSync(path('outside'), store(first, 'docs'))
    unlinkSync(store(second, 'docs', 'a'))
    python(store(second, 'docs'), "os.mkfifo('a')")
    const done = restore(docs('a'))
    expect(done.exit).to.equal(3)
    expect(done.err)
      .to.match(/_a was not written: .*ENOTDIR/)
      .and.to.match(/EINVAL/)
    expect(readdirSync(target())).to.deep.equal([])
  })

  it('leaves nothing half made on a full disk (needs root)', async function () {
    if (!isRoot) this.skip()
    writeFileSync(docs('a'), 'x'.repeat(3_000_000))
    await snapshot()
    mkdirSync(target())
    sh('mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', target())
    later(() => sh('umount', target()))
    const full = restore(docs('a'))
    expect(full.exit).to.equal(3)
    expect(full.err).to.contain('ENOSPC')
    expect(readdirSync(target())).to.deep.equal([])
  })

  it('leaves nothing half made if a signal stops it', async () => {
    python(docs(), "open('a', 'w').truncate(1 << 29)")
    await snapshot()
    for (const [signal, exit] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      // prettier-ignore
      mkdirSync(target())
      const running = startProgram(['history', '-b', store(), '--restore-all', target(), docs('a')])
      const timer = setInterval(() => {
        if (readdirSync(target()).length > 0) running.process.kill(signal)
      }, 1)
      const ended = await running.ended
      clearInterval(timer)
      expect(ended.exit, ended.err).to.equal(exit)
      expect(ended.err).to.contain('0 of 1 versions were copied')
      expect(readdirSync(target())).to.deep.equal([])
      rmSync(target(), {recursive: true})
    }
  })

  it('shortens long names and numbers equal ones', async () => {
    const long = `${'n'.repeat(251)}.txt`
    for (const name of ['x', 'y']) {
      mkdirSync(docs(name))
      writeFileSync(docs(name, 'a.txt'), name)
      writeFileSync(docs(name, long), `long ${name}`)
    }
    const name = await snapshot()
    const asked = [docs('x/a.txt'), docs('y/a.txt'), docs('x', long), docs('y', long)]
    const done = restore(...asked, docs('x/a.txt'))
    expect(done, done.err).to.include({exit: 0})
    const copied = readdirSync(target())
    expect(copied).to.have.lengthOf(4).and.to.include(`${name}_a.txt`)
    expect(readFileSync(target(`${name}_a-2.txt`), 'utf8')).to.equal('y')
    expect(copied.every((each) => each.endsWith('.txt'))).to.equal(true)
  })

  it('refuses a directory, and copies symlinks as symlinks', async () => {
    mkdirSync(docs('dir'))
    mkdirSync(docs("it's in"))
    symlinkSync('/etc/passwd', docs('link'))
    python(docs(), "os.mkfifo('fifo')")
    const name = await snapshot()
    const refused = restore(docs('link'), docs('dir'))
    expect(refused.exit).to.equal(2)
    expect(refused.err.replace(/\s+/g, ' ')).to.contain(
      `docs/dir is a directory: copy it with cp -a ${store(name)}/docs/dir ${target()}`,
    )
    expect(existsSync(target())).to.equal(false)
    expect(restore(docs("it's in")).err.replace(/\s+/g, ' ')).to.contain(
      `cp -a '${store(name, "docs/it'\\''s in")}' ${target()}`,
    )
    const done = restore(docs('link'), docs('fifo'))
    expect(done.exit).to.equal(3)
    expect(done.err).to.contain(`docs/fifo in ${name} is a special file, so it was not copied.`)
    expect(readdirSync(target())).to.deep.equal([`${name}_link`])
    expect(readlinkSync(target(`${name}_link`))).to.equal('/etc/passwd')
  })

  it('copies the file that a directory replaced', async () => {
    const [first] = await twoVersions()
    rmSync(docs('a'))
    mkdirSync(docs('a'))
    await snapshot()
    const done = restore(docs('a'))
    expect(done.exit).to.equal(3)
    expect(done.err).to.contain('is a directory, so it was not copied.')
    expect(readFileSync(target(`${first}_a`), 'utf8')).to.equal('one')
  })

  it('makes no directory for a path that no snapshot has', async () => {
    await twoVersions()
    expect(restore(docs('none')).exit).to.equal(7)
    expect(restore(docs('none'), docs('a')).exit).to.equal(7)
    expect(existsSync(target())).to.equal(false)
  })

  it('copies where there are no hardlinks (needs root and exfat-fuse)', async function () {
    if (!isRoot || !existsSync('/usr/sbin/mount.exfat-fuse')) this.skip()
    const [first] = await twoVersions()
    mkdirSync(target())
    sh('truncate', '-s', '8M', path('image'))
    sh('mkfs.exfat', path('image'))
    sh('mount', '-t', 'exfat-fuse', '-o', 'loop', path('image'), target())
    later(() => sh('umount', target()))
    writeFileSync(target('control'), '')
    expect(() => {
      linkSync(target('control'), target('linked'))
    }).to.throw()
    const done = restore(docs('a'))
    expect(done, done.err).to.include({exit: 0})
    expect(readFileSync(target(`${first}_a`), 'utf8')).to.equal('one')
    expect(readdirSync(target())).to.have.lengthOf(3)
    expect(restore(docs('a')).err).to.contain('EEXIST')
    expect(readdirSync(target())).to.have.lengthOf(3)
  })

  it('is refused together with --deleted', async () => {
    await twoVersions()
    const asked = ['history', '-b', store(), '--deleted', docs()]
    expect(runProgram(asked).exit).not.to.equal(2)
    for (const flag of [`--restore-all=${target()}`, '--metadata', '--no-follow']) {
      expect(runProgram([...asked, flag]).exit, flag).to.equal(2)
    }
    expect(existsSync(target())).to.equal(false)
  })
})
