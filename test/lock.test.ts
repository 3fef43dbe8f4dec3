// The lock between real processes: races, dead owners, --force.
import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {buildSync} from 'esbuild'
import {CuraError} from '../src/errors.js'
import {withLock} from '../src/lock.js'
import {native} from '../src/native.js'
import {openStore} from '../src/store.js'
import {temporaryDirectory} from './temporary.js'

const source = fileURLToPath(new URL('fixtures/lock-holder.ts', import.meta.url))
/** Bundled, because two hundred are started at once; it lies where it finds the addon. */
const holder = fileURLToPath(new URL('../out/lock-holder.mjs', import.meta.url))

interface Holder {
  readonly process: ChildProcessWithoutNullStreams
  readonly exit: Promise<number | string>
  readonly output: () => string
  readonly errors: () => string
}

const started: ChildProcessWithoutNullStreams[] = []

function start(storeDir: string, startAt_ms = 0, ...options: string[]): Holder {
  const argv = [holder, storeDir, String(startAt_ms), ...options]
  const child = spawn(process.execPath, argv)
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
    const options = {bundle: true, platform: 'node', format: 'esm'} as const
    buildSync({...options, entryPoints: [source], outfile: holder})
  })

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  /** Takes the lock in this process; comes back with what lay in the file meanwhile. */
  async function take(force = false): Promise<string> {
    const store = openStore(temporary())
    const {signal} = new AbortController()
    try {
      return await withLock(store, {force, now: new Date(), signal}, () =>
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

  it('says who holds it, and is gone afterwards', async () => {
    const [pid, json = ''] = (await take()).split('\n')
    expect(pid).to.equal(String(process.pid))
    const owner = JSON.parse(json) as Record<string, unknown>
    expect(owner).to.include({host: hostname(), boot: native().bootId()})
    expect(owner.start).to.equal(native().processStart(process.pid))
    expect(existsSync(lockFile())).to.be.false
  })

  it('is released when the work fails', async () => {
    const store = openStore(temporary())
    const {signal} = new AbortController()
    const work = (): Promise<never> => Promise.reject(new Error('broken'))
    const options = {force: false, now: new Date(), signal}
    const error = await withLock(store, options, work).catch(String)
    store.close()
    expect(error).to.equal('Error: broken')
    expect(existsSync(lockFile())).to.be.false
  })

  // What lies in the way, and is no lock of anybody alive.
  const stale: ReadonlyArray<[string, () => string]> = [
    ['an empty file', () => ''],
    ['garbage', () => '\u0000\u0001'],
    ['64 KiB of garbage and more', () => 'x'.repeat(200_000)],
    ['a dead owner', () => ownText(4_194_303, {start: 'long ago'})],
    ['the Python tool, dead', () => '4194303'],
    ['a number that another process has by now', () => ownText(process.ppid, {start: 'earlier'})],
    ['an earlier boot', () => ownText(process.ppid, {boot: 'before'})],
  ]
  for (const [what, text] of stale) {
    it(`takes over a lock that holds ${what}`, async () => {
      writeFileSync(lockFile(), text())
      expect(await take()).to.match(new RegExp(`^${process.pid}\n`))
      expect(existsSync(lockFile())).to.be.false
    })
  }

  it('takes over what is no file, and leaves alone what it points to', async () => {
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

  // Not flocked, but nobody can know: even --force must neither take it nor signal anybody.
  const unknowable: ReadonlyArray<[string, () => string]> = [
    ['another host', () => ownText(process.ppid, {host: 'elsewhere'})],
    ['a living process that the Python tool may be', () => String(process.ppid)],
  ]
  for (const [what, text] of unknowable) {
    it(`refuses the lock of ${what}, --force or not`, async () => {
      writeFileSync(lockFile(), text())
      for (const force of [false, true]) {
        const error = await failure(force)
        expect(error.code).to.equal('locked')
        expect(error.message).to.match(new RegExp(`process ${process.ppid}.*remove .backups_lock`))
      }
      expect(readFileSync(lockFile(), 'utf8')).to.equal(text())
    })
  }

  it('names the process that holds it', async () => {
    const one = start(temporary())
    await isHeld(one)
    const error = await failure()
    expect(error.code).to.equal('locked')
    expect(error.message).to.match(new RegExp(`process ${one.process.pid} on .* since 20`))
    one.process.stdin.end()
    expect(await one.exit).to.equal(0)
  })

  it('is taken over from an owner that was killed', async () => {
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
    it(`has one winner of ${many} at once${before === null ? '' : ', over a stale lock'}`, async () => {
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

  it('asks the owner to end with --force, and takes its place', async () => {
    const one = start(temporary())
    await isHeld(one)
    await take(true)
    // It had the time to clean up and to end by itself.
    expect(await one.exit).to.equal(0)
  })

  it('kills an owner that does not end', async () => {
    const one = start(temporary(), 0, '--stubborn')
    await isHeld(one)
    const begun = Date.now()
    await take(true)
    expect(Date.now() - begun).to.be.at.least(4900)
    expect(await one.exit).to.equal('SIGKILL')
  })

  it('never signals a process whose number was used again', async () => {
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
    // The control: with its true start it can be signalled.
    const ended = once(alive, 'exit')
    const begun = native().processStart(alive.pid ?? 0) ?? ''
    expect(native().signalProcess(alive.pid ?? 0, begun, 15)).to.be.true
    expect((await ended)[1]).to.equal('SIGTERM')
  })
})
