// The patterns of the benchmark of exclusions: what people leave out, and nothing that it makes.

/** Fifty, of each form that the syntax has; some can be told by no byte of a name. */
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

/** As many more of these forms as are missing to `count`. */
export const patternsOf = (count) => [
  ...fifty,
  ...Array.from({length: count - fifty.length}, (_, i) => forms[i % forms.length](i)),
]
