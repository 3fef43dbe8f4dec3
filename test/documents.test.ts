// Follows the documents like their readers do: every command in them is run, and must do what they
// say.
import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {heldBy} from './documents/held.js'
import {documents, root, textOf} from './documents/files.js'
import {partsOf} from './documents/markdown.js'
import {commandsOfCrontab, commandsOfUnit} from './documents/schedules.js'
import {canRunDocuments, runDocument, type Outcome, type StoreKind} from './documents/scene.js'

/** The store, unless it has two evenings, and the programs that must be installed. */
const scenes: Readonly<Record<string, {readonly store?: StoreKind; readonly needs?: string}>> = {
  'docs/from-rsnapshot.md': {store: 'empty', needs: 'rsnapshot'},
  'docs/from-the-python-tool.md': {store: 'old'},
  'docs/external.md': {needs: 'rsync'},
  'docs/restore.md': {needs: 'rsync'},
}

/** Making two snapshots takes time, so they are made only if a command asks for them. */
const usualStore = (file: string): StoreKind =>
  /\/mnt\/|\bSTORE\b/.test(textOf(file)) ? 'evenings' : 'empty'

const block = (language: string, ...lines: string[]): string =>
  `\n\`\`\`${language}\n${lines.join('\n')}\n\`\`\`\n`

/** Claims that a document's own commands do not check, run after them. */
const claims: Readonly<Record<string, string>> = {
  // rsnapshot's trees are linked to, not only listed.
  'docs/from-rsnapshot.md': block(
    'sh',
    'printf "New\\n" > /home/ann/new.txt',
    'cura-te-ipsum backup -q -b /mnt/backups /home /etc -x -e .cache/ --no-prune',
    'made=$(ls -d /mnt/backups/2026-* | tail -n 1)',
    'for old in /mnt/rsnapshot/alpha.[01]/localhost /mnt/backups/20261122_*; do',
    '  test "$made/home/ann/letter.txt" -ef "$old/home/ann/letter.txt"',
    'done',
    // Another run of rsnapshot does what the document warns of.
    'chmod 600 /home/ann/letter.txt',
    'rsnapshot alpha',
    'test "$(stat -c %a "$made/home/ann/letter.txt")" = 600',
    'rm -r /mnt/rsnapshot',
    'test "$(cat "$made/home/ann/letter.txt")" = "Dear Ben,"',
  ),
  // The same for the Python tool.
  'docs/from-the-python-tool.md': block(
    'sh',
    'made=$(ls -d /mnt/backups/2026-*)',
    'test "$made/ann/letter.txt" -ef /mnt/backups/20261122_220000/ann/letter.txt',
  ),
  // Restored files are equal and share no inode, and the store cannot be changed through the view.
  'docs/restore.md': block(
    'sh',
    'grep First /home/ann-saturday/draft.txt',
    'cd /mnt/backups/2026-11-22_22-00-00',
    'diff -r ann /home/ann && diff -r photos /srv/media/pictures-restored',
    'diff -r etc /root/old-etc && diff -r photos /srv/media/pictures',
    'test ! ann/letter.txt -ef /home/ann/letter.txt',
    'test ! photos/sea.jpg -ef /srv/media/pictures-restored/sea.jpg',
    '! touch /mnt/look/new',
  ),
  // A missing disk, the sign of a good run, and a run during another one.
  'docs/scheduling.md': block(
    'sh',
    'code=0; cura-te-ipsum backup -q -b /mnt/disk/backups /home || code=$?; test $code = 10',
    '(flock 9; code=0; cura-te-ipsum -q -b /mnt/backups /home || code=$?; test $code = 11) 9> /mnt/backups/.backups_lock',
  ),
}

/**
 * The lines of the README's picture: path, inode, content. A line that ends in a corner has those
 * of the line before.
 */
function picture(): Array<{
  readonly path: string
  readonly inode: string
  readonly content: string
}> {
  const lines = textOf('README.md').matchAll(/^[├└]── (\S+) .*(?:▶ (\d+) {2}(.*)|┘)$/gm)
  let [inode, content] = ['', '']
  return [...lines].map(([, path = '', number, text]) => {
    if (number !== undefined) [inode, content] = [number, String(text)]
    return {path, inode, content}
  })
}

const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

