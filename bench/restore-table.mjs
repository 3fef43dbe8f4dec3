// The figures of restores as Markdown tables: medians, and our time as a ratio of each peer's.
import {titles} from './restores.mjs'
import {median} from './summary.mjs'
import {markdownTable, ratio, seconds} from './table.mjs'

/** One table per scenario. Records are {scenario, run, tool, kind, target} with figures. */
export function restoreTables(records, type) {
  const scenarios = Object.keys(titles).filter((name) =>
    records.some(({scenario}) => scenario === name),
  )
  return scenarios
    .map((name) =>
      tableOf(
        records.filter(({scenario}) => scenario === name),
        type,
      ),
    )
    .join('\n\n')
}

const total = ({wall_ms, sync_ms}) => wall_ms + sync_ms

function tableOf(records, type) {
  const tools = [...new Set(records.map(({tool}) => tool))]
  const of = (tool) => records.filter((record) => record.tool === tool)
  const ours = tools.filter((tool) => of(tool)[0].kind === 'ours')
  const peers = tools.filter((tool) => !ours.includes(tool))
  // Ratios are of the two times in the same run, so that a busy run spoils neither.
  const ratioOf = (one, other) =>
    median(of(one).map((record, i) => total(record) / total(of(other)[i])))
  const columns = peers.length === 0 ? [] : [...ours.map((tool) => `${tool} to it`), 'target']
  const head = ['', 'time', 'without sync', 'CPU', 'memory', ...columns]
  const body = [...ours, ...peers].map((tool) => {
    const mine = of(tool)
    const [{kind, target}] = mine
    const isOurs = kind === 'ours'
    const figure = (key) => median(mine.map((record) => record[key]))
    return [
      isOurs ? `**${tool}**` : tool,
      seconds(median(mine.map(total))),
      isOurs ? '' : seconds(figure('wall_ms')),
      seconds(figure('cpu_ms')),
      `${Math.round((figure('peak_kib') * 1024) / 1e6)} MB`,
      ...(peers.length === 0 ? [] : ours.map((one) => (isOurs ? '' : ratio(ratioOf(one, tool))))),
      ...(peers.length === 0 ? [] : [target === undefined ? '' : `${target}`]),
    ]
  })
  return `**${titles[records[0].scenario]}, ${type}**\n\n${markdownTable([head, ...body])}`
}
