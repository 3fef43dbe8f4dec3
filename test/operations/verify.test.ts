// The operation verify: what it finds, heals and records, and how it ends.
import {existsSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs' // prettier-ignore
import {expect} from 'chai'
import {openStore} from '../../src/store/store.js'
import {withLock} from '../../src/store/lock.js'
import {flip} from '../native/verifying.js'
import {runProgram} from '../native/programs.js'
import {isRoot, python, settle, sh, workshop} from '../native/workshop.js'

interface DamageJson {
  readonly kind: string
  readonly sha256: string | null
  readonly actual_sha256: string | null
  readonly paths: ReadonlyArray<{readonly snapshot: string; readonly path: string}>
  readonly healed: boolean
  readonly donor: {readonly kind: string; readonly path: string} | null
}

interface VerifyJson {
  readonly snapshots: number
  readonly checked_inodes: number
  readonly unread_inodes: number
  readonly oldest_verification: string | null
  readonly damaged_inodes: number
  readonly complete: boolean
  readonly recorded: boolean
  readonly warnings: readonly string[]
  readonly rotten?: ReadonlyArray<{path: string; snapshot: string; command: string | null}>
  readonly damaged: readonly DamageJson[]
  readonly exit: number
}

describe('verify, the operation', () => {
  const {path, store, docs, snapshot, later} = workshop()

  const verify = (...argv: string[]) => runProgram(['verify', '-b', store(), ...argv])

  function json(exit: number, ...argv: string[]): VerifyJson {
    const {exit: actual, out, err} = verify('--json', ...argv)
    expect({exit: actual, err}, out).to.deep.equal({exit, err: ''})
    return JSON.parse(out) as VerifyJson
  }

  /** Three snapshots that share `same`, the newest first. */
  async function make(): Promise<string[]> {
    mkdirSync(docs('sub'))
    writeFileSync(docs('same'), 'the same in all')
    writeFileSync(docs('sub/other'), 'other')
    linkSync(docs('same'), docs('sub/twin'))
    const names: string[] = []
    for (const n of [1, 2, 3]) {
      writeFileSync(docs('new'), `version ${n}`)
      await settle()
      names.unshift(await snapshot())
    }
    return names
  }

  it('finds nothing in a store as it was recorded, and records what it read', async () => {
    await make()
    const first = json(0)
    expect(first).to.deep.include({command: 'verify', format: 1, snapshots: 3, damaged: []})
    expect(first).to.deep.include({checked_inodes: 0, oldest_verification: null})
    expect(first.unread_inodes).to.equal(5)
    const second = json(0, '--read', 'all')
    expect(second).to.deep.include({checked_inodes: 5, unread_inodes: 0, complete: true})
    expect(second.oldest_verification).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(json(0, '--read', 'new').checked_inodes).to.equal(0)
    expect(verify('--read', 'all').out).to.match(/^Checked 3 snapshots with /)
  })

  it('reads in slices that reach everything, and says what is left', async () => {
    await make()
    const slice = json(0, '--read', '20%')
    expect(slice.complete).to.equal(false)
    expect(slice.checked_inodes).to.be.above(0).and.below(5)
    for (let runs = 0; runs < 5; runs += 1) json(0, '--read', '20%')
    expect(json(0).unread_inodes).to.equal(0)
  })

  it('names a damaged file with all snapshots and paths, until it is healed', async () => {
    const names = await make()
    flip(store(names[1] ?? '', 'docs', 'same'))
    expect(json(0).damaged).to.deep.equal([]) // nobody has read it
    const {damaged, damaged_inodes: many} = json(5, '--read', 'all')
    expect(many).to.equal(1)
    expect(damaged.map(({kind}) => kind)).to.deep.equal(['content'])
    const places = damaged.flatMap(({paths}) => paths.map((one) => `${one.snapshot} ${one.path}`))
    const trees = names.flatMap((name) => [`${name} docs/same`, `${name} docs/sub/twin`])
    expect(places).to.include.members(trees)
    expect(damaged[0]?.sha256).not.to.equal(damaged[0]?.actual_sha256)
    expect(json(5).damaged).to.have.length(1) // it is still known
    const {exit, err, out} = verify('--read', 'bad')
    expect(exit).to.equal(5)
    expect(err)
      .to.match(/docs\/(same|sub\/twin): its content is damaged/)
      .and.match(/verify -b \S+ --heal$/m)
    expect(out).to.match(/1 damage found and not healed\n$/)
  })

  it('prints each damage as a line, the summary last', async () => {
    const [name = ''] = await make()
    flip(store(name, 'docs', 'new'))
    const {exit, out} = verify('--read', 'all', '--json-lines')
    const events = out.trim().split('\n').map((line) => JSON.parse(line) as {event: string}) // prettier-ignore
    expect(exit).to.equal(5)
    expect(events.filter(({event}) => event === 'damage')).to.have.length(1)
    expect(events.at(-1)).to.deep.include({event: 'summary', exit: 5})
  })

  it('heals from the live source, and keeps the bad bytes', async () => {
    const names = await make()
    const good = readFileSync(docs('same'), 'utf8')
    flip(store(names[0] ?? '', 'docs', 'same'))
    json(5, '--read', 'all')
    const dry = json(5, '--heal', '-n')
    expect(dry.damaged.map(({healed}) => healed)).to.deep.equal([false])
    expect(existsSync(store('.backup_quarantine'))).to.equal(false)
    const {damaged, damaged_inodes: many} = json(0, '--heal')
    expect(damaged.map(({healed, donor}) => ({healed, kind: donor?.kind}))).to.deep.equal([
      {healed: true, kind: 'source'},
    ])
    expect(many).to.equal(0)
    for (const name of names) {
      expect(readFileSync(store(name, 'docs', 'same'), 'utf8')).to.equal(good)
      const [one, twin] = ['same', 'sub/twin'].map((file) => statSync(store(name, 'docs', file)))
      expect(one?.ino).to.equal(twin?.ino)
    }
    expect(readdirSync(store('.backup_quarantine'))).not.to.deep.equal([])
    expect(json(0, '--read', 'all').damaged).to.deep.equal([])
  })

  it('heals from another store if the source has changed', async () => {
    const [name = ''] = await make()
    sh('cp', '-a', store(), path('replica'))
    flip(store(name, 'docs', 'new'))
    writeFileSync(docs('new'), 'something else')
    expect(json(5, '--read', 'all', '--heal').damaged[0]).to.include({healed: false, donor: null})
    const {damaged} = json(0, '--heal', '--replica', path('replica'))
    expect(damaged[0]?.donor?.kind).to.equal('replica')
    expect(readFileSync(store(name, 'docs', 'new'), 'utf8')).to.equal('version 3')
    expect(verify('--heal', '--replica', path('gone'))).to.include({exit: 10})
  })

  it('takes the lock to heal, and waits for nobody otherwise', async () => {
    await make()
    const held = openStore(store())
    later(() => {
      held.close()
    })
    const {signal} = new AbortController()
    await withLock(held, {signal, now: new Date(), force: false, wait_ms: 0}, () => {
      json(0, '--read', 'all')
      json(0, '--heal', '-n')
      expect(verify('--heal')).to.include({exit: 11, out: ''})
      return Promise.resolve()
    })
    mkdirSync(store('.trash-2025-01-01_00-00-00'))
    json(0, '--heal')
    expect(existsSync(store('.trash-2025-01-01_00-00-00'))).to.equal(false)
  })

  it('runs alone', async () => {
    await make()
    const other = openStore(store())
    const limits = {mostBytes: null, mostShare: null, most_ms: null, before_s: null, bytesPerSecond: null} // prettier-ignore
    const rest = {snapshots: [], all: [], reading: 'none', excused: [], now_s: 1} as const
    const running = other.verify({...limits, ...rest})
    later(() => {
      other.close()
    })
    expect(verify()).to.deep.include({
      exit: 11,
      err: 'cura-te-ipsum: another verify runs on this store: wait until it ends\n',
    })
    running.close()
    json(0)
  })

  it('verifies the named snapshots alone, and names a damaged marker', async () => {
    const [third = '', second = '', first = ''] = await make()
    flip(store(third, 'docs', 'new'))
    expect(json(0, '--read', 'all', first, second)).to.deep.include({snapshots: 2, damaged: []})
    expect(json(5, '--read', 'all', 'latest').damaged).to.have.length(1)
    writeFileSync(store(first, '.backup_finished'), 'damaged')
    const {damaged} = json(5, first)
    expect(damaged.map(({kind, paths}) => [kind, ...paths.map((one) => one.snapshot)])).to.deep.equal([['marker', first]]) // prettier-ignore
    expect(verify('2020-01-01')).to.include({exit: 7})
  })

  it('ignores unfinished snapshots, with a warning if one is named', async () => {
    await make()
    mkdirSync(store('2025-01-01_00-00-00', 'docs'), {recursive: true})
    expect(json(0).snapshots).to.equal(3)
    const {snapshots, warnings} = json(3, 'latest', '2025-01-01_00-00-00')
    expect(snapshots).to.equal(1)
    expect(warnings.join()).to.match(/^2025-01-01_00-00-00 is unfinished/)
  })

  it('finds damage in the source, and prints the command that restores it (needs root)', function () {
    if (!isRoot) this.skip()
    const image = path('image')
    sh('truncate', '-s', '16M', image)
    sh('mkfs.ext4', '-q', '-F', '-I', '256', '-b', '4096', image)
    const mounted = <T>(work: () => T): T => {
      sh('mount', '-o', 'loop', image, docs())
      try {
        return work()
      } finally {
        sh('umount', docs())
      }
    }
    const file = docs('in', "ann's")
    mounted(() => {
      mkdirSync(docs('in'))
      writeFileSync(file, 'written once, never again')
      runProgram(['backup', '-b', store(), docs('in')])
    })
    // Only a disk changes content without a new ctime.
    python('/', `p = ${JSON.stringify(image)}; b = open(p, 'rb').read(); i = b.index(b'written once'); f = open(p, 'r+b'); f.seek(i); f.write(b'W'); f.close()`) // prettier-ignore
    mounted(() => {
      const {rotten = []} = json(5, '--source')
      expect(rotten.map((one) => one.path)).to.deep.equal([file])
      expect(json(5, '--source', '--read', 'all').checked_inodes).to.equal(1)
      const words = sh('bash', '-c', `printf '%s\\0' ${String(rotten[0]?.command)}`).split('\0')
      expect(words.slice(4, -1)).to.deep.equal([
        ...[`${String(rotten[0]?.snapshot)}:in/ann's`, '--in-place', '--overwrite', 'always'],
      ])
      const restored = runProgram(words.slice(1, -1))
      expect(restored.exit, restored.err).to.equal(0)
      expect(readFileSync(file, 'utf8')).to.equal('written once, never again')
      expect(json(0, '--source').rotten).to.deep.equal([])
    })
  })

  it('compares no source with an unusable record, and says so', async () => {
    const [name = ''] = await make()
    writeFileSync(store(name, '.backup_manifest'), 'damaged')
    const {damaged, warnings, rotten} = json(5, '--source')
    expect(damaged.map(({kind}) => kind)).to.deep.equal(['record'])
    expect(warnings.join()).to.match(/docs could not be compared with /)
    expect(rotten).to.deep.equal([])
  })

  it('does not take an edit for damage in the source', async () => {
    await make()
    expect(json(0, '--source').rotten).to.deep.equal([])
    writeFileSync(docs('new'), 'an edit')
    expect(json(0, '--source', '--read', 'all')).to.deep.include({rotten: [], checked_inodes: 5})
  })

  it('warns of a source that is not there', async () => {
    await make()
    renameSync(docs(), path('away'))
    const {warnings} = json(3, '--source')
    expect(warnings.join()).to.match(/docs is not there now, so it was not compared/)
  })

  it('is shown by status and snapshots', async () => {
    const [name = ''] = await make()
    const statusOf = (command: string) =>
      JSON.parse(runProgram([command, '-b', store(), '--json']).out) as VerifyJson & {
        readonly problems?: ReadonlyArray<{readonly text: string; readonly grave: boolean}>
      }
    for (const command of ['status', 'snapshots']) {
      expect(statusOf(command)).to.include({oldest_verification: null, damaged_inodes: 0})
    }
    flip(store(name, 'docs', 'new'))
    json(5, '--read', 'all')
    for (const command of ['status', 'snapshots']) {
      const {oldest_verification: oldest, ...rest} = statusOf(command)
      expect(oldest).to.match(/Z$/)
      expect(rest).to.include({damaged_inodes: 1, unread_inodes: 0})
    }
    const {problems = [], exit} = statusOf('status')
    expect(exit).to.equal(3)
    expect(problems.filter(({grave}) => grave).map(({text}) => text).join()).to.match(/verify --heal/) // prettier-ignore
    expect(runProgram(['status', '-b', store()]).out).to.match(/^Verified: oldest reading .* ago/m)
    rmSync(store('.backup_scrub'))
    expect(statusOf('status')).to.include({damaged_inodes: 0})
  })
})