describe('documents that are followed (needs root, unshare and faketime)', () => {
  before(function () {
    if (!canRunDocuments) this.skip()
  })

  const expectNoProblem = ({problems}: Outcome): void => {
    expect(problems.join('\n\n')).to.equal('')
  }

  for (const file of documents) {
    const {store = usualStore(file), needs} = scenes[file] ?? {}
    it(`do what they say: ${file}${needs === undefined ? '' : ` (needs ${needs})`}`, function () {
      if (needs !== undefined && !isInstalled(needs)) this.skip()
      const outcome = runDocument(textOf(file) + (claims[file] ?? ''), store)
      expectNoProblem(outcome)
      expect(outcome.held.filter((command) => heldBy(command) === null)).to.deep.equal([])
    })
  }

  it('have a correct picture of shared inodes', () => {
    const parts = picture()
    expect(new Set(parts.map(({inode}) => inode))).to.have.property('size', 3)
    expect(parts).to.have.lengthOf(4)
    const commands = parts.map(({path}) => `echo $(stat -c %i ${path}) ${path} $(cat ${path})`)
    const shown = parts.map(({path, inode, content}) => `${inode} ${path} ${content}`)
    expectNoProblem(
      runDocument(block('sh', 'cd /mnt/backups', ...commands) + block('text', ...shown)),
    )
  })

  describe('are rejected', () => {
    it('if a command fails, prints something else or does not exist', () => {
      const good = block('sh', 'ls /mnt/backups') + block('text', '2026-11-21_22-00-00', '…')
      const wrong = [
        block('sh', 'cura-te-ipsum backup -b /mnt/nowhere /home/ann', 'true'),
        block('sh', 'ls /mnt/backups') + block('text', '2026-11-21_22-00-00'),
        block('sh', 'ls -i /mnt/backups/*/ann/draft.txt') +
          block(
            'text',
            '7 /mnt/backups/2026-11-21_22-00-00/ann/draft.txt',
            '7 /mnt/backups/2026-11-22_22-00-00/ann/draft.txt',
          ),
        'Call `cura-te-ipsum status -b STORE --all`.\n',
        '```\ncura-te-ipsum purge -b STORE   remove everything\n```\n',
        block('crontab', '0 3 * * * cura-te-ipsum backup -q -b /mnt/backups /home'),
        block('crontab', 'PATH=/usr/local/bin:/bin', '0 3 * * * cura-te-ipsum -b /mnt/none /home'),
        block(
          'ini',
          '[Service]',
          'ExecStart=/usr/local/bin/cura-te-ipsum backup -b /mnt/none /etc',
        ),
        block('sh', 'touch /usr/share/cura-te-ipsum'),
      ]
      const {problems, steps} = runDocument(good + wrong.join('') + good)
      expect(steps).to.equal(wrong.length + 2)
      expect(
        problems.map((problem) => /(?:ends with (\d+)|prints)/.exec(problem)?.[0]),
      ).to.have.members([
        'ends with 10',
        'prints',
        'prints',
        'ends with 2',
        'ends with 2',
        'ends with 127',
        'ends with 10',
        'ends with 10',
        'ends with 1',
      ])
    })

    it('if systemd does not understand a value (needs systemd-analyze)', function () {
      if (!isInstalled('systemd-analyze')) this.skip()
      const lines = ['# /etc/systemd/system/x.timer', '[Timer]', 'OnCalendar=*-*-* 25:00:00']
      const {problems} = runDocument(block('ini', ...lines), 'empty')
      expect(problems.join()).to.match(/OnCalendar|25:00/)
    })

    it('if nobody runs a command that is only recorded', () => {
      const {held} = runDocument(block('sh', 'npm run test:none', 'npm ci'), 'empty')
      expect(held).to.deep.equal(['npm run test:none', 'npm ci'])
      expect(held.map((command) => heldBy(command) === null)).to.deep.equal([true, false])
    })
  })

  it('change nothing on the machine', () => {
    const place = '/etc/systemd/system/cura-te-ipsum-scene.service'
    expectNoProblem(runDocument(block('sh', `touch ${place} /home/scene /mnt/scene`), 'empty'))
    for (const path of [place, '/home/scene', '/mnt/scene']) expect(existsSync(path)).to.be.false
  })
})

describe('CONTRIBUTING.md', () => {
  it('runs the tests of one file as it says', () => {
    const [, line = ''] = /^npx (mocha test\/.*)$/m.exec(textOf('CONTRIBUTING.md')) ?? []
    const args = [join(root, 'node_modules/.bin/mocha'), ...line.split(' ').slice(1)]
    const {status, stdout} = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000, // the whole suite would run this test again, and so on
      killSignal: 'SIGKILL',
    })
    expect(status, stdout).to.equal(0)
    expect(stdout).to.match(/[1-9]\d* pass(ing|ed)/)
    expect(stdout, 'not the whole suite').to.not.match(/\d{3,} pass(ing|ed)/)
  })
})

describe('schedules in documents', () => {
  const commandsOf = (language: string, text: string): unknown[] =>
    language === 'ini' ? commandsOfUnit(text) : commandsOfCrontab(text)

  it('have a form that cron and systemd accept', () => {
    const blocks = documents.flatMap((file) => partsOf(textOf(file)).blocks)
    const schedules = blocks.filter(({language}) => ['crontab', 'ini'].includes(language))
    const commands = schedules.flatMap(({language, text}) => commandsOf(language, text))
    expect(commands).to.have.length.above(6)
  })

  for (const [what, language, ...lines] of [
    ['an hour that is none', 'crontab', '0 24 * * * true'],
    ['four fields', 'crontab', '0 3 * * true'],
    ['a percent sign', 'crontab', '0 3 * * * date +%F'],
    ['a key that systemd does not know', 'ini', '[Service]', 'ExecStarts=/bin/true'],
    ['a key in the wrong section', 'ini', '[Unit]', 'Persistent=true'],
    ['a program without its path', 'ini', '[Service]', 'ExecStart=true'],
  ] as const) {
    it(`are rejected with ${what}`, () => {
      expect(() => commandsOf(language, lines.join('\n'))).to.throw(/^(cron|not for|no absolute)/)
    })
  }
})
