// Offers the bare C++ program as a tool of the benchmark, once for each number of threads.
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'

const everything = [1, 2, 4]
// More threads than cores help while the disk is slow.
const walkOnly = [8, 16]

/** The floor's tools. summary.mjs uses the fastest of them in each scenario. */
export function floorsOf(program) {
  return [
    ...everything.map((threads) => floorTool(program, threads)),
    ...walkOnly.map((threads) => ({
      ...floorTool(program, threads),
      scenarios: ['unchanged', 'cold'],
    })),
  ]
}

function floorTool(program, threads) {
  const floor = [program, '--threads', `${threads}`]
  const tree = (store, number) => join(store, `tree-${number}`)
  return {
    name: `floor, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    kind: 'floor',
    durable: false,
    prepare: ({store}) => mkdir(store),
    backup({scenario, store, corpus, changedAfter_ns}) {
      // To find that nothing has changed, a walk is enough.
      if (scenario === 'unchanged' || scenario === 'cold') return [...floor, 'walk', corpus.root]
      const [previous, next] = scenario === 'first' ? ['-', 0] : [tree(store, 0), 1]
      return [...floor, 'snapshot', corpus.root, previous, tree(store, next), `${changedAfter_ns}`]
    },
    remove: ({store}) => [...floor, 'remove', tree(store, 0)],
  }
}
