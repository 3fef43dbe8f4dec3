// Draws the summary as horizontal bars in an SVG picture.
import {titles} from './scenarios.mjs'

const width = 760
const labelWidth = 190
const barWidth = 460
const barHeight = 16
const lineHeight = 22
const titleHeight = 34
const colours = {ours: '#0b7a75', peer: '#9aa5b1', floor: '#d8a03c'}

/**
 * Returns the text of the picture: a block of bars per filesystem and scenario, each with its own
 * scale.
 */
export function chart(summary) {
  const blocks = []
  let top = 10
  for (const group of summary) {
    blocks.push(block(group, top))
    top += titleHeight + group.rows.length * lineHeight
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top + 10}" viewBox="0 0 ${width} ${top + 10}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>
${blocks.join('\n')}
</svg>
`
}

function block({filesystem, scenario, rows}, top) {
  const longest_ms = Math.max(...rows.map(({time_ms}) => time_ms))
  const sorted = [...rows].sort((a, b) => a.time_ms - b.time_ms)
  const bars = sorted.map((row, i) => bar(row, top + titleHeight + i * lineHeight, longest_ms))
  const title = `${titles[scenario]}, ${filesystem}`
  return [text({x: 10, y: top + 22, weight: 'bold'}, title), ...bars].join('\n')
}

function bar({tool, kind, time_ms}, y, longest_ms) {
  const length = Math.max(1, (time_ms / longest_ms) * barWidth).toFixed(1)
  const middle = y + barHeight - 4
  return [
    text({x: labelWidth, y: middle, anchor: 'end'}, tool),
    `<rect x="${labelWidth + 8}" y="${y}" width="${length}" height="${barHeight}" fill="${colours[kind]}"/>`,
    text({x: labelWidth + 14 + Number(length), y: middle}, `${(time_ms / 1000).toFixed(2)} s`),
  ].join('\n')
}

function text({x, y, anchor = 'start', weight = 'normal'}, words) {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-weight="${weight}" fill="#1f2933">${escaped}</text>`
}
