// The patterns for the benchmark of exclusions: typical exclusions, none of which match its files.

/**
 * Fifty patterns of every form in the syntax. Some cannot be rejected by a byte of the name alone.
 */
export const fifty = [
  ...['node_modules/', '__pycache__/', '.cache/', '.venv/', 'target/', 'build/', '.tox/', '.git/'],
  ...['.DS_Store', 'Thumbs.db', 'desktop.ini', 'lost+found', 'core', 'nohup.out', '.directory'],
  ...['*.o', '*.obj', '*.pyc', '*.class', '*.tmp', '*.bak', '*.iso', '*.part', '*.log', '*~'],
  ...['*.py[cod]', '*.sw?', '.*.sw[a-p]', '*.[oa]', '[Cc]ache[0-9]*', 'core.[0-9]*', '~$*'],
  ...['/proc', '/sys', '/var/cache/', '/var/tmp/*', '/home/*/.cache/', '/home/*/Downloads/*.part'],
  ...['**/logs/*.log', '**/generated/**', 'src/**/*.orig', 'docs/**/_build/', 'a/**/b'],
  ...['.config/*/Cache/', '.mozilla/firefox/*/cache2/', 'Trash*/', '.~lock.*#'],
  ...['!important.log', '!keep/*.tmp', '!/home/*/.cache/fonts/'],
]

const forms = [
  (i) => `name-${i}`,
  (i) => `*.ext${i}`,
  (i) => `folder-${i}/`,
  (i) => `/top-${i}/*.part`,
  (i) => `a-${i}/**/b-${i}`,
  (i) => `[x-z]${i}-*`,
  (i) => `!kept-${i}`,
]

/** Adds patterns of these forms up to `count`. */
export const patternsOf = (count) => [
  ...fifty,
  ...Array.from({length: count - fifty.length}, (_, i) => forms[i % forms.length](i)),
]
