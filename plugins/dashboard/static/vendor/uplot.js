// The browser gets node_modules/uplot/dist/uPlot.esm.js in place of this file: see plugins/dashboard.ts.
export { default } from 'uplot'
