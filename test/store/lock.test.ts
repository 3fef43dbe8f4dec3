// The lock between real processes: races, dead owners, --force.
import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {buildSync} from 'esbuild'
import {CuraError} from '../../src/base/errors.js'
import {withLock} from '../../src/store/lock.js'
import {native} from '../../src/native/native.js'
import {openStore} from '../../src/store/store.js'
import {temporaryDirectory} from '../support/temporary.js'

const source = fileURLToPath(new URL('../fixtures/lock-holder.ts', import.meta.url))
/** Bundled, because two hundred start at once; placed where it finds the addon. */
const holder = fileURLToPath(new URL('../../out/lock-holder.mjs', import.meta.url))

interface Holder {
  readonly process: ChildProcessWithoutNullStreams
  readonly exit: Promise<number | string>
  readonly output: () => string
  readonly errors: () => string
}

const started: ChildProcessWithoutNullStreams[] = []

interface Start {
  /** The command that runs it: ['strace', '-f', …]. */
  readonly under?: readonly string[]
  readonly stubborn?: boolean
}

function start(storeDir: string, startAt_ms = 0, {under = [], stubborn}: Start = {}): Holder {
  const options = stubborn === true ? ['--stubborn'] : []
  const argv = [...under, process.execPath, holder, storeDir, String(startAt_ms), ...options]
  const child = spawn(argv[0] ?? '', argv.slice(1))
  started.push(child)
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const exit = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return {process: child, exit, output: () => output, errors: () => errors}
}

async function until(condition: () => boolean, what: () => string): Promise<void> {
  for (let tries = 0; tries < 4000; tries += 1) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`waited in vain: ${what()}`)
}

const held = (one: Holder): boolean => one.output().includes('held')
const isOver = ({process: {exitCode, signalCode}}: Holder): boolean =>
  (exitCode ?? signalCode) !== null

async function isHeld(one: Holder): Promise<void> {
  await until(() => held(one) || isOver(one), one.errors)
  expect(held(one), one.errors()).to.be.true
}

