// The questions of the benchmark about snapshots, and how each tool answers them.
import {readdir} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {cli} from './ours.mjs'
import {must} from './processes.mjs'

const shell = (script, ...args) => ['sh', '-c', script, 'sh', ...args]
const lines = (text) => text.split('\n').filter((line) => line !== '')
const count = (text) => lines(text).length

// What a user without an index has to ask of the path in every snapshot.
const everyVersion = 'cd "$1" && stat -c "%n %i %s %Y" [0-9]*/"$2" >&2 && sha256sum [0-9]*/"$2"'

/**
 * Chooses what to ask about a store: {store, names (of its snapshots, oldest first), from, to
 * (the newest two), path (of a file that differs in them)}.
 */
export async function subjectOf(store, signal) {
  const names = (await readdir(store)).filter((name) => /^\d/.test(name)).sort()
  const output = await must([...cli, 'diff', '-b', store, '--json'], {signal})
  const {from, to, changes} = JSON.parse(output)
  const change = changes.find(({kind, type}) => kind === 'changed' && type === 'file')
  if (change === undefined) throw new Error(`No file differs in the newest snapshots of ${store}.`)
  return {store, names, from, to, path: change.path}
}

/**
 * Returns {title, target, tools: [{kind, tool, command, env, answer}]} for each question, ours
 * first. All tools of a question that have an `answer` must give the same number by it.
 */
export function questionsAbout(subject) {
  return [history(subject), list(subject), find(subject), diff(subject), size(subject)]
}

const ours = (store, [command, ...operands], answer) => ({
  kind: 'ours',
  tool: `cura-te-ipsum ${command}`,
  command: [...cli, command, '-b', store, '--json', ...operands],
  answer: (stdout) => answer(JSON.parse(stdout)),
})

const trees = (tool, command, answer) => ({kind: 'trees', tool, command, answer})

function history({store, path}) {
  const contents = (stdout) => new Set(lines(stdout).map((line) => line.split(' ')[0])).size
  return {
    title: 'history of one file',
    target: '0.5 s',
    tools: [
      ours(store, ['history', path], ({versions}) => versions.length),
      trees('stat and sha256sum of the path in each', shell(everyVersion, store, path), contents),
    ],
    restic: {tool: 'restic find --long', operands: () => ['find', '--long', `/${path}`]},
  }
}

function list({store, to, path}) {
  const directory = dirname(path)
  return {
    title: 'listing of a directory',
    target: '0.2 s',
    tools: [
      ours(store, ['ls', `latest:${directory}`], ({entries}) => entries.length),
      // ls prints a total, the directory and the one above it as well.
      trees('ls -la', ['ls', '-la', join(store, to, directory)], (text) => count(text) - 3),
    ],
    restic: {tool: 'restic ls', operands: (ids) => ['ls', ids.at(-1), `/${directory}`]},
  }
}

function find({store, path}) {
  const name = basename(path)
  const all = (matches) => matches.reduce((sum, {snapshots}) => sum + snapshots, 0)
  const search = ['find', store, '-name', '.backup_delta', '-prune', '-o', '-name', name, '-print']
  return {
    title: 'find of a name in all snapshots',
    target: '2 s',
    tools: [
      ours(store, ['find', name], ({matches}) => all(matches)),
      trees('find -name', search, count),
    ],
    restic: {tool: 'restic find', operands: () => ['find', name]},
  }
}

function diff({store, from, to}) {
  const script = 'diff -rq --no-dereference "$1" "$2" -x ".backup_*"; test $? -eq 1'
  return {
    title: 'diff of the newest two',
    target: '0.4 s',
    tools: [
      ours(store, ['diff', 'latest~1', 'latest'], ({changes}) => changes.length),
      trees('diff -rq', shell(script, join(store, from), join(store, to)), count),
    ],
    restic: {tool: 'restic diff', operands: (ids) => ['diff', ids.at(-2), ids.at(-1)]},
  }
}

function size({store}) {
  return {
    title: 'size of every snapshot',
    target: '5 s, 200 MB',
    tools: [
      ours(store, ['size'], ({snapshots}) => snapshots.length),
      trees('du -s of the store', ['du', '-s', store]),
    ],
    restic: {tool: 'restic stats', operands: () => ['stats']},
  }
}
