// Counts in a process of the coverage twin which characters of its scripts run, and writes it down when
// the process ends. NODE_V8_COVERAGE does not do for it: most tests give their processes an environment
// of their own, it writes a megabyte for each, and of two scripts with one name it has one source map.
const {writeFileSync} = require('node:fs')
const {Session} = require('node:inspector')
const {basename, join} = require('node:path')
const {pathToFileURL} = require('node:url')
const {gzipSync} = require('node:zlib')

const twin = join(__dirname, '../..')
const sources = pathToFileURL(join(twin, 'src/')).href
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

/** Counts from now on, and hands to `write` what V8 has counted when the process ends. */
function start(write) {
  globalThis.isCounted = true
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', {callCount: true, detailed: true})
  process.on('exit', () => {
    session.post('Profiler.takePreciseCoverage', (_error, {result}) => {
      write(result, session)
    })
  })
}

function writeBundle(scripts) {
  for (const {scriptId, url, functions} of scripts) {
    const file = /\/dist\/(cli|main)\.cjs$/.exec(url)?.[0]
    if (file === undefined) continue
    const length = Math.max(...functions.flatMap(({ranges}) => ranges.map((r) => r.endOffset)))
    const name = `${basename(file)}-${me}-${scriptId}`
    try {
      writeFileSync(join(twin, 'counts', name), gzipSync(paint(length, functions), {level: 1}))
    } catch {
      // A process that may not write at all, or no more: it counts for nothing.
    }
  }
}

/** True when this was the first call: then the script has been run, and counted, in here. */
function begin(script) {
  // Taking the counts sets them back, so that there can be only one who takes them.
  if (globalThis.isCounted) return false
  start(writeBundle)
  delete require.cache[script.filename]
  script.exports = require(script.filename)
  return true
}

/** Each as tsx has compiled it: some are there twice, as CommonJS and not. */
function writeModules(scripts, session) {
  const parsed = new Map()
  session.on('Debugger.scriptParsed', ({params}) => parsed.set(params.scriptId, params))
  session.post('Debugger.enable')
  const modules = []
  for (const {scriptId, url, functions} of scripts) {
    const inline = /^data:[^,]*;base64,(.*)$/.exec(parsed.get(scriptId)?.sourceMapURL ?? '')
    if (!url.startsWith(sources) || inline === null) continue
    session.post('Debugger.getScriptSource', {scriptId}, (_error, {scriptSource: text}) => {
      const map = JSON.parse(Buffer.from(inline[1], 'base64'))
      const lineLengths = text.split('\n').map((line) => line.length)
      const ran = paint(text.length, functions).toString('base64')
      modules.push({
        path: `src/${url.slice(sources.length).replace(/\?.*$/, '')}`,
        map,
        lineLengths,
        ran,
      })
    })
  }
  writeFileSync(join(twin, 'modules', me), JSON.stringify(modules))
}

const beginTests = () => start(writeModules)

module.exports = {begin, beginTests}
