// Formats the summary as Markdown tables, which are readable on a terminal too.
import {titles} from './scenarios.mjs'

const columns = [
  ['', ({tool, kind}) => (kind === 'ours' ? `**${tool}**` : tool)],
  ['time', ({time_ms}) => seconds(time_ms)],
  ['without sync', ({kind, wall_ms}) => (kind === 'ours' ? '' : seconds(wall_ms))],
  ['CPU', ({cpu_ms}) => seconds(cpu_ms)],
  ['memory', ({peak_kib}) => `${Math.round((peak_kib * 1024) / 1e6)} MB`],
  ['system calls', ({calls}) => calls?.toLocaleString('en') ?? ''],
  ['to the best peer', ({toBestPeer}) => ratio(toBestPeer)],
  ['to the floor', ({toFloor}) => ratio(toFloor)],
]

/** One table per filesystem and scenario. Leaves out empty columns. */
export function tables(summary) {
  return summary.map(tableOf).join('\n\n')
}

function tableOf({filesystem, scenario, rows}) {
  const filled = columns.filter(([, cell]) => rows.some((row) => cell(row) !== ''))
  const head = filled.map(([title]) => title)
  const body = rows.map((row) => filled.map(([, cell]) => cell(row)))
  return `**${titles[scenario]}, ${filesystem}**\n\n${markdownTable([head, ...body])}`
}

/** A table of these cells, whose first row is the head. Numbers are aligned to the right. */
export function markdownTable(cells) {
  const [head, ...body] = cells
  const widths = head.map((_, i) => Math.max(...cells.map((line) => line[i].length)))
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [
    lineOf(head, widths),
    lineOf(rule, widths),
    ...body.map((line) => lineOf(line, widths)),
  ].join('\n')
}

function lineOf(cells, widths) {
  const padded = cells.map((cell, i) =>
    i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
  )
  return `| ${padded.join(' | ')} |`
}

export function seconds(time_ms) {
  return `${(time_ms / 1000).toFixed(time_ms < 10_000 ? 2 : 1)} s`
}

export function ratio(value) {
  return value === undefined ? '' : value.toFixed(2)
}

/** The cost of processes before they do any work. `startUp` is {name: ms}. */
export function startUpTable(startUp) {
  const lines = Object.entries(startUp).map(([name, ms]) => [name, `${ms.toFixed(0)} ms`])
  return `**Start-up**\n\n${markdownTable([['', 'time'], ...lines])}`
}

/** One sentence per scenario about our rank, with start-up and work apart. */
export function standing(summary, startUp_ms) {
  return summary.flatMap(({filesystem, scenario, rows}) => {
    const row = rows.find(({kind}) => kind === 'ours')
    if (row === undefined) return []
    const floor = rows.find(({kind}) => kind === 'floor')
    const work = (row.time_ms - startUp_ms) / floor.time_ms
    return [
      `- ${titles[scenario]}, ${filesystem}: ${seconds(row.time_ms)}`,
      row.toBestPeer === undefined ? '' : `; ${ratio(row.toBestPeer)} of the fastest peer`,
      `; ${ratio(row.toFloor)} of the floor`,
      work > 0 ? `, ${ratio(work)} without start-up.` : '.',
    ].join('')
  })
}
