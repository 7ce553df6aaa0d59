import type { Farm } from './farm.ts'
import type { FarmOptions } from './farm-options.ts'

type Name = 'a' | 'b'

/** Both on one state; `a` leads. Every changing request is checked to come from the elected one. */
export async function pair(start: (options: FarmOptions) => Promise<Farm>, options: FarmOptions = {}): Promise<Farm> {
  const farm = await start({ zookeeper: true, ...options })
  await farm.until(leads(farm, 'a'), 5_000, 'a leader')
  await farm.startSidecar({}, 'b')
  await farm.until(() => health(farm, 'b') === 'standby', 5_000, 'a standby')
  return farm
}

export function health(farm: Farm, name: Name): string {
  return farm.sidecar(name).life.program.view().health.status
}

export function leads(farm: Farm, name: Name): () => boolean {
  return () => farm.sidecar(name).life.program.leadership.role === 'leader'
}
