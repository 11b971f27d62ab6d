import type { PassedCapture } from '../shared/capture.ts';
import type { CaptureRules } from './messages.ts';
import type { Thread } from './thread.ts';

/** What was captured, on its way to the thread that writes it. */
export type CaptureQueue = {
  /** For captures from now on. The key is wiped when others follow. */
  setRules(rules: CaptureRules): void;
  /** Hands one over, with its buffers; `onTaken` is told of it later. Never throws, never waits. */
  add(capture: PassedCapture): void;
  /** The thread has taken the oldest. */
  taken(lost: string | null): void;
  /** The thread has ended, and what it had with it. */
  lostAll(): void;
  /** Another thread has begun. */
  begin(): void;
};

/** `onTaken` is told of each capture, in their order: null when it was written, else why not. */
export const createCaptureQueue = (
  post: Thread['postCapture'],
  onTaken: (lost: string | null) => void,
): CaptureQueue => {
  let rules: CaptureRules | null = null;
  let underWay = 0;
  const lose = (why: string): void => {
    for (; underWay > 0; underWay -= 1) onTaken(why);
  };
  const sendRules = (): void => {
    if (rules !== null) post({ type: 'captureRules', rules });
  };
  return {
    setRules(next) {
      if (rules?.key !== next.key) rules?.key?.fill(0);
      rules = next;
      sendRules();
    },
    add(capture) {
      underWay += 1;
      post({ type: 'capture', capture });
    },
    taken(lost) {
      if (underWay === 0) return;
      underWay -= 1;
      onTaken(lost);
    },
    lostAll: () => lose('the thread of the history has ended'),
    begin() {
      // Whatever was sent to a thread that had ended.
      lose('the thread of the history was started again');
      sendRules();
    },
  };
};
