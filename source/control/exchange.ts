import type { Duplex } from 'node:stream';
import { CcrError, errorFromShape } from '../shared/errors.ts';
import type { NumberedEvent } from '../shared/events.ts';
import { createLineReader } from './line-reader.ts';
import { answerLimit, parseServerLine, type ServerMessage, type Welcome } from './protocol.ts';

type Waiting = { resolve: (result: unknown) => void; reject: (error: CcrError) => void };
type Listener = (events: readonly NumberedEvent[]) => void;

export const refused = (what: string): CcrError =>
  new CcrError('control_refused', what, { hint: 'stop it with a signal if it does not recover' });

/** The questions that have no answer yet, by id. */
const createWaitingRoom = (name: string) => {
  const waiting = new Map<number, Waiting>();
  let over: CcrError | null = null;
  const settle = (id: number, act: (entry: Waiting) => void): void => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry) act(entry);
  };
  return {
    settle,
    /** No answer will come any more; the first reason stays. */
    close(reason: CcrError): void {
      over ??= reason;
      for (const { reject } of waiting.values()) reject(over);
      waiting.clear();
    },
    enter(id: number, timeoutMs: number): Promise<unknown> {
      if (over !== null) return Promise.reject(over);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          settle(id, (entry) => entry.reject(refused(`${name} does not answer`)));
        }, timeoutMs);
        waiting.set(id, {
          resolve(answer) {
            clearTimeout(timer);
            resolve(answer);
          },
          reject(error) {
            clearTimeout(timer);
            reject(error);
          },
        });
      });
    },
  };
};

/** How the connection ended: the instance stopped in order, or something else. */
export type Ending = 'stopped' | 'lost';

export type Exchange = {
  /** Resolves when the connection is over. */
  closed: Promise<Ending>;
  /** Sends a line; resolves with the answer of that id, rejects with the error it brought or a CcrError of ours. */
  ask(id: number, line: string, timeoutMs: number): Promise<unknown>;
  /** Where events go from now on, all of one read at once. */
  listen(listener: Listener): void;
};

/** The id under which `welcome`, which carries none, is waited for. */
export const helloId = 0;

/** Events on their way to whoever listens. */
const createOutlet = () => {
  let listener: Listener | null = null;
  /** Kept until somebody listens: a subscription's first events may come in the same read as its answer. */
  let events: NumberedEvent[] = [];
  const flush = (): void => {
    if (listener === null || events.length === 0) return;
    const batch = events;
    events = [];
    listener(batch);
  };
  return {
    push: (event: NumberedEvent) => void events.push(event),
    flush,
    listen(next: Listener): void {
      listener = next;
      flush();
    },
  };
};

/** What a login shell may say before the program it runs gets to speak: lines, and bytes of one line. */
const chatterLines = 1000;
const chatterLimit = 64 * 1024;

/**
 * Questions and answers over one stream, and the events between them. `name` is what errors call the other end.
 * `chatty`: lines that are none of ours may come before `welcome`, as out of a login shell.
 */
export const createExchange = (socket: Duplex, name: string, chatty = false): Exchange => {
  const room = createWaitingRoom(name);
  const outlet = createOutlet();
  let ending: Ending = 'lost';
  let chatter = chatty ? chatterLines : 0;

  const breakOff = (error: CcrError): void => {
    room.close(error);
    socket.destroy();
  };
  const welcome = (answer: Welcome): void => {
    chatter = 0;
    room.settle(helloId, ({ resolve }) => resolve(answer));
  };
  const handle = (message: ServerMessage): void => {
    if (chatter > 0 && message.kind !== 'welcome') chatter -= 1;
    else if (message.kind === 'event') outlet.push(message.event);
    else if (message.kind === 'goodbye') ending = 'stopped';
    else if (message.kind === 'problem') breakOff(refused(`${name}: ${message.problem}`));
    else if (message.kind === 'welcome') welcome(message.welcome);
    else if (message.kind === 'result') room.settle(message.id, ({ resolve }) => resolve(message.result));
    else if (message.id === null) breakOff(errorFromShape(message.error));
    else room.settle(message.id, ({ reject }) => reject(errorFromShape(message.error)));
  };
  const reader = createLineReader({
    maxBytes: () => (chatter > 0 ? chatterLimit : answerLimit),
    onLine: (line) => handle(parseServerLine(line)),
    onTooLong: () => breakOff(refused(`${name}: an answer too long to be one`)),
  });
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    outlet.flush();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<Ending>((resolve) => {
    socket.once('close', () => {
      const hint = 'see `ccr-tui status`';
      room.close(new CcrError('no_instance', `the connection to ${name} has ended`, { hint }));
      resolve(ending);
    });
  });

  return {
    closed,
    ask(id, line, timeoutMs) {
      const answer = room.enter(id, timeoutMs);
      socket.write(line);
      return answer;
    },
    listen: outlet.listen,
  };
};
