import type { Commander } from '../shared/session.ts';
import type { RequestRow } from '../store/state.ts';

export type EndHoldOptions = {
  commander: Commander;
  /** The selected request; null when there is none. */
  selected: () => RequestRow | null;
  tell: (text: string) => void;
  /** What a person is told of a failure. */
  explain: (error: unknown) => string;
};

const done = { 'request.release': 'answered with a 429', 'request.cancel': 'given up' } as const;

/** Answers the selected request, which is held, at once: as at the end of its time, or so that its client gives up. */
export const createEndHold = (
  { commander, selected, tell, explain }: EndHoldOptions,
  command: keyof typeof done,
): (() => void) => {
  const end = async (): Promise<void> => {
    const row = selected();
    if (row?.kind !== 'live' || row.request.heldUntil === undefined)
      return tell('select a request that is held');
    try {
      await commander.run(command, { request: row.request.id });
      tell(done[command]);
    } catch (error) {
      tell(explain(error));
    }
  };
  return () => void end();
};
