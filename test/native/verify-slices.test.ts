// Verification in slices: everything is read once before anything is read twice.
import {appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {openStore} from '../../src/store/store.js'
import {verified, verifying} from './verifying.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const now_s = 1_800_000_000

describe('verify in slices', () => {
  const {docs, store, path, snapshot} = workshop()

  const many = 300
  const makeFiles = (prefix: string, count: number): void => {
    python(
      docs(),
      `for n in range(${count}): os.makedirs('${prefix}%d' % (n % 7), exist_ok=True); open('${prefix}%d/%d' % (n % 7, n), 'w').write('${prefix}%d' % n * 50)`,
    )
  }

  it('reads everything once before anything twice, and finds damage in the tail', async () => {
    makeFiles('a', many)
    await snapshot()
    appendFileSync(docs('a3/3'), 'more')
    const name = await snapshot()
    // The last file of the listing, which a slice that always begins at the front never reaches.
    const victim = store(name, 'docs/a6/97')
    python(
      store(),
      `p = ${JSON.stringify(victim)}; s = os.stat(p); f = open(p, 'r+b'); b = f.read(1); f.seek(0); f.write(bytes([b[0] ^ 1])); f.close(); os.utime(p, ns=(s.st_atime_ns, s.st_mtime_ns))`,
    )
    let found = 0
    let left = many + 1
    for (let run = 0; left > 0 && run < 100; run += 1) {
      const {checked} = await verified(store(), {mostBytes: 3000, now_s: now_s + run})
      expect(checked.unreadInodes, `run ${run}`).to.be.below(left)
      left = checked.unreadInodes
      found = checked.damagedInodes
    }
    expect(left).to.equal(0)
    expect(found).to.equal(1)
    // The second cycle begins with what was bad, then goes on with what was read first.
    const {checked, damages} = await verified(store(), {mostBytes: 1, now_s: now_s + 200})
    expect(checked.checkedInodes).to.be.greaterThan(0)
    expect(damages.map(({kind}) => kind)).to.deep.equal(['content'])
  })

  it('reads new files first', async () => {
    makeFiles('a', many)
    await snapshot()
    await verified(store())
    makeFiles('b', 5)
    await snapshot()
    const {checked} = await verified(store(), {mostBytes: 500})
    expect(checked.unreadInodes).to.be.lessThan(5)
    const second = await verified(store(), {reading: 'new'})
    expect(second.checked.unreadInodes).to.equal(0)
    expect(second.checked.checkedInodes).to.be.lessThan(6)
  })

  it('loses nothing when it is stopped', async () => {
    makeFiles('a', many)
    await snapshot()
    let left = many
    for (let run = 0; run < 200 && left > 0; run += 1) {
      const handle = openStore(store())
      const names = readdirSync(store()).filter((name) => /^\d/.test(name))
      const verification = handle.verify({
        ...{snapshots: names.map((name) => ({name, hasNoRecord: false, base: null})), all: names},
        ...{reading: 'all', mostBytes: null, mostShare: null, most_ms: null, before_s: null},
        ...{bytesPerSecond: 2_000_000, excused: [], now_s: now_s + run},
      })
      const job = verification.check()
      setTimeout(() => {
        job.abort()
      }, 20)
      const ended = await job.done.then(
        () => 'done',
        (error: unknown) => (error as {code?: string}).code,
      )
      verification.close()
      const summary = handle.readScrub()
      handle.close()
      expect(summary?.unreadInodes).to.be.at.most(left)
      left = summary?.unreadInodes ?? left
      if (ended === 'done') break
      expect(ended).to.equal('ABORT_ERR')
    }
    expect(left).to.equal(0)
  })

  it('ignores the record of a copied store', async () => {
    makeFiles('a', 10)
    await snapshot()
    await verified(store())
    sh('cp', '-a', store(), path('copy'))
    const copy = openStore(path('copy'))
    expect(copy.readScrub()).to.equal(null)
    copy.close()
    const {checked, damages} = await verified(path('copy'), {reading: 'new'})
    expect(damages).to.deep.equal([])
    expect(checked.checkedInodes).to.equal(10)
  })

  it('survives a damaged record of its own', async () => {
    makeFiles('a', 10)
    await snapshot()
    await verified(store())
    const scrub = store('.backup_scrub')
    const bytes = readFileSync(scrub)
    for (let at = 0; at < bytes.length; at += 7) {
      const bad = Buffer.from(bytes)
      bad[at] = (bad[at] ?? 0) ^ 0xff
      writeFileSync(scrub, bad)
      const {checked, damages} = await verified(store())
      expect(damages).to.deep.equal([])
      expect(checked.inodes).to.equal(10)
    }
    rmSync(scrub)
  })

  it('lets only one run at a time', async () => {
    makeFiles('a', 10)
    await snapshot()
    await verifying(store(), {}, async () => {
      const error: unknown = await verified(store()).catch((reason: unknown) => reason)
      expect(error).to.have.property('code', 'VERIFY_LOCKED')
    })
  })

  it('reads each inode once, however many snapshots share it', async () => {
    makeFiles('a', many)
    await snapshot()
    for (let run = 0; run < 3; run += 1) {
      appendFileSync(docs('a3/3'), 'more')
      await snapshot()
    }
    const {checked} = await verified(store())
    expect(checked.checkedInodes).to.equal(many + 3)
    expect(checked.checkedBytes).to.equal(checked.bytes)
  })

  it('names an unreadable record', async function () {
    if (!isRoot) this.skip()
    makeFiles('a', 10)
    const name = await snapshot()
    const record = join(store(name), '.backup_manifest')
    const bytes = readFileSync(record)
    bytes[20] = (bytes[20] ?? 0) ^ 0xff
    writeFileSync(record, bytes)
    const {damages} = await verified(store())
    expect(damages.map(({kind, paths}) => [kind, paths[0]?.snapshot])).to.deep.equal([
      ['record', name],
    ])
  })
})
