import type { EpochMs, RequestId } from './types.ts';

/** Of which requests heads and bodies are kept: of none, of those that ended other than in success, of all. */
export const captureModes = ['off', 'errors', 'all'] as const;
export type CaptureMode = (typeof captureModes)[number];

/** What is done now, and why it is not what the setting says (null when it is). */
export type CaptureStatus = { mode: CaptureMode; reason: string | null };

/** As on the wire, in their order; what shows a credential is replaced. */
export type CapturedHeaders = readonly (readonly [name: string, value: string])[];

/** What was kept of the head of a request and of its answer's, and why nothing of it can be shown, where that is so. */
export type FoundHeads =
  | { kind: 'none' }
  | { kind: 'unreadable'; reason: string }
  | {
      kind: 'found';
      target: string;
      headers: CapturedHeaders;
      /** null = nothing came of it. */
      answer: { status: number; headers: CapturedHeaders } | null;
    };

/** A body as far as it was kept, on its way to the history: the known secrets are out of it, tokens of known shapes not yet. */
export type PassedBody = {
  bytes: Uint8Array;
  /** How many there were of it, as they came over the wire. */
  total: number;
  /** There was more of it than these bytes. */
  cut: boolean;
  /** Whether it came to its end. */
  whole: boolean;
  /** What it was compressed with; the bytes are not. null = it was not. */
  encoding: string | null;
  /** Why nothing of it was kept; null when something was, or there was none. */
  problem: string | null;
};

/** One request on its way from the proxy to the history. */
export type PassedCapture = {
  id: RequestId;
  at: EpochMs;
  method: string;
  target: string;
  headers: CapturedHeaders;
  body: PassedBody;
  /** null = nothing came of it. */
  answer: { status: number; headers: CapturedHeaders; body: PassedBody } | null;
};

/** What is handed over, and not copied, when it crosses to another thread. */
export const buffersOf = ({ body, answer }: PassedCapture): ArrayBuffer[] =>
  [body, answer?.body].flatMap((each) =>
    each?.bytes.buffer instanceof ArrayBuffer ? [each.bytes.buffer] : [],
  );

/** A body as it is kept. */
export type CapturedBody = {
  /** Bytes of the whole body on the wire, as far as it came. */
  bytes: number;
  /** What was kept: as text, or base64 of what is none. */
  text: string | null;
  base64: string | null;
  /** There was more of it than is kept. */
  cut: boolean;
  /** It came to its end. */
  whole: boolean;
  encoding: string | null;
  problem: string | null;
};

/** What is kept of one request, apart from its row. */
export type CapturedRequest = {
  method: string;
  target: string;
  headers: CapturedHeaders;
  body: CapturedBody;
  answer: { status: number; headers: CapturedHeaders; body: CapturedBody } | null;
};
