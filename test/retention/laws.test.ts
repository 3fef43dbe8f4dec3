// Laws that hold for retention in every case, and a naive twin that must agree with it.
import {expect} from 'chai'
import fc from 'fast-check'
import {ruleNames, type Policy, type Rule} from '../../src/retention/policy.js'
import {judge, newestFirst, type Candidate, type Verdict} from '../../src/retention/retention.js'
import {earlierThan} from '../../src/retention/turns.js'
import {namesKept, nows, places, wallTime, zoneOf} from './cases.js'
import {inTurn, isKept} from './reference.js'

// In minutes, so that snapshots share hours, days and longer periods up to years.
const steps_min = [7, 60, 60 * 24, 60 * 24 * 7, 60 * 24 * 31, 60 * 24 * 365]

const names = ['etc', 'home', 'srv']
const counts = ({finished, future}: Candidate): boolean => finished && !future

/** Each snapshot records the exclusions used before it, as a backup does. */
function recorded(snapshots: readonly Candidate[]): Candidate[] {
  const past: Candidate[] = []
  for (const snapshot of [...snapshots].sort(newestFirst).reverse()) {
    const earlier = earlierThan(snapshot.selection ?? '', past.filter(counts))
    past.unshift({...snapshot, earlier})
  }
  // In the order of the input.
  return snapshots.flatMap(({name}) => past.filter((one) => one.name === name))
}

function snapshotsBefore(now: Date): fc.Arbitrary<Candidate[]> {
  const snapshot = fc.record({
    // One of seven steps is in the future.
    age_min: fc.tuple(fc.constantFrom(...steps_min), fc.integer({min: -1, max: 5}), fc.nat(90)),
    finished: fc.integer({min: 0, max: 9}).map((dice) => dice > 0),
    pinned: fc.integer({min: 0, max: 9}).map((dice) => dice === 0),
    tags: fc.subarray(['x', 'y'], {maxLength: 1}),
    sources: fc.oneof(
      {weight: 4, arbitrary: fc.subarray(names)},
      {weight: 1, arbitrary: fc.constant(null)},
    ),
    selection: fc.constantFrom(null, '', '', 'x', 'x', 'y'),
  })
  const some = fc.array(snapshot, {maxLength: 14, size: 'max'})
  return fc.tuple(some, fc.boolean()).map(([snapshots, isRecorded]) => {
    const all = snapshots.map(({age_min: [step, count, more], ...rest}, index) => {
      const instant = new Date(now.getTime() - (step * count + more) * 60_000)
      // Not in the order of the input, because names decide between equal instants.
      const name = `snapshot ${(index * 7) % 15}`
      return {...rest, name, instant, future: instant > now}
    })
    return isRecorded ? recorded(all) : all
  })
}

const extents: fc.Arbitrary<Rule['extent']> = fc.oneof(
  fc.record({count: fc.integer({min: 1, max: 4})}),
  fc.record({
    amount: fc.oneof(fc.integer({min: 1, max: 5}), fc.integer({min: 1, max: 60})),
    unit: fc.constantFrom('h', 'd', 'w', 'm', 'y'),
  }),
)

const rules: fc.Arbitrary<Rule> = fc.record({rule: fc.constantFrom(...ruleNames), extent: extents})

const policies: fc.Arbitrary<Policy> = fc.record({
  rules: fc.array(rules, {maxLength: 3}),
  tags: fc.subarray(['x', 'y'], {maxLength: 1}),
})

const stores = fc.constantFrom(...nows).chain((now) =>
  fc.record({
    now: fc.constant(now),
    place: fc.constantFrom(...places),
    snapshots: snapshotsBefore(now),
    policy: policies,
  }),
)

type Store = typeof stores extends fc.Arbitrary<infer T> ? T : never

const verdictsOf = ({snapshots, policy, now, place}: Store): Verdict[] =>
  judge(snapshots, policy, now, zoneOf(place))

function holdsFor(law: (store: Store) => void): void {
  fc.assert(fc.property(stores, law), {seed: 1, numRuns: 500})
}

