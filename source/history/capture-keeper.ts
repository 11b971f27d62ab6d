import type { FoundHeads } from '../shared/capture.ts';
import { errorShape } from '../shared/errors.ts';
import type { SealedCapture } from './capture-rows.ts';
import { keyIdOf, openCapture, sealCapture } from './capture-seal.ts';
import type { CaptureMessage } from './messages.ts';
import { readCapture } from './queries.ts';
import type { Writer } from './writer.ts';

/** Encrypts captures and writes them down. */
export type CaptureKeeper = {
  take(message: CaptureMessage): void;
  /** What is kept of the heads of that request, or why that cannot be told, in words. Never throws. */
  heads(file: string, request: string): { answer: FoundHeads } | { problem: string };
};

/** Of what was sealed with the key that is in use, the heads alone. */
const headsIn = (sealed: SealedCapture | null, key: Uint8Array | null): FoundHeads => {
  if (sealed === null) return { kind: 'none' };
  if (key === null || keyIdOf(key) !== sealed.keyId) {
    return { kind: 'unreadable', reason: 'the key that it was encrypted with is not in use now' };
  }
  const capture = openCapture(sealed, key);
  if (capture === null) return { kind: 'unreadable', reason: 'it was changed since, or is damaged' };
  const { target, headers, answer } = capture;
  return {
    kind: 'found',
    target,
    headers,
    answer: answer && { status: answer.status, headers: answer.headers },
  };
};

/** For the thread that writes the history. `onTaken` is told of each capture: null, or why it was not written. */
export const createCaptureKeeper = (
  writer: Pick<Writer, 'writeCaptures' | 'limitCaptures'>,
  onTaken: (lost: string | null) => void,
): CaptureKeeper => {
  let key: Uint8Array | null = null;
  return {
    heads(file, request) {
      try {
        return { answer: headsIn(readCapture(file, request), key) };
      } catch (error) {
        return { problem: errorShape(error).message };
      }
    },
    take(message) {
      if (message.type === 'captureRules') {
        const { key: next, ...limits } = message.rules;
        key?.fill(0);
        key = next;
        writer.limitCaptures(limits);
      } else if (key === null) onTaken('there is no key');
      else onTaken(writer.writeCaptures([sealCapture(message.capture, key)]));
    },
  };
};
