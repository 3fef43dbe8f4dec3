// Counts in a process of the coverage twin which characters of the bundle run, and writes it down when
// the process ends. It does not take NODE_V8_COVERAGE for it: that writes a megabyte for each process,
// and nothing where the process runs as a user who may not write there.
const {writeFileSync} = require('node:fs')
const {Session} = require('node:inspector')
const {basename, join} = require('node:path')
const {gzipSync} = require('node:zlib')

const folder = join(__dirname, '../../counts')
const me = `${process.pid}.${process.hrtime.bigint()}`

/** A byte for each character of a script: 1 where it ran. Functions come before those within them. */
function paint(length, functions) {
  const ran = Buffer.alloc(length)
  for (const {ranges} of functions) {
    for (const {startOffset, endOffset, count} of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
    }
  }
  return ran
}

function write(scripts) {
  for (const {scriptId, url, functions} of scripts) {
    const file = /\/dist\/(cli|main)\.cjs$/.exec(url)?.[0]
    if (file === undefined) continue
    const length = Math.max(...functions.flatMap(({ranges}) => ranges.map((r) => r.endOffset)))
    const name = `${basename(file)}-${me}-${scriptId}`
    try {
      writeFileSync(join(folder, name), gzipSync(paint(length, functions), {level: 1}))
    } catch {
      // A process that may not write at all, or no more: it counts for nothing.
    }
  }
}

let begun = false

/** True when this was the first call: then the module has been run, and counted, in here. */
function begin(script) {
  if (begun) return false
  begun = true
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', {callCount: true, detailed: true})
  process.on('exit', () => {
    session.post('Profiler.takePreciseCoverage', (_error, taken) => {
      write(taken.result)
    })
  })
  delete require.cache[script.filename]
  script.exports = require(script.filename)
  return true
}

module.exports = {begin, paint}
