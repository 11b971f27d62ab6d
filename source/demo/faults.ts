import { errorAnswer, type Answer, type ErrorStatus } from './error-answers.ts';

type AnswerFault = {
  phase: 'answer';
  status: ErrorStatus | 502;
  message: string;
  /** Seconds in `retry-after`; null = no such header. */
  retryAfter: number | null;
  /** The account's limit headers are sent too (they say that it has room). */
  limits: boolean;
};

/** Everything that can be made to go wrong, by name. */
export const faults = {
  unauthorized: answer(401, 'invalid x-api-key'),
  forbidden: answer(403, 'This credential may not use this model.'),
  /** A 429 that asks for a short break although the windows have room. */
  pace: answer(429, 'Too many requests at once. Please slow down.', { retryAfter: 2, limits: true }),
  'bare-429': answer(429, 'Error'),
  'server-error': answer(500, 'Internal server error'),
  'bad-gateway': answer(502, '502 Bad Gateway'),
  unavailable: answer(503, 'Service unavailable'),
  overloaded: answer(529, 'Overloaded'),
  /** The connection is reset before any byte of the answer. */
  'reset-before-head': { phase: 'head', act: 'reset' },
  /** Nothing comes until the fault is cleared; then the answer follows. */
  'stall-before-head': { phase: 'head', act: 'stall' },
  /** Bytes that are not HTTP. */
  garbage: { phase: 'head', act: 'garbage' },
  'reset-mid-body': { phase: 'body', act: 'reset', streamOnly: false, after: 4 },
  /** The connection ends in order, inside a chunk (or, without chunks, before the announced length). */
  'end-mid-chunk': { phase: 'body', act: 'end-mid-chunk', streamOnly: false, after: 4 },
  /** The body ends with its terminator, but the stream has no message_stop. */
  'no-message-stop': { phase: 'body', act: 'end', streamOnly: true, after: 4 },
  'stall-mid-body': { phase: 'body', act: 'stall', streamOnly: false, after: 4 },
  /** A pause before every piece of the body. */
  slow: { phase: 'body', act: 'slow', streamOnly: false, after: 0 },
  /** Status 200, and the first event is an error. */
  'error-first': { phase: 'body', act: 'error', streamOnly: true, after: 0 },
  'error-mid-stream': { phase: 'body', act: 'error', streamOnly: true, after: 4 },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
type HeadFault = { phase: 'head'; act: 'reset' | 'stall' | 'garbage' };
type BodyFault = {
  phase: 'body';
  act: 'reset' | 'end-mid-chunk' | 'end' | 'stall' | 'slow' | 'error';
  /** Means nothing for an answer in one JSON body. */
  streamOnly: boolean;
  /** Pieces of the body (events of a stream) that are sent before. */
  after: number;
};
type Fault = AnswerFault | HeadFault | BodyFault;

function answer(
  status: AnswerFault['status'],
  message: string,
  more: { retryAfter?: number; limits?: boolean } = {},
): AnswerFault {
  return {
    phase: 'answer',
    status,
    message,
    retryAfter: more.retryAfter ?? null,
    limits: more.limits ?? false,
  };
}

/** A fault that is switched on. */
export type FaultRule = {
  fault: FaultName;
  /** Only for this account (by name); for every one by default. */
  account?: string;
  /** Only for this path, without query. */
  path?: string;
  /** Only for the next so many requests; until it is cleared by default. */
  times?: number;
  /** Pieces of the body (events of a stream) that are sent before a fault in the body. */
  after?: number;
  /** Seconds in `retry-after` of a fault with a status, instead of its own. */
  retryAfter?: number;
  /** Pause of `slow`, in real ms; 50 by default. */
  pauseMs?: number;
};

/** A fault as it hits one request. `cleared` settles when the rule is. */
export type ActiveFault = FaultRule & { plan: Fault; cleared: Promise<void> };

/** The faults that are switched on; the oldest that fits a request hits it. */
export const createFaultSwitch = () => {
  type Entry = { rule: ActiveFault; left: number; clear: () => void };
  let entries: Entry[] = [];
  return {
    /** Switches a fault on; the returned function clears it. */
    add(rule: FaultRule): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      const plan: Fault = faults[rule.fault];
      const entry: Entry = {
        rule: { ...rule, plan, cleared: promise },
        left: rule.times ?? Infinity,
        clear: resolve,
      };
      entries.push(entry);
      return () => {
        entries = entries.filter((other) => other !== entry);
        resolve();
      };
    },
    /** Clears all; what stalls goes on. */
    clear(): void {
      for (const entry of entries) entry.clear();
      entries = [];
    },
    /** The fault for this request, which counts as one of its `times`; null when none fits. */
    take(request: { account: string; path: string; stream: boolean }): ActiveFault | null {
      const entry = entries.find(
        ({ rule, left }) =>
          left > 0 &&
          (rule.account === undefined || rule.account === request.account) &&
          (rule.path === undefined || rule.path === request.path) &&
          (rule.plan.phase !== 'body' || !rule.plan.streamOnly || request.stream),
      );
      if (entry === undefined) return null;
      entry.left -= 1;
      return entry.rule;
    },
  };
};

const html =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n';

/** The answer of a fault with a status. */
export const faultAnswer = (fault: ActiveFault & { plan: AnswerFault }, requestId: string): Answer => {
  const { status, message } = fault.plan;
  const seconds = fault.retryAfter ?? fault.plan.retryAfter;
  const headers = seconds === null ? [] : [['retry-after', String(seconds)] as const];
  if (status === 502) return { status, headers: [['content-type', 'text/html'], ...headers], body: html };
  return errorAnswer(status, message, requestId, headers);
};
