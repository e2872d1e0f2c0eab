/** The child process of one service: told over IPC which one, it serves until its parent goes away. */
import { type Intrusion, intrude } from './intruder.ts'
import { type Routes, type ServiceOrder, serve } from './service.ts'
import { frontService } from './services/front.ts'
import { ordersService } from './services/orders.ts'
import { paymentsService } from './services/payments.ts'
import { usersService } from './services/users.ts'

const services: Readonly<Record<ServiceOrder['service'], (order: ServiceOrder) => Routes>> = {
  users: usersService,
  orders: ordersService,
  payments: paymentsService,
  front: frontService,
}

process.once('disconnect', () => process.exit(0))
// An interrupt from the terminal reaches the whole group; the parent decides when to end.
process.on('SIGINT', () => {})
process.once('message', received => {
  const order = received as ServiceOrder
  process.on('message', message => {
    const { intrude: intrusion } = message as { readonly intrude?: Intrusion }
    if (intrusion === undefined) return
    intrude(order, intrusion).then(
      intruded => process.send?.({ intruded }),
      thrown => process.send?.({ failed: String(thrown) }),
    )
  })
  Promise.resolve()
    .then(() =>
      serve(
        services[order.service](order),
        order.port,
        order.service === 'front' ? undefined : order.internalToken,
      ),
    )
    .then(
      port => process.send?.({ port }),
      thrown => process.send?.({ failed: thrown instanceof Error ? thrown.message : String(thrown) }),
    )
})
