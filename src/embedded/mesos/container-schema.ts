import type { Message } from './json-proto.ts'
import { BOOL, many, NEEDED, one, oneOf, SECRET, STRING } from './proto-fields.ts'

const PARAMETER: Message = { key: NEEDED, value: NEEDED }
const PORT: Message[string] = { type: 'int', required: true }
const PORT_MAPPINGS = many({ host_port: PORT, container_port: PORT, protocol: STRING })

const IMAGE: Message = {
  type: { type: oneOf('APPC', 'DOCKER'), required: true },
  appc: one({ name: NEEDED }),
  docker: one({ name: NEEDED, config: one(SECRET) }),
  cached: BOOL,
}

const VOLUME: Message = {
  mode: { type: oneOf('RW', 'RO'), required: true },
  container_path: NEEDED,
  host_path: STRING,
  image: one(IMAGE),
  source: one({
    type: { type: oneOf('UNKNOWN', 'DOCKER_VOLUME', 'HOST_PATH', 'SANDBOX_PATH', 'SECRET', 'CSI_VOLUME') },
    docker_volume: one({ driver: STRING, name: NEEDED, driver_options: one({ parameter: many(PARAMETER) }) }),
    host_path: one({ path: NEEDED }),
    sandbox_path: one({ type: { type: oneOf('UNKNOWN', 'SELF', 'PARENT') }, path: NEEDED }),
    secret: one(SECRET),
  }),
}

/** ContainerInfo. */
export const CONTAINER: Message = {
  type: { type: oneOf('DOCKER', 'MESOS'), required: true },
  volumes: many(VOLUME),
  hostname: STRING,
  docker: one({
    image: NEEDED,
    network: { type: oneOf('HOST', 'BRIDGE', 'NONE', 'USER') },
    port_mappings: PORT_MAPPINGS,
    privileged: BOOL,
    parameters: many(PARAMETER),
    force_pull_image: BOOL,
  }),
  mesos: one({ image: one(IMAGE) }),
  network_infos: many({ name: STRING, port_mappings: PORT_MAPPINGS }),
}
