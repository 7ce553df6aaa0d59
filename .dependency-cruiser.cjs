/** Who may import whom. Data flows one way: observe -> decide -> act. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: {
    pathNot: [...allowed, '^node:', 'node_modules'],
    dependencyTypesNot: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
  },
})

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('core-is-closed', '^src/core/', ['^src/core/'], 'The planner sees values, never adapters.'),
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'No Node built-in and no package in the planner.',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    only(
      'zookeeper-alone',
      '^src/zookeeper/',
      ['^src/zookeeper/', '^src/core/'],
      'The wire client knows no use of it.',
    ),
    only(
      'mesos-alone',
      '^src/mesos/(?!detector/zookeeper)',
      ['^src/mesos/', '^src/core/', '^src/loop/ports\\.ts$'],
      'Adapters do not know each other.',
    ),
    only(
      'mesos-detector-alone',
      '^src/mesos/detector/zookeeper',
      ['^src/mesos/', '^src/core/', '^src/zookeeper/'],
      'Only the detector speaks with ZooKeeper.',
    ),
    only(
      'jenkins-alone',
      '^src/jenkins/',
      ['^src/jenkins/', '^src/core/', '^src/loop/ports\\.ts$'],
      'Adapters do not know each other.',
    ),
    only(
      'store-alone',
      '^src/store/(?!zookeeper-)',
      ['^src/store/', '^src/core/', '^src/loop/ports\\.ts$'],
      'Adapters do not know each other.',
    ),
    only(
      'zookeeper-store-alone',
      '^src/store/zookeeper-',
      ['^src/store/', '^src/core/', '^src/zookeeper/', '^src/loop/ports\\.ts$'],
      'Only the ZooKeeper store speaks with ZooKeeper.',
    ),
    only(
      'leader-alone',
      '^src/leader/',
      ['^src/leader/', '^src/core/', '^src/zookeeper/', '^src/loop/ports\\.ts$'],
      'Adapters do not know each other.',
    ),
    only('marathon-alone', '^src/marathon/', ['^src/marathon/', '^src/core/'], 'Adapters do not know each other.'),
    only('config-alone', '^src/config/', ['^src/config/', '^src/core/'], 'Adapters do not know each other.'),
    only(
      'metrics-alone',
      '^src/metrics/',
      ['^src/metrics/', '^src/core/', '^src/loop/(view-types|report)\\.ts$'],
      'Metrics read values.',
    ),
    only('loop-sees-ports', '^src/loop/', ['^src/loop/', '^src/core/'], 'The loop is handed its adapters.'),
    only(
      'plugins-read-only',
      '^plugins/',
      ['^plugins/', '^src/core/', '^src/metrics/', '^src/loop/(explain-)?view'],
      'HTTP reads the view; it does not call Jenkins or Mesos.',
    ),
    only(
      'embedded-stands-alone',
      '^src/embedded/',
      ['^src/embedded/', '^src/core/(clock|model|never|code-of)\\.ts$', '^src/mesos/protocol\\.ts$'],
      'A simulator that shares the parser of the client would share its bugs.',
    ),
    {
      name: 'embedded-only-from-compose',
      severity: 'error',
      from: { path: '^(src|plugins)/', pathNot: '^src/(embedded/|compose\\.ts$|compose-|cli/)' },
      to: { path: '^src/embedded/' },
    },
    {
      name: 'checker-stands-alone',
      severity: 'error',
      comment: 'What judges the program shares nothing with it.',
      from: { path: '^test/checker/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^test/checker/', '^src/embedded/'], dependencyTypesNot: ['core'] },
    },
    { name: 'src-never-test', severity: 'error', from: { path: '^(src|plugins)/' }, to: { path: '^test/' } },
    { name: 'no-dev-deps', severity: 'error', from: { path: '^(src|plugins)/' }, to: { dependencyTypes: ['npm-dev'] } },
  ],
  options: {
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
}
