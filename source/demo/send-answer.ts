import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { errorEnvelope } from './error-answers.ts';
import type { ActiveFault } from './faults.ts';
import type { HeaderList } from './limit-headers.ts';
import { sseEvent } from './message-events.ts';

/** Real milliseconds. */
export type Pace = {
  /** Before the head. */
  headMs: number;
  /** Before every piece of the body but the first. */
  pieceMs: number;
};

export type Outgoing = {
  status: number;
  headers: HeaderList;
  /** The body in the pieces it is written in. */
  pieces: readonly string[];
  /** Announce the length instead of sending chunks. */
  announced: boolean;
  /** Called before each piece is written. */
  beforePiece?: (index: number) => void;
  /** Instead of the usual one. */
  pace?: Pace;
};

export type Ending = 'sent' | 'client-left' | 'cut';

type Sending = {
  response: ServerResponse;
  fault: ActiveFault | null;
  pace: Pace;
  /** Aborted when nothing is to pause any more, and when the connection is gone. */
  hurried: AbortSignal;
  /** Aborted when the connection is gone. */
  left: AbortSignal;
  /** Settles at the same moment. */
  closed: Promise<void>;
};

/** At least until the next turn of the event loop: node joins what is written in one turn into one chunk. */
const pause = async (ms: number, { left, hurried }: Pick<Sending, 'left' | 'hurried'>): Promise<void> => {
  if (left.aborted) return;
  if (ms <= 0 || hurried.aborted) await nextTurn();
  else await sleep(ms, undefined, { signal: hurried }).catch(() => undefined);
};

/** Everything written so far is with the kernel, or the connection is gone. */
const flushed = (response: ServerResponse): Promise<void> => {
  response.flushHeaders();
  const { socket } = response;
  if (socket === null || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.write('', () => resolve());
  });
};

/** Writes past the HTTP grammar and closes the connection in order. */
const endWith = ({ socket }: ServerResponse, bytes: string | Buffer): void => {
  socket?.write(bytes);
  socket?.destroySoon();
};

/** A fault before the head. null = the answer follows. */
const faultBeforeHead = async ({ response, fault, left, closed }: Sending): Promise<Ending | null> => {
  if (fault?.plan.phase !== 'head') return null;
  const { socket } = response;
  if (fault.plan.act === 'stall') {
    await Promise.race([fault.cleared, closed]);
    return left.aborted ? 'client-left' : null;
  }
  if (fault.plan.act === 'reset') socket?.resetAndDestroy();
  else endWith(response, '\u0016\u0003\u0001 these bytes are not HTTP\r\n\r\n');
  return 'cut';
};

/** A fault in the body, at the piece it belongs to. null = the body goes on. */
const faultAtPiece = async (sending: Sending, piece: string): Promise<Ending | null> => {
  const { response, fault, left, closed } = sending;
  if (fault?.plan.phase !== 'body' || fault.plan.act === 'slow') return null;
  await flushed(response);
  switch (fault.plan.act) {
    case 'stall':
      await Promise.race([fault.cleared, closed]);
      return left.aborted ? 'client-left' : null;
    case 'reset':
      response.socket?.resetAndDestroy();
      return 'cut';
    case 'end-mid-chunk': {
      const half = Buffer.from(piece).subarray(0, Math.ceil(piece.length / 2));
      const size = Buffer.byteLength(piece).toString(16);
      const announced = response.hasHeader('content-length');
      endWith(response, announced ? half : Buffer.concat([Buffer.from(`${size}\r\n`), half]));
      return 'cut';
    }
    case 'error': {
      const id = String(response.getHeader('request-id') ?? '');
      response.end(sseEvent(errorEnvelope(529, 'Overloaded', id)));
      return 'cut';
    }
    default:
      response.end();
      return 'cut';
  }
};

const writePiece = async ({ response, left, closed }: Sending, piece: string): Promise<void> => {
  if (response.write(piece) || left.aborted) return;
  await Promise.race([
    closed,
    new Promise<void>((resolve) => {
      response.once('drain', () => resolve());
    }),
  ]);
};

const sendBody = async (sending: Sending, { pieces, beforePiece }: Outgoing): Promise<Ending> => {
  const { response, fault, pace, left } = sending;
  const body = fault?.plan.phase === 'body' ? fault.plan : null;
  const faultIndex = body === null ? -1 : Math.min(fault?.after ?? body.after, pieces.length - 1);
  const slowMs = body?.act === 'slow' ? (fault?.pauseMs ?? 50) : 0;
  for (const [index, piece] of pieces.entries()) {
    await pause(index === 0 ? slowMs : Math.max(slowMs, pace.pieceMs), sending);
    if (index === faultIndex) {
      const ending = await faultAtPiece(sending, piece);
      if (ending !== null) return ending;
    }
    if (left.aborted) return 'client-left';
    beforePiece?.(index);
    await writePiece(sending, piece);
  }
  response.end();
  return 'sent';
};

/** Sends an answer at this pace, with what the fault does to it, and tells how it ended. */
export const sendAnswer = async (sending: Sending, answer: Outgoing): Promise<Ending> => {
  const { response, pace, left } = sending;
  const ending = await faultBeforeHead(sending);
  if (ending !== null) return ending;
  if (pace.headMs > 0) await pause(pace.headMs, sending);
  if (left.aborted) return 'client-left';
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (answer.announced) {
    const length = answer.pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
    response.setHeader('content-length', length);
  }
  return sendBody(sending, answer);
};
