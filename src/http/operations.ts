/** For those who run it: /healthz, /readyz, /metrics. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A number that is read when it is asked for. `counter` only ever grows. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  value():
    | number
    | Promise<number>
    | Readonly<Record<string, number>>
    | Promise<Readonly<Record<string, number>>>;
}

export interface Operations {
  /** Throws when the program cannot do its work now. */
  ready(): Promise<void>;
  readonly metrics: readonly Metric[];
}

export function operationRoutes({ ready, metrics }: Operations): Router {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const metric of metrics) register(registry, metric);
  const router = new Router();
  /** The process lives. */
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  /** It can do its work: the database answers and takes writes. It was brought up to date before the server listened. */
  router.get('/readyz', async (ctx) => {
    try {
      await ready();
      ctx.body = { status: 'ready' };
    } catch (error) {
      ctx.state.log.warn({ err: error }, 'not ready');
      ctx.status = 503;
      ctx.body = { status: 'unavailable' };
    }
  });
  router.get('/metrics', async (ctx, next) => {
    if (!fromInside(ctx)) return next();
    ctx.type = registry.contentType;
    ctx.body = await registry.metrics();
  });
  return router;
}

/** Numbers about an installation are not for the Internet: only direct requests from this machine or a private net. */
function fromInside(ctx: Context): boolean {
  const address = ctx.req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  return ctx.state.direct && /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/i.test(address);
}

function register(registry: Registry, { name, help, value }: Metric): void {
  const gauge: Gauge<string> = new Gauge({
    name,
    help,
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      const read = await value();
      if (typeof read === 'number') gauge.set(read);
      else for (const [kind, count] of Object.entries(read)) gauge.set({ kind }, count);
    },
  });
}
