// What eslint holds: typed rules for TypeScript, and the limits that keep files easy to read.
import js from '@eslint/js'
import {defineConfig} from 'eslint/config'
import {createNodeResolver, importX} from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

const limits = {
  'max-depth': ['error', 3],
  'max-lines': ['error', {max: 250, skipBlankLines: true}],
  'max-lines-per-function': ['error', {max: 50, skipBlankLines: true, skipComments: true}],
  'max-params': ['error', 4],
}

const typed = {
  '@typescript-eslint/consistent-type-imports': ['error', {fixStyle: 'inline-type-imports'}],
  '@typescript-eslint/no-unnecessary-condition': 'error',
  '@typescript-eslint/return-await': ['error', 'in-try-catch'],
  '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
  '@typescript-eslint/switch-exhaustiveness-check': 'error',
}

// The exit code rides on the error, and only commands and progress write to the terminal.
const manners = {
  'no-console': 'error',
  'no-restricted-properties': [
    'error',
    {object: 'process', property: 'exit', message: 'Throw a CuraError, or set process.exitCode.'},
  ],
}

// From the top down, as in ARCHITECTURE.md: a folder imports only from itself and from folders below it.
const folders = ['cli', 'report', 'operations', 'engine', 'store', 'retention', 'native', 'base']

const imports = {
  'import-x/no-cycle': 'error',
  'import-x/no-restricted-paths': [
    'error',
    {
      zones: folders.slice(1).map((folder, index) => ({
        target: `./src/${folder}`,
        from: folders.slice(0, index + 1).map((above) => `./src/${above}`),
        message: `src/${folder} must not know the folders above it, see ARCHITECTURE.md.`,
      })),
    },
  ],
}

export default defineConfig(
  {ignores: ['build/', 'coverage/', 'dist/', 'out/', 'prebuilds/']},
  {linterOptions: {reportUnusedDisableDirectives: 'error'}},
  js.configs.recommended,
  {rules: {eqeqeq: 'error', 'object-shorthand': 'error', 'prefer-template': 'error', ...limits}},
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {parserOptions: {projectService: true}},
    rules: typed,
  },
  {
    files: ['src/**/*.ts'],
    plugins: {'import-x': importX},
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': {'@typescript-eslint/parser': ['.ts']},
      'import-x/resolver-next': [createNodeResolver({extensionAlias: {'.js': ['.ts']}})],
    },
    rules: {...manners, ...imports},
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A describe block is as long as the list of its tests.
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      // expect(x).to.be.true is an expression.
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['**/*.{cjs,js,mjs}'],
    languageOptions: {
      globals: {
        ...{Buffer: 'readonly', URL: 'readonly', console: 'readonly'},
        ...{performance: 'readonly', process: 'readonly'},
      },
    },
  },
  {files: ['**/*.cjs'], languageOptions: {globals: {__dirname: 'readonly'}}},
)
