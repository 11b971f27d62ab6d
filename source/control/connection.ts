import type { Socket } from 'node:net';
import type { CommandName } from '../shared/commands.ts';
import { CcrError, errorShape } from '../shared/errors.ts';
import type { NumberedEvent } from '../shared/events.ts';
import type { Secret } from '../shared/secret.ts';
import type { Execute } from '../shared/session.ts';
import { type BoundedWriter, createBoundedWriter } from './bounded-writer.ts';
import { isReadingCommand } from './command-table.ts';
import { createLineReader, type LineReader } from './line-reader.ts';
import {
  type ClientMessage,
  encodeLine,
  helloLimit,
  isSameToken,
  parseClientLine,
  protocolVersion,
  requestLimit,
  type Welcome,
} from './protocol.ts';
import { createSubscriber, type Feed } from './subscription.ts';

/** What the server is given to serve. */
export type Served = {
  token: Secret;
  execute: Execute;
  feed: Feed;
  /** The whole state, as of `feed.lastSeq()`. Plain data. */
  snapshot: () => unknown;
  welcome: () => Omit<Welcome, 'protocol' | 'readOnly'>;
  /** How long a client may take to show the token; 5000 by default. */
  helloMs?: number;
};

export type Connection = {
  /** Sends events to a subscriber; nothing to others. `lines` is their wire form, made once for all. */
  deliver(events: readonly NumberedEvent[], lines: string): void;
  isSubscribed(): boolean;
  /** Ends after what is under way has been answered, at most `graceMs` later. */
  finish(graceMs: number): void;
};

/** Bytes that may wait for a client that does not read. */
const queueLimit = 4 * 1024 * 1024;
/** Commands of one connection under way at once. */
const commandLimit = 64;

type CommandMessage = Extract<ClientMessage, { kind: 'command' }>;
type Greeting = Pick<Extract<ClientMessage, { kind: 'hello' }>, 'readOnly' | 'via'>;

const fail = (writer: BoundedWriter, id: number | null, error: unknown): void =>
  writer.send(encodeLine({ id, error: errorShape(error) }));

/** Runs the commands of one connection. `onIdle` is called whenever none is under way any more. */
const createRunner = (execute: Execute, writer: BoundedWriter, onIdle: () => void) => {
  let running = 0;
  const check = (name: CommandName, { readOnly }: Greeting): void => {
    if (readOnly && !isReadingCommand(name)) {
      throw new CcrError('control_refused', `this connection may only read, not ${name}`);
    }
    if (running > commandLimit) throw new CcrError('failed', 'too many commands at once');
  };
  return {
    isIdle: () => running === 0,
    async run({ id, command, secret }: CommandMessage, greeting: Greeting): Promise<void> {
      running += 1;
      try {
        check(command.name, greeting);
        writer.send(encodeLine({ id, result: (await execute(command, secret, greeting.via)) ?? null }));
      } catch (error) {
        fail(writer, id, error);
      } finally {
        secret?.fill(0);
        running -= 1;
        if (running === 0) onIdle();
      }
    },
  };
};

/** Whoever follows what happens is a screen; a command of its own asks and leaves, and may say that a screen has it done. */
const inTheNameOf =
  (execute: Execute, isScreen: () => boolean): Execute =>
  (command, secret, via = isScreen() ? 'attached' : 'cli') =>
    execute(command, secret, via);

const welcomeLine = ({ readOnly }: Greeting, { welcome }: Served): string =>
  encodeLine({ welcome: { protocol: protocolVersion, readOnly, ...welcome() } });

/** Feeds what arrives to the reader. Whatever goes wrong there costs this client its connection, and nothing else. */
const readInto = (reader: LineReader, socket: Socket): void => {
  socket.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch {
      socket.destroy();
    }
  });
  // The client went away; `close` follows.
  socket.on('error', () => undefined);
};

/** Speaks with one client. Nothing is answered before it has shown the token. */
export const createConnection = (socket: Socket, served: Served, onClosed: () => void): Connection => {
  const writer = createBoundedWriter(socket, queueLimit);
  const subscriber = createSubscriber(served.feed, served.snapshot, writer);
  let finishing = false;
  const runner = createRunner(inTheNameOf(served.execute, subscriber.isActive), writer, () => {
    if (finishing) socket.end();
  });
  let greeting: Greeting | null = null;
  const timer = setTimeout(() => socket.destroy(), served.helloMs ?? 5000);

  const greet = (message: ClientMessage): void => {
    if (message.kind !== 'hello' || !isSameToken(message.token, served.token)) {
      socket.destroy();
      return;
    }
    clearTimeout(timer);
    greeting = { readOnly: message.readOnly, via: message.via };
    writer.send(welcomeLine(greeting, served));
    if (message.protocol !== protocolVersion) socket.end();
  };
  const giveUp = (problem: string): void => {
    fail(writer, null, new CcrError('usage', problem));
    socket.end();
  };
  const handle = (message: ClientMessage): void => {
    if (greeting === null) greet(message);
    else if (message.kind === 'command') void runner.run(message, greeting);
    else if (message.kind === 'subscribe') subscriber.start(message.id, message.after);
    else if (message.kind === 'hello') giveUp('hello was already said');
    // Without an id the two ends no longer agree on what a line is.
    else if (message.id === null) giveUp(message.problem);
    else fail(writer, message.id, new CcrError('usage', message.problem));
  };
  const reader = createLineReader({
    maxBytes: () => (greeting === null ? helloLimit : requestLimit),
    onLine(line) {
      if (!socket.destroyed && !socket.writableEnded) handle(parseClientLine(line));
    },
    onTooLong() {
      if (greeting === null) socket.destroy();
      else giveUp('a line of more than 1 MiB');
    },
  });
  readInto(reader, socket);
  socket.on('close', () => {
    clearTimeout(timer);
    onClosed();
  });

  return {
    isSubscribed: subscriber.isActive,
    deliver: subscriber.deliver,
    finish(graceMs) {
      finishing = true;
      if (greeting !== null) writer.send(encodeLine({ goodbye: true }));
      if (runner.isIdle()) socket.end();
      setTimeout(() => socket.destroy(), graceMs).unref();
    },
  };
};
