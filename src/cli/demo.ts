import type { CommandIo } from './io.ts'
export async function demo(_args: { readonly speed: number }, _io: CommandIo): Promise<number> {
  return 1
}
