// Which lines of native ran, as gcov knows it from the .gcda files that the processes have left.
import {spawnSync} from 'node:child_process'
import {chmodSync, closeSync, openSync, readdirSync, rmSync, statSync} from 'node:fs'
import {join, relative} from 'node:path'
import {root} from '../tools.mjs'

const objects = join(root, 'out/coverage-build/CMakeFiles/cura.dir')

const filesIn = (ending) =>
  readdirSync(objects, {recursive: true})
    .filter((name) => name.endsWith(ending))
    .map((name) => join(objects, name))

/** Empties the counts. Every user may add to them: some tests run the program as another one. */
export function clearCounts() {
  for (const file of filesIn('.gcda')) rmSync(file)
  for (const file of filesIn('.gcno')) {
    const counts = file.replace(/gcno$/, 'gcda')
    closeSync(openSync(counts, 'w'))
    chmodSync(counts, 0o666)
  }
}

/** For each file of native its lines of code, and whether they ran. */
export function nativeLines() {
  // Where nobody has added any, gcov wants no file at all, and says that nothing ran.
  for (const file of filesIn('.gcda')) if (statSync(file).size === 0) rmSync(file)
  const lines = new Map()
  for (const notes of filesIn('.gcno')) {
    const {status, stdout, stderr} = spawnSync('gcov', ['--json-format', '--stdout', notes], {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    })
    if (status !== 0) throw new Error(`gcov does not read ${notes}: ${stderr}`)
    for (const {file, lines: counted} of JSON.parse(stdout).files) {
      const path = relative(root, file)
      if (!path.startsWith('native/')) continue
      if (!lines.has(path)) lines.set(path, new Map())
      const found = lines.get(path)
      for (const {line_number: line, count} of counted) {
        found.set(line, count > 0 || (found.get(line) ?? false))
      }
    }
  }
  return lines
}
