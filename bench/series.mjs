// Runs one tool through the scenarios on one fresh store.
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {changeOnePercent} from './corpus.mjs'
import {countCalls, measure, must} from './processes.mjs'

// Longer than a second, so that two of our snapshots never get the same name.
const pause_ms = 1_100

/**
 * Returns a record per scenario: {scenario, wall_ms, sync_ms, cpu_ms, peak_kib}, or, with
 * `counting`, {scenario, calls}. `bench` is {corpus, programs, scenarios, workDir, signal}.
 */
export async function runSeries(tool, directory, bench, counting = false) {
  const series = await prepare(tool, directory, bench)
  const records = []
  for (const scenario of scenariosOf(tool, bench)) {
    const command = await commandFor(scenario, series)
    if (command === undefined) continue
    const figures = await (counting ? count(command, series) : time(scenario, command, series))
    tool.check?.(scenario, figures.stdout, series.context)
    delete figures.stdout
    records.push({scenario, ...figures})
    if (scenario !== 'remove') series.context.step++
  }
  return records
}

function scenariosOf(tool, {scenarios}) {
  return scenarios.filter((scenario) => tool.scenarios?.includes(scenario) ?? true)
}

async function prepare(tool, directory, bench) {
  const state = join(bench.workDir, `state-${Date.now()}`)
  await mkdir(state)
  const context = {store: join(directory, 'store'), corpus: bench.corpus, state, step: 0}
  const options = {signal: bench.signal, env: tool.env?.(context)}
  await tool.prepare(context)
  if (tool.initialize) await must(tool.initialize(context), options)
  await must(
    ['sh', '-c', 'find "$1" -type f -exec cat {} + > /dev/null', 'sh', bench.corpus.root],
    {
      signal: bench.signal,
    },
  )
  return {tool, context, options, bench}
}

/** Prepares the machine for the scenario, and returns the command. */
async function commandFor(scenario, {tool, context, bench}) {
  await wait(pause_ms, undefined, {signal: bench.signal})
  context.scenario = scenario
  if (scenario === 'first') context.changedAfter_ns = 0n
  if (scenario === 'changed') {
    context.changedAfter_ns = BigInt(Date.now()) * 1_000_000n
    await wait(50) // file times have a coarse clock
    context.changed = changeOnePercent(bench.corpus)
  }
  if (scenario === 'remove') {
    if (tool.remove === undefined) return undefined
    await intoCache(context.store, bench)
  }
  // Copying a tree of millions of entries may have evicted it from the cache.
  if (scenario === 'unchanged' || scenario === 'changed') await intoCache(bench.corpus.root, bench)
  await must(['sync', '-f', context.store])
  await must(['sync', '-f', bench.corpus.root])
  if (scenario === 'cold') await writeFile('/proc/sys/vm/drop_caches', '3')
  return scenario === 'remove' ? tool.remove(context) : tool.backup(context)
}

/** Reads the metadata of every entry. */
function intoCache(directory, {signal}) {
  return must(['find', directory, '-newermt', '@0', '-printf', ''], {signal})
}

async function time(scenario, command, {tool, context, options, bench}) {
  const figures = await measure(bench.programs.meter, command, options)
  if (!needsSync(tool, scenario)) return {...figures, sync_ms: 0}
  const sync = await measure(bench.programs.meter, ['sync', '-f', context.store], options)
  return {...figures, sync_ms: sync.wall_ms}
}

/** A removal need not be durable, because one that a power cut undoes is repeated. */
function needsSync(tool, scenario) {
  if (tool.durable || scenario === 'remove') return false
  return tool.kind === 'peer' || scenario === 'first' || scenario === 'changed'
}

function count(command, {context, options}) {
  return countCalls(join(context.state, 'strace'), command, options)
}
