// The man page, made from the compiled commands.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {readCommands, readExitMeanings} from './commands.mjs'
import {files, patterns, purpose, variables} from './man-texts.mjs'
import {bold, escaped, italic, item, paragraphs, prose} from './roff.mjs'
import {section, subsection, verbatim} from './roff.mjs'
import {root} from './tools.mjs'

const bin = 'cura-te-ipsum'
const {description, version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const lowered = (text) => `${text[0].toLowerCase()}${text.slice(1)}`
const filled = (text) => text.replaceAll('<%= config.bin %>', bin)

/** `-b STORE [FLAGS] SOURCE...` with its words in the styles of a synopsis. */
const usage = (text) =>
  text
    .split(/([A-Z]{2,}|\s+|[[\]|])/)
    .map((part) => (/^[A-Z]{2,}$/.test(part) ? italic(part) : usageWord(part)))
    .join('')

const usageWord = (part) => (/^[-a-z]/.test(part) ? bold(part) : escaped(part))

const synopsisLine = (text) => ['.br', `${bold(bin)} ${usage(text)}`]

function synopsis(commands) {
  const [first, ...rest] = commands.flatMap(({usage: text}) => [text])
  // A line without a command's name means the first one.
  const oldForm = first.replace(/^\S+ /, '')
  const [, ...lines] = [first, ...rest, oldForm].flatMap(synopsisLine)
  const others = ['--help', '--version'].flatMap(synopsisLine)
  return section('SYNOPSIS', lines, synopsisLine('COMMAND --help'), others)
}

function flagTag(name, {char, type, helpValue, multiple, alone}) {
  const names = [...(char === undefined ? [] : [bold(`-${char}`)]), bold(`--${name}`)].join(', ')
  if (type === 'boolean') return names
  if (alone !== undefined) return `${names}[=${italic(helpValue)}]`
  return `${names}=${italic(helpValue)}${multiple ? ' ...' : ''}`
}

/** What a flag does, which values it accepts, and its default. */
function flagText({summary, description: more, required, options, default: value}) {
  const facts = [
    ...(options === undefined ? [] : [`One of ${options.join(', ')}.`]),
    ...(value === undefined || value === false ? [] : [`Default: ${String(value)}.`]),
    ...(required ? ['Required.'] : []),
  ]
  return [summary, ...(more === undefined ? [] : [more]), ...facts].join(' ')
}

const flagItems = (flags) =>
  Object.entries(flags).flatMap(([name, flag]) => [
    ...item(flagTag(name, flag), flagText(flag)),
    ...(flag.env === undefined ? [] : ['.br', `Environment: ${bold(flag.env)}`]),
  ])

const argText = ({description: text, options}) =>
  [text, ...(options === undefined ? [] : [`One of ${options.join(', ')}.`])].join(' ')

/** A command with its own flags; the common ones have a section of their own. */
function commandSection({name, summary, description: text, usage: line, flags, args}, common) {
  const own = Object.entries(flags).filter(([flag]) => !Object.hasOwn(common, flag))
  return subsection(
    name,
    [`${bold(bin)} ${usage(line)}`, '.PP'],
    paragraphs(`${summary} ${text}`),
    Object.entries(args).flatMap(([arg, facts]) => item(italic(arg.toUpperCase()), argText(facts))),
    flagItems(Object.fromEntries(own)),
  )
}

const exampleLines = (examples) =>
  examples.flatMap((example) => [
    '.PP',
    prose(filled(example.description)),
    ...verbatim(filled(example.command).split('\n')),
  ])

/** The page's text. */
export async function manPage() {
  const commands = await readCommands()
  const [{baseFlags: common}] = commands
  const meanings = Object.entries(await readExitMeanings())
  const lines = [
    `.\\" Made by \`npm run generate\` from the commands: do not edit.`,
    `.TH CURA\\-TE\\-IPSUM 1 "" "${bin} ${version}" "User Commands"`,
    ...['.nh', '.ad l'],
    section('NAME', `${escaped(bin)} \\- ${prose(lowered(description))}`),
    synopsis(commands),
    section('DESCRIPTION', paragraphs(purpose)),
    section('COMMANDS'),
    commands.map((command) => commandSection(command, common)),
    subsection('Flags of all commands', flagItems(common), item(bold('-h, --help'), 'Show help.')),
    section('PATTERNS', paragraphs(patterns.text)),
    patterns.list.map(([pattern, text]) => item(bold(pattern), text)),
    section('ENVIRONMENT', paragraphs(variables.text)),
    variables.list.map(([name, text]) => item(bold(name), text)),
    section('EXIT STATUS'),
    meanings.map(([codes, text]) => item(bold(codes), text)),
    section('FILES', paragraphs(files.text)),
    files.list.map(([name, text]) => item(bold(name), text)),
    section('EXAMPLES', commands.flatMap(({examples}) => exampleLines(examples)).slice(1)),
    section('SEE ALSO', seeAlso.map(([page, part]) => `${bold(page)}(${part})`).join(', ')),
  ]
  return `${lines.flat(Infinity).join('\n')}\n`
}

const seeAlso = [
  ['cp', 1],
  ['git-check-ignore', 1],
  ['rsync', 1],
  ['sha256sum', 1],
  ['gitignore', 5],
  ['crontab', 5],
]