describe('laws of retention', () => {
  it('never removes the newest or the only one that counts', () => {
    holdsFor((store) => {
      const [newest, ...others] = verdictsOf(store).filter(({snapshot}) => counts(snapshot))
      if (newest === undefined) return
      expect(newest.keep).to.be.true
      expect(newest.reasons).to.include('newest')
      expect(newest.reasons.includes('only one')).to.equal(others.length === 0)
    })
  })

  it('never removes the newest snapshot that holds or may hold a source', () => {
    const doesHold = ({sources}: Candidate, name: string) => sources?.includes(name) ?? false
    const mayHold = ({sources}: Candidate, name: string) =>
      sources === null || sources.length === 0 || sources.includes(name)
    holdsFor((store) => {
      const counted = verdictsOf(store).filter(({snapshot}) => counts(snapshot))
      for (const name of names) {
        const surely = counted.find(({snapshot}) => doesHold(snapshot, name))
        const perhaps = counted.find(({snapshot}) => mayHold(snapshot, name))
        if (surely !== undefined) expect([surely.keep, perhaps?.keep]).to.deep.equal([true, true])
      }
    })
  })

  it('never removes the newest of exclusions that take turns', () => {
    let turns = 0
    holdsFor((store) => {
      const counted = verdictsOf(store).filter(({snapshot}) => counts(snapshot))
      for (const name of names) {
        const series = counted.filter(({snapshot: {sources}}) => {
          return sources === null || sources.length === 0 || sources.includes(name)
        })
        const snapshots = series.map(({snapshot}) => snapshot)
        if (!snapshots.some(({sources}) => sources?.includes(name) === true)) continue
        for (const selection of ['', 'x', 'y'].filter((one) => inTurn(one, snapshots))) {
          turns += 1
          const newest = series.find(({snapshot}) => snapshot.selection === selection)
          expect(newest?.keep).to.be.true
        }
      }
    })
    expect(turns).to.be.greaterThan(100) // the control
  })

  it('removes no more if exclusions are known', () => {
    let more = 0
    holdsFor((store) => {
      const {snapshots} = store
      const alike = snapshots.map((snapshot) => ({...snapshot, selection: null}))
      const kept = namesKept(verdictsOf({...store, snapshots: alike}))
      const now = namesKept(verdictsOf(store))
      expect(now).to.include.members(kept)
      if (now.length > kept.length) more += 1
    })
    expect(more).to.be.greaterThan(20) // the control
  })

  it('never removes unfinished, future or pinned snapshots', () => {
    holdsFor((store) => {
      for (const {snapshot, keep} of verdictsOf(store)) {
        if (!counts(snapshot) || snapshot.pinned) expect(keep).to.be.true
      }
    })
  })

  it('removes no more when a rule or a tag is added', () => {
    fc.assert(
      fc.property(stores, rules, (store, rule) => {
        const {policy} = store
        const kept = namesKept(verdictsOf(store))
        const more = {rules: [...policy.rules, rule], tags: [...policy.tags, 'y']}
        expect(namesKept(verdictsOf({...store, policy: more}))).to.include.members(kept)
      }),
      {seed: 1, numRuns: 500},
    )
  })

  it('gives the reasons of every rule that applies', () => {
    holdsFor((store) => {
      const {policy} = store
      const alone = [
        {rules: [], tags: policy.tags},
        ...policy.rules.map((rule) => ({rules: [rule], tags: []})),
      ].map((part) => verdictsOf({...store, policy: part}))
      verdictsOf(store).forEach(({reasons}, index) => {
        const each = new Set(alone.flatMap((verdicts) => verdicts[index]?.reasons ?? []))
        if (each.size > 1) each.delete('no rule keeps it')
        expect(reasons).to.have.members([...each])
      })
    })
  })

  it('removes nothing more in a second run', () => {
    holdsFor((store) => {
      const all = {...store, snapshots: recorded(store.snapshots)}
      const kept = verdictsOf(all).filter(({keep}) => keep)
      const snapshots = kept.map(({snapshot}) => snapshot)
      expect(namesKept(verdictsOf({...store, snapshots}))).to.deep.equal(namesKept(kept))
    })
  })

  it('does not depend on the order of its input, and does not change it', () => {
    const shuffled = stores.chain((store) => {
      const {snapshots} = store
      const order = fc.shuffledSubarray(snapshots, {minLength: snapshots.length})
      return fc.tuple(fc.constant(store), order)
    })
    fc.assert(
      fc.property(shuffled, ([store, snapshots]) => {
        const before = [...snapshots]
        expect(verdictsOf({...store, snapshots})).to.deep.equal(verdictsOf(store))
        expect(snapshots).to.deep.equal(before)
      }),
      {seed: 1, numRuns: 500},
    )
  })

  it('gives one verdict with reasons on each snapshot, the newest first', () => {
    holdsFor((store) => {
      const verdicts = verdictsOf(store)
      const judgedOnes = verdicts.map(({snapshot}) => snapshot)
      expect(judgedOnes).to.have.members(store.snapshots) // strictly the same ones, each once
      for (const {reasons} of verdicts) {
        expect(reasons).not.to.be.empty
        expect(new Set(reasons)).to.have.property('size', reasons.length)
      }
      const times = verdicts.map(({snapshot}) => snapshot.instant.getTime())
      expect(times).to.deep.equal([...times].sort((a, b) => b - a))
    })
  })

  it('agrees with its naive twin in 10,000 cases (slow)', () => {
    let removed = 0
    fc.assert(
      fc.property(stores, (store) => {
        const {snapshots, policy, now} = store
        const wall = (instant: Date) => wallTime(store.place, instant)
        for (const {snapshot, keep} of verdictsOf(store)) {
          const expected = isKept(snapshot, snapshots, policy, {now, wall})
          expect(keep, snapshot.name).to.equal(expected)
          if (!keep) removed += 1
        }
      }),
      {seed: 1, numRuns: 10_000},
    )
    expect(removed).to.be.greaterThan(10_000) // the control
  })
})
