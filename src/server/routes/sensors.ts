import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { answer } from '../schemas/registry.ts'
import { sensorView } from '../schemas/sensor.ts'
import { sensorViewOf } from '../views/sensor.ts'

const sensorsView = answer('Sensors', z.object({ items: z.array(sensorView) }))

export const listSensors = defineRoute({
  method: 'GET',
  path: '/sensors',
  summary: 'Where calls come from, and what was lost on the way',
  role: 'viewer',
  response: sensorsView,
  async handler({ backend }) {
    return { items: backend.sensors().map(sensorViewOf) }
  },
})
