import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AuditVia } from '../shared/audit-event.ts';
import type { CommandArgs, CommandName, CommandResults } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import type { NumberedEvent } from '../shared/events.ts';
import type { Secret } from '../shared/secret.ts';
import type { Commander } from '../shared/session.ts';
import { systemCode } from '../shared/system-code.ts';
import { isReadingCommand } from './command-table.ts';
import { createExchange, type Ending, type Exchange, helloId, refused } from './exchange.ts';
import type { Instance } from './instance-lock.ts';
import { encodeLine, parseSubscription, protocolVersion, type Welcome } from './protocol.ts';

export type Subscriber = {
  /** Number of the last event seen from this very instance, to go on behind it; null to begin with a snapshot. */
  after: number | null;
  /** Called once, before any event, unless the subscription could go on behind `after`. */
  onSnapshot(snapshot: { seq: number; state: unknown }): void;
  /** Events in order, none twice, as many at once as came together. */
  onEvents(events: readonly NumberedEvent[]): void;
};

export type ControlClient = Commander & {
  welcome: Welcome;
  /** Resolves when the subscription stands, after `onSnapshot`. One for each connection, and as long as it. */
  subscribe(subscriber: Subscriber): Promise<void>;
  /** Resolves when the connection is over, whoever ended it. */
  closed: Promise<Ending>;
  close(): void;
};

/** A keychain dialog may wait 120 s for a person; a changing command is given that and a margin. */
const changeMs = 130_000;

/** Opens the socket. Nobody there: CcrError('no_instance'); there but not for us: `control_refused`. */
export const openSocket = (path: string, name: string, timeoutMs: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(refused(`${name} does not answer`));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', (cause) => {
      clearTimeout(timer);
      const code = systemCode(cause);
      if (code === 'EACCES' || code === 'EPERM') reject(refused(`${name} belongs to another user`));
      else if (code === 'EAGAIN' || code === 'EBUSY') reject(refused(`${name} has no connection free`));
      else reject(new CcrError('no_instance', 'not running', { hint: 'start it with `ccr-tui`', cause }));
    });
  });

export type TalkOptions = {
  /** What errors call the other end. */
  name: string;
  /** For each answer that needs no person. */
  timeoutMs: number;
  /** For the first answer; `timeoutMs` by default. */
  helloMs?: number;
  /** Null where somebody on the way puts it in. */
  token: Secret | null;
  readOnly?: boolean;
  /** Who asks, where that is no command of its own. */
  via?: AuditVia;
  /** See createExchange. */
  chatty?: boolean;
  /** What to do about another version. */
  otherVersion?: string;
  /** Why the other end closed the stream instead of answering the hello. */
  whyClosed?: () => Promise<CcrError>;
};

const greet = async (exchange: Exchange, options: TalkOptions): Promise<Welcome> => {
  const { name, timeoutMs, helloMs = timeoutMs, token, readOnly = false, via, otherVersion } = options;
  const hello = { token: token?.reveal(), protocol: protocolVersion, readOnly, via };
  let answer: unknown;
  try {
    answer = await exchange.ask(helloId, encodeLine({ hello }), helloMs);
  } catch (error) {
    if (!(error instanceof CcrError) || error.code !== 'no_instance') throw error;
    throw (await options.whyClosed?.()) ?? refused(`${name} closed the connection`);
  }
  const welcome = answer as Welcome;
  if (welcome.protocol === protocolVersion) return welcome;
  throw new CcrError('control_refused', `${name} is another version (${welcome.version})`, {
    hint: otherVersion ?? 'stop it and start this one',
  });
};

/**
 * Speaks the protocol over a stream that leads to an instance, which it owns from now on. A CcrError
 * `control_refused` when the instance does not let us in or does not answer. Later, `run` and `subscribe` reject with
 * what the instance answered, or `no_instance` when the connection ends.
 */
export const talkControl = async (stream: Duplex, options: TalkOptions): Promise<ControlClient> => {
  const { name, timeoutMs, chatty = false } = options;
  const exchange = createExchange(stream, name, chatty);
  let lastId = helloId;
  try {
    const welcome = await greet(exchange, options);
    return {
      welcome,
      closed: exchange.closed,
      close: () => stream.destroy(),
      async run<Name extends CommandName>(command: Name, args: CommandArgs<Name>, secret?: Uint8Array) {
        const id = (lastId += 1);
        const encoded = secret === undefined ? undefined : Buffer.from(secret).toString('base64');
        secret?.fill(0);
        const line = encodeLine({ id, command: { name: command, args }, secret: encoded });
        const limitMs = isReadingCommand(command) ? timeoutMs : changeMs;
        return (await exchange.ask(id, line, limitMs)) as CommandResults[Name];
      },
      async subscribe({ after, onSnapshot, onEvents }) {
        const id = (lastId += 1);
        const answer = await exchange.ask(id, encodeLine({ id, subscribe: { after } }), timeoutMs);
        const subscription = parseSubscription(answer);
        if (subscription === null) throw refused(`${name}: subscription not understood`);
        if (!subscription.resumed) onSnapshot({ seq: subscription.seq, state: subscription.snapshot });
        exchange.listen(onEvents);
      },
    };
  } catch (error) {
    stream.destroy();
    throw error;
  }
};

/**
 * Connects to a running instance of this user. `timeoutMs` is for the connection, too. A CcrError: `no_instance` when
 * nobody is there, else as talkControl.
 */
export const connectControl = async (
  instance: Instance,
  options: { timeoutMs: number; readOnly?: boolean; via?: AuditVia },
): Promise<ControlClient> => {
  const { pid, socket, token } = instance;
  const name = `ccr-tui (pid ${pid})`;
  return talkControl(await openSocket(socket, name, options.timeoutMs), { ...options, name, token });
};
