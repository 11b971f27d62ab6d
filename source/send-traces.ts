import type { PricedRequest } from './store/state.ts';

export type TraceSender = {
  /** Takes a request that has ended. Returns at once: it is sent with others, seconds later. */
  write(request: PricedRequest): void;
  /** Sends what is left. Never rejects, and gives up after a second. */
  close(): Promise<void>;
};

export type TraceSenderOptions = {
  /** Where OTLP traces are taken, over HTTP with JSON. */
  url: string;
  version: string;
  /** Called when traces begin to get lost, and when they arrive again. */
  onStatus(status: { ok: boolean; reason: string | null }): void;
};

type Attributes = Record<string, string | number | boolean | string[]>;

/** The words of OpenTelemetry for what it has words for, ours for the rest. What is unknown has no attribute. */
const attributesOf = (request: PricedRequest): Attributes => {
  const { tokens } = request;
  const known = {
    'http.request.method': request.method,
    'url.path': request.path,
    'http.response.status_code': request.status,
    'error.type': request.error,
    'gen_ai.request.model': request.model,
    'gen_ai.response.model': request.upstreamModel,
    'gen_ai.response.finish_reasons': request.stopReason === null ? null : [request.stopReason],
    'gen_ai.usage.input_tokens': tokens.input,
    'gen_ai.usage.output_tokens': tokens.output,
    'ccr_tui.usage.cache_read_tokens': tokens.cacheRead,
    'ccr_tui.usage.cache_write_5m_tokens': tokens.cacheWrite5m,
    'ccr_tui.usage.cache_write_1h_tokens': tokens.cacheWrite1h,
    'ccr_tui.request_id': request.id,
    'ccr_tui.account': request.account,
    'ccr_tui.client': request.client,
    'ccr_tui.project': request.project,
    'ccr_tui.agent': request.agent,
    'ccr_tui.outcome': request.outcome,
    'ccr_tui.stream': request.stream,
    'ccr_tui.wait_ms': request.waitMs,
    'ccr_tui.first_byte_ms': request.firstByteMs,
    'ccr_tui.cost_usd': request.costKind === 'cost' ? request.costUsd : null,
    'ccr_tui.list_value_usd': request.costKind === 'cost' ? null : request.costUsd,
    'ccr_tui.attempts': request.attempts.map(({ account, verdict }) => `${account}: ${verdict}`),
  };
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, Attributes[string]] => entry[1] !== null),
  );
};

/** The first two parts of the path: ids behind them would make every name another one. */
const nameOf = ({ method, path }: PricedRequest): string =>
  `${method} ${/^(?:\/[^/?]+){0,2}/.exec(path)?.[0] || '/'}`;

const closeWithinMs = 1000;

/**
 * Sends each finished request as a span to a collector of the user's. Spans wait in a queue of the official package: 2048 at
 * most, then new ones are dropped; a collector that is away is asked again with back-off. Loaded only when it is wanted.
 */
export const openTraceSender = async (options: TraceSenderOptions): Promise<TraceSender> => {
  const [{ BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }, api] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/api'),
    ]);
  const { url, version, onStatus } = options;
  const exporter = new OTLPTraceExporter({ url });
  let ok = true;
  const watched = {
    export(spans: Parameters<typeof exporter.export>[0], done: Parameters<typeof exporter.export>[1]): void {
      exporter.export(spans, (result) => {
        const now = result.error === undefined;
        if (now !== ok) onStatus({ ok: now, reason: result.error?.message ?? null });
        ok = now;
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'ccr-tui', 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter: watched })],
  });
  const tracer = provider.getTracer('ccr-tui', version);
  return {
    write(request) {
      const attributes = attributesOf(request);
      const span = tracer.startSpan(nameOf(request), {
        kind: api.SpanKind.SERVER,
        startTime: request.at,
        attributes,
      });
      if (request.outcome !== 'ok') span.setStatus({ code: api.SpanStatusCode.ERROR });
      span.end(request.at + request.totalMs);
    },
    async close() {
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, closeWithinMs).unref();
      });
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
};
