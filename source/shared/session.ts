import type { AuditVia } from './audit-event.ts';
import type { Command, CommandArgs, CommandName, CommandResults } from './commands.ts';
import type { NumberedEvent } from './events.ts';

/**
 * Runs commands against an instance: this process's own, or another one through the control socket.
 * Rejects with a CcrError. `secret` is for the few commands that carry one; the callee wipes the bytes.
 */
export type Commander = {
  run<Name extends CommandName>(
    name: Name,
    args: CommandArgs<Name>,
    secret?: Uint8Array,
  ): Promise<CommandResults[Name]>;
};

/** Executes one command inside the instance for whoever asks; what the control server and the local screen are given. */
export type Execute = (command: Command, secret: Uint8Array | null, via?: AuditVia) => Promise<unknown>;

/** Numbered events, live. The listener is called in order; the returned function ends the subscription. */
export type EventFeed = {
  subscribe(listener: (event: NumberedEvent) => void): () => void;
};
