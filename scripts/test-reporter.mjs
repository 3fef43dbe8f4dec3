// Mocha's own report, followed by one line of totals that a program can read: "N passed, N failed".
import mocha from 'mocha'

export default class TestReporter extends mocha.reporters.Spec {
  epilogue() {
    super.epilogue()
    const {passes, failures, pending} = this.stats
    const skipped = pending === 0 ? '' : `, ${pending} skipped`
    console.log(`${passes} passed, ${failures} failed${skipped}`)
  }
}
