import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof defineMetrics>

/**
 * Every metric of the program. Names end in their unit; labels have few values: a template, a state, a reason code,
 * never a job, a build or a queue item. Series of one agent live as long as the agent. A new registry each time, so
 * that tests stay apart.
 */
export function defineMetrics(registry = new Registry()) {
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `jenkins_mesos_${name}`, help, labelNames: [...labelNames], registers })
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `jenkins_mesos_${name}`, help, labelNames: [...labelNames], registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: readonly L[] = []) =>
    new Histogram({ name: `jenkins_mesos_${name}`, help, buckets, labelNames: [...labelNames], registers })
  return {
    registry,
    agents: gauge('agents', 'Agents by template and state.', ['template', 'state']),
    executors: gauge('executors', 'Executors of our agents by template and state.', ['template', 'state']),
    queueItems: gauge(
      'queue_items',
      'Items of the Jenkins queue by the template that serves them and by where they stand.',
      ['template', 'state'],
    ),
    allocatedCpus: gauge('allocated_cpus', 'CPUs that agents were given, by template.', ['template']),
    allocatedMem: gauge('allocated_mem_bytes', 'Memory that agents were given, by template.', ['template']),
    executorCpusAsked: gauge('executor_cpus_asked', 'CPUs that one executor asks for, by template.', ['template']),
    executorCpusUsed: gauge(
      'executor_cpus_used',
      'CPUs per executor that half, 95 % and all of past agents did not exceed in their busiest minute of builds.',
      ['template', 'stat'],
    ),
    executorMemAsked: gauge('executor_mem_asked_bytes', 'Memory that one executor asks for, by template.', [
      'template',
    ]),
    executorMemUsed: gauge(
      'executor_mem_used_bytes',
      'Resident memory per executor that half, 95 % and all of past agents did not exceed.',
      ['template', 'stat'],
    ),
    measuredAgents: gauge('measured_agents', 'Past agents that the executor_*_used series are made of.', ['template']),
    agentCpu: counter('agent_cpu_seconds_total', 'CPU time that an agent and its builds used.', ['agent', 'template']),
    agentCpusLimit: gauge('agent_cpus_limit', 'CPUs that an agent may use, as its host tells.', ['agent', 'template']),
    agentRss: gauge('agent_mem_rss_bytes', 'Resident memory of an agent and its builds.', ['agent', 'template']),
    agentMemLimit: gauge('agent_mem_limit_bytes', 'Memory that an agent may use, as its host tells.', [
      'agent',
      'template',
    ]),
    queueWait: histogram('queue_wait_seconds', 'How long a build was buildable before it left the queue.', WAITS),
    offerWait: histogram('offer_wait_seconds', 'From the wish for an agent to its launch.', FAST, ['template']),
    agentStart: histogram('agent_start_seconds', 'From the launch to the node being online.', STARTS, ['template']),
    agentLifetime: histogram('agent_lifetime_seconds', 'From the record of an agent to its end.', LIVES, ['template']),
    launches: counter('launches_total', 'Launches by template and result.', ['template', 'result']),
    reaps: counter('reaps_total', 'Agents that went, by template and reason.', ['template', 'reason']),
    taskTerminal: counter('task_terminal_total', 'Tasks that ended, by template, state and reason.', [
      'template',
      'state',
      'reason',
    ]),
    offers: counter('offers_total', 'Offers by what became of them.', ['outcome']),
    capReached: counter('cap_reached_total', 'Times that a cap came to stand in the way.', ['scope']),
    orphansRemoved: counter('orphans_removed_total', 'Nodes and tasks removed that no agent owned.', ['kind']),
    oneshotExtra: counter('oneshot_extra_builds_total', 'Builds beyond the first on one-shot agents.', ['template']),
    roundSeconds: histogram('round_seconds', 'Parts of a round.', FAST, ['phase']),
    jenkinsRequest: histogram('jenkins_request_seconds', 'Reading computers and queue from Jenkins.', FAST),
    jenkinsErrors: counter('jenkins_errors_total', 'Failed readings of Jenkins, by error code.', ['code']),
    mesosSubscribed: gauge('mesos_subscribed', '1 while subscribed to a Mesos master.'),
    mesosLastEvent: gauge('mesos_last_event_timestamp_seconds', 'When Mesos last told something.'),
    mesosResubscriptions: counter('mesos_resubscriptions_total', 'Subscriptions after the first.'),
    brakeHeld: gauge('brake_held_agents', 'Agents that the brake keeps from being taken away.'),
    otherJenkins: gauge('other_jenkins', '1 while Jenkins may be another than the agents belong to.'),
    leader: gauge('leader', '1 while this instance acts.'),
    buildInfo: gauge('build_info', 'Always 1; the version is a label.', ['version']),
  }
}

/** Gauges with a counter's ending; each is the sum of the series of the same name without it. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

const FAST = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const STARTS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600]
const WAITS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]
const LIVES = [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400]