describe('lock', () => {
  const temporary = temporaryDirectory()
  const lockFile = (): string => join(temporary(), '.backups_lock')

  before(() => {
    // A CommonJS package cannot be bundled into a module.
    const external = ['detect-libc']
    const options = {bundle: true, platform: 'node', format: 'esm', external} as const
    buildSync({...options, entryPoints: [source], outfile: holder})
  })

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  /** Takes the lock in this process; returns the text of the lock file while it was held. */
  async function take(force = false, onWait = (): void => undefined): Promise<string> {
    const store = openStore(temporary())
    const {signal} = new AbortController()
    try {
      return await withLock(store, {force, now: new Date(), signal, onWait}, () =>
        Promise.resolve(readFileSync(lockFile(), 'utf8')),
      )
    } finally {
      store.close()
    }
  }

  async function failure(force = false): Promise<CuraError> {
    const error: unknown = await take(force).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CuraError)
    return error as CuraError
  }

  const ownText = (pid: number, changed: object = {}): string => {
    const addon = native()
    const owner = {
      host: hostname(),
      boot: addon.bootId(),
      start: addon.processStart(pid),
      since: 'x',
    }
    return `${pid}\n${JSON.stringify({...owner, ...changed})}\n`
  }

  it('names its owner, and is removed afterwards', async () => {
    const [pid, json = ''] = (await take()).split('\n')
    expect(pid).to.equal(String(process.pid))
    const owner = JSON.parse(json) as Record<string, unknown>
    expect(owner).to.include({host: hostname(), boot: native().bootId()})
    expect(owner.start).to.equal(native().processStart(process.pid))
    expect(existsSync(lockFile())).to.be.false
  })

  it('is released if the work fails', async () => {
    const store = openStore(temporary())
    const {signal} = new AbortController()
    const work = (): Promise<never> => Promise.reject(new Error('broken'))
    const options = {force: false, now: new Date(), signal}
    const error = await withLock(store, options, work).catch(String)
    store.close()
    expect(error).to.equal('Error: broken')
    expect(existsSync(lockFile())).to.be.false
  })

  // Contents of the lock file that prove no running owner.
  const stale: ReadonlyArray<[string, () => string]> = [
    ['an empty file', () => ''],
    ['garbage', () => '\u0000\u0001'],
    ['64 KiB of garbage and more', () => 'x'.repeat(200_000)],
    ['a dead owner', () => ownText(4_194_303, {start: 'long ago'})],
    ['the Python tool, dead', () => '4194303'],
    ['a reused process number', () => ownText(process.ppid, {start: 'earlier'})],
    ['an earlier boot', () => ownText(process.ppid, {boot: 'before'})],
    ['another host that released it', () => ownText(process.ppid, {host: 'elsewhere'})],
  ]
  for (const [what, text] of stale) {
    it(`takes over a lock that holds ${what}`, async () => {
      writeFileSync(lockFile(), text())
      expect(await take()).to.match(new RegExp(`^${process.pid}\n`))
      expect(existsSync(lockFile())).to.be.false
    })
  }

  it('takes over a lock that is not a file, and does not touch the target of a symlink', async () => {
    const target = join(temporary(), 'target')
    writeFileSync(target, 'mine')
    symlinkSync(target, lockFile())
    await take()
    expect(readFileSync(target, 'utf8')).to.equal('mine')
    expect(existsSync(lockFile())).to.be.false
  })

  it('refuses a directory in its place', async () => {
    mkdirSync(lockFile())
    expect(await failure()).to.include({code: 'failed'})
    expect(existsSync(lockFile())).to.be.true
  })

  // The Python tool takes no flock, so even --force must neither take the lock nor signal a process.
  it('refuses the lock of a running process that may be the Python tool, even with --force', async () => {
    writeFileSync(lockFile(), String(process.ppid))
    for (const force of [false, true]) {
      const error = await failure(force)
      expect(error.code).to.equal('locked')
      expect(error.message).to.match(new RegExp(`process ${process.ppid}.*remove .backups_lock`))
    }
    expect(readFileSync(lockFile(), 'utf8')).to.equal(String(process.ppid))
  })

  it('removes only the private lock files of killed starters', async () => {
    const names = ['.backups_lock-17-0a1b', '.backups_lock-x', '.backups_lock-', '.backups_lockbox']
    for (const name of names) writeFileSync(join(temporary(), name), 'text')
    mkdirSync(join(temporary(), '.backups_lock-18-0a1b'))
    await take()
    expect(readdirSync(temporary()).sort()).to.deep.equal(
      ['.backups_lock-18-0a1b', ...names.slice(1)].sort(),
    )
  })

  describe('with injected system call results (needs strace)', () => {
    const tracer = (...what: string[]): string[] => [
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      ...what.flatMap((one) => ['-e', one]),
    ]
    const injecting = (...faults: string[]): string[] =>
      tracer('trace=flock,fstatfs,unlinkat,openat', ...faults.map((fault) => `inject=${fault}`))

    before(function () {
      if (process.platform !== 'linux') this.skip()
    })

    const none = (): string => '' // as on a full disk
    const other = (): string => ownText(process.ppid, {host: 'elsewhere'})
    const dead = (): string => ownText(4_194_303, {start: 'long ago'})
    // The injected results for the process that finds the lock, the lock's text, and whether it is
    // taken. The first flock is that of the directory. If fstatfs fails, the filesystem counts as a
    // network filesystem.
    const cases: ReadonlyArray<[string, string[], () => string, boolean]> = [
      ['EBADF of NFS', ['flock:error=EBADF:when=2'], none, false],
      ['ENOLCK', ['flock:error=ENOLCK:when=2'], none, false],
      ['EACCES', ['flock:error=EACCES:when=2'], dead, false],
      ['EOPNOTSUPP', ['flock:error=EOPNOTSUPP:when=2'], dead, false],
      ['another host, on a network filesystem', ['fstatfs:error=EIO'], other, false],
      ['a dead owner, on a network filesystem', ['fstatfs:error=EIO'], dead, true],
      ['nothing special, the control', [], other, true],
    ]
    for (const [what, faults, text, isTaken] of cases) {
      it(`${isTaken ? 'takes' : 'refuses'} a lock for ${what}`, async () => {
        writeFileSync(lockFile(), text())
        const one = start(temporary(), 0, {under: injecting(...faults)})
        one.process.stdin.end()
        expect(await one.exit, one.errors()).to.equal(isTaken ? 0 : 11)
        expect(existsSync(lockFile())).to.equal(!isTaken)
        if (!isTaken) expect(one.errors()).to.match(/is locked by .*; if you are sure .* remove/)
      })
    }

    it('is held if CIFS refuses to read the locked file', async () => {
      const owner = start(temporary())
      await isHeld(owner)
      const faults = ['-P', lockFile(), '-e', 'inject=read:error=EACCES']
      const one = start(temporary(), 0, {under: [...tracer('trace=read'), ...faults]})
      expect(await one.exit).to.equal(11)
      expect(one.errors()).to.match(
        /Another run holds the lock of the store\. Wait with --wait\.\n/,
      )
      expect(held(owner)).to.be.true
    })

    const names = (): string[] => readdirSync(temporary())

    it('goes to another process while a starter has only its private file', async () => {
      const slow = start(temporary(), 0, {under: injecting('flock:delay_exit=3000000:when=2')})
      await until(() => names().some((name) => name.startsWith('.backups_lock-')), slow.errors)
      expect(names(), 'the name comes last').not.to.include('.backups_lock')
      // If the directory cannot be locked, as on NFS, nothing else separates the two.
      const fast = start(temporary(), 0, {under: injecting('flock:error=EBADF:when=1')})
      await isHeld(fast)
      expect(await slow.exit).to.equal(11)
      expect(slow.errors()).to.match(/Another run has been running since .*PID \d+\)/)
      expect(names()).to.deep.equal(['.backups_lock'])
    })

    it('is complete and held from the moment it is visible', async () => {
      const slow = start(temporary(), 0, {under: injecting('unlinkat:delay_enter=3000000:when=1')})
      await until(() => existsSync(lockFile()), slow.errors)
      for (const fault of ['flock:error=EBADF:when=1', 'flock:error=EBADF']) {
        const other = start(temporary(), 0, {under: injecting(fault)})
        expect(await other.exit, fault).to.equal(11)
        expect(other.errors()).to.match(/Another run has been running since .*PID \d+\)/)
      }
      expect(held(slow), 'still on its way').to.be.false
      await isHeld(slow)
    })
  })

  it('is held for a client of a file server on this machine', async () => {
    writeFileSync(lockFile(), ownText(4_194_303, {host: 'client', start: '1'}))
    const lines = [
      'import fcntl, sys',
      'f = open(sys.argv[1], "r+")',
      'fcntl.lockf(f, fcntl.LOCK_EX)',
    ]
    const code = [...lines, 'print("locked", flush=True)', 'sys.stdin.read()'].join('\n')
    const server = spawn('python3', ['-c', code, lockFile()])
    started.push(server)
    await once(server.stdout, 'data')
    expect((await failure()).message).to.match(/is active on client \(PID 4194303\)/)
    server.stdin.end()
    await once(server, 'exit')
    await take()
  })

  it('names the process that holds it', async () => {
    const one = start(temporary())
    await isHeld(one)
    const error = await failure()
    expect(error.code).to.equal('locked')
    expect(error.message).to.match(
      new RegExp(
        `^Another run has been running since [\\d: -]+ \\(\\d+ s.*, PID ${one.process.pid}\\)\\. ` +
          'Wait with --wait, or stop it with --force\\.$',
      ),
    )
    one.process.stdin.end()
    expect(await one.exit).to.equal(0)
  })

  it('is taken over from a killed owner', async () => {
    const one = start(temporary())
    await isHeld(one)
    one.process.kill('SIGKILL')
    await one.exit
    expect(existsSync(lockFile())).to.be.true
    await take()
  })

  for (const [many, before] of [
    [2, null],
    [20, null],
    [200, 'garbage'],
  ] as const) {
    it(`has one winner of ${many} at once${before === null ? '' : ', over a stale lock'} (slow)`, async () => {
      if (before !== null) writeFileSync(lockFile(), before)
      const startAt_ms = Date.now() + 1000 + many * 75
      const all = Array.from({length: many}, () => start(temporary(), startAt_ms))
      const errors = (): string => all.map((one) => one.errors()).join('')
      await until(() => all.filter((one) => isOver(one)).length >= many - 1, errors)
      await until(() => all.some(held), errors)
      expect(all.filter(held)).to.have.lengthOf(1)
      for (const one of all) one.process.stdin.end()
      const exits = await Promise.all(all.map(({exit}) => exit))
      expect(exits.filter((code) => code === 0)).to.have.lengthOf(1)
      expect(exits.filter((code) => code === 11)).to.have.lengthOf(many - 1)
      expect(existsSync(lockFile())).to.be.false
    })
  }

  it('is taken from a running owner with --force, which sends SIGTERM', async () => {
    const one = start(temporary())
    await isHeld(one)
    expect((await failure()).message).to.match(/\. Wait with --wait, or stop it with --force\.$/)
    await take(true)
    // The owner had time to clean up and exit.
    expect(await one.exit).to.equal(0)
  })

  it('is taken from an owner that ignores SIGTERM, by SIGKILL (slow)', async () => {
    const one = start(temporary(), 0, {stubborn: true})
    await isHeld(one)
    const begun = Date.now()
    let waits = 0
    await take(true, () => (waits += 1))
    expect(waits).to.equal(1)
    expect(Date.now() - begun).to.be.at.least(4900)
    expect(await one.exit).to.equal('SIGKILL')
  })

  it('never makes --force signal a process that reused the number', async () => {
    const bystander = start(temporary())
    await isHeld(bystander)
    const {pid = 0} = bystander.process
    bystander.process.stdin.end()
    await bystander.exit
    expect(native().signalProcess(pid, 'any start', 0)).to.be.false

    const alive = spawn('sleep', ['60'])
    started.push(alive)
    writeFileSync(lockFile(), ownText(alive.pid ?? 0, {start: 'of another'}))
    await take(true)
    expect(native().signalProcess(alive.pid ?? 0, 'of another', 15)).to.be.false
    expect(alive.exitCode ?? alive.signalCode).to.equal(null)
    // The control: with its real start time it can be signalled.
    const ended = once(alive, 'exit')
    const begun = native().processStart(alive.pid ?? 0) ?? ''
    expect(native().signalProcess(alive.pid ?? 0, begun, 15)).to.be.true
    expect((await ended)[1]).to.equal('SIGTERM')
  })
})
