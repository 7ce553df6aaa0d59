// The browser gets node_modules/uplot/dist/uPlot.iife.min.js, with an export behind it, in place of this file: see plugins/dashboard.ts.
export { default } from 'uplot'
