import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** What the page uses of the browser. */
const BROWSER = [
  'AbortController',
  'AbortSignal',
  'DOMException',
  'HTMLElement',
  'HTMLInputElement',
  'MutationObserver',
  'Node',
  'Path2D',
  'ResizeObserver',
  'Element',
  'TextDecoderStream',
  'URL',
  'URLSearchParams',
  'addEventListener',
  'cancelAnimationFrame',
  'clearInterval',
  'clearTimeout',
  'document',
  'fetch',
  'getComputedStyle',
  'getSelection',
  'history',
  'innerHeight',
  'localStorage',
  'location',
  'matchMedia',
  'removeEventListener',
  'requestAnimationFrame',
  'sessionStorage',
  'setInterval',
  'setTimeout',
]

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '**/*.cjs', 'node_modules/', '.state/', 'test/fixtures/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  {
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/require-await': 'off', // Fastify plugins and handlers are async by contract
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingAny: true }], // AbortSignal.reason
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'fetch',
        'console',
        'performance',
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'take `now` as an argument',
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'take `now` as an argument' },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'take a source of chance as an argument',
        },
        { selector: 'AwaitExpression', message: 'the core does not wait' },
      ],
    },
  },
  {
    files: ['**/*.js'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { console: 'readonly', process: 'readonly' },
    },
  },
  {
    files: ['plugins/dashboard/static/**/*.js'],
    languageOptions: { globals: Object.fromEntries(BROWSER.map((name) => [name, 'readonly'])) },
  },
)
