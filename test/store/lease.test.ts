// Leases between real processes: a leased snapshot stays, however its reader ends.
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, renameSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import type {NativeStore} from '../../src/native/native.js'
import {prune, type PruneResult} from '../../src/operations/prune.js'
import {status} from '../../src/operations/status.js'
import {policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {withLease} from '../../src/store/lease.js'
import {openStore} from '../../src/store/store.js'
import {runProgram, startProgram, until} from '../native/programs.js'
import {isRoot, python, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const holder = fileURLToPath(new URL('../fixtures/lease-holder.ts', import.meta.url))
const now = new Date(2025, 5, 15, 12, 0, 0)
const names = ['2025-06-12_12-00-00', '2025-06-13_12-00-00', '2025-06-14_12-00-00'] as const
const [oldest, middle, newest] = names

describe('lease', () => {
  const {docs, store, later, backUp} = workshop()

  const make = (name: string): void => {
    mkdirSync(store(name, 'docs'), {recursive: true})
    writeFileSync(store(name, 'docs', 'a.txt'), name)
    writeFileSync(store(name, '.backup_finished'), '')
  }
  beforeEach(() => {
    for (const name of names) make(name)
  })

  const policy = policyFrom({'keep-last': '1'})
  const pruneWith = (dryRun = false): Promise<PruneResult> =>
    prune({
      ...{storeDir: store(), policy, zone: localZone, dryRun, force: false, clock: () => now},
      ...{signal: new AbortController().signal, emit: () => Promise.resolve()},
    })
  const shown = (): string[] => storedIn(store()).sort()

  /** Another process that has a lease. */
  async function hold(name: string): Promise<ChildProcess> {
    const argv = ['--import=tsx', holder, store(), name]
    const child = spawn(process.execPath, argv, {stdio: ['pipe', 'pipe', 'inherit']})
    later(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    return child
  }

  async function end(child: ChildProcess, how: 'SIGKILL' | 'input'): Promise<void> {
    const ended = once(child, 'exit')
    if (how === 'input') child.stdin?.end()
    else child.kill(how)
    await ended
  }

  const open = (): NativeStore => {
    const opened = openStore(store())
    later(() => {
      opened.close()
    })
    return opened
  }

  for (const how of ['SIGKILL', 'input'] as const) {
    it(`keeps a snapshot from prune until its process ends by ${how}`, async () => {
      const child = await hold(oldest)
      const expected = {
        removed: [middle],
        leased: [oldest],
        verdicts: [
          [newest, true, ['newest', 'last 1']],
          [middle, false, ['no rule keeps it']],
          [oldest, true, ['leased']],
        ],
      }
      const told = ({removal, verdicts}: PruneResult) => ({
        removed: removal.names,
        leased: removal.leased,
        verdicts: verdicts.map(({snapshot, keep, reasons}) => [snapshot.name, keep, reasons]),
      })
      expect(told(await pruneWith(true))).to.deep.equal(expected)
      expect(shown()).to.deep.equal(names)
      const result = await pruneWith()
      expect(told(result)).to.deep.equal(expected)
      expect(result.exit).to.equal(0)
      expect(shown()).to.deep.equal([oldest, newest])
      await end(child, how)
      expect((await pruneWith()).removal.names).to.deep.equal([oldest]) // the control
      expect(shown()).to.deep.equal([newest])
    })
  }

  it('is reported by prune and status, as text and as JSON', async () => {
    await hold(oldest)
    const argv = ['-b', store(), '--keep-last', '1']
    const sentence = `Kept until the next run because another process reads it: ${oldest}.\n`
    expect(runProgram(['prune', '-n', ...argv]).out).to.include(sentence)
    const {removed} = JSON.parse(runProgram(['prune', '-n', ...argv, '--json']).out) as {
      removed: object
    }
    expect(removed).to.deep.include({names: [middle], leased: [oldest]})
    const {verdicts} = status({storeDir: store(), now, policy, zone: localZone})
    expect(verdicts.map(({reasons}) => reasons.join())).to.deep.equal([
      'newest,last 1',
      'no rule keeps it',
      'leased',
    ])
  })

  it('keeps a snapshot from the pruning of a backup', async () => {
    await hold(oldest)
    writeFileSync(docs('a.txt'), 'a')
    const {pruned} = await backUp({pruning: {policy, zone: localZone}, clock: () => now})
    expect(pruned).to.deep.include({names: [middle, newest], leased: [oldest], problems: []})
  })

  it('keeps a snapshot when a backup makes room (needs root)', async function () {
    if (!isRoot) this.skip()
    sh('mount', '-t', 'tmpfs', '-o', 'size=3m,mode=700', 'none', store())
    later(() => sh('umount', store()))
    for (const name of names) {
      make(name)
      writeFileSync(store(name, 'docs', 'large'), Buffer.alloc(700_000, name))
    }
    writeFileSync(docs('large'), Buffer.alloc(1_200_000))
    const [first, second] = [await hold(oldest), await hold(middle)]
    const pruning = {policy, zone: localZone}
    const error: unknown = await backUp({pruning, clock: () => now}).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(CuraError).with.property('code', 'noSpace')
    expect((error as Error).message).to.match(/another process reads it: try again later$/)
    expect(shown()).to.deep.equal(names)
    await end(first, 'SIGKILL')
    const {madeRoom, snapshot} = await backUp({pruning, clock: () => now})
    expect(madeRoom).to.deep.equal([oldest])
    expect(shown()).to.deep.equal([middle, snapshot])
    await end(second, 'input')
  })

  it('is not taken on a snapshot that is gone', async () => {
    const opened = open()
    renameSync(store(oldest), store('elsewhere'))
    const work = () => Promise.resolve('read')
    const error: unknown = await withLease(opened, oldest, work).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(CuraError).with.property('code', 'notFound')
    expect(await withLease(opened, middle, work)).to.equal('read') // the control
    expect(opened.isLeased(middle)).to.be.false
  })

  it('ends when the reader fails, and when the store is closed', async () => {
    const [reader, other] = [open(), open()]
    const failing = withLease(reader, oldest, () => Promise.reject(new Error('no')))
    expect(other.isLeased(oldest)).to.be.true
    await failing.catch(() => undefined)
    expect(other.isLeased(oldest)).to.be.false
    reader.lease(oldest)
    reader.lease(oldest)
    reader.release(oldest)
    expect(other.isLeased(oldest)).to.be.true // by the second lease
    reader.close()
    expect(other.isLeased(oldest)).to.be.false
    expect(other.trash(oldest, `.trash-${oldest}`)).to.be.true
  })

  it('is shared by several readers, and lasts until the last one ends', () => {
    const [a, b, remover] = [open(), open(), open()]
    a.lease(oldest)
    b.lease(oldest)
    expect(remover.trash(oldest, `.trash-${oldest}`)).to.be.false
    a.release(oldest)
    expect(remover.trash(oldest, `.trash-${oldest}`)).to.be.false
    b.release(oldest)
    expect(remover.trash(oldest, `.trash-${oldest}`)).to.be.true
  })

  it('is not what another process does that looks for leases', async function () {
    this.retries(3) // on a busy machine the other process may be stopped while it looks
    const code = `import fcntl, os, time
fd = os.open(${JSON.stringify(store(oldest))}, os.O_RDONLY)
print('looks', flush=True)
while True:
    fcntl.flock(fd, fcntl.LOCK_EX)
    time.sleep(0.003)
    fcntl.flock(fd, fcntl.LOCK_UN)
    time.sleep(0.003)`
    const child = spawn('python3', ['-I', '-S', '-c', code], {stdio: ['ignore', 'pipe', 'inherit']})
    later(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    const opened = open()
    const looks = Array.from({length: 40}, () => opened.isLeased(oldest))
    expect(looks).not.to.include(true)
    open().lease(oldest) // the control
    expect(opened.isLeased(oldest)).to.be.true
  })

  it('counts as held if the directory cannot be opened', () => {
    const remover = open()
    writeFileSync(store('file'), '') // cannot be opened as a directory, not even by root
    expect(() => remover.trash('file', '.trash-file'))
      .to.throw()
      .with.property('code', 'ENOTDIR')
    expect(shown()).to.deep.equal([...names, 'file'])
    expect(remover.trash(oldest, `.trash-${oldest}`)).to.be.true // the control
  })

  it('is held by digests while it lists (slow)', async () => {
    python(docs(), "for n in range(4000): open('%05d' % n, 'w').close()")
    const {snapshot} = await backUp({clock: () => now})
    const name = snapshot ?? ''
    const opened = open()
    expect(opened.isLeased(name)).to.be.false
    const running = startProgram(['digests', '-b', store(), name], {under: ['sh', '-c', '"$@" | { sleep 2; cat; }', 'sh']}) // prettier-ignore
    await until(() => opened.isLeased(name))
    expect((await running.ended).out.split('\n')).to.have.length(4001)
    expect(opened.isLeased(name)).to.be.false
  })
})
