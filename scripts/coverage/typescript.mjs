// Which lines of src ran: in the bundle, and in the test files' own process, where tsx compiles them.
import {readdirSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join, relative} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {gunzipSync} from 'node:zlib'

const {paint} = createRequire(import.meta.url)('./count.cjs')

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The numbers of one segment of a source map: groups of five bits, the lowest first. */
function numbersOf(segment) {
  const numbers = []
  let [value, shift] = [0, 0]
  for (const digit of segment) {
    const bits = digits.indexOf(digit)
    value += (bits & 31) << shift
    shift += 5
    if (bits & 32) continue
    numbers.push(value & 1 ? -(value >> 1) : value >> 1)
    value = shift = 0
  }
  return numbers
}

/** Where each piece of a compiled text comes from, as [line, column, source, line in the source]. */
function* pieces(mappings) {
  let [source, sourceLine] = [0, 0]
  for (const [line, segments] of mappings.split(';').entries()) {
    let column = 0
    for (const segment of segments.split(',')) {
      const [columns, sources, lines] = numbersOf(segment)
      if (columns === undefined) continue
      column += columns
      if (sources === undefined) continue
      source += sources
      sourceLine += lines
      yield [line, column, source, sourceLine]
    }
  }
}

/** Adds to `lines`, which has for each path its lines and whether they ran, what this script says. */
function addScript(lines, {map, lineLengths, ran, pathOf}) {
  const starts = [0]
  for (const length of lineLengths) starts.push(starts.at(-1) + length + 1)
  for (const [line, column, source, sourceLine] of pieces(map.mappings)) {
    const path = pathOf(map.sources[source])
    if (!path.startsWith('src/')) continue
    if (!lines.has(path)) lines.set(path, new Map())
    const found = lines.get(path)
    const here = ran[starts[line] + column] === 1
    found.set(sourceLine + 1, here || (found.get(sourceLine + 1) ?? false))
  }
}

function addBundle(lines, twin, file) {
  const text = readFileSync(join(twin, 'dist', file), 'utf8')
  const map = JSON.parse(readFileSync(join(twin, 'dist', `${file}.map`), 'utf8'))
  const ran = Buffer.alloc(text.length)
  const counts = readdirSync(join(twin, 'counts')).filter((name) => name.startsWith(`${file}-`))
  for (const name of counts) {
    const one = gunzipSync(readFileSync(join(twin, 'counts', name)))
    for (let at = 0; at < one.length; ++at) ran[at] |= one[at]
  }
  const lineLengths = text.split('\n').map((line) => line.length)
  const pathOf = (source) => relative(twin, join(twin, 'dist', source))
  addScript(lines, {map, lineLengths, ran, pathOf})
  return new Set(counts.map((name) => name.split('-')[1])).size
}

/** What Node itself has written down for the processes that had its NODE_V8_COVERAGE. */
function addModules(lines, twin) {
  const prefix = pathToFileURL(join(twin, 'src/')).href
  for (const name of readdirSync(join(twin, 'modules'))) {
    const report = JSON.parse(readFileSync(join(twin, 'modules', name), 'utf8'))
    const maps = report['source-map-cache'] ?? {}
    for (const {url, functions} of report.result) {
      const {lineLengths, data: map} = maps[url] ?? {}
      if (!url.startsWith(prefix) || !map) continue
      const length = lineLengths.reduce((sum, one) => sum + one + 1, 0)
      const path = relative(twin, fileURLToPath(url.replace(/\?.*$/, '')))
      addScript(lines, {map, lineLengths, ran: paint(length, functions), pathOf: () => path})
    }
  }
}

/** Brackets that close something run when what is in them does, whatever V8 says. */
const isCode = (text) => !/^[\s})\];,]*$/.test(text)

/** For each file of src its lines of code, and whether they ran. */
export function typescriptLines(twin) {
  const lines = new Map()
  const processes = addBundle(lines, twin, 'cli.cjs')
  addBundle(lines, twin, 'main.cjs')
  addModules(lines, twin)
  for (const [path, found] of lines) {
    const texts = readFileSync(join(twin, path), 'utf8').split('\n')
    for (const line of found.keys()) {
      if (!isCode(texts[line - 1] ?? '')) found.delete(line)
    }
  }
  return {lines, processes}
}
