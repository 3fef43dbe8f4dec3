// Turns the measurements into one row per filesystem, scenario and tool: medians and ratios.
import {allScenarios} from './scenarios.mjs'

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return Number.isInteger(middle)
    ? (sorted[middle - 1] + sorted[middle]) / 2
    : sorted[Math.floor(middle)]
}

/**
 * Records are {filesystem, tool, kind, scenario, run} with figures. Returns a list of
 * {filesystem, scenario, rows}; a row is {tool, kind, time_ms (sync included), wall_ms, cpu_ms,
 * peak_kib, calls, toBestPeer, toFloor}.
 */
export function summarize(records) {
  const filesystems = [...new Set(records.map(({filesystem}) => filesystem))]
  return filesystems
    .flatMap((filesystem) => allScenarios.map((scenario) => ({filesystem, scenario})))
    .map((group) => ({...group, rows: rowsOf(records.filter(isIn(group)))}))
    .filter(({rows}) => rows.length > 0)
}

function isIn(group) {
  return (record) => record.filesystem === group.filesystem && record.scenario === group.scenario
}

function rowsOf(records) {
  const tools = [...new Set(records.map(({tool}) => tool))]
  const rows = tools.map((tool) => rowOf(records.filter((record) => record.tool === tool)))
  const bestPeer = fastest(rows.filter(({kind}) => kind === 'peer'))
  const floor = fastest(rows.filter(({kind}) => kind === 'floor'))
  return [...rows.filter(({kind}) => kind !== 'floor'), ...(floor ? [floor] : [])].map((row) => ({
    ...row,
    toBestPeer: bestPeer && row.time_ms / bestPeer.time_ms,
    toFloor: floor && row.time_ms / floor.time_ms,
  }))
}

function rowOf(records) {
  const [{tool, kind}] = records
  const timed = records.filter(({calls}) => calls === undefined)
  const of = (figure) => median(timed.map(figure))
  return {
    tool,
    kind,
    time_ms: of(({wall_ms, sync_ms}) => wall_ms + sync_ms),
    wall_ms: of(({wall_ms}) => wall_ms),
    cpu_ms: of(({cpu_ms}) => cpu_ms),
    peak_kib: of(({peak_kib}) => peak_kib),
    calls: records.find(({calls}) => calls !== undefined)?.calls,
  }
}

function fastest(rows) {
  return rows.reduce((best, row) => (best && best.time_ms <= row.time_ms ? best : row), undefined)
}
