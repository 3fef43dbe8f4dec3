// Parses scheduled commands: crontabs and systemd units.

export interface Scheduled {
  /** A script that runs the command like cron or systemd. */
  readonly script: string
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** The environment of a scheduled command, as arguments of env. */
const environment = (variables: ReadonlyMap<string, string>): string =>
  [...variables].map(([name, value]) => quoted(`${name}=${value}`)).join(' ')

/** The lowest and the highest value of minute, hour, day, month and weekday. */
const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

function isField(text: string, [low, high]: readonly [number, number]): boolean {
  return text.split(',').every((part) => {
    const [, first, last, step] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [null]
    if (first === null) return false
    const numbers = [first, last].filter((value) => value !== undefined).map(Number)
    return numbers.every((value) => low <= value && value <= high) && step !== '0'
  })
}

/** The commands of a crontab. Throws if cron would reject a line. */
export function commandsOfCrontab(crontab: string): Scheduled[] {
  const variables = new Map([
    ['HOME', '/root'],
    ['LOGNAME', 'root'],
    ['PATH', '/usr/bin:/bin'],
    ['SHELL', '/bin/sh'],
  ])
  const commands: Scheduled[] = []
  for (const line of crontab.split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, value] = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? []
    if (name !== undefined) {
      variables.set(name, String(value).replace(/^"(.*)"$/, '$1'))
      continue
    }
    const [, fields = '', command = ''] = /^((?:\S+\s+){5})(.*)$/.exec(line) ?? []
    const times = fields.trim().split(/\s+/)
    if (command === '' || !ranges.every((range, index) => isField(String(times[index]), range))) {
      throw new Error(`cron does not understand: ${line}`)
    }
    // An unescaped percent sign ends the command, and starts its input.
    if (/(?<!\\)%/.test(command)) throw new Error(`cron takes % for the end of a line: ${line}`)
    const typed = command.replaceAll('\\%', '%')
    commands.push({script: `exec env -i ${environment(variables)} /bin/sh -c ${quoted(typed)}\n`})
  }
  return commands
}

/** The keys that units in the documents may have: those of systemd 252 that make sense here. */
const unitKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  Unit: new Set(['Description', 'Documentation', 'RequiresMountsFor', 'OnFailure']),
  Service: new Set([
    'Type',
    'Environment',
    'ExecStart',
    'Nice',
    'CPUSchedulingPolicy',
    'IOSchedulingClass',
    'IOSchedulingPriority',
    'SuccessExitStatus',
    'TimeoutStopSec',
  ]),
  Timer: new Set(['OnCalendar', 'Persistent', 'RandomizedDelaySec']),
  Install: new Set(['WantedBy']),
}

const unitPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'

/** The commands of a unit. Throws on a key that is unknown or in the wrong section. */
export function commandsOfUnit(unit: string): Scheduled[] {
  const variables = new Map([['PATH', unitPath]])
  const commands: Scheduled[] = []
  let section = ''
  for (const line of unit.split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue
    const [, heading] = /^\[(\w+)\]$/.exec(line) ?? []
    if (heading !== undefined) {
      section = heading
      continue
    }
    const [, key = '', value = ''] = /^(\w+)=(.+)$/.exec(line) ?? []
    if (unitKeys[section]?.has(key) !== true) throw new Error(`not for [${section}]: ${line}`)
    if (key === 'Environment') {
      const [, name = '', text = ''] = /^"?(\w+)=(.*?)"?$/.exec(value) ?? []
      variables.set(name, text)
    }
    if (key === 'ExecStart') {
      if (!value.startsWith('/')) throw new Error(`no absolute path: ${line}`)
      commands.push({script: `exec env -i ${environment(variables)} ${value}\n`})
    }
  }
  return commands
}
