import {
  AGENT_STATES,
  EXECUTOR_STATES,
  REAP_REASONS,
  SCOPES,
  STATS,
  TASK_REASONS,
  TASK_STATES,
} from './label-values.ts'
import { counter, gauge, histogram, sparse } from './spec.ts'

export const TEMPLATE = 'a template'
const AGENT = 'an agent that lives'

const STARTS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600]
const LIVES = [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400]

/** Agents, what they are given and what they use. */
export const AGENT_METRICS = {
  agents: gauge(['agents', 'Agents by template and state.', 'How big the farm is; all but `planned` take resources.'], {
    template: TEMPLATE,
    state: AGENT_STATES,
  }),
  executors: gauge(
    ['executors', 'Executors of our agents by template and state.', 'Busy of all is how well it is used.'],
    {
      template: TEMPLATE,
      state: EXECUTOR_STATES,
    },
  ),
  maxAgents: gauge(['max_agents', 'Agents that a template may have.', 'Beside `agents`: how near the cap is.'], {
    template: TEMPLATE,
  }),
  maxCpus: sparse(
    gauge(
      ['max_cpus', 'CPUs that all agents of a template may be given; no series without such a cap.', 'As before.'],
      {
        template: TEMPLATE,
      },
    ),
  ),
  maxMem: sparse(
    gauge(
      [
        'max_mem_bytes',
        'Memory that all agents of a template may be given; no series without such a cap.',
        'As before.',
      ],
      { template: TEMPLATE },
    ),
  ),
  farmMaxAgents: gauge(['farm_max_agents', 'Agents that all templates together may have.', 'Beside `sum(agents)`.']),
  farmMaxCpus: sparse(
    gauge(['farm_max_cpus', 'CPUs that all agents together may be given; no series without such a cap.', 'As before.']),
  ),
  farmMaxMem: sparse(
    gauge([
      'farm_max_mem_bytes',
      'Memory that all agents together may be given; no series without such a cap.',
      'As before.',
    ]),
  ),
  minIdle: gauge(
    ['min_idle_executors', 'Executors that are kept idle on purpose, as the schedule of now has it.', 'The warm pool.'],
    { template: TEMPLATE },
  ),
  wantedAgents: gauge(
    ['wanted_agents', 'Agents that wait for an offer, by template.', 'For long: the cluster has no room for them.'],
    { template: TEMPLATE },
  ),
  capped: gauge(
    ['capped', '1 while this cap stands in the way of a build.', 'For long: the cap is too small for what is built.'],
    { template: TEMPLATE, scope: SCOPES },
  ),
  paused: gauge(['paused', '1 while an operator has paused the template.', 'Paused and forgotten.'], {
    template: TEMPLATE,
  }),
  launchFailures: gauge(
    ['launch_failures_in_row', 'Launches that failed since the last one that went well.', 'What the breaker counts.'],
    { template: TEMPLATE },
  ),
  backedOff: gauge(
    ['backed_off', '1 while the template starts nothing, as launches failed.', 'It starts again by itself.'],
    { template: TEMPLATE },
  ),
  breakerOpen: gauge(
    [
      'breaker_open',
      '1 while so many launches failed in a row that one at a time may try.',
      'A person should see why agents of the template do not come up.',
    ],
    { template: TEMPLATE },
  ),
  allocatedCpus: gauge(
    ['allocated_cpus', 'CPUs that agents were given, by template.', 'Given; `used_cpu_seconds_total` is used.'],
    { template: TEMPLATE },
  ),
  allocatedMem: gauge(
    ['allocated_mem_bytes', 'Memory that agents were given, by template.', 'Given; `used_mem_bytes` is used.'],
    { template: TEMPLATE },
  ),
  allocatedCpuSeconds: counter(
    [
      'allocated_cpu_seconds_total',
      'CPUs that agents were given, times the seconds that they had them, by template.',
      'Cost: `increase(…[1d]) / 3600` is core-hours a day. Exact however seldom it is scraped.',
    ],
    { template: TEMPLATE },
  ),
  allocatedMemByteSeconds: counter(
    [
      'allocated_mem_byte_seconds_total',
      'Memory that agents were given, times the seconds that they had it, by template.',
      'Cost: `increase(…[1d]) / 3600 / 2^30` is GiB-hours a day.',
    ],
    { template: TEMPLATE },
  ),
  usedCpuSeconds: counter(
    [
      'used_cpu_seconds_total',
      'CPU time that agents and their builds used, by template; it outlives the agents.',
      '`rate(…[5m])` is CPUs in use.',
    ],
    { template: TEMPLATE },
  ),
  usedMem: gauge(
    ['used_mem_bytes', 'Resident memory of all agents and their builds, by template.', 'As their hosts told last.'],
    { template: TEMPLATE },
  ),
  executorCpusAsked: sparse(
    gauge(['executor_cpus_asked', 'CPUs that one executor asks for, by template.', 'Right-sizing.'], {
      template: TEMPLATE,
    }),
  ),
  executorCpusUsed: sparse(
    gauge(
      [
        'executor_cpus_used',
        'CPUs per executor that half, 95 % and all of past agents did not exceed in their busiest minute of builds.',
        'Right-sizing; no series until it was measured.',
      ],
      { template: TEMPLATE, stat: STATS },
    ),
  ),
  executorMemAsked: sparse(
    gauge(['executor_mem_asked_bytes', 'Memory that one executor asks for, by template.', 'Right-sizing.'], {
      template: TEMPLATE,
    }),
  ),
  executorMemUsed: sparse(
    gauge(
      [
        'executor_mem_used_bytes',
        'Resident memory per executor that half, 95 % and all of past agents did not exceed.',
        'Right-sizing; no series until it was measured.',
      ],
      { template: TEMPLATE, stat: STATS },
    ),
  ),
  measuredAgents: sparse(
    gauge(
      [
        'measured_agents',
        'Past agents that the executor_*_used series are made of.',
        'Fewer than 20: not enough to go by.',
      ],
      { template: TEMPLATE },
    ),
  ),
  agentCpu: sparse(
    counter(
      ['agent_cpu_seconds_total', 'CPU time that an agent and its builds used.', '`rate(…[1m])` is CPUs in use.'],
      { agent: AGENT, template: TEMPLATE },
    ),
  ),
  agentCpusLimit: sparse(
    gauge(['agent_cpus_limit', 'CPUs that an agent may use, as its host tells.', 'Beside the one before.'], {
      agent: AGENT,
      template: TEMPLATE,
    }),
  ),
  agentRss: sparse(
    gauge(['agent_mem_rss_bytes', 'Resident memory of an agent and its builds.', 'Without page cache.'], {
      agent: AGENT,
      template: TEMPLATE,
    }),
  ),
  agentMemLimit: sparse(
    gauge(['agent_mem_limit_bytes', 'Memory that an agent may use, as its host tells.', 'Above it builds die.'], {
      agent: AGENT,
      template: TEMPLATE,
    }),
  ),
  agentStart: histogram(
    [
      'agent_start_seconds',
      'From the launch to the node being online.',
      '`histogram_quantile(0.95, …)`; the recording rules have p50 and p95.',
    ],
    STARTS,
    { template: TEMPLATE },
  ),
  agentLifetime: histogram(
    [
      'agent_lifetime_seconds',
      'From the record of an agent to its end.',
      'Short lives: a longer idle timeout may pay.',
    ],
    LIVES,
    { template: TEMPLATE },
  ),
  reaps: counter(
    ['reaps_total', 'Agents that went, by template and reason.', 'All but `idle` and the limits: look why.'],
    {
      template: TEMPLATE,
      reason: REAP_REASONS,
    },
  ),
  taskTerminal: sparse(
    counter(
      [
        'task_terminal_total',
        'Tasks that ended, by template, state and reason.',
        'As Mesos tells; a limit of memory shows as REASON_CONTAINER_LIMITATION_MEMORY.',
      ],
      { template: TEMPLATE, state: TASK_STATES, reason: TASK_REASONS },
    ),
  ),
  oneshotExtra: counter(
    [
      'oneshot_extra_builds_total',
      'Builds beyond the most that an agent was to have (oneShot, maxBuilds).',
      'They were shorter than the poll.',
    ],
    { template: TEMPLATE },
  ),
} as const
