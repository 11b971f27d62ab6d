import type { PassedBody, PassedCapture } from '../../source/shared/capture.ts';
import { asEpoch, type RequestId } from '../../source/shared/types.ts';

export const passedBody = (content: string | Uint8Array, changes: Partial<PassedBody> = {}): PassedBody => {
  const bytes = new Uint8Array(Buffer.from(content));
  return { bytes, total: bytes.length, cut: false, whole: true, encoding: null, problem: null, ...changes };
};

/** The n-th capture, as the proxy hands it over. */
export const passedCapture = (n: number, changes: Partial<PassedCapture> = {}): PassedCapture => ({
  id: `captured-${n}` as RequestId,
  at: asEpoch(1_795_000_000_000 + n * 1000),
  method: 'POST',
  target: '/v1/messages?beta=true',
  headers: [['content-type', 'application/json']],
  body: passedBody('{"text":"CANARY in a body"}'),
  answer: { status: 400, headers: [['x-word', 'CANARY in a header']], body: passedBody('{}') },
  ...changes,
});
