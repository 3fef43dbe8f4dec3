// The lines of pin, unpin and tag.
import {expect} from 'chai'
import type {Annotated} from '../../src/operations/annotate.js'
import {annotateJson, annotateReport} from '../../src/report/annotate.js'

const snapshot = {name: 'A', pinned: true, tags: ['x', 'y\n'], changed: true, isRepaired: false}
const text = (facts: Partial<Annotated>, kind: 'pin' | 'tag', dryRun = false): string =>
  annotateReport({dryRun, snapshots: [{...snapshot, ...facts}], exit: 0}, kind)

describe('report-annotate', () => {
  it('says how each snapshot is now', () => {
    expect(text({}, 'pin')).to.equal('A: pinned\n')
    expect(text({changed: false}, 'pin')).to.equal('A: already pinned\n')
    expect(text({pinned: false}, 'pin')).to.equal('A: no longer pinned\n')
    expect(text({pinned: false, changed: false}, 'pin')).to.equal('A: was not pinned\n')
    expect(text({}, 'tag')).to.equal('A: tags x, y\\x0a\n')
    expect(text({tags: []}, 'tag')).to.equal('A: no tags\n')
    expect(text({isRepaired: true, tags: ['x']}, 'tag')).to.match(/^A: tags x \(replaces a damaged/)
    expect(text({had: ['x'], lacked: ['a', 'b']}, 'tag')).to.equal(
      'A: tags x, y\\x0a (it already had x; it did not have a, b)\n',
    )
    expect(text({}, 'pin', true)).to.match(/\nNothing was changed, because this was a dry run\.\n$/)
  })

  it('gives programs name, pin and tags', () => {
    expect(annotateJson({dryRun: false, snapshots: [snapshot], exit: 0})).to.deep.equal({
      dry_run: false,
      snapshots: [{name: 'A', pinned: true, tags: ['x', 'y\n']}],
      exit: 0,
    })
  })
})
