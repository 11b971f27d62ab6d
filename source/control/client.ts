import { connect, type Socket } from 'node:net';
import type { CommandArgs, CommandName, CommandResults } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import type { NumberedEvent } from '../shared/events.ts';
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
const open = (path: string, name: string, timeoutMs: number): Promise<Socket> =>
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

const greet = async (
  exchange: Exchange,
  hello: object,
  name: string,
  timeoutMs: number,
): Promise<Welcome> => {
  let answer: unknown;
  try {
    answer = await exchange.ask(helloId, encodeLine({ hello }), timeoutMs);
  } catch (error) {
    if (!(error instanceof CcrError) || error.code !== 'no_instance') throw error;
    throw refused(`${name} closed the connection`);
  }
  const welcome = answer as Welcome;
  if (welcome.protocol === protocolVersion) return welcome;
  throw new CcrError('control_refused', `${name} is another version (${welcome.version})`, {
    hint: 'stop it and start this one',
  });
};

/**
 * Connects to a running instance. `timeoutMs` is for the connection and for each answer that needs no person.
 * A CcrError: `no_instance` when nobody is there, `control_refused` when it does not let us in or does not answer.
 * Later, `run` and `subscribe` reject with what the instance answered, or `no_instance` when the connection ends.
 */
export const connectControl = async (
  instance: Instance,
  options: { timeoutMs: number; readOnly?: boolean },
): Promise<ControlClient> => {
  const { timeoutMs, readOnly = false } = options;
  const name = `ccr-tui (pid ${instance.pid})`;
  const socket = await open(instance.socket, name, timeoutMs);
  const exchange = createExchange(socket, name);
  const hello = { token: instance.token.reveal(), protocol: protocolVersion, readOnly };
  let lastId = helloId;
  try {
    const welcome = await greet(exchange, hello, name, timeoutMs);
    return {
      welcome,
      closed: exchange.closed,
      close: () => socket.destroy(),
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
    socket.destroy();
    throw error;
  }
};
