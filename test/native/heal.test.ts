// Healing: the good content comes back under every name, and nothing else changes.
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {follow} from '../../src/native/job.js'
import type {Damage, DonorPath, Healed, HealOptions} from '../../src/native/native.js'
import {flip, verified, verifying} from './verifying.js'
import {inventory, type Item} from './inventory.js'
import {isRoot, python, sh, workshop} from './workshop.js'

type Sources = (damages: readonly Damage[]) => DonorPath[]

/** Heals what is damaged now. */
function heal(
  storeDir: string,
  sources: Sources = () => [],
  replica: HealOptions['replica'] = null,
): Promise<{healed: Healed; damages: Damage[]}> {
  return verifying(storeDir, {}, async (verification, {damages}) => {
    const job = verification.heal({sources: sources(damages), replica})
    const healed = await follow(job, new AbortController().signal, () => undefined)
    return {healed, damages: verification.damages(1000)}
  })
}

/** Everything in the snapshots, with inode numbers replaced by the first name of each inode. */
function partition(storeDir: string): unknown[] {
  const first = new Map<unknown, unknown>()
  return readdirSync(storeDir)
    .filter((name) => /^\d/.test(name))
    .sort()
    .flatMap((name) =>
      inventory(join(storeDir, name)).map((item: Item) => {
        const {ino, ...rest} = item
        if (!first.has(ino)) first.set(ino, `${name}/${String(rest.path)}`)
        return {...rest, name, first: first.get(ino)}
      }),
    )
}

describe('heal', () => {
  const {docs, store, path, snapshot} = workshop()
  const text = 'good '.repeat(1000)

  /** Two snapshots that share a file with two names. */
  async function make(): Promise<string[]> {
    mkdirSync(docs('sub'))
    writeFileSync(docs('sub/a'), text)
    linkSync(docs('sub/a'), docs('twin'))
    writeFileSync(docs('b'), 'other')
    if (isRoot)
      python(docs(), `os.setxattr('sub/a', 'user.note', b'kept'); os.chmod('sub/a', 0o4751)`)
    const first = await snapshot()
    appendFileSync(docs('b'), 'more')
    return [first, await snapshot()]
  }

  const fromSource: Sources = (damages) =>
    damages.map((_, damage) => ({damage, path: Buffer.from(docs('sub/a'))}))

  it('takes the content from the source', async () => {
    const [first = ''] = await make()
    const before = partition(store())
    flip(store(first, 'docs/sub/a'))
    const bad = readFileSync(store(first, 'docs/sub/a'))
    const {healed, damages} = await heal(store(), fromSource)
    expect(healed).to.include({healed: 1, failed: 0})
    expect(damages[0]?.healed).to.equal(true)
    expect(damages[0]?.donor?.kind).to.equal('source')
    expect(partition(store())).to.deep.equal(before)
    const [kept = ''] = readdirSync(store('.backup_quarantine'))
    expect(readFileSync(store('.backup_quarantine', kept))).to.deep.equal(bad)
    const again = await verified(store())
    expect(again.damages).to.deep.equal([])
    expect(again.checked.damagedInodes).to.equal(0)
  })

  it('takes the content from another inode of the store', async () => {
    writeFileSync(docs('copy'), text)
    const [first = ''] = await make()
    const before = partition(store())
    flip(store(first, 'docs/sub/a'))
    const {damages} = await heal(store())
    expect(damages[0]?.donor?.kind).to.equal('store')
    expect(partition(store())).to.deep.equal(before)
    expect((await verified(store())).damages).to.deep.equal([])
  })

  it('takes the content from a replica', async () => {
    const [first = ''] = await make()
    sh('cp', '-a', store(), path('replica'))
    const before = partition(store())
    flip(store(first, 'docs/sub/a'))
    const {damages} = await heal(store(), () => [], {path: path('replica'), snapshots: [first]})
    expect(damages[0]?.donor?.kind).to.equal('replica')
    expect(partition(store())).to.deep.equal(before)
  })

  it('refuses a donor with other content', async () => {
    const [first = ''] = await make()
    flip(store(first, 'docs/sub/a'))
    const before = inventory(store(first))
    writeFileSync(docs('sub/a'), text.replace('good', 'evil'))
    const {healed, damages} = await heal(store(), fromSource)
    expect(healed).to.include({healed: 0, failed: 1})
    expect(damages[0]?.healed).to.equal(false)
    expect(inventory(store(first))).to.deep.equal(before)
    expect(existsSync(store('.partial-heal'))).to.equal(false)
  })

  it('joins a name that was lost with its other names', async () => {
    const [first = ''] = await make()
    const before = partition(store())
    unlinkSync(store(first, 'docs/twin'))
    await heal(store())
    expect(partition(store())).to.deep.equal(before)
  })

  it('puts metadata back', async function () {
    if (!isRoot) this.skip()
    const [first = ''] = await make()
    const before = partition(store())
    python(
      store(first),
      `os.chmod('docs/sub/a', 0o600); os.chown('docs/b', 5, 5); os.chmod('docs/sub', 0o777)`,
    )
    const {healed} = await heal(store())
    expect(healed.failed).to.equal(0)
    expect(partition(store())).to.deep.equal(before)
    expect((await verified(store())).damages).to.deep.equal([])
  })

  it('keeps attributes that nobody has as recorded, and says so', async function () {
    if (!isRoot) this.skip()
    const [first = ''] = await make()
    python(store(first), "os.setxattr('docs/sub/a', 'user.extra', b'new')")
    python(docs(), "os.removexattr('sub/a', 'user.note')")
    const {healed} = await heal(store(), fromSource)
    expect(healed.notes.map(({kind}) => kind)).to.include('xattr:lost')
    const kept = inventory(store(first)).find((item) => item.path === 'docs/sub/a')
    expect(kept?.xattrs).to.have.all.keys('user.extra', 'user.note')
  })

  it('finishes what another run began', async () => {
    const [first = '', second = ''] = await make()
    const before = partition(store())
    flip(store(first, 'docs/sub/a'))
    // As if a healing had been killed after its first name.
    python(
      store(),
      `s = os.stat('${first}/docs'); b = os.stat('${first}/docs/twin')
data = open('${first}/docs/twin', 'rb').read(); good = bytes([data[0] ^ 1]) + data[1:]
open('new', 'wb').write(good); os.chown('new', b.st_uid, b.st_gid)
${isRoot ? "os.setxattr('new', 'user.note', b'kept')" : ''}
os.chmod('new', stat.S_IMODE(b.st_mode)); os.utime('new', ns=(b.st_atime_ns, b.st_mtime_ns)); os.rename('new', '${first}/docs/twin')`,
    )
    const {healed} = await heal(store(), fromSource)
    expect(healed.failed).to.equal(0)
    expect(partition(store())).to.deep.equal(before)
    expect(second).to.not.equal('')
    rmSync(store('.backup_quarantine'), {recursive: true})
  })
})
