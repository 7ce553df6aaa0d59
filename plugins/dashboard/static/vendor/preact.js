// The browser gets node_modules/htm/preact/standalone.module.js in place of this file: see plugins/dashboard.ts.
export * from 'htm/preact/standalone'
