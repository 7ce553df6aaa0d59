import type { CapScope } from '../../../src/core/blocked.ts'
import { all } from '../../../src/core/states.ts'

export const CAP_SCOPES = all<CapScope>()(['template', 'template_cpus', 'template_mem', 'agents', 'cpus', 'mem'])
