import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A loopback port on which nothing listens at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
